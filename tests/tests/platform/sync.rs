//! `tw secrets sync`: it writes the secrets of a file and, with `--prune`, deletes those that are not in the file.

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::World;

use crate::{file::write, list_stored};

const FILE: &str = "KEY=second\nNEW=x\n";

/// Starts a world with the secrets `KEY` and `OLD` and this file.
fn start_with_old_secret(text: &str) -> World {
    let world = World::with(
        Sandbox::builder()
            .secret(Secret::new("KEY", "first"))
            .secret(Secret::new("OLD", "old")),
    );
    write(&world, "secrets.env", text);
    world
}

#[test]
fn sync_deletes_nothing_without_prune() {
    let world = start_with_old_secret(FILE);
    world
        .tw(["secrets", "sync", "secrets.env"])
        .exits(0)
        .says("");
    assert_eq!(
        list_stored(&world),
        ["1001 KEY=second", "1002 OLD=old", "1003 NEW=x"]
    );
}

#[test]
fn sync_with_prune_deletes_secrets_that_are_not_in_the_file_last() {
    let world = start_with_old_secret(FILE);
    world
        .tw(["secrets", "sync", "secrets.env", "--prune", "--yes"])
        .exits(0)
        .says("")
        .prints_with("     OLD  | delete | done    \n");
    assert_eq!(list_stored(&world), ["1001 KEY=second", "1003 NEW=x"]);
    let last = world
        .sandbox
        .requests()
        .pop()
        .expect("the server saw requests");
    assert_eq!(
        (last.method.as_str(), last.path.as_str()),
        ("DELETE", "/pipeline-secrets/1002")
    );
    // The second run has nothing to delete: it lists once and writes two secrets.
    world.sandbox.clear_requests();
    world
        .tw(["secrets", "sync", "secrets.env", "--prune", "--yes"])
        .exits(0);
    assert_eq!(world.sandbox.requests().len(), 3);
}

#[test]
fn sync_dry_run_only_reads_and_asks_nothing() {
    let world = start_with_old_secret(FILE);
    world
        .tw(["secrets", "sync", "secrets.env", "--prune", "--dry-run"])
        .exits(0)
        .says("")
        .prints_with("     OLD  | delete | planned \n");
    world.saw(["GET /pipeline-secrets"]);
}

#[test]
fn sync_with_prune_needs_yes_without_a_terminal() {
    let world = start_with_old_secret(FILE);
    world
        .tw(["secrets", "sync", "secrets.env", "--prune"])
        .rejects("'--yes' confirms '--prune'");
    world.saw([]);
    world
        .tw(["secrets", "sync", "secrets.env", "--yes"])
        .rejects("--prune");
}

#[cfg(unix)]
#[test]
fn sync_with_prune_asks_on_a_terminal() {
    let world = start_with_old_secret(FILE);
    let answer = |key: &str| {
        let line = world.command(["secrets", "sync", "secrets.env", "--prune"]);
        tw_tests::Terminal::start(line)
            .until("Delete secrets at user workspace that are not in the file: OLD?")
            .types(key)
            .ends()
    };
    answer("n\r").exits(1).showed("Nothing was changed");
    assert_eq!(list_stored(&world), ["1001 KEY=first", "1002 OLD=old"]);
    answer("y\r").exits(0);
    assert_eq!(list_stored(&world), ["1001 KEY=second", "1003 NEW=x"]);
}

#[test]
fn sync_with_prune_refuses_a_file_without_secrets() {
    for text in ["", "# nothing\n"] {
        let world = start_with_old_secret(text);
        world
            .tw(["secrets", "sync", "secrets.env", "--prune", "--yes"])
            .rejects("the file has no secrets, and '--prune' would delete all existing ones");
        world.saw([]);
        world
            .tw(["secrets", "sync", "secrets.env"])
            .exits(0)
            .says_with("there are no secrets in the file")
            .prints_with("No secrets to change");
    }
}

#[test]
fn sync_deletes_nothing_if_a_secret_could_not_be_written() {
    let world = start_with_old_secret(FILE);
    world
        .sandbox
        .fault(Fault::on("POST", "/pipeline-secrets").status(400));
    world
        .tw(["secrets", "sync", "secrets.env", "--prune", "--yes"])
        .exits(1)
        .prints_with("| delete | not sent |")
        .says_with("1 of 3 secrets are done; 1 failed, 0 unknown, 1 not sent");
    assert_eq!(world.sandbox.hits("DELETE", "*"), 0);
    assert_eq!(list_stored(&world), ["1001 KEY=second", "1002 OLD=old"]);
}

#[test]
fn sync_succeeds_if_a_secret_was_already_deleted() {
    let world = start_with_old_secret(FILE);
    // The server deletes the secret and answers 404, as if a concurrent run had been faster.
    world
        .sandbox
        .fault(Fault::on("DELETE", "*").status(404).processed());
    world
        .tw(["secrets", "sync", "secrets.env", "--prune", "--yes"])
        .exits(0);
    assert_eq!(world.sandbox.secrets(None).len(), 2);
}

#[test]
fn sync_reports_unknown_if_a_deleted_secret_is_still_listed() {
    let world = start_with_old_secret(FILE);
    world.sandbox.fault(
        Fault::on("DELETE", "*")
            .status(404)
            .html("<h1>No route</h1>"),
    );
    world
        .tw(["secrets", "sync", "secrets.env", "--prune", "--yes"])
        .exits(1)
        .prints_with("| delete | unknown |")
        .says_with("2 of 3 secrets are done; 0 failed, 1 unknown, 0 not sent");
    assert_eq!(world.sandbox.secrets(None).len(), 3);
}

#[test]
fn sync_with_prune_refuses_an_empty_list_even_with_allow_empty() {
    for text in [
        "secrets:\n",
        "secrets: []\n",
        "workspaceRef: user\nsecrets:\n",
    ] {
        let world = start_with_old_secret("");
        write(&world, "a.yaml", text);
        let line = [
            "secrets",
            "sync",
            "a.yaml",
            "--prune",
            "--yes",
            "--allow-empty",
        ];
        world.tw(line).rejects("the file has no secrets");
        world.saw([]);
    }
}

#[test]
fn sync_with_prune_never_deletes_what_it_has_written() {
    // The first list shows the secret KEY, ID 1001, by a name that is not in the file.
    for listed in ["", "key", "KEY ", "K\u{200b}EY"] {
        let world = World::with(Sandbox::builder().secret(Secret::new("KEY", "first")));
        write(&world, "secrets.env", "KEY=second\n");
        let list = serde_json::json!({"pipelineSecrets": [{"id": 1001, "name": listed}]});
        let list = Fault::on("GET", "/pipeline-secrets").json(&list.to_string());
        world.sandbox.fault(list.times(1));
        world
            .tw(["secrets", "sync", "secrets.env", "--prune", "--yes"])
            .exits(1)
            .prints_with("| delete | not sent | the server listed its ID with this name, and now gives the ID to 'KEY' ")
            .says_with("1 of 2 secrets are done; 0 failed, 0 unknown, 1 not sent");
        assert_eq!(world.sandbox.hits("DELETE", "*"), 0);
        assert_eq!(list_stored(&world), ["1001 KEY=second"]);
    }
}

#[test]
fn a_list_that_is_incomplete_or_contradicts_itself_is_shown_and_not_used() {
    let secret = |id: i64, name: &str| serde_json::json!({"id": id, "name": name});
    for (secrets, total, fault) in [
        (
            [secret(1001, "KEY"), secret(1001, "OLD")],
            serde_json::json!(2),
            "The server sent ID 1001 twice, for 'KEY' and for 'OLD'",
        ),
        (
            [secret(1001, "KEY"), secret(1002, "KEY")],
            serde_json::json!(2),
            "The server sent two secrets with the name 'KEY'",
        ),
        (
            [secret(1001, "KEY"), secret(1002, "OLD")],
            serde_json::json!(3),
            "The server sent only 2 of 3 secrets",
        ),
        (
            [secret(1001, "KEY"), secret(1002, "OLD")],
            serde_json::json!("9"),
            "The server sent only 2 of 9 secrets",
        ),
        (
            [secret(1001, "KEY"), secret(1002, "OLD")],
            serde_json::json!(9.0),
            "The server sent only 2 of 9.0 secrets",
        ),
    ] {
        let world = start_with_old_secret(FILE);
        let body = serde_json::json!({"pipelineSecrets": secrets, "totalSize": total});
        let list = Fault::on("GET", "/pipeline-secrets").json(&body.to_string());
        world.sandbox.fault(list);
        for line in [
            "sync secrets.env --prune --yes",
            "import secrets.env",
            "export",
            "delete -n NOWHERE --ignore-missing",
            "delete -n KEY",
            "view -n KEY",
            "update -n KEY -v x",
            "add -n KEY -v x --overwrite",
        ] {
            world
                .tw(["secrets"].into_iter().chain(line.split(' ')))
                .fails(fault);
        }
        world
            .tw(["secrets", "list"])
            .exits(0)
            .prints_with("| KEY  |")
            .says_with(fault);
        world.tw(["secrets", "view", "-i", "1001"]).exits(0);
        assert_eq!(list_stored(&world), ["1001 KEY=first", "1002 OLD=old"]);
    }
}

#[test]
fn a_long_name_in_a_wrong_list_is_cut() {
    let world = start_with_old_secret(FILE);
    let name = "N".repeat(5_000_000);
    let secret = |name: &str| serde_json::json!({"id": 1001, "name": name});
    let body = serde_json::json!({"pipelineSecrets": [secret(&name), secret("KEY")]});
    let list = Fault::on("GET", "/pipeline-secrets").json(&body.to_string());
    world.sandbox.fault(list);
    let cut = "N".repeat(100);
    world.tw(["secrets", "export"]).fails(&format!(
        "The server sent ID 1001 twice, for '{cut}…' and for 'KEY'"
    ));
}

#[test]
fn sync_with_prune_deletes_nothing_that_a_later_list_gives_another_name() {
    // The first list has the IDs of OLD and CERT the wrong way round. The answer to a creation is lost, so the secrets are listed again.
    let world = World::with(
        Sandbox::builder()
            .secret(Secret::new("OLD", "old"))
            .secret(Secret::new("CERT", "first")),
    );
    write(&world, "secrets.env", "CERT=second\nNEW=x\n");
    let wrong =
        r#"{"pipelineSecrets": [{"id": 1001, "name": "CERT"}, {"id": 1002, "name": "OLD"}]}"#;
    let wrong = Fault::on("GET", "/pipeline-secrets").json(wrong);
    world.sandbox.fault(wrong.times(1));
    let lost = Fault::on("POST", "/pipeline-secrets").reset_after();
    world.sandbox.fault(lost.times(1));
    world
        .tw(["secrets", "sync", "secrets.env", "--prune", "--yes"])
        .exits(1)
        .prints_with("CERT | update | unknown ")
        .prints_with("and now gives the ID to 'OLD'")
        .prints_with("OLD  | delete | not sent");
    assert_eq!(world.sandbox.hits("DELETE", "*"), 0);
}

#[test]
fn a_deletion_is_unknown_while_the_list_has_the_id_by_another_name() {
    let world = start_with_old_secret("KEY=second\n");
    let lost = Fault::on("DELETE", "*").reset_before();
    world.sandbox.fault(lost);
    let renamed =
        r#"{"pipelineSecrets": [{"id": 1001, "name": "KEY"}, {"id": 1002, "name": "old"}]}"#;
    let renamed = Fault::on("GET", "/pipeline-secrets").json(renamed);
    world.sandbox.fault(renamed.after(1));
    world
        .tw(["secrets", "sync", "secrets.env", "--prune", "--yes"])
        .exits(1)
        .prints_with("OLD  | delete | unknown ");
}
