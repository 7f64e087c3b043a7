//! `tw secrets import`: one change per secret of a file, and the outcome of each.

use tw_sandbox::{Fault, Sandbox};
use tw_tests::{Ran, World};

use crate::{
    assert_text,
    file::{FILE, start_with_file, write},
    list_stored,
};

/// Returns name, action and outcome of each secret, as `KEY update done`.
fn list_outcomes(ran: &Ran) -> Vec<String> {
    let value = ran.json();
    let steps = value["secrets"]
        .as_array()
        .expect("`secrets` is an array")
        .iter();
    let word =
        |value: &serde_json::Value| value.as_str().expect("the field is a string").to_owned();
    steps
        .map(|step| {
            [&step["name"], &step["action"], &step["outcome"]]
                .map(word)
                .join(" ")
        })
        .collect()
}

#[test]
fn import_sends_one_list_request_and_one_change_per_secret() {
    let world = start_with_file("secrets.env", FILE);
    let ran = world
        .tw(["secrets", "import", "secrets.env"])
        .exits(0)
        .says("");
    assert_text("import_with_outcomes", &ran.stdout);
    let mut calls: Vec<String> = world
        .sandbox
        .requests()
        .iter()
        .map(|call| format!("{} {}", call.method, call.path))
        .collect();
    assert_eq!(calls.remove(0), "GET /pipeline-secrets");
    // The changes are concurrent, so their order varies.
    calls.sort();
    assert_eq!(
        calls,
        ["POST /pipeline-secrets", "PUT /pipeline-secrets/1001"]
    );
    assert_eq!(list_stored(&world), ["1001 KEY=second", "1002 NEW=a b"]);
}

#[test]
fn a_wrong_column_hides_no_change() {
    let world = start_with_file("secrets.env", FILE);
    let warning = "'--columns' has no effect: the result has no column 'bogus'";
    let line = ["secrets", "import", "secrets.env", "--columns", "bogus"];
    let ran = world.tw(line).exits(0).says_with(warning);
    assert_text("import_with_outcomes", &ran.stdout);
    let line = ["secrets", "delete", "-n", "KEY", "--columns", "bogus"];
    let ran = world.tw(line).exits(0);
    ran.prints_with("Secret 'KEY' deleted");
    let line = ["secrets", "delete", "-n", "NEW", "-o", "csv"];
    let ran = world.tw(line.iter().copied().chain(["--columns", "bogus"]));
    ran.exits(0).says_with(warning).prints_with("NEW");
    assert!(list_stored(&world).is_empty());
    // Nothing was changed.
    let line = ["secrets", "list", "--columns", "bogus"];
    world.tw(line).rejects("the result has no column 'bogus'");
}

#[test]
fn import_prints_the_actions_and_outcomes_as_json() {
    let world = start_with_file("secrets.env", FILE);
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
fn import_dry_run_only_reads() {
    let world = start_with_file("secrets.env", FILE);
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
    assert_eq!(
        list_outcomes(&ran),
        ["KEY update planned", "NEW create planned"]
    );
    world.saw(["GET /pipeline-secrets"]);
}

#[test]
fn import_reports_each_failed_secret_by_name_and_a_second_run_completes_it() {
    let world = start_with_file("secrets.env", "A1=1\nA2=2\nKEY=3\nA3=4\n");
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
        list_outcomes(&ran),
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
fn import_looks_up_a_created_secret_whose_response_was_lost_and_sets_its_value() {
    let world = start_with_file("secrets.env", "NEW=x\n");
    world.sandbox.fault(
        Fault::on("POST", "/pipeline-secrets")
            .reset_after()
            .times(1),
    );
    let ran = world
        .tw(["secrets", "import", "secrets.env", "-o", "json"])
        .exits(0)
        .says("");
    assert_eq!(list_outcomes(&ran), ["NEW create done"]);
    world.saw([
        "GET /pipeline-secrets",
        "POST /pipeline-secrets",
        "GET /pipeline-secrets",
        "PUT /pipeline-secrets/1002",
    ]);
    assert_eq!(list_stored(&world), ["1001 KEY=first", "1002 NEW=x"]);
}

#[test]
fn import_reports_unknown_if_a_create_is_not_in_the_list_yet() {
    // A lost creation is sent once more. A gateway that answered may still be waiting for the API.
    let faults = [
        (Fault::on("POST", "/pipeline-secrets").reset_before(), 2),
        (Fault::on("POST", "/pipeline-secrets").status(504), 1),
        (Fault::on("POST", "/pipeline-secrets").not_json(), 1),
    ];
    for (fault, sent) in faults {
        let world = start_with_file("secrets.env", "NEW=x\nKEY=y\n");
        world.sandbox.fault(fault);
        let ran = world
            .tw(["secrets", "import", "secrets.env", "-o", "json"])
            .exits(1);
        assert_eq!(
            list_outcomes(&ran),
            ["NEW create unknown", "KEY update done"]
        );
        assert_eq!(world.sandbox.hits("POST", "/pipeline-secrets"), sent);
        assert_eq!(list_stored(&world), ["1001 KEY=y"]);
    }
}

#[test]
fn import_sends_a_lost_create_again_if_the_secret_does_not_exist() {
    let world = start_with_file("secrets.env", "NEW=x\nNEXT=y\n");
    let lost = Fault::on("POST", "/pipeline-secrets").reset_before();
    world.sandbox.fault(lost.times(2));
    world
        .tw(["secrets", "import", "secrets.env"])
        .exits(0)
        .says("");
    assert_eq!(world.sandbox.hits("GET", "/pipeline-secrets"), 2);
    assert_eq!(world.sandbox.hits("POST", "/pipeline-secrets"), 4);
    assert_eq!(world.sandbox.secrets(None).len(), 3);
}

#[test]
fn import_updates_a_secret_that_the_first_of_two_creates_made_late() {
    let world = start_with_file("secrets.env", "NEW=x\n");
    // The first answer is lost, and the list doesn't have the secret yet.
    let post = || Fault::on("POST", "/pipeline-secrets");
    world.sandbox.fault(post().times(1).reset_after());
    let empty = Fault::on("GET", "/pipeline-secrets").json(r#"{"pipelineSecrets": []}"#);
    world.sandbox.fault(empty.after(1).times(1));
    world
        .tw(["secrets", "import", "secrets.env"])
        .exits(0)
        .says("");
    assert_eq!(world.sandbox.hits("POST", "/pipeline-secrets"), 2);
    assert_eq!(world.sandbox.hits("PUT", "/pipeline-secrets/1002"), 1);
    assert_eq!(list_stored(&world), ["1001 KEY=first", "1002 NEW=x"]);
}

#[test]
fn import_reports_unknown_if_a_create_was_made_and_its_update_fails() {
    let world = start_with_file("secrets.env", "NEW=x\n");
    let lost = Fault::on("POST", "/pipeline-secrets").reset_after();
    world.sandbox.fault(lost);
    let refused = Fault::on("PUT", "*").status(403);
    let refused = refused.json(r#"{"message": "Not yours to change"}"#);
    world.sandbox.fault(refused);
    let ran = world
        .tw(["secrets", "import", "secrets.env", "-o", "json"])
        .exits(1)
        .says_with("0 of 1 secrets are done; 0 failed, 1 unknown, 0 not sent");
    assert_eq!(list_outcomes(&ran), ["NEW create unknown"]);
    let problem = ran.json()["secrets"][0]["problem"].to_string();
    for reason in [
        "POST /pipeline-secrets was sent, and its outcome is unknown",
        "; Not yours to change",
    ] {
        assert!(problem.contains(reason), "{problem}");
    }
}

#[test]
fn import_reports_failed_if_another_run_created_the_secret_and_the_update_fails() {
    let world = start_with_file("secrets.env", "KEY=x\n");
    let empty = Fault::on("GET", "/pipeline-secrets").json(r#"{"pipelineSecrets": []}"#);
    world.sandbox.fault(empty.times(1));
    world.sandbox.fault(Fault::on("PUT", "*").status(403));
    let ran = world
        .tw(["secrets", "import", "secrets.env", "-o", "json"])
        .exits(1);
    assert_eq!(list_outcomes(&ran), ["KEY create failed"]);
    assert_eq!(list_stored(&world), ["1001 KEY=first"]);
}

#[test]
fn import_names_at_most_20_secrets_with_an_invalid_name() {
    let file: String = (0..100).map(|at| format!("NAME-{at}=x\n")).collect();
    let world = start_with_file("secrets.env", &file);
    world
        .tw(["secrets", "import", "secrets.env"])
        .exits(1)
        .says_with("line 20: 'NAME-19': ")
        .never_shows("line 21: ")
        .says_with("'NAME_19' and 80 more\n");
}

#[test]
fn import_succeeds_if_a_gateway_timed_out_after_the_create() {
    let world = start_with_file("secrets.env", "NEW=x\n");
    let fault = Fault::on("POST", "/pipeline-secrets").status(504);
    world.sandbox.fault(fault.processed());
    world
        .tw(["secrets", "import", "secrets.env"])
        .exits(0)
        .says("");
    assert_eq!(list_stored(&world), ["1001 KEY=first", "1002 NEW=x"]);
}

#[test]
fn concurrent_imports_of_the_same_file_both_succeed() {
    let world = start_with_file("secrets.env", "");
    let file: String = (0..40).map(|at| format!("NAME_{at}=x\n")).collect();
    write(&world, "secrets.env", file);
    // Each import gets an empty list, so both try to create every secret.
    let empty = Fault::on("GET", "/pipeline-secrets").json(r#"{"pipelineSecrets": []}"#);
    world.sandbox.fault(empty.times(2));
    let import = || world.command(["secrets", "import", "secrets.env"]).start();
    let both = [import(), import()];
    for running in both {
        running.ends().exits(0).says("");
    }
    assert_eq!(world.sandbox.hits("POST", "/pipeline-secrets"), 80);
    assert_eq!(world.sandbox.secrets(None).len(), 41);
}

#[test]
fn import_reports_unknown_if_the_list_cannot_be_read() {
    let world = start_with_file("secrets.env", "NEW=x\n");
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
    assert_eq!(list_outcomes(&ran), ["NEW create unknown"]);
}

#[test]
fn import_writes_to_the_workspace_or_with_user_to_the_user() {
    let world = start_with_file("secrets.env", "NEW=x\n");
    world
        .tw(["secrets", "import", "secrets.env", "-w", "100"])
        .exits(0)
        .prints_with("at [acme / research] workspace");
    assert_eq!(crate::list_stored_in(&world, Some(100)), ["1002 NEW=x"]);
    let line = world
        .command(["secrets", "import", "secrets.env", "--user"])
        .env("TOWER_WORKSPACE_ID", "100");
    line.run().exits(0);
    assert_eq!(list_stored(&world), ["1001 KEY=first", "1003 NEW=x"]);
}

#[test]
fn import_keeps_the_rate_limit() {
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
fn import_shows_progress_on_a_terminal() {
    let world = start_with_file("secrets.env", "A1=1\nA2=2\nA3=3\n");
    // The server refuses all creates but the first until the test has seen the progress.
    let full = Fault::on("POST", "*").after(1).status(429);
    world.sandbox.fault(full.header("Retry-After", "1"));
    let line = world.command(["secrets", "import", "secrets.env", "--retries", "10"]);
    let terminal = tw_tests::Terminal::start(line)
        .until("Secrets at user workspace")
        .until("1/3");
    world.sandbox.clear_faults();
    terminal.ends().exits(0).works_as_before();
    assert_eq!(world.sandbox.secrets(None).len(), 4);
}
