//! Libraries that make the loader map other files: they are neither packed nor installed nor loaded, because no digest covers those files.

use std::path::{Path, PathBuf};

use tw_tests::{archive, fruit::digest};

use crate::{
    c::{Workshop, text},
    given::{Given, patch},
};

const HELPER: &str = "libhelper.so.1";
const RPATH_REASON: &str = "makes the system map files that no digest covers";
const NEEDED_REASON: &str = "it needs the library `libhelper.so.1`, which is not part of the system, so no digest covers it";

/// Compiles a plugin `careless` with these options of the linker. If `needs_helper` is true, its command returns what a function of `libhelper.so.1`
/// returns.
fn build(workshop: &Workshop, needs_helper: bool, options: &[&str]) -> PathBuf {
    for name in ["LICENSE", "README.md"] {
        std::fs::write(workshop.path(name), "Text\n").expect("the file can be written");
    }
    let source = "int helped(void);\nint helped(void) { return 7; }\n";
    let helper = text(&workshop.library(HELPER, source, &[]));
    match needs_helper {
        true => workshop.plugin(
            "careless",
            "int helped(void);",
            "helped()",
            &[options, &[&helper]].concat(),
        ),
        false => workshop.plugin("careless", "", "7", options),
    }
}

/// Packs a library, and returns the path of the package.
fn pack(given: &Given, workshop: &Workshop, library: &Path) -> PathBuf {
    let (library, out) = (text(library), text(&workshop.path("")));
    let packed = given.tw(["plugin", "pack", &library, "--out", &out, "-o", "json"]);
    let path = packed.exits(0).json()["path"].as_str().map(PathBuf::from);
    path.expect("the path of the package")
}

/// Packs the plugin without any dependency, and puts another library into the package.
fn smuggle(workshop: &Workshop, library: &[u8]) -> PathBuf {
    let aside = std::fs::read(build(workshop, false, &[])).expect("the library can be read");
    let package = pack(
        &Given::healthy(),
        workshop,
        &workshop.path("libtw_plugin_careless.so"),
    );
    let mut files = archive::unpack(&std::fs::read(&package).expect("the package can be read"));
    let manifest = String::from_utf8(files[0].1.clone()).expect("the manifest is UTF-8");
    files[0].1 = manifest
        .replace(&digest(&aside), &digest(library))
        .into_bytes();
    files[1].1 = library.to_vec();
    std::fs::write(&package, archive::pack(&files)).expect("the package can be written");
    package
}

/// Asserts that no way leads to the library: it can't be bundled, linked, packed or installed.
#[track_caller]
fn assert_refused_everywhere(workshop: &Workshop, library: &[u8], reason: &str, advice: &str) {
    let path = workshop.path("libtw_plugin_careless.so");
    std::fs::write(&path, library).expect("the library can be written");
    let given = Given::healthy();
    for command in ["link", "pack"] {
        given
            .tw(["plugin", command, &text(&path)])
            .fails_with(reason)
            .says_with(advice);
    }
    let package = text(&smuggle(workshop, library));
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &package])
        .fails_with(reason)
        .says_with(advice);
    given.tw(["careless"]).rejects("careless");
    let bundled = Given::healthy().file("careless", library);
    bundled.refuses("careless", reason, advice);
    bundled.tw(["careless"]).fails_with(reason);
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("the library can be read")
}

#[test]
fn a_library_that_names_a_folder_or_another_file_for_the_loader_is_refused_everywhere() {
    let Some(workshop) = Workshop::open() else {
        return;
    };
    let folder = text(&workshop.path(""));
    for (entry, options) in [
        ("DT_RUNPATH", vec![format!("-Wl,-rpath,{folder}")]),
        ("DT_RUNPATH", vec!["-Wl,-rpath,$ORIGIN".to_owned()]),
        (
            "DT_RPATH",
            vec![
                format!("-Wl,-rpath,{folder}"),
                "-Wl,--disable-new-dtags".to_owned(),
            ],
        ),
        ("DT_AUXILIARY", vec![format!("-Wl,-f,{HELPER}")]),
        ("DT_FILTER", vec![format!("-Wl,-F,{HELPER}")]),
        ("DT_AUDIT", vec![format!("-Wl,--audit={HELPER}")]),
        ("DT_DEPAUDIT", vec![format!("-Wl,--depaudit={HELPER}")]),
    ] {
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let library = read(&build(&workshop, false, &options));
        let reason = format!("its entry {entry} `");
        let advice = match entry.ends_with("PATH") {
            true => "patchelf --remove-rpath",
            false => "build it without the entry",
        };
        assert_refused_everywhere(&workshop, &library, &reason, advice);
        assert_refused_everywhere(&workshop, &library, RPATH_REASON, advice);
    }
}

#[test]
fn a_library_that_needs_more_than_the_system_has_is_refused_everywhere() {
    let Some(workshop) = Workshop::open() else {
        return;
    };
    let library = read(&build(&workshop, true, &[]));
    let advice = "link that library statically, or name it under `libraries` in the policy";
    assert_refused_everywhere(&workshop, &library, NEEDED_REASON, advice);
    // A name with a folder bypasses the folders of the system.
    let library = patch(library, b"libhelper.so.1", b"./lhelper.so.1");
    assert_refused_everywhere(&workshop, &library, "the library `./lhelper.so.1`", advice);
}

#[test]
fn a_plugin_that_needs_only_libc_is_packed_installed_and_runs() {
    let Some(workshop) = Workshop::open() else {
        return;
    };
    let options = ["-lc", "-lm", "-lgcc_s", "-Wl,--no-as-needed", "-lpthread"];
    let library = build(&workshop, false, &options);
    let given = Given::healthy();
    let package = text(&pack(&given, &workshop, &library));
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &package])
        .exits(0);
    given.tw(["careless", "-o", "json"]).exits(0).prints("7\n");
}

#[test]
fn the_first_policy_adds_libraries_and_no_later_one_does() {
    let Some(workshop) = Workshop::open() else {
        return;
    };
    let library = build(&workshop, true, &[]);
    let given = Given::healthy().env("LD_LIBRARY_PATH", text(&workshop.path("")));
    given.write_policy(&format!("libraries = [\"{HELPER}\"]\n"));
    let package = text(&pack(&given, &workshop, &library));
    given
        .tw([
            "plugin",
            "pack",
            &text(&library),
            "--out",
            &text(&workshop.path("")),
        ])
        .exits(0)
        .says_with("it needs libraries that are not part of the system: libhelper.so.1");
    let install = ["plugin", "install", "--yes", "--allow-unsigned", &package];
    // The administrator's policy says nothing about libraries, so plugins may need those of the system only.
    let machine = given.installation.prefix().join("etc/tw/policy.toml");
    std::fs::create_dir_all(machine.parent().expect("a folder")).expect("a folder can be made");
    std::fs::write(&machine, "[[allow]]\nname = \"*\"\n").expect("the policy can be written");
    given.tw(install).fails_with(NEEDED_REASON);
    std::fs::write(
        &machine,
        format!("libraries = [\"libz.so.1\", \"{HELPER}\"]\n"),
    )
    .expect("the policy can be written");
    given.tw(install).exits(0);
    given.tw(["careless", "-o", "json"]).exits(0).prints("7\n");
    // The policy applies each time the plugin is loaded.
    std::fs::write(&machine, "").expect("the policy can be written");
    given.tw(["careless"]).fails_with(NEEDED_REASON);
    std::fs::remove_file(&machine).expect("the policy can be removed");
    given.tw(["careless", "-o", "json"]).exits(0).prints("7\n");
    given.write_policy("");
    given.tw(["careless"]).fails_with(NEEDED_REASON);
}

#[test]
fn a_policy_adds_only_names_of_files() {
    let given = Given::healthy();
    for name in ["", "./libz.so.1", "/tmp/libz.so.1", "$LIB"] {
        given.write_policy(&format!("libraries = [\"{name}\"]\n"));
        given
            .tw(["healthy"])
            .fails_with(&format!("`{name}` is not the file name of a library"));
    }
}

/// Reads a number of this many bytes from an ELF file of this machine.
fn number(elf: &[u8], at: usize, size: usize) -> usize {
    let bytes = elf[at..at + size].iter().rev();
    bytes.fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}

/// Returns the offsets of the section headers of this type.
fn sections(elf: &[u8], kind: usize) -> Vec<usize> {
    let (table, count) = (number(elf, 0x28, 8), number(elf, 0x3c, 2));
    let headers = (0..count).map(|at| table + at * 64);
    headers
        .filter(|at| number(elf, at + 4, 4) == kind)
        .collect()
}

/// Returns the offsets of the program headers of this type.
fn segments(elf: &[u8], kind: usize) -> Vec<usize> {
    let (table, count) = (number(elf, 0x20, 8), number(elf, 0x38, 2));
    let headers = (0..count).map(|at| table + at * 56);
    headers.filter(|at| number(elf, *at, 4) == kind).collect()
}

const DYNAMIC_SECTION: usize = 6;
const LOAD: usize = 1;
const DYNAMIC: usize = 2;

#[test]
fn section_headers_do_not_hide_what_the_loader_reads() {
    let Some(workshop) = Workshop::open() else {
        return;
    };
    let rpath = format!("-Wl,-rpath,{}", text(&workshop.path("")));
    let library = read(&build(&workshop, false, &[&rpath]));
    let section = sections(&library, DYNAMIC_SECTION)[0];
    // The section is of another type, or is somewhere else, or has only the last entry.
    let (offset, size) = (section + 0x18, section + 0x20);
    let end = number(&library, offset, 8) + number(&library, size, 8);
    for changes in [
        &[(section + 4, 1_usize)][..],
        &[(offset, 0), (size, 16)],
        &[(offset, end - 16), (size, 16)],
    ] {
        let mut hidden = library.clone();
        for (at, value) in changes {
            let width = if *at == section + 4 { 4 } else { 8 };
            hidden[*at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
        }
        assert_refused_everywhere(&workshop, &hidden, RPATH_REASON, "patchelf");
    }
    // The loader needs no section headers at all.
    let mut stripped = library;
    stripped[0x28..0x30].fill(0);
    stripped[0x3c..0x40].fill(0);
    let reason = "it has no tw-plugin note";
    assert_refused_everywhere(&workshop, &stripped, reason, "export_plugin!");
}

#[test]
fn a_library_whose_dynamic_section_could_be_read_in_two_ways_is_refused() {
    let Some(workshop) = Workshop::open() else {
        return;
    };
    let library = read(&build(&workshop, false, &[]));
    let refuse = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = library.clone();
        change(&mut changed);
        let reason = "the list of the libraries that it needs can't be read: the file is damaged";
        assert_refused_everywhere(&workshop, &changed, reason, "build or copy it again");
    };
    let dynamic = segments(&library, DYNAMIC)[0];
    let other = segments(&library, 0x6474_e551)[0];
    // There are two dynamic segments, or none.
    refuse(&|elf| elf[other..other + 4].copy_from_slice(&2_u32.to_le_bytes()));
    refuse(&|elf| elf[dynamic] = 4);
    // No segment has the address of the dynamic section.
    refuse(&|elf| elf[dynamic + 0x10..dynamic + 0x18].fill(0x77));
    // The dynamic section has no end: every entry to the end of its segment is of another type.
    refuse(&|elf| {
        let begin = number(elf, dynamic + 0x08, 8);
        let data = *segments(elf, LOAD).last().expect("a segment");
        let end = number(elf, data + 0x08, 8) + number(elf, data + 0x20, 8);
        for at in (begin..end).step_by(16) {
            elf[at] = 0x15;
        }
    });
    // A segment lies over a page of the one before it.
    refuse(&|elf| {
        let loads = segments(elf, LOAD);
        let (first, last) = (loads[0], *loads.last().expect("a segment"));
        let size = elf[last + 0x10..last + 0x18].to_vec();
        elf[first + 0x28..first + 0x30].copy_from_slice(&size);
        elf[first + 0x29] |= 0x10;
    });
}
