//! The files that `tw secrets import` reads: their formats, and the errors in them.

use std::fs;

use tw_sandbox::{Sandbox, Secret};
use tw_tests::World;

use crate::list_stored;

/// A file with two secrets.
pub(crate) const FILE: &str = "# ours\nKEY=second\nexport NEW='a b'\n";

/// Starts a world with the secret `KEY=first` and this file in the home.
pub(crate) fn start_with_file(name: &str, text: impl AsRef<[u8]>) -> World {
    let world = World::with(Sandbox::builder().secret(Secret::new("KEY", "first")));
    write(&world, name, text);
    world
}

/// Writes a file into the home of the world.
pub(crate) fn write(world: &World, name: &str, text: impl AsRef<[u8]>) {
    fs::write(world.installation.home().join(name), text).expect("the file can be written");
}

/// Returns the user's secrets as `KEY=first`, in the order of the names: the server gives the numbers in the order in which it gets the requests, and an
/// import sends several at once.
fn list_sorted(world: &World) -> Vec<String> {
    let mut stored = list_stored(world);
    for secret in &mut stored {
        secret.drain(..=secret.find(' ').expect("a number"));
    }
    stored.sort();
    stored
}

/// Imports a file and returns the stored secrets.
#[track_caller]
fn import_and_list(name: &str, text: &str) -> Vec<String> {
    let world = start_with_file(name, text);
    world.tw(["secrets", "import", name]).exits(0).says("");
    list_sorted(&world)
}

#[test]
fn import_reads_dotenv_json_yaml_and_toml() {
    let both = ["KEY=second", "NEW=a b"];
    assert_eq!(import_and_list("secrets.env", FILE), both);
    assert_eq!(import_and_list(".env.local", FILE), both);
    assert_eq!(
        import_and_list("s.json", r#"{"KEY": "second", "NEW": "a b"}"#),
        both
    );
    assert_eq!(
        import_and_list("s.yaml", "KEY: second\nNEW: \"a b\"\n"),
        both
    );
    assert_eq!(
        import_and_list(
            "s.yml",
            "secrets:\n- name: KEY\n  value: second\n- {name: NEW, value: a b}\n"
        ),
        both
    );
    assert_eq!(
        import_and_list(
            "s.json",
            r#"[{"value": "second", "name": "KEY", "lastUsed": null}, {"name": "NEW", "value": "a b"}]"#
        ),
        both
    );
    let file = r#"{"workspaceRef": "user", "secrets": [{"name": "KEY", "value": "second"}, {"name": "NEW", "value": "a b"}]}"#;
    assert_eq!(import_and_list("s.json", file), both);
    assert_eq!(
        import_and_list("s.toml", "KEY = \"second\"\nNEW = \"a b\"\n"),
        both
    );
    // A number keeps its spelling.
    assert_eq!(
        import_and_list("s.yaml", "NEW: 007\nOTHER: 1.50\n"),
        ["KEY=first", "NEW=007", "OTHER=1.50"]
    );
}

#[test]
fn import_expands_nothing_in_a_value() {
    let text = "A1=$HOME ${HOME}\nA2=\"$KEY $(id) `id`\"\nA3='\\n${X:-y}'\nA4=a#b # a comment\n";
    let world = start_with_file("secrets.env", text);
    world.tw(["secrets", "import", "secrets.env"]).exits(0).says(
        "warning: plugin `secrets`: secrets.env: `${NAME}` and `$(COMMAND)` are not replaced, but taken as they are; single quotes avoid this warning (line 1, 2)\n\
         warning: plugin `secrets`: secrets.env: the text after ` #` is a comment and not part of the value; quotes around the value avoid this warning (line 4)\n",
    );
    assert_eq!(
        list_sorted(&world)[..4],
        [
            "A1=$HOME ${HOME}",
            "A2=$KEY $(id) `id`",
            "A3=\\n${X:-y}",
            "A4=a#b"
        ]
    );
}

#[test]
fn import_refuses_an_encrypted_file_and_names_the_program() {
    for (name, text, problem) in [
        (
            "s.env",
            "KEY=ENC[AES256_GCM,data:x,type:str]\nsops_version=3.9.0\n",
            "line 2: 'sops_version' belongs to sops, and is no secret",
        ),
        (
            "s.yaml",
            "KEY: ENC[AES256_GCM,data:x,type:str]\nsops:\n  mac: x\n",
            "line 2: 'sops' belongs to sops, and is no secret",
        ),
        (
            "s.json",
            r#"{"secrets": [{"name": "KEY", "value": "x"}], "sops": {}}"#,
            "line 1: 'sops' belongs to sops, and is no secret",
        ),
        (
            "s.env",
            "DOTENV_PUBLIC_KEY_PRODUCTION=03\nKEY=encrypted:x\n",
            "line 1: 'DOTENV_PUBLIC_KEY_PRODUCTION' belongs to dotenvx, and is no secret",
        ),
        (
            "s.env",
            "$ANSIBLE_VAULT;1.1;AES256\n6162\n",
            "s.env is encrypted: decrypt it with `ansible-vault` first",
        ),
        (
            "s.yaml",
            "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n",
            "s.yaml is encrypted: decrypt it with `age` first",
        ),
    ] {
        let world = start_with_file(name, text);
        world.tw(["secrets", "import", name]).fails_with(problem);
        assert_eq!(list_stored(&world), ["1001 KEY=first"]);
    }
}

#[test]
fn import_warns_about_encrypted_values() {
    let world = start_with_file(
        "s.env",
        "A1=encrypted:BD\nA2='ENC[AES256_GCM,data:x]'\nA3=x\n",
    );
    world.tw(["secrets", "import", "s.env"]).exits(0).says(
        "warning: plugin `secrets`: these values are still encrypted, and a pipeline doesn't decrypt them: 'A1', 'A2'\n",
    );
}

#[test]
fn import_reads_standard_input_in_a_given_format() {
    let world = start_with_file("unused", "");
    let import = |words: &[&str]| {
        world
            .command([&["secrets", "import", "-"], words].concat())
            .input(FILE)
            .run()
    };
    import(&["--format", "dotenv"]).exits(0).says("");
    assert_eq!(list_stored(&world), ["1001 KEY=second", "1002 NEW=a b"]);
    import(&[]).rejects("give '--format dotenv', 'json' or 'yaml'");
    let line = ["secrets", "import", "-", "--format", "dotenv"];
    let ran = world.command(line).input("# nothing\n").run();
    ran.rejects("there are no secrets in standard input");
}

#[test]
fn import_refuses_a_malformed_file_by_line_before_any_change() {
    for (name, text, problem) in [
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
            "line 2, column 1: this looks like the rest of the previous value",
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
        let world = start_with_file(name, text);
        let ran = world.tw(["secrets", "import", name, "--verbose"]);
        ran.fails_with(problem)
            .says_with(name)
            .never_shows("SENTINEL");
        let changes = world.sandbox.requests();
        assert!(changes.iter().all(|call| call.method == "GET"), "{text}");
    }
}

#[test]
fn import_refuses_a_file_that_is_missing_or_not_utf8() {
    let world = start_with_file("a.env", b"KEY=\xff\xfe\n");
    world.tw(["secrets", "import", "a.env"]).fails_with("UTF-8");
    world
        .tw(["secrets", "import", "nowhere.env"])
        .fails_with("nowhere.env");
    world.tw(["secrets", "import"]).rejects("<FILE>");
    world.saw([]);
}

#[test]
fn import_accepts_empty_values_with_allow_empty() {
    let world = start_with_file("secrets.env", "KEY=\nNEW=x\n");
    world
        .tw(["secrets", "import", "secrets.env", "--allow-empty"])
        .exits(0)
        .says("");
    assert_eq!(list_stored(&world), ["1001 KEY=", "1002 NEW=x"]);
}

#[test]
fn import_warns_about_multiline_values_and_encodes_them_with_base64() {
    let text = "KEY=\"a\nb\"\nNEW=c\n";
    let world = start_with_file("secrets.env", text);
    world
        .tw(["secrets", "import", "secrets.env"])
        .exits(0)
        .says_with("warning: plugin `secrets`: these values have line breaks, which don't survive a pipeline run; `--base64` encodes values of several lines: 'KEY'\n");
    assert_eq!(list_stored(&world), ["1001 KEY=a\nb", "1002 NEW=c"]);
    world
        .tw(["secrets", "import", "secrets.env", "--base64"])
        .exits(0)
        .says("");
    assert_eq!(list_stored(&world), ["1001 KEY=YQpi", "1002 NEW=c"]);
}

#[test]
fn import_warns_about_a_trailing_line_feed() {
    let world = start_with_file("secrets.yaml", "KEY: |\n  a\nNEW: |-\n  b\n");
    for base64 in [&[][..], &["--base64"]] {
        let ran = world.tw([&["secrets", "import", "secrets.yaml"], base64].concat());
        ran.exits(0)
            .says_with("these values have line breaks, ")
            .says_with(" lines: 'KEY'\n");
        assert_eq!(list_stored(&world), ["1001 KEY=a\n", "1002 NEW=b"]);
    }
}

#[test]
fn import_refuses_a_single_secret_outside_a_list() {
    for (file, text, line) in [
        ("one.json", r#"{"name": "KEY", "value": "a"}"#, 1),
        ("one.yaml", "\n# mine\nvalue: a\nname: KEY\n", 3),
    ] {
        let world = start_with_file(file, text);
        let ran = world.tw(["secrets", "import", file]);
        ran.fails_with(&format!(
            "{file}: line {line}: 'name' and 'value' look like one secret"
        ));
        world.saw([]);
    }
    // In a .env file, `name` and `value` can only be two secrets.
    let world = start_with_file("two.env", "name=a\nvalue=b\n");
    world.tw(["secrets", "import", "two.env"]).exits(0).says("");
    assert_eq!(list_sorted(&world), ["KEY=first", "name=a", "value=b"]);
}

#[test]
fn import_refuses_values_with_nul_or_more_than_4_mib() {
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
        let world = start_with_file(file, text);
        let ran = world.tw(["secrets", "import", file]);
        ran.fails_with(&format!("{file}: line {line}: the value of 'KEY' {reason}"));
        world.saw([]);
    }
}

#[test]
fn import_accepts_a_value_of_exactly_4_mib() {
    let world = start_with_file("a.env", format!("NEW={}\n", "x".repeat(4 << 20)));
    world
        .tw(["secrets", "import", "a.env", "--dry-run"])
        .exits(0)
        .says("");
}

#[test]
fn import_warns_about_a_document_without_secrets() {
    for (file, text) in [
        ("a.yaml", "# nothing yet\n"),
        ("a.json", "null"),
        ("a.json", "[]"),
    ] {
        let world = start_with_file(file, text);
        world
            .tw(["secrets", "import", file])
            .exits(0)
            .prints_with("No secrets to change")
            .says_with("there are no secrets in the file");
    }
}

#[test]
fn import_sends_a_value_of_a_mebibyte_unchanged() {
    let large: String = ('a'..='z').cycle().take(1 << 20).collect();
    let world = start_with_file("secrets.env", format!("KEY={large}\n"));
    world
        .tw(["secrets", "import", "secrets.env"])
        .exits(0)
        .says("");
    assert_eq!(world.sandbox.secrets(None)[0].value, large);
}

#[test]
fn a_private_key_without_its_last_line_break_gets_a_warning() {
    let end = "-----END OPENSSH PRIVATE KEY-----";
    let world = start_with_file("a.env", format!("SSH=\"{end}\"\nGOOD=\"{end}\n\"\n"));
    world
        .tw(["secrets", "import", "a.env"])
        .exits(0)
        .says_with("these values are private keys without a line break at their end, which ssh refuses: 'SSH'\n");
}
