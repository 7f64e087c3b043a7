//! What stands in a file: every format that people keep secrets in, and what is wrong with one.

use std::fs;

use tw_sandbox::{Sandbox, Secret};
use tw_tests::World;

use crate::stored;

/// A file with two secrets.
pub(crate) const FILE: &str = "# ours\nKEY=second\nexport NEW='a b'\n";

/// A world with one secret, `KEY=first`, and this file.
pub(crate) fn with_file(name: &str, text: impl AsRef<[u8]>) -> World {
    let world = World::with(Sandbox::builder().secret(Secret::new("KEY", "first")));
    write(&world, name, text);
    world
}

/// Puts a file into its home.
pub(crate) fn write(world: &World, name: &str, text: impl AsRef<[u8]>) {
    fs::write(world.installation.home().join(name), text).expect("the file can be written");
}

/// Imports such a file, and gives what is stored then.
#[track_caller]
fn imported(name: &str, text: &str) -> Vec<String> {
    let world = with_file(name, text);
    world.tw(["secrets", "import", name]).exits(0).says("");
    stored(&world)
}

#[test]
fn the_formats_that_people_keep_secrets_in() {
    let both = ["1001 KEY=second", "1002 NEW=a b"];
    assert_eq!(imported("secrets.env", FILE), both);
    assert_eq!(imported(".env.local", FILE), both);
    assert_eq!(
        imported("s.json", r#"{"KEY": "second", "NEW": "a b"}"#),
        both
    );
    assert_eq!(imported("s.yaml", "KEY: second\nNEW: \"a b\"\n"), both);
    assert_eq!(
        imported(
            "s.yml",
            "secrets:\n- name: KEY\n  value: second\n- {name: NEW, value: a b}\n"
        ),
        both
    );
    assert_eq!(
        imported(
            "s.json",
            r#"[{"value": "second", "name": "KEY", "lastUsed": null}, {"name": "NEW", "value": "a b"}]"#
        ),
        both
    );
    let file = r#"{"workspaceRef": "user", "secrets": [{"name": "KEY", "value": "second"}, {"name": "NEW", "value": "a b"}]}"#;
    assert_eq!(imported("s.json", file), both);
    assert_eq!(
        imported("s.toml", "KEY = \"second\"\nNEW = \"a b\"\n"),
        both
    );
    // A number is what is written, and not what it comes to.
    assert_eq!(
        imported("s.yaml", "NEW: 007\nOTHER: 1.50\n"),
        ["1001 KEY=first", "1002 NEW=007", "1003 OTHER=1.50"]
    );
}

#[test]
fn nothing_in_a_value_is_expanded() {
    let text = "A1=$HOME ${HOME}\nA2=\"$KEY $(id) `id`\"\nA3='\\n${X:-y}'\nA4=a#b # a comment\n";
    let stored = imported("secrets.env", text);
    assert_eq!(
        stored[1..],
        [
            "1002 A1=$HOME ${HOME}",
            "1003 A2=$KEY $(id) `id`",
            "1004 A3=\\n${X:-y}",
            "1005 A4=a#b"
        ]
    );
}

#[test]
fn from_standard_input() {
    let world = with_file("unused", "");
    let import = |words: &[&str]| {
        world
            .command([&["secrets", "import", "-"], words].concat())
            .input(FILE)
            .run()
    };
    import(&["--format", "dotenv"]).exits(0).says("");
    assert_eq!(stored(&world), ["1001 KEY=second", "1002 NEW=a b"]);
    import(&[]).misused("give '--format dotenv', 'json' or 'yaml'");
    let line = ["secrets", "import", "-", "--format", "dotenv"];
    let ran = world.command(line).input("# nothing\n").run();
    ran.misused("there are no secrets in standard input");
}

#[test]
fn a_file_that_is_wrong_is_refused_before_any_change_and_its_lines_are_named() {
    for (name, text, told) in [
        (
            "a.env",
            "A1=x\nA2=SENTINEL\nA1=SENTINEL2\n",
            "line 3: 'A1' is on line 1 too",
        ),
        (
            "a.env",
            "A1=SENTINEL\nA2=\n",
            "line 2: the value of 'A2' is empty",
        ),
        ("a.env", "A1='SENTINEL\n", "line 1"),
        ("a.env", "A1=x\nSENTINEL\n", "line 2"),
        ("a.env", "A1=SENTINEL\nA-2=x\n", "line 2"),
        (
            "a.env",
            "A1=SENTINEL\nA__2=x\n",
            "line 2: 'A__2': two underscores can't follow each other; the nearest name that can be used is 'A_2'",
        ),
        ("a.json", "{\"A1\":\n \"SENTINEL\",\n}", "line 3"),
        (
            "a.json",
            "{\"A1\": \"SENTINEL\", \"A1\":\n\"x\"}",
            "'A1' is on line 1 too",
        ),
        (
            "a.json",
            "{\"A1\": \"SENTINEL\",\n \"A2\": true}",
            "line 2: the value of 'A2' is not text: put it in quotes",
        ),
        (
            "a.json",
            "{\"A1\": \"SENTINEL\",\n \"A2\": [\"SENTINEL\"]}",
            "line 2: the value of 'A2' is a list or an object, and should be text",
        ),
        (
            "a.json",
            "\"SENTINEL\"",
            "neither names with values nor a list of secrets",
        ),
        (
            "a.json",
            "{\"A1\": \"SENTINEL\",\n\"secrets\": []}",
            "line 1: 'A1' is outside the list of secrets",
        ),
        (
            "a.json",
            "[{\"name\": \"A1\", \"value\": \"SENTINEL\",\n\"name\": \"A2\"}]",
            "line 2: the secret has a second 'name'",
        ),
        (
            "a.yaml",
            "secrets: []\nsecrets: []\n",
            "'secrets' is outside the list of secrets",
        ),
        (
            "a.env",
            "A1=SENTINEL\nSENTINEL/+==\n",
            "line 2, column 1: this looks like the rest of the value before it",
        ),
        (
            "a.env",
            "A1=SENTINEL\n1A=x\nA-2=x\n",
            "a name begins with a letter or an underscore; the nearest name that can be used is '_1A'; line 3: 'A-2'",
        ),
        (
            "a.json",
            "[{\"value\": \"SENTINEL\"}]",
            "line 1: a secret without a 'name'",
        ),
        (
            "a.json",
            "[{\"name\": \"A1\",\n\"id\": 7}]",
            "line 1: 'A1' has no 'value'",
        ),
        ("a.yaml", "A1: SENTINEL\nA2: &a [*a\n", "line"),
        (
            "a.yaml",
            "A1: SENTINEL\nA2: no\nA3: null\n",
            "line 3: the value of 'A3' is empty",
        ),
        ("a.txt", "A1=SENTINEL", "format"),
    ] {
        let world = with_file(name, text);
        let ran = world.tw(["secrets", "import", name, "--verbose"]);
        ran.fails_with(told).says_with(name).never_shows("SENTINEL");
        let changes = world.sandbox.requests();
        assert!(changes.iter().all(|call| call.method == "GET"), "{text}");
    }
}

#[test]
fn a_file_that_is_no_text_or_not_there() {
    let world = with_file("a.env", b"KEY=\xff\xfe\n");
    world.tw(["secrets", "import", "a.env"]).fails_with("UTF-8");
    world
        .tw(["secrets", "import", "nowhere.env"])
        .fails_with("nowhere.env");
    world.tw(["secrets", "import"]).misused("<FILE>");
    world.saw([]);
}

#[test]
fn an_empty_value_is_taken_when_that_is_meant() {
    let world = with_file("secrets.env", "KEY=\nNEW=x\n");
    world
        .tw(["secrets", "import", "secrets.env", "--allow-empty"])
        .exits(0)
        .says("");
    assert_eq!(stored(&world), ["1001 KEY=", "1002 NEW=x"]);
}

#[test]
fn values_of_several_lines_are_warned_of_and_can_be_encoded() {
    let text = "KEY=\"a\nb\"\nNEW=c\n";
    let world = with_file("secrets.env", text);
    world
        .tw(["secrets", "import", "secrets.env"])
        .exits(0)
        .says_with("warning: plugin `secrets`: these values have line breaks, which don't survive a pipeline run; `--base64` encodes values of several lines: 'KEY'\n");
    assert_eq!(stored(&world), ["1001 KEY=a\nb", "1002 NEW=c"]);
    world
        .tw(["secrets", "import", "secrets.env", "--base64"])
        .exits(0)
        .says("");
    assert_eq!(stored(&world), ["1001 KEY=YQpi", "1002 NEW=c"]);
}

#[test]
fn a_line_end_at_the_end_of_a_value_is_warned_of() {
    let world = with_file("secrets.yaml", "KEY: |\n  a\nNEW: |-\n  b\n");
    for base64 in [&[][..], &["--base64"]] {
        let ran = world.tw([&["secrets", "import", "secrets.yaml"], base64].concat());
        ran.exits(0)
            .says_with("these values have line breaks, ")
            .says_with(" lines: 'KEY'\n");
        assert_eq!(stored(&world), ["1001 KEY=a\n", "1002 NEW=b"]);
    }
}

#[test]
fn one_secret_by_itself_is_not_two() {
    for (file, text, line) in [
        ("one.json", r#"{"name": "KEY", "value": "a"}"#, 1),
        ("one.yaml", "\n# mine\nvalue: a\nname: KEY\n", 3),
    ] {
        let world = with_file(file, text);
        let ran = world.tw(["secrets", "import", file]);
        ran.fails_with(&format!(
            "{file}: line {line}: 'name' and 'value' look like one secret"
        ));
        world.saw([]);
    }
    // A .env file has no other way to say it.
    let world = with_file("two.env", "name=a\nvalue=b\n");
    world.tw(["secrets", "import", "two.env"]).exits(0).says("");
    assert_eq!(
        stored(&world),
        ["1001 KEY=first", "1002 name=a", "1003 value=b"]
    );
}

#[test]
fn a_value_that_no_pipeline_can_take_is_refused() {
    let large = format!("NEW=x\nKEY={}\n", "x".repeat((4 << 20) + 1));
    for (file, text, line, reason) in [
        ("a.env", "NEW=x\nKEY=a\0b\n", 2, "has a NUL character"),
        (
            "a.json",
            "{\"KEY\":\n\"a\\u0000b\"}",
            1,
            "has a NUL character",
        ),
        ("b.env", large.as_str(), 2, "has more than 4 MiB"),
    ] {
        let world = with_file(file, text);
        let ran = world.tw(["secrets", "import", file]);
        ran.fails_with(&format!("{file}: line {line}: the value of 'KEY' {reason}"));
        world.saw([]);
    }
}

#[test]
fn a_large_value_arrives_whole() {
    let large: String = ('a'..='z').cycle().take(1 << 20).collect();
    let world = with_file("secrets.env", format!("KEY={large}\n"));
    world
        .tw(["secrets", "import", "secrets.env"])
        .exits(0)
        .says("");
    assert_eq!(world.sandbox.secrets(None)[0].value, large);
}
