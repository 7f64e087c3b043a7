//! Files that are not libraries, truncated libraries, and libraries for another machine. The host refuses each before it maps anything.

use std::os::unix::fs::symlink;

use tw_tests::Installation;

use crate::given::{Given, patch, read_fixture, run_as_stranger, set_mode};

#[test]
fn a_text_file_is_not_a_library() {
    Given::healthy().file("text", b"not a library\n").refuses(
        "text",
        "the file is not a library",
        "remove it",
    );
}

#[test]
fn an_empty_file_is_not_a_library() {
    Given::healthy().file("empty", b"").refuses(
        "empty",
        "the file is empty",
        "build or copy it again",
    );
}

#[test]
fn a_folder_is_not_a_library() {
    let given = Given::healthy();
    std::fs::create_dir(given.installation.plugin("folder")).expect("a folder can be made");
    given.refuses("folder", "it is a folder", "remove the folder");
}

#[test]
fn a_dangling_link_is_reported() {
    let given = Given::healthy();
    symlink(
        given.installation.prefix().join("nothing"),
        given.installation.plugin("dangling"),
    )
    .expect("a link can be made");
    given.refuses("dangling", "a link that leads to nothing", "remove");
}

#[test]
fn a_link_to_itself_is_reported() {
    let given = Given::healthy();
    let path = given.installation.plugin("circle");
    symlink(&path, &path).expect("a link can be made");
    given.refuses("circle", "a link that leads to nothing", "remove");
}

#[test]
fn a_pipe_is_refused_without_waiting_for_a_writer() {
    let given = Given::healthy();
    let made = std::process::Command::new("mkfifo")
        .arg(given.installation.plugin("pipe"))
        .status();
    assert!(
        made.is_ok_and(|status| status.success()),
        "mkfifo makes a pipe"
    );
    given.refuses("pipe", "not a regular file", "remove it");
}

#[test]
fn control_characters_in_a_file_name_are_not_printed() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let given = Given::healthy();
    let folder = given.installation.plugins();
    let odd = |name: &[u8]| {
        folder.join(OsStr::from_bytes(
            &[b"libtw_plugin_", name, b".so"].concat(),
        ))
    };
    std::fs::write(odd(b"\xff\xfe"), crate::given::make_numbered(1, 1, 1))
        .expect("the file can be written");
    std::fs::write(odd(b"\x1b[31mred"), "no library").expect("the file can be written");
    std::fs::write(odd(b"two\nlines"), "no library").expect("the file can be written");
    given.tw(["command-001"]).exits(0).says("");
    let list = given.tw(["plugin", "list"]).exits(0).says("");
    assert_eq!(list.stdout.matches("not a library").count(), 2, "{list}");
    assert!(
        list.stdout.lines().all(|line| !line.starts_with("lines")),
        "{list}"
    );
    list.never_shows("\u{1b}");
    given.others_work(2);
}

#[test]
fn a_link_to_a_library_is_a_plugin() {
    let given = Given::healthy();
    let elsewhere = given.installation.prefix().join("elsewhere.so");
    std::fs::write(&elsewhere, crate::given::make_numbered(1, 1, 1))
        .expect("a file can be written");
    symlink(&elsewhere, given.installation.plugin("linked")).expect("a link can be made");
    given.accepts("numbered-001");
    given.tw(["command-001"]).exits(0).says("");
}

#[test]
fn an_unreadable_file_is_reported() {
    let given = Given::healthy().with_own_files();
    let path = given
        .installation
        .add_bytes("secretive", &crate::given::make_numbered(1, 1, 1));
    set_mode(&path, 0o000);
    let Some(list) = run_as_stranger(&given, &["plugin", "list", "-o", "json"]) else {
        return;
    };
    let list = list.exits(0).says("").json();
    let found = list["plugins"].as_array().expect("a list of plugins");
    let broken = found.iter().find(|plugin| plugin["name"] == "secretive");
    let broken = broken.expect("the plugin is listed");
    let text = broken.to_string();
    assert!(
        text.contains("can't be read") && text.contains("chmod a+r"),
        "{text}"
    );
    run_as_stranger(&given, &["healthy"])
        .expect("the command above could run")
        .exits(0)
        .says("");
}

#[test]
fn an_unreadable_plugin_folder_counts_as_empty() {
    let given = Given::healthy();
    set_mode(&given.installation.plugins(), 0o000);
    if let Some(help) = run_as_stranger(&given, &["--help"]) {
        help.exits(0).prints_with("Usage: tw");
    }
    set_mode(&given.installation.plugins(), 0o755);
}

#[test]
fn a_file_in_place_of_the_plugin_folder_counts_as_an_empty_folder() {
    let installation = Installation::bare();
    std::fs::remove_dir(installation.plugins()).expect("the folder can be removed");
    std::fs::write(installation.plugins(), "a file").expect("a file can be written");
    installation
        .command(["plugin", "list"])
        .run()
        .exits(0)
        .prints_with("No plugins found")
        .says_with("no plugins came with this tw");
}

#[test]
fn a_truncated_library_is_never_mapped() {
    let whole = read_fixture("tw-plugin-numbered");
    let given = Given::healthy();
    let cuts = list_cut_points(&whole);
    assert!(cuts.len() > 40, "{cuts:?}");
    for cut in &cuts {
        given
            .installation
            .add_bytes(&format!("cut-{cut}"), &whole[..*cut]);
    }
    let list = given.list();
    for cut in &cuts {
        let name = format!("cut-{cut}");
        let listed = list
            .iter()
            .find(|plugin| plugin["name"] == name.as_str())
            .unwrap_or_else(|| panic!("{name} is not listed as broken"));
        let problem = listed["problem"].as_str().unwrap_or_default();
        let seen = ["cut short", "not a library", "empty"];
        assert!(seen.iter().any(|text| problem.contains(text)), "{listed:#}");
    }
    given.others_work(cuts.len());
}

/// Lists lengths to truncate an ELF file to: none or a few bytes, parts of the header, the end of each segment and section with the bytes
/// around it, eighths of the file, and all but one byte.
fn list_cut_points(elf: &[u8]) -> Vec<usize> {
    let number = |at: usize, size: usize| {
        elf[at..at + size]
            .iter()
            .rev()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte))
    };
    // The ELF header has the offsets of the segment and section tables, and the size and number of their entries.
    let (segments, sections) = (number(0x20, 8), number(0x28, 8));
    let segment_ends = (0..number(0x38, 2)).map(|at| {
        let entry = segments + at * number(0x36, 2);
        number(entry + 0x08, 8) + number(entry + 0x20, 8)
    });
    let section_ends = (0..number(0x3c, 2)).flat_map(|at| {
        let entry = sections + at * number(0x3a, 2);
        let begin = number(entry + 0x18, 8);
        [begin, begin + number(entry + 0x20, 8), entry]
    });
    let mut cuts: Vec<usize> = segment_ends
        .chain(section_ends)
        .flat_map(|end| [end.saturating_sub(1), end, end + 1])
        .chain([0, 1, 4, 16, 63, 64, 65, elf.len() - 1])
        .chain((1..8).map(|part| elf.len() / 8 * part))
        .filter(|cut| *cut < elf.len())
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

#[test]
fn a_library_for_another_architecture_is_refused_by_name() {
    let mut library = read_fixture("tw-plugin-numbered");
    let other = match std::env::consts::ARCH {
        "x86_64" => (183, "aarch64-linux"),
        _ => (62, "x86_64-linux"),
    };
    library[0x12] = other.0;
    let here = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    Given::healthy().file("foreign", &library).refuses(
        "foreign",
        &format!("it is built for {}, and this is {here}", other.1),
        &here,
    );
}

#[test]
fn a_32_bit_library_is_refused_by_name() {
    // An ELF header of 52 bytes: 32 bits, little-endian, a shared object for x86.
    let mut library = vec![0; 52];
    library[..7].copy_from_slice(b"\x7fELF\x01\x01\x01");
    library[0x10..0x14].copy_from_slice(&[3, 0, 3, 0]);
    library[0x14] = 1;
    library[0x28] = 52;
    library[0x2e] = 40;
    Given::healthy().file("small", &library).refuses(
        "small",
        "it is built for x86-linux",
        "get or build it for",
    );
}

#[test]
fn a_program_is_not_a_library() {
    let mut program = read_fixture("tw-plugin-numbered");
    program[0x10] = 2;
    Given::healthy()
        .file("program", &program)
        .refuses("program", "not a shared library", "cdylib");
}

#[test]
fn a_library_with_an_unreadable_note_is_refused() {
    let library = patch(
        read_fixture("tw-plugin-numbered"),
        b"{\"note\":1,",
        b"[\"note\":1,",
    );
    Given::healthy()
        .file("rubbish", &library)
        .refuses("rubbish", "note can't be read", "again");
}
