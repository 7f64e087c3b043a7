//! A workspace that is made to match a file: what the file has is written, and what it hasn't is deleted when that is wanted.

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::{Terminal, World};

use crate::{file::write, stored};

const FILE: &str = "KEY=second\nNEW=x\n";

/// A world with `KEY` and `OLD`, and this file.
fn with_old(text: &str) -> World {
    let world = World::with(
        Sandbox::builder()
            .secret(Secret::new("KEY", "first"))
            .secret(Secret::new("OLD", "old")),
    );
    write(&world, "secrets.env", text);
    world
}

#[test]
fn nothing_is_deleted_unless_that_is_asked_for() {
    let world = with_old(FILE);
    world
        .tw(["secrets", "sync", "secrets.env"])
        .exits(0)
        .says("");
    assert_eq!(
        stored(&world),
        ["1001 KEY=second", "1002 OLD=old", "1003 NEW=x"]
    );
}

#[test]
fn what_the_file_does_not_have_goes_last() {
    let world = with_old(FILE);
    world
        .tw(["secrets", "sync", "secrets.env", "--prune", "--yes"])
        .exits(0)
        .says("")
        .prints_with("     OLD  | delete | done    \n");
    assert_eq!(stored(&world), ["1001 KEY=second", "1003 NEW=x"]);
    let last = world.sandbox.requests().pop().expect("there were calls");
    assert_eq!(
        (last.method.as_str(), last.path.as_str()),
        ("DELETE", "/pipeline-secrets/1002")
    );
    // The second run finds nothing to delete.
    world.sandbox.clear_requests();
    world
        .tw(["secrets", "sync", "secrets.env", "--prune", "--yes"])
        .exits(0);
    assert_eq!(world.sandbox.requests().len(), 3);
}

#[test]
fn a_plan_deletes_nothing_and_asks_nothing() {
    let world = with_old(FILE);
    world
        .tw(["secrets", "sync", "secrets.env", "--prune", "--dry-run"])
        .exits(0)
        .says("")
        .prints_with("     OLD  | delete | planned \n");
    world.saw(["GET /pipeline-secrets"]);
}

#[test]
fn without_a_terminal_it_must_be_said_that_it_is_meant() {
    let world = with_old(FILE);
    world
        .tw(["secrets", "sync", "secrets.env", "--prune"])
        .misused("'--yes' confirms '--prune'");
    world.saw([]);
    world
        .tw(["secrets", "sync", "secrets.env", "--yes"])
        .misused("--prune");
}

#[cfg(unix)]
#[test]
fn on_a_terminal_it_is_asked() {
    let world = with_old(FILE);
    let asked = |key: &str| {
        let line = world.command(["secrets", "sync", "secrets.env", "--prune"]);
        Terminal::start(line)
            .until("Delete secrets at user workspace that are not in the file: OLD?")
            .types(key)
            .ends()
    };
    asked("n\r").exits(1).showed("Nothing was changed");
    assert_eq!(stored(&world), ["1001 KEY=first", "1002 OLD=old"]);
    asked("y\r").exits(0);
    assert_eq!(stored(&world), ["1001 KEY=second", "1003 NEW=x"]);
}

#[test]
fn a_file_without_secrets_deletes_nothing() {
    for text in ["", "# nothing\n"] {
        let world = with_old(text);
        world
            .tw(["secrets", "sync", "secrets.env", "--prune", "--yes"])
            .misused("the file has no secrets, and '--prune' would delete all existing ones");
        world.saw([]);
        world
            .tw(["secrets", "sync", "secrets.env"])
            .exits(0)
            .says_with("there are no secrets in the file")
            .prints_with("No secrets to change");
    }
}

#[test]
fn nothing_is_deleted_when_something_could_not_be_written() {
    let world = with_old(FILE);
    world
        .sandbox
        .fault(Fault::on("POST", "/pipeline-secrets").status(400));
    world
        .tw(["secrets", "sync", "secrets.env", "--prune", "--yes"])
        .exits(1)
        .prints_with("| delete | not sent |")
        .says_with("1 of 3 secrets are done; 1 failed, 0 unknown, 1 not sent");
    assert_eq!(world.sandbox.hits("DELETE", "*"), 0);
    assert_eq!(stored(&world), ["1001 KEY=second", "1002 OLD=old"]);
}

#[test]
fn what_is_gone_already_is_as_it_should_be() {
    let world = with_old(FILE);
    // As where another run was faster.
    world
        .sandbox
        .fault(Fault::on("DELETE", "*").status(404).processed());
    world
        .tw(["secrets", "sync", "secrets.env", "--prune", "--yes"])
        .exits(0);
    assert_eq!(world.sandbox.secrets(None).len(), 2);
}

#[test]
fn what_is_only_said_to_be_gone_is_not_deleted() {
    let world = with_old(FILE);
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
fn a_template_that_wrote_an_empty_list_deletes_nothing() {
    for text in [
        "secrets:\n",
        "secrets: []\n",
        "workspaceRef: user\nsecrets:\n",
    ] {
        let world = with_old("");
        write(&world, "a.yaml", text);
        let line = [
            "secrets",
            "sync",
            "a.yaml",
            "--prune",
            "--yes",
            "--allow-empty",
        ];
        world.tw(line).misused("the file has no secrets");
        world.saw([]);
    }
}
