//! The plain C door: the header agrees with Rust, a host in another language drives a plugin in Rust, and `tw` drives plugins in C.

use std::{
    collections::BTreeMap,
    mem::{align_of, offset_of, size_of},
    path::Path,
    process::Command,
};

use serde_json::{Value, json};
use tw_plugin_abi::{
    ABI, NOTE_SECTION,
    plain::{Answer, Bytes, ENTRY_SYMBOL, Host},
};
use tw_tests::{find_python, fixtures_of, has_program, root};

use crate::{
    c::{Workshop, include, run, text},
    given::{Given, patch},
};

/// The size, the alignment and the offset of each field of every type in the header, as Rust has them.
fn measure_rust_types() -> BTreeMap<String, usize> {
    let mut sizes = BTreeMap::new();
    macro_rules! measure {
        ($c:literal $rust:ty: $($field:ident),*) => {
            sizes.insert(format!("sizeof {}", $c), size_of::<$rust>());
            sizes.insert(format!("alignof {}", $c), align_of::<$rust>());
            $(sizes.insert(format!("{}.{}", $c, stringify!($field)), offset_of!($rust, $field));)*
        };
    }
    measure!("tw_bytes" Bytes: ptr, len);
    measure!("tw_answer" Answer: failed, payload, body, owner, release);
    measure!("tw_host" Host: run, call);
    sizes
}

/// A C program that prints the same table as `measure_rust_types`, and then some macros.
fn write_program(table: &BTreeMap<String, usize>) -> String {
    let mut aligned = String::new();
    let mut printed = String::new();
    for name in table.keys() {
        let value = match name.split_once(' ') {
            Some(("sizeof", kind)) => format!("sizeof({kind})"),
            Some((_, kind)) => {
                aligned += &format!("struct aligned_{kind} {{ char first; {kind} value; }};\n");
                format!("offsetof(struct aligned_{kind}, value)")
            }
            None => {
                let (kind, field) = name.split_once('.').expect("TYPE.FIELD");
                format!("offsetof({kind}, {field})")
            }
        };
        printed += &format!("    printf(\"{name}=%u\\n\", (unsigned)({value}));\n");
    }
    format!(
        "#include <stdio.h>\n#include \"tw_plugin.h\"\nTW_PLUGIN_NOTE(\"tw-plugin-x\", \"1.2.3\")\n{aligned}\
         int main(void) {{\n{printed}    printf(\"abi=%d\\n\", TW_PLUGIN_ABI);\n    \
         printf(\"target=%s\\nnote=%s\\n\", TW_PLUGIN_TARGET, tw_plugin_note);\n    return 0;\n}}\n"
    )
}

#[test]
fn the_header_has_the_same_types_in_c_in_cpp_and_in_rust() {
    let Some(workshop) = Workshop::open() else {
        return;
    };
    let table = measure_rust_types();
    let program = write_program(&table);
    let target = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let languages = [("gcc", "-std=c99"), ("g++", "-xc++")];
    for (compiler, language) in languages {
        if !has_program(compiler) {
            continue;
        }
        // The language of a file must stand before it, so `-x` goes with the compiler's own options.
        let source = workshop.path(&format!("{compiler}.c"));
        std::fs::write(&source, &program).expect("the folder can be written");
        let built = workshop.path(compiler);
        run(Command::new(compiler)
            .args([language, "-Wall", "-Wextra", "-Werror", "-pedantic", "-I"])
            .arg(include())
            .arg(&source)
            .arg("-o")
            .arg(&built));
        let mut printed: BTreeMap<String, String> = run(&mut Command::new(&built))
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        assert_eq!(printed.remove("abi"), Some(ABI.to_string()));
        assert_eq!(printed.remove("target").as_deref(), Some(target.as_str()));
        let note: Value = serde_json::from_str(&printed.remove("note").expect("a note"))
            .expect("the note is JSON");
        assert_eq!(
            note,
            json!({ "note": 1, "package": "tw-plugin-x", "version": "1.2.3", "abi": ABI, "protocol": 1 })
        );
        let expected: BTreeMap<String, String> = table
            .iter()
            .map(|(name, value)| (name.clone(), value.to_string()))
            .collect();
        assert_eq!(printed, expected, "{compiler}");
    }
}

/// musl's headers define no macro that names musl, so these headers stand for all others than glibc's.
#[test]
fn the_header_names_musl_in_the_target_without_the_headers_of_glibc() {
    let Some(workshop) = Workshop::open() else {
        return;
    };
    let headers = workshop.path("headers");
    std::fs::create_dir(&headers).expect("a folder can be made");
    for (name, content) in [
        ("stddef.h", "typedef __SIZE_TYPE__ size_t;\n"),
        (
            "stdint.h",
            "typedef __UINT8_TYPE__ uint8_t;\ntypedef __INT32_TYPE__ int32_t;\ntypedef __UINT64_TYPE__ uint64_t;\n",
        ),
    ] {
        std::fs::write(headers.join(name), content).expect("the folder can be written");
    }
    let source = workshop.path("target.c");
    std::fs::write(
        &source,
        "#include \"tw_plugin.h\"\ntarget TW_PLUGIN_TARGET\n",
    )
    .expect("the folder can be written");
    let preprocessed = run(Command::new("gcc")
        .args(["-E", "-P", "-nostdinc", "-I", &text(&headers), "-I"])
        .arg(include())
        .arg(&source));
    let expected = format!("target \"{}\" \"-linux-musl\"", std::env::consts::ARCH);
    assert!(preprocessed.contains(&expected), "{preprocessed}");
}

#[test]
fn the_header_has_the_names_that_the_host_looks_for() {
    let header = std::fs::read_to_string(include().join("tw_plugin.h")).expect("the header");
    let symbol = ENTRY_SYMBOL.strip_suffix(b"\0").expect("a NUL at the end");
    let symbol = std::str::from_utf8(symbol).expect("a symbol is ASCII");
    assert!(header.contains(&format!("\nvoid {symbol}(const tw_host *host,")));
    assert!(symbol.ends_with(&format!("_{ABI}")));
    assert!(header.contains(&format!("section(\"{NOTE_SECTION}\")")));
}

#[test]
fn a_host_in_python_drives_a_plugin_in_rust() {
    let Some(python) = find_python("cffi") else {
        return;
    };
    let library = &fixtures_of("examples/hello")["tw-plugin-hello"];
    run(Command::new(python)
        .arg(root().join("tests/tests/plugins/plain_host.py"))
        .arg(include().join("tw_plugin.h"))
        .arg(library));
}

/// `messages.schema.json` is generated from the Rust types, and the golden files are what both sides read and write.
#[test]
fn every_golden_message_has_the_form_that_the_schema_describes() {
    let Some(python) = find_python("jsonschema") else {
        return;
    };
    run(Command::new(python)
        .arg(root().join("tests/tests/plugins/check_schema.py"))
        .arg(root().join("plugin-api/protocol")));
}

/// Builds `examples/hello-c` with the command in its README. Returns `None` if gcc is missing.
fn build_hello_c() -> Option<Workshop> {
    let workshop = Workshop::open()?;
    let folder = root().join("examples/hello-c");
    let readme = std::fs::read_to_string(folder.join("README.md")).expect("the README");
    let command = readme.lines().find(|line| line.starts_with("gcc "));
    let library = workshop.path("libtw_plugin_hello_c.so");
    let command = command
        .expect("the README has a command")
        .replace("libtw_plugin_hello_c.so", &text(&library));
    run(Command::new("sh")
        .args(["-c", &format!("{command} -Werror -pedantic")])
        .current_dir(&folder));
    for file in ["README.md", "../../LICENSE"] {
        let name = Path::new(file).file_name().expect("a file");
        std::fs::copy(folder.join(file), workshop.path(&name.to_string_lossy()))
            .expect("the file can be copied");
    }
    Some(workshop)
}

/// Asserts that `tw hello-c` works in every way that a plugin can work.
fn check_hello_c(given: &Given) {
    given
        .tw(["hello-c", "-h"])
        .exits(0)
        .prints_with("Say hello and the time\n")
        .prints_with("--offset <HOURS>  Distance of the time zone from UTC [default: 0]")
        .says("");
    let ran = given.tw(["hello-c"]).exits(0).says("");
    assert!(ran.stdout.starts_with("\n  Hello, it is "), "{ran}");
    let hour = |offset: &str| {
        let ran = given.tw(["hello-c", "--offset", offset, "-o", "json"]);
        let value = ran.exits(0).says("").json();
        assert_eq!(value["greeting"], "Hello");
        let minute = value["minute"].as_i64().expect("a number");
        (value["hour"].as_i64().expect("a number"), minute)
    };
    // The clock moves on between two runs, possibly into the next hour.
    let ((utc, minute), (later, _)) = (hour("0"), hour("2"));
    let passed = (later - utc).rem_euclid(24);
    assert!(passed == 2 || (passed == 3 && minute == 59), "{passed}");
    assert!((0..60).contains(&minute));
    given
        .tw(["hello-c", "--offset", "20"])
        .exits(2)
        .prints("")
        .says_with("error: There is no time zone 20 hours from UTC\n\n  tip: ");
    given.tw(["hello-c", "--offset", "two"]).rejects("--offset");
    assert_eq!(given.find("hello-c")["state"], "ok");
    given.others_work(0);
}

#[test]
fn a_plugin_in_c_is_linked_and_runs() {
    let Some(workshop) = build_hello_c() else {
        return;
    };
    let given = Given::healthy();
    let library = text(&workshop.path("libtw_plugin_hello_c.so"));
    given.tw(["plugin", "link", &library]).exits(0).says("");
    check_hello_c(&given);
    given.tw(["plugin", "unlink", "hello-c"]).exits(0);
    given.tw(["hello-c"]).rejects("hello-c");
}

#[test]
fn a_plugin_in_c_is_packed_installed_and_runs() {
    let Some(workshop) = build_hello_c() else {
        return;
    };
    let given = Given::healthy();
    let library = text(&workshop.path("libtw_plugin_hello_c.so"));
    let out = text(&workshop.path(""));
    let packed = given.tw(["plugin", "pack", &library, "--out", &out, "-o", "json"]);
    let packed = packed.exits(0).json();
    let package = packed["path"].as_str().expect("the path of the package");
    std::fs::remove_file(&library).expect("the library can be removed");
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", package])
        .exits(0)
        .says_with("hello-c 0.1.0");
    check_hello_c(&given);
    given.tw(["plugin", "verify"]).exits(0);
}

#[test]
fn a_manifest_with_another_target_is_not_packed() {
    let Some(workshop) = Workshop::open() else {
        return;
    };
    let library = workshop.plugin("odd", "", "1", &[]);
    let content = std::fs::read(&library).expect("the library can be read");
    let content = patch(
        content,
        b"-linux\",\"description",
        b"-lunix\",\"description",
    );
    std::fs::write(&library, content).expect("the library can be written");
    let [machine, system] = [std::env::consts::ARCH, std::env::consts::OS];
    Given::healthy()
        .tw(["plugin", "pack", &text(&library)])
        .fails_with(&format!(
            "its manifest says that it is built for `{machine}-lunix`, but it is built for {machine}-{system}"
        ))
        .says_with("set `target` in its manifest");
}

#[test]
fn a_plugin_that_answers_nothing_has_failed() {
    let Some(workshop) = Workshop::open() else {
        return;
    };
    let library = workshop.plugin("silent", "", "-1", &[]);
    let given = Given::healthy().library("silent", &library);
    given
        .tw(["silent"])
        .fails("The plugin `silent`: it failed without saying why");
    given.others_work(0);
}
