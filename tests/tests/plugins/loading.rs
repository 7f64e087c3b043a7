//! Libraries that the dynamic loader refuses: its own reason is shown, with the fix that fits. A library for another C library is refused before
//! the loader sees it.

use std::path::{Path, PathBuf};

use tw_tests::{Installation, Tw, has_program};

use crate::{
    c::{Workshop, text},
    given::{Given, is_root, report_skip},
};

const NEEDED: &str = "libneeded.so.1";

/// A plugin `needy`, whose command returns what a function of the library `libneeded.so.1` returns. `None` if gcc is missing.
struct Needy {
    workshop: Workshop,
    library: PathBuf,
}

impl Needy {
    fn build() -> Option<Self> {
        let workshop = Workshop::open()?;
        let source = "int needed(void);\nint needed(void) { return 7; }\n";
        let needed = text(&workshop.library(NEEDED, source, &[]));
        let library = workshop.plugin("needy", "int needed(void);", "needed()", &[&needed]);
        Some(Self { workshop, library })
    }

    /// Removes the library that the plugin needs.
    fn remove_needed(&self) {
        std::fs::remove_file(self.workshop.path(NEEDED)).expect("the library can be removed");
    }

    /// Replaces the library that the plugin needs with one that lacks the function.
    fn hollow_needed(&self) {
        let source = "int other(void);\nint other(void) { return 7; }\n";
        self.workshop.library(NEEDED, source, &[]);
    }

    /// Returns an installation whose policy allows the library that the plugin needs, and whose loader finds it in the workshop.
    fn set_up(&self) -> Given {
        let given = Given::healthy();
        given.write_policy(&format!("libraries = [\"{NEEDED}\"]\n"));
        given.env("LD_LIBRARY_PATH", text(&self.workshop.path("")))
    }

    /// Returns an installation with the plugin.
    fn with_plugin(&self) -> Given {
        self.set_up().library("needy", &self.library)
    }

    /// Returns an installation in which the plugin works, and its manifest is cached.
    fn given(&self) -> Given {
        let given = self.with_plugin().with_own_files();
        given.accepts("needy");
        given
            .tw(["needy", "-o", "json"])
            .exits(0)
            .prints("7\n")
            .says("");
        given
    }
}

/// Asserts that the command fails with this reason and this hint, and that nothing else is reported.
#[track_caller]
fn assert_load_fails(given: &Given, reason: &str, hint: &str) {
    let message = format!("The plugin `needy` cannot be used: it can't be loaded: {reason}");
    let ran = given.tw(["needy"]).fails_with(&message).says_with(hint);
    assert_eq!(ran.stderr.matches(" ERROR: ").count(), 1, "{ran}");
    ran.never_shows("ended the process").never_shows("crashed");
}

#[test]
fn a_missing_library_is_named_with_the_way_to_get_it() {
    let Some(needy) = Needy::build() else { return };
    let reason = "libneeded.so.1: cannot open shared object file: No such file or directory";
    let hint = "install the package that contains libneeded.so.1 (`apt-file search libneeded.so.1`";
    let given = needy.given();
    needy.remove_needed();
    assert_load_fails(&given, reason, hint);
    // A tw that doesn't know the plugin yet has asked it in a child process.
    let fresh = needy.with_plugin();
    fresh.refuses("needy", &format!("it can't be loaded: {reason}"), hint);
    assert_load_fails(&fresh, reason, hint);
}

#[test]
fn a_plugin_works_again_once_its_missing_library_is_there() {
    let Some(needy) = Needy::build() else { return };
    let (here, away) = (needy.workshop.path(NEEDED), needy.workshop.path("away"));
    std::fs::rename(&here, &away).expect("the library can be moved");
    let given = needy.with_plugin();
    given.refuses("needy", NEEDED, "install the package");
    std::fs::rename(&away, &here).expect("the library can be moved");
    given.tw(["needy", "-o", "json"]).exits(0).prints("7\n");
    given.accepts("needy");
}

#[test]
fn a_missing_symbol_is_named() {
    let Some(needy) = Needy::build() else { return };
    let given = needy.given();
    needy.hollow_needed();
    let path = given.installation.plugin("needy");
    let path = path.canonicalize().expect("the plugin is there");
    let reason = format!("{}: undefined symbol: needed", path.display());
    let hint = "no library that it is linked with has `needed`; tell its author";
    assert_load_fails(&given, &reason, hint);
    let fresh = needy.with_plugin();
    fresh.refuses("needy", "undefined symbol: needed", hint);
}

#[test]
fn a_symbol_that_a_needed_library_lacks_is_not_blamed_on_the_plugin() {
    let Some(needy) = Needy::build() else { return };
    let given = needy.given();
    let source = "int deep(void);\nint needed(void);\nint needed(void) { return deep(); }\n";
    needy.workshop.library(NEEDED, source, &[]);
    let needed = needy.workshop.path(NEEDED);
    let reason = format!("{}: undefined symbol: deep", needed.display());
    let hint = "none of them has `deep`; install versions that belong together";
    assert_load_fails(&given, &reason, hint);
}

#[test]
fn any_other_reason_is_shown_as_it_is() {
    let Some(needy) = Needy::build() else { return };
    let given = needy.given();
    std::fs::write(needy.workshop.path(NEEDED), "").expect("the library can be written");
    let reason = format!("{}: file too short", needy.workshop.path(NEEDED).display());
    assert_load_fails(
        &given,
        &reason,
        "check the library and the libraries that it needs",
    );
}

#[test]
fn the_reason_names_the_file_of_an_installed_library_and_not_its_sealed_memory() {
    let Some(needy) = Needy::build() else { return };
    for name in ["LICENSE", "README.md"] {
        std::fs::write(needy.workshop.path(name), "Text\n").expect("the file can be written");
    }
    let given = needy.set_up();
    let (library, out) = (text(&needy.library), text(&needy.workshop.path("")));
    let packed = given.tw(["plugin", "pack", &library, "--out", &out, "-o", "json"]);
    let packed = packed.exits(0).json();
    let package = packed["path"].as_str().expect("the path of the package");
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", package])
        .exits(0);
    given
        .tw(["needy", "-o", "json"])
        .exits(0)
        .prints("7\n")
        .says("");
    needy.hollow_needed();
    let store = given.installation.home().join(".local/share/tw/plugins");
    let ran = given.tw(["needy"]).fails_with("it can't be loaded: ");
    let reason = "/libtw_plugin_needy.so: undefined symbol: needed";
    let ran = ran.says_with(&text(&store)).says_with(reason);
    ran.never_shows("/proc/self/fd")
        .never_shows("ended the process");
}

#[test]
fn a_newer_glibc_is_named_with_the_one_that_is_here() {
    let Some(workshop) = Workshop::open() else {
        return;
    };
    let versions = workshop.path("versions");
    std::fs::write(&versions, "GLIBC_2.99 { global: newer; };\n").expect("a file can be written");
    let script = format!("-Wl,--version-script,{}", versions.display());
    std::fs::create_dir(workshop.path("stub")).expect("a folder can be made");
    let source = "int newer(void);\nint newer(void) { return 7; }\n";
    let built = workshop.library("libc.so.6", source, &[&script]);
    // The stub stands outside of the folders that the loader searches.
    let stub = workshop.path("stub/libc.so.6");
    std::fs::rename(built, &stub).expect("the stub can be moved");
    let library = workshop.plugin("modern", "int newer(void);", "newer()", &[&text(&stub)]);
    let given = Given::healthy().library("modern", &library);
    given.refuses(
        "modern",
        "version `GLIBC_2.99' not found",
        "it needs glibc 2.99, and this machine has 2.",
    );
    given
        .tw(["modern"])
        .fails_with("version `GLIBC_2.99' not found");
}

/// Mounts a file system without execution over the plugin folder, fills it with the libraries of another folder, and runs the arguments.
const NOEXEC: &str =
    r#"mount -t tmpfs -o noexec tmpfs "$1" && cp "$2"/*.so "$1" && shift 2 && exec "$@""#;

#[test]
fn a_folder_mounted_without_execution_is_explained() {
    let Some(workshop) = Workshop::open() else {
        return;
    };
    workshop.plugin("needy", "", "7", &[]);
    if !is_root() || !has_program("unshare") {
        report_skip("only root may mount");
        return;
    }
    let installation = Installation::bare();
    let (plugins, tw) = (text(&installation.plugins()), text(&installation.tw()));
    let libraries = text(&workshop.path(""));
    let line = ["--mount", "sh", "-c", NOEXEC, "sh", &plugins];
    let line = [&line[..], &[&libraries, &tw, "plugin", "list"]].concat();
    let ran = Tw::new(Path::new("unshare"), &installation.home())
        .args(line)
        .run();
    if ran.stderr.contains("ermission denied") || ran.stderr.contains("not permitted") {
        report_skip("nothing can be mounted here");
        return;
    }
    ran.exits(0)
        .prints_with("libtw_plugin_needy.so: failed to map segment from shared object")
        .prints_with("mounted with `noexec`: put the library into another folder");
}

/// Returns the target of this machine, and that of the same machine with musl.
fn targets() -> [String; 2] {
    let here = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let musl = format!("{here}-musl");
    [here, musl]
}

#[test]
fn a_library_for_musl_is_refused_by_name_before_it_is_mapped() {
    let Some(workshop) = Workshop::open() else {
        return;
    };
    let [here, musl] = targets();
    // The first is musl's own name for its library, and the second is Alpine's.
    for name in ["libc.so", "libc.musl-x86_64.so.1"] {
        let source = "int musl(void);\nint musl(void) { return 7; }\n";
        let stub = text(&workshop.library(name, source, &[]));
        let library = workshop.plugin("foreign", "int musl(void);", "musl()", &[&stub]);
        // The stub is there, so the loader would map the library.
        Given::healthy().library("foreign", &library).refuses(
            "foreign",
            &format!("it is built for {musl}, and this is {here}"),
            &format!("get or build it for {here}"),
        );
    }
}

#[test]
fn a_library_without_a_c_library_fits_every_one() {
    let Some(workshop) = Workshop::open() else {
        return;
    };
    let library = workshop.plugin("austere", "", "7", &[]);
    let given = Given::healthy().library("austere", &library);
    given.accepts("austere");
    given.tw(["austere", "-o", "json"]).exits(0).prints("7\n");
}
