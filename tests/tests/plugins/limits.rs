//! Limits of a manifest: a manifest that exceeds one is refused in one line that names the command and the limit. The limits are far above what a
//! plugin needs.

use serde_json::{Value, json};
use tw_tests::archive;

use crate::{
    c::Workshop,
    given::{Given, read_fixture},
    manifests::{assert_refused, make_option},
    puppet::{make_manifest, set_up_puppet, set_up_puppet_with_text},
};

/// Makes a list of this many values.
fn list(count: usize, item: impl Fn(usize) -> Value) -> Value {
    (0..count).map(item).collect()
}

/// Makes a manifest with the command `odd`, which has this besides its name.
fn odd(more: Value) -> Value {
    let mut command = json!({ "name": "odd", "about": "Odd" });
    for (key, value) in more.as_object().expect("an object") {
        command[key] = value.clone();
    }
    make_manifest(&json!([command]))
}

fn numbered_option(number: usize) -> Value {
    make_option(&format!("a{number}"), json!({}))
}

/// Makes the command `odd` with an option that has this besides its name.
fn odd_option(more: Value) -> Value {
    odd(json!({ "args": [make_option("level", more)] }))
}

fn nested(levels: usize) -> Value {
    let innermost = json!({ "name": "odd" });
    let group = |below: Value, _| json!({ "name": "odd", "subcommands": [below] });
    make_manifest(&json!([(1..levels).fold(innermost, group)]))
}

/// The reason and the manifest for each limit. The first manifest of each is at the limit, and the second is above it.
fn cases() -> Vec<(&'static str, Value, Value)> {
    let text = |length| "x".repeat(length);
    let mut cases = Vec::new();
    let mut both = |reason: &'static str, make: &dyn Fn(usize) -> Value, most: usize| {
        cases.push((reason, make(most), make(most + 1)));
    };
    both(
        "it has more than 1000 commands (command `c999`)",
        &|n| {
            let below = list(n - 1, |at| json!({ "name": format!("c{at}") }));
            odd(json!({ "subcommands": below }))
        },
        1000,
    );
    both(
        "it has more than 8 levels of commands (command `odd`)",
        &nested,
        8,
    );
    both(
        "it has more than 200 arguments (command `odd`)",
        &|n| odd(json!({ "args": list(n, numbered_option) })),
        200,
    );
    both(
        "it has more than 200 arguments (command `list`)",
        &|n| {
            let args = list(n - 100, |at| numbered_option(at + 100));
            let below = json!([{ "name": "list", "args": args }]);
            odd(json!({ "shared": list(100, numbered_option), "subcommands": below }))
        },
        200,
    );
    both(
        "it has more than 2000 possible values (command `odd`)",
        &|n| odd_option(json!({ "possible": list(n, |at| json!({ "name": format!("v{at}") })) })),
        2000,
    );
    both(
        "it has more than 2000 references to arguments (command `odd`)",
        &|n| {
            let args = json!([
                make_option("a", json!({ "requires": vec!["b"; n] })),
                numbered_option(0),
                make_option("b", json!({}))
            ]);
            odd(json!({ "args": args }))
        },
        2000,
    );
    both(
        "it has more than 100 aliases (command `odd`)",
        &|n| odd(json!({ "aliases": list(n, |at| format!("o{at}").into()) })),
        100,
    );
    both(
        "it has more than 100 aliases (argument `level`) (command `odd`)",
        &|n| odd_option(json!({ "aliases": list(n, |at| format!("o{at}").into()) })),
        100,
    );
    both(
        "it has more than 100 examples (command `odd`)",
        &|n| odd(json!({ "examples": list(n, |_| json!({ "command": "tw odd" })) })),
        100,
    );
    both(
        "it has more than 100 defaults (argument `level`)",
        &|n| odd_option(json!({ "repeated": true, "default": list(n, |_| "x".into()) })),
        100,
    );
    both(
        "its name has more than 128 bytes (command `xxx",
        &|n| make_manifest(&json!([{ "name": text(n) }])),
        128,
    );
    both(
        "its name or limit has more than 128 bytes (argument `level`) (command `odd`)",
        &|n| odd_option(json!({ "long": text(n) })),
        128,
    );
    both(
        "its line of help has more than 2000 bytes (command `odd`)",
        &|n| odd(json!({ "about": text(n) })),
        2000,
    );
    both(
        "its longer help has more than 32768 bytes (command `odd`)",
        &|n| odd(json!({ "details": text(n) })),
        32768,
    );
    both(
        "its default has more than 2000 bytes (argument `level`)",
        &|n| odd_option(json!({ "default": [text(n)] })),
        2000,
    );
    both(
        "its example has more than 2000 bytes (command `odd`)",
        &|n| odd(json!({ "examples": [{ "command": text(n) }] })),
        2000,
    );
    both(
        "it has more than 100 services",
        &|n| {
            let mut manifest = odd(json!({}));
            manifest["services"] = list(n, |_| "log".into());
            manifest
        },
        100,
    );
    both(
        "it has more than 200 settings",
        &|n| {
            let mut manifest = odd(json!({}));
            manifest["settings"] = list(n, numbered_option);
            manifest
        },
        200,
    );
    cases
}

#[test]
fn a_manifest_above_a_limit_is_refused_in_one_line() {
    for (reason, allowed, refused) in cases() {
        let listed = set_up_puppet(&allowed).find("puppet");
        assert_eq!(listed["state"], "ok", "{reason}: {listed:#}");
        assert_refused(&refused, reason);
    }
}

#[test]
fn a_foreign_text_in_a_message_is_cut_short() {
    let name = "X".repeat(100_000);
    let given = set_up_puppet(&make_manifest(&json!([{ "name": name }])));
    let problem = given.find("puppet")["problem"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(
        problem.contains(&format!("`{}…`", "X".repeat(200))),
        "{problem}"
    );
    assert!(problem.len() < 400, "{problem}");
    let default = "Y".repeat(1999);
    assert_refused(
        &odd_option(json!({ "value": "integer", "default": [default] })),
        &format!("its default `{}…` is invalid", "Y".repeat(200)),
    );
    // The name of a field that can't be read is in the message of the parser.
    let text = format!(
        r#"{{"commands":[{{"args":[{{"kind":{{"{}":1}}}}]}}]}}"#,
        "Z".repeat(100_000)
    );
    let problem = set_up_puppet_with_text(&text).find("puppet");
    assert!(problem.to_string().len() < 2000);
}

#[test]
fn a_manifest_that_is_too_large_or_too_deep_in_a_package_is_refused() {
    let Some(workshop) = Workshop::open() else {
        return;
    };
    let package = workshop.path("package.tar.gz");
    let install = |manifest: Vec<u8>| {
        let files = [("manifest.json".to_owned(), manifest)];
        std::fs::write(&package, archive::pack(&files)).expect("the package can be written");
        let line = ["plugin", "install", "--yes", "--allow-unsigned"];
        let line = line.into_iter().chain([package.to_str().expect("UTF-8")]);
        Given::healthy().tw(line)
    };
    install(vec![b' '; (1 << 20) + 1]).fails_with("its manifest.json has more than 1048576 bytes");
    for deep in ["[", "{\"a\":"] {
        let text = format!("{{\"later\":{}", deep.repeat(150_000));
        install(text.into_bytes()).fails_with("its manifest.json can't be read (line 1)");
        let text = format!("{{\"plugin\":{{\"later\":{}", deep.repeat(150_000));
        install(text.into_bytes()).fails_with("its manifest.json can't be read (line 1)");
    }
}

#[test]
fn a_note_that_is_too_long_is_refused() {
    // The section header of the note says that the note has 64 KiB and one byte.
    let mut library = read_fixture("tw-plugin-numbered");
    let number = |at: usize, size: usize| {
        let bytes = library[at..at + size].iter().rev();
        bytes.fold(0, |sum, byte| sum << 8 | usize::from(*byte))
    };
    let (table, count) = (number(0x28, 8), number(0x3c, 2));
    let note = b"{\"note\":1,";
    let at = library.windows(note.len()).position(|part| part == note);
    let at = at.expect("the library has a note");
    let mut headers = (0..count).map(|entry| table + entry * 64);
    let header = headers.find(|header| number(header + 0x18, 8) == at);
    let size = header.expect("the note has a section") + 0x20;
    library[size..size + 8].copy_from_slice(&0x10001_u64.to_le_bytes());
    Given::healthy().file("numbered", &library).refuses(
        "numbered",
        "its tw-plugin note has more than 65536 bytes",
        "build or copy it again",
    );
}
