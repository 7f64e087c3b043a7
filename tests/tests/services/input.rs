//! Standard input, files, and the documents in them.

use serde_json::{Value, json};
use tw_tests::World;

use crate::{Probe, set_up};

/// Sets up a world whose home has this file.
fn set_up_file(name: &str, content: impl AsRef<[u8]>) -> World {
    let world = set_up();
    std::fs::write(world.installation.home().join(name), content).expect("the home can be written");
    world
}

#[test]
fn bytes_are_read_from_standard_input_and_files() {
    let world = set_up_file("file.txt", "from the file\n");
    assert_eq!(
        world.probe_json(["input", "bytes", "file.txt"]),
        "from the file\n"
    );
    let path = world.installation.home().join("file.txt");
    assert_eq!(
        world.probe_json(["input", "bytes", &path.to_string_lossy()]),
        "from the file\n"
    );
    let ran = world
        .probe(["input", "bytes", "-"])
        .input("typed\nin\n")
        .run();
    assert_eq!(ran.exits(0).says("").json(), "typed\nin\n");
    assert_eq!(world.probe_json(["input", "bytes", "-"]), "");
}

#[test]
fn bytes_are_read_unchanged() {
    let all: Vec<u8> = (0..=255).collect();
    let world = set_up_file("all.bin", &all);
    assert_eq!(world.probe_json(["input", "bytes", "all.bin"]), json!(all));
    let ran = world
        .probe(["input", "bytes", "-", "--secret"])
        .input(&all)
        .run();
    assert_eq!(ran.exits(0).json(), json!(all));
}

#[test]
fn input_larger_than_its_limit_is_refused() {
    let world = set_up_file("ten", "1234567890");
    assert_eq!(
        world.probe_json(["input", "bytes", "ten", "--max", "10"]),
        "1234567890"
    );
    let (kind, message) = world.probe_failure(["input", "bytes", "ten", "--max", "9"]);
    assert_eq!(
        (kind.as_str(), message.as_str()),
        ("too_large", "ten has more than 9 bytes")
    );
    let ran = world
        .probe(["input", "bytes", "-", "--max", "9"])
        .input("1234567890")
        .run();
    ran.fails("standard input has more than 9 bytes");
    let endless = world.tw(["probe", "input", "bytes", "/dev/zero"]);
    endless.fails("/dev/zero has more than 33554432 bytes");
}

#[test]
fn unreadable_input_is_reported_by_name() {
    let world = set_up();
    for from in ["missing", "."] {
        for command in [&["bytes", from][..], &["document", from, "-f", "json"]] {
            let (kind, message) = world.probe_failure(["input"].iter().chain(command).copied());
            assert_eq!(kind, "input");
            assert!(
                message.starts_with(&format!("{from} can't be read: ")),
                "{message}"
            );
        }
    }
    let (kind, message) = world.probe_failure(["input", "bytes", "mis\u{1b}sing"]);
    assert_eq!(kind, "input");
    assert!(message.starts_with("mis␛sing can't be read: "), "{message}");
    let (kind, message) = world.probe_failure(["input", "odd"]);
    assert_eq!(kind, "input");
    let expected = "odd-\u{fffd}.txt can't be read: No such file";
    assert!(message.starts_with(expected), "{message}");
}

#[cfg(unix)]
#[test]
fn a_file_whose_name_is_not_utf8_is_read() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let world = set_up();
    let path = world
        .installation
        .home()
        .join(OsStr::from_bytes(b"name-\xff.json"));
    std::fs::write(&path, "{\"a\": 1}").expect("the file can be written");
    for command in ["bytes", "document"] {
        let tw = world.probe(["input", command]).args([&path]);
        tw.run().exits(0).says("");
    }
}

#[test]
fn every_format_keeps_line_numbers() {
    for (name, text, expected) in [
        (
            "a.json",
            "{\n  \"name\": \"x\",\n  \"list\": [1.50,\n    true, null],\n  \"name\": \"again\"\n}\n",
            json!([
                1,
                "map",
                [
                    ["name", 2, [2, "text", "x"]],
                    [
                        "list",
                        3,
                        [
                            3,
                            "list",
                            [
                                [3, "number", "1.50"],
                                [4, "boolean", true],
                                [4, "null", null]
                            ]
                        ]
                    ],
                    ["name", 5, [5, "text", "again"]]
                ]
            ]),
        ),
        (
            "a.yaml",
            "# first\nname: x\nlist:\n  - 1.50\n  - true\n  - ~\n",
            json!([
                2,
                "map",
                [
                    ["name", 2, [2, "text", "x"]],
                    [
                        "list",
                        3,
                        [
                            4,
                            "list",
                            [
                                [4, "number", "1.50"],
                                [5, "boolean", true],
                                [6, "null", null]
                            ]
                        ]
                    ]
                ]
            ]),
        ),
        (
            "a.toml",
            "name = \"x\"\n[table]\nlist = [1.50,\n  true]\n",
            json!([
                1,
                "map",
                [
                    ["name", 1, [1, "text", "x"]],
                    [
                        "table",
                        2,
                        [
                            2,
                            "map",
                            [[
                                "list",
                                3,
                                [3, "list", [[3, "number", "1.50"], [4, "boolean", true]]]
                            ]]
                        ]
                    ]
                ]
            ]),
        ),
        (
            ".env",
            "# first\nNAME=x\nexport OTHER=\"two\nlines\"\nNAME=again\n",
            json!([
                1,
                "map",
                [
                    ["NAME", 2, [2, "text", "x"]],
                    ["OTHER", 3, [3, "text", "two\nlines"]],
                    ["NAME", 5, [5, "text", "again"]]
                ]
            ]),
        ),
    ] {
        let got = set_up_file(name, text).probe_json(["input", "document", name]);
        assert_eq!(got["root"], expected, "{name}");
    }
}

#[test]
fn a_document_may_be_nested_30_deep() {
    for (open, close) in [("[", "]"), ("{\"a\": ", "}")] {
        let nested = |depth: usize| format!("{}7{}", open.repeat(depth), close.repeat(depth));
        let got = set_up_file("a.json", nested(30)).probe_json(["input", "document", "a.json"]);
        assert!(got["root"].to_string().contains("\"7\""));
        let (_, message) =
            set_up_file("a.json", nested(31)).probe_failure(["input", "document", "a.json"]);
        assert!(
            message.ends_with("lists and maps are nested more than 30 deep"),
            "{message}"
        );
    }
}

#[test]
fn the_format_follows_the_file_name_or_the_option() {
    for (name, text, format) in [
        ("a.yml", "a: 1", "yaml"),
        ("A.JSON", "{}", "json"),
        (".env.local", "A=1", "dotenv"),
        ("my.env", "A=1", "dotenv"),
        ("a.toml", "a = 1", "toml"),
    ] {
        assert_eq!(
            set_up_file(name, text).probe_json(["input", "document", name])["format"],
            format
        );
    }
    let world = set_up_file("a.txt", "A=1");
    assert_eq!(
        world.probe_json(["input", "document", "a.txt", "-f", "dotenv"])["format"],
        "dotenv"
    );
    let (kind, message) = world.probe_failure(["input", "document", "a.txt"]);
    assert_eq!(
        (kind.as_str(), message.as_str()),
        (
            "input",
            "The format of a.txt is not known: it can be dotenv, json, yaml or toml"
        )
    );
    let (_, message) = world.probe_failure(["input", "document", "a.txt", "-f", "xml"]);
    assert_eq!(
        message,
        "The format of a.txt is not known: it can be dotenv, json, yaml or toml"
    );
    let (_, message) = world.probe_failure(["input", "document", "-"]);
    assert_eq!(
        message,
        "The format of standard input is not known: it can be dotenv, json, yaml or toml"
    );
    let ran = world
        .probe(["input", "document", "-", "-f", "json"])
        .input("[\"x\"]")
        .run();
    assert_eq!(
        ran.exits(0).json()["root"],
        json!([1, "list", [[1, "text", "x"]]])
    );
}

#[test]
fn a_plugin_can_parse_its_own_text() {
    let world = set_up();
    let got = world.probe_json(["input", "text", "yaml", "a: [1, b]"]);
    assert_eq!(
        got["root"],
        json!([
            1,
            "map",
            [["a", 1, [1, "list", [[1, "number", "1"], [1, "text", "b"]]]]]
        ])
    );
    let (kind, message) = world.probe_failure(["input", "text", "json", "{\n\"a\": hunter2}"]);
    assert_eq!(kind, "input");
    assert!(
        message.contains("line 2") && !message.contains("hunter2"),
        "{message}"
    );
}

#[test]
fn a_parse_error_is_reported_by_line_without_the_content() {
    for (name, text, line) in [
        ("a.json", "{\n  \"a\": 1,\n  \"key\": hunter2\n}", 3),
        ("a.json", "{\n  \"a\": \"hunter2", 2),
        ("a.yaml", "a: 1\nkey: \"hunter2\n", 2),
        ("a.yaml", "a: 1\n  hunter2: [\n", 2),
        ("a.toml", "a = 1\nkey = hunter2\n", 2),
        ("a.toml", "hunter2 = 1\nhunter2 = 2\n", 2),
        (".env", "A=1\nhunter2 hunter2\n", 2),
        (".env", "A=1\nB=\"hunter2\n", 2),
    ] {
        let (kind, message) = set_up_file(name, text).probe_failure(["input", "document", name]);
        assert_eq!(kind, "input");
        assert!(
            message.starts_with(&format!("{name}: line {line}")),
            "{text:?}: {message}"
        );
        assert!(!message.contains("hunter2"), "{message}");
    }
}

#[test]
fn a_document_that_is_not_utf_8_is_reported_by_line() {
    let world = set_up_file("a.json", b"{\n\"a\": \"\xff\"}");
    let (kind, message) = world.probe_failure(["input", "document", "a.json"]);
    assert_eq!(
        (kind.as_str(), message.as_str()),
        ("input", "a.json is not UTF-8 (line 2)")
    );
}

#[test]
fn texts_of_a_secret_document_are_redacted_in_messages() {
    let text = "{\"a\": \"correct horse\", \"b\": [{\"c\": 1234567890}], \"short\": \"y\"}";
    let world = set_up_file("a.json", text);
    let ran = world.tw(["probe", "input", "document", "a.json", "--secret", "--leak"]);
    ran.exits(1)
        .prints("")
        .never_shows("horse")
        .never_shows("1234567890")
        .says_with("[redacted]");
    let ran = world.tw(["probe", "input", "document", "a.json", "--leak"]);
    ran.exits(1).says_with("correct horse");
    // The result is the plugin's own: the host does not redact it.
    let got: Value = world.probe_json(["input", "document", "a.json", "--secret"]);
    assert!(
        got.to_string().contains("correct horse")
            && got["debug"] == "Document { format: \"json\", .. }"
    );
}

#[test]
fn secret_bytes_are_redacted_in_messages() {
    let world = set_up_file("key", "correct horse\n");
    world
        .tw(["probe", "input", "bytes", "key", "--secret", "--leak"])
        .exits(1)
        .never_shows("horse")
        .says_with("[redacted]");
    let ran = world
        .command(["probe", "input", "bytes", "-", "--secret", "--leak"])
        .input("battery staple\r\n")
        .run();
    ran.exits(1).never_shows("staple").says_with("[redacted]");
}

#[test]
fn a_document_becomes_json_with_its_numbers() {
    let world = set_up();
    let yaml =
        "port: 8080\nratio: .5\nmask: 0x1F\nid: \"007\"\nnothing: ~\nlist: [1, -2.5e3, true]\n";
    let ran = world
        .probe(["input", "document", "-", "-f", "yaml", "--as-json"])
        .input(yaml)
        .run();
    let expected = json!({
        "port": 8080, "ratio": 0.5, "mask": 31, "id": "007", "nothing": null, "list": [1, -2500.0, true],
    });
    assert_eq!(ran.exits(0).says("").json(), expected);
}
