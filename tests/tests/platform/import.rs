//! Whole files: what is in them is read and checked first, and then each secret is one call.

use std::fs;

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::{Ran, World};

use crate::stored;

const FILE: &str = "# ours\nKEY=second\nexport NEW='a b'\n";

/// A world with one secret, `KEY=first`, and this file.
pub(crate) fn with_file(name: &str, text: impl AsRef<[u8]>) -> World {
    let world = World::with(Sandbox::builder().secret(Secret::new("KEY", "first")));
    write(&world, name, text);
    world
}

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

/// The outcomes by name: `KEY update done`.
fn outcomes(ran: &Ran) -> Vec<String> {
    let value = ran.json();
    let steps = value["secrets"].as_array().expect("a list").iter();
    let word = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    steps
        .map(|step| {
            [&step["name"], &step["action"], &step["outcome"]]
                .map(word)
                .join(" ")
        })
        .collect()
}

#[test]
fn one_list_and_one_call_a_secret() {
    let world = with_file("secrets.env", FILE);
    world
        .tw(["secrets", "import", "secrets.env"])
        .exits(0)
        .says("")
        .prints(
            "\n  Secrets of the file at user workspace:\n\n     Name | Action | Outcome \n    ------+--------+---------\n     KEY  | update | done    \n     NEW  | create | done    \n\n",
        );
    let mut calls: Vec<String> = world
        .sandbox
        .requests()
        .iter()
        .map(|call| format!("{} {}", call.method, call.path))
        .collect();
    assert_eq!(calls.remove(0), "GET /pipeline-secrets");
    // They are under way at once.
    calls.sort();
    assert_eq!(
        calls,
        ["POST /pipeline-secrets", "PUT /pipeline-secrets/1001"]
    );
    assert_eq!(stored(&world), ["1001 KEY=second", "1002 NEW=a b"]);
}

#[test]
fn what_is_done_is_data_too() {
    let world = with_file("secrets.env", FILE);
    let ran = world
        .tw(["secrets", "import", "secrets.env", "-o", "json"])
        .exits(0)
        .says("");
    assert_eq!(
        ran.json(),
        serde_json::json!({"workspaceRef": "user", "secrets": [
            {"name": "KEY", "action": "update", "outcome": "done"},
            {"name": "NEW", "action": "create", "outcome": "done"},
        ]})
    );
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
fn a_plan_is_made_with_reading_calls_only() {
    let world = with_file("secrets.env", FILE);
    let ran = world
        .tw([
            "secrets",
            "import",
            "secrets.env",
            "--dry-run",
            "-o",
            "json",
        ])
        .exits(0)
        .says("");
    assert_eq!(outcomes(&ran), ["KEY update planned", "NEW create planned"]);
    world.saw(["GET /pipeline-secrets"]);
}

#[test]
fn a_file_that_is_wrong_is_refused_before_any_change_and_its_lines_are_named() {
    for (name, text, told) in [
        (
            "a.env",
            "A1=x\nA2=SENTINEL\nA1=SENTINEL2\n",
            "line 3: 'A1' stands on line 1 too",
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
            "'A1' stands on line 1 too",
        ),
        (
            "a.json",
            "{\"A1\": \"SENTINEL\",\n \"A2\": true}",
            "line 2: the value of 'A2' is not a text: write it in quotes",
        ),
        (
            "a.json",
            "{\"A1\": \"SENTINEL\",\n \"A2\": [\"SENTINEL\"]}",
            "line 2: the value of 'A2' has values of its own, and should be a text",
        ),
        (
            "a.json",
            "\"SENTINEL\"",
            "neither names with values nor a list of secrets",
        ),
        (
            "a.json",
            "{\"A1\": \"SENTINEL\",\n\"secrets\": []}",
            "line 1: 'A1' stands beside the list of secrets, and not in it",
        ),
        (
            "a.json",
            "[{\"name\": \"A1\", \"value\": \"SENTINEL\",\n\"name\": \"A2\"}]",
            "line 2: a second 'name' of one secret",
        ),
        (
            "a.yaml",
            "secrets: []\nsecrets: []\n",
            "stands beside the list of secrets, and not in it",
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
        .says_with("warning: plugin `secrets`: values of several lines, which a pipeline run doesn't keep; `--base64` encodes them: 'KEY'\n");
    assert_eq!(stored(&world), ["1001 KEY=a\nb", "1002 NEW=c"]);
    world
        .tw(["secrets", "import", "secrets.env", "--base64"])
        .exits(0)
        .says("");
    assert_eq!(stored(&world), ["1001 KEY=YQpi", "1002 NEW=c"]);
}

#[test]
fn what_failed_is_told_by_name_and_a_second_run_does_what_is_left() {
    let world = with_file("secrets.env", "A1=1\nA2=2\nKEY=3\nA3=4\n");
    world.sandbox.fault(
        Fault::on("PUT", "/pipeline-secrets/1001")
            .status(400)
            .json(r#"{"message": "not now"}"#),
    );
    let ran = world
        .tw(["secrets", "import", "secrets.env", "-o", "json"])
        .exits(1)
        .says("\n ERROR: 3 of 4 secrets are done; 1 failed, 0 unknown, 0 not sent\n\n");
    assert_eq!(
        outcomes(&ran),
        [
            "A1 create done",
            "A2 create done",
            "KEY update failed",
            "A3 create done"
        ]
    );
    assert_eq!(ran.json()["secrets"][2]["problem"], "not now");
    world
        .tw(["secrets", "import", "secrets.env"])
        .exits(1)
        .prints_with("| failed  | not now ");
    world.sandbox.clear_faults();
    world.tw(["secrets", "import", "secrets.env"]).exits(0);
    let values: Vec<String> = world
        .sandbox
        .secrets(None)
        .into_iter()
        .map(|secret| format!("{}={}", secret.name, secret.value))
        .collect();
    assert_eq!(values.len(), 4);
    assert!(values.contains(&"KEY=3".to_owned()) && values.contains(&"A3=4".to_owned()));
}

#[test]
fn a_secret_whose_answer_was_lost_is_looked_up_and_given_its_value() {
    let world = with_file("secrets.env", "NEW=x\n");
    world.sandbox.fault(
        Fault::on("POST", "/pipeline-secrets")
            .reset_after()
            .times(1),
    );
    let ran = world
        .tw(["secrets", "import", "secrets.env", "-o", "json"])
        .exits(0)
        .says("");
    assert_eq!(outcomes(&ran), ["NEW create done"]);
    world.saw([
        "GET /pipeline-secrets",
        "POST /pipeline-secrets",
        "GET /pipeline-secrets",
        "PUT /pipeline-secrets/1002",
    ]);
    assert_eq!(stored(&world), ["1001 KEY=first", "1002 NEW=x"]);
}

#[test]
fn a_secret_that_is_not_there_yet_stays_unknown() {
    // A server may still be at it, and one in front of it may not know.
    let faults = [
        Fault::on("POST", "/pipeline-secrets").reset_before(),
        Fault::on("POST", "/pipeline-secrets").status(504),
        Fault::on("POST", "/pipeline-secrets").not_json(),
    ];
    for fault in faults {
        let world = with_file("secrets.env", "NEW=x\nKEY=y\n");
        world.sandbox.fault(fault);
        let ran = world
            .tw(["secrets", "import", "secrets.env", "-o", "json"])
            .exits(1);
        assert_eq!(outcomes(&ran), ["NEW create unknown", "KEY update done"]);
        assert_eq!(world.sandbox.hits("POST", "/pipeline-secrets"), 1);
        assert_eq!(stored(&world), ["1001 KEY=y"]);
    }
}

#[test]
fn a_gateway_that_lost_patience_is_no_failure() {
    let world = with_file("secrets.env", "NEW=x\n");
    let fault = Fault::on("POST", "/pipeline-secrets").status(504);
    world.sandbox.fault(fault.processed());
    world
        .tw(["secrets", "import", "secrets.env"])
        .exits(0)
        .says("");
    assert_eq!(stored(&world), ["1001 KEY=first", "1002 NEW=x"]);
}

#[test]
fn two_imports_at_once_both_end_well() {
    let world = with_file("secrets.env", "");
    let file: String = (0..40).map(|at| format!("NAME_{at}=x\n")).collect();
    write(&world, "secrets.env", file);
    let late = std::time::Duration::from_millis(300);
    // Both see nothing there, and each then meets what the other has made.
    world
        .sandbox
        .fault(Fault::on("GET", "/pipeline-secrets").delay(late));
    let import = || world.command(["secrets", "import", "secrets.env"]).start();
    let both = [import(), import()];
    for running in both {
        running.ends().exits(0).says("");
    }
    assert_eq!(world.sandbox.secrets(None).len(), 41);
}

#[test]
fn where_it_cannot_be_looked_up_it_is_unknown() {
    let world = with_file("secrets.env", "NEW=x\n");
    world
        .sandbox
        .fault(Fault::on("POST", "/pipeline-secrets").reset_after());
    world
        .sandbox
        .fault(Fault::on("GET", "/pipeline-secrets").after(1).status(400));
    let ran = world
        .tw(["secrets", "import", "secrets.env", "-o", "json"])
        .exits(1)
        .says_with("0 of 1 secrets are done; 0 failed, 1 unknown, 0 not sent");
    assert_eq!(outcomes(&ran), ["NEW create unknown"]);
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

#[test]
fn in_a_workspace_and_for_the_user() {
    let world = with_file("secrets.env", "NEW=x\n");
    world
        .tw(["secrets", "import", "secrets.env", "-w", "100"])
        .exits(0)
        .prints_with("at [acme / research] workspace");
    assert_eq!(crate::stored_in(&world, Some(100)), ["1002 NEW=x"]);
    let line = world
        .command(["secrets", "import", "secrets.env", "--user"])
        .env("TOWER_WORKSPACE_ID", "100");
    line.run().exits(0);
    assert_eq!(stored(&world), ["1001 KEY=first", "1003 NEW=x"]);
}

#[test]
fn the_pace_that_a_server_allows_is_kept() {
    let world = World::with(Sandbox::builder().rate(20));
    let file: String = (0..45).map(|at| format!("NAME_{at}=x\n")).collect();
    write(&world, "secrets.env", file);
    world
        .tw(["secrets", "import", "secrets.env", "--rate", "20"])
        .exits(0)
        .says("");
    let calls = world.sandbox.requests();
    assert_eq!(calls.len(), 46);
    assert!(calls.iter().all(|call| call.status() != Some(429)));
}

#[cfg(unix)]
#[test]
fn on_a_terminal_it_is_seen_how_far_it_is() {
    let world = with_file("secrets.env", "A1=1\nA2=2\nA3=3\n");
    let late = std::time::Duration::from_millis(500);
    world
        .sandbox
        .fault(Fault::on("POST", "*").after(1).delay(late));
    let line = world.command(["secrets", "import", "secrets.env"]);
    tw_tests::Terminal::start(line)
        .until("Secrets at user workspace")
        .until("1/3")
        .ends()
        .exits(0)
        .works_as_before();
    assert_eq!(world.sandbox.secrets(None).len(), 4);
}
