//! A server that says no: every command tells it, exits 1, and prints nothing that looks like a result.

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::World;

use crate::stored;

/// Every command of the two plugins, about a secret `KEY`.
pub(crate) const COMMANDS: [&[&str]; 10] = [
    &["secrets", "list"],
    &["secrets", "add", "-n", "NEW", "-v", "some value"],
    &[
        "secrets",
        "add",
        "-n",
        "KEY",
        "-v",
        "some value",
        "--overwrite",
    ],
    &["secrets", "view", "-n", "KEY"],
    &["secrets", "view", "-i", "1001"],
    &["secrets", "update", "-n", "KEY", "-v", "some value"],
    &["secrets", "delete", "-n", "KEY"],
    &["secrets", "list", "-w", "100"],
    &["workspaces", "list"],
    &["organizations", "list"],
];

/// A world in which every request meets this fault.
fn struck(fault: Fault) -> World {
    World::with(
        Sandbox::builder()
            .secret(Secret::new("KEY", "first"))
            .fault(fault),
    )
}

/// Every command fails with this message, console or JSON, and changes nothing.
#[track_caller]
fn all_fail(fault: Fault, message: &str) {
    let world = struck(fault);
    for command in COMMANDS {
        world.tw(command.iter().copied()).fails(message);
    }
    world.tw(["-o", "json", "secrets", "list"]).fails(message);
    assert_eq!(stored(&world), ["1001 KEY=first"]);
}

const UNAUTHORIZED: &str =
    "Unauthorized. Check your access token, workspace id and tower server url.";

fn any() -> Fault {
    Fault::on("*", "*")
}

#[test]
fn unauthorized() {
    all_fail(any().status(401).empty(), UNAUTHORIZED);
    all_fail(
        any().status(401).json(r#"{"message": "another text"}"#),
        UNAUTHORIZED,
    );
}

#[test]
fn a_token_that_is_not_known() {
    let world = World::new();
    for command in COMMANDS {
        world
            .command(command.iter().copied())
            .env("TOWER_ACCESS_TOKEN", "another")
            .run()
            .fails(UNAUTHORIZED);
    }
}

#[test]
fn forbidden() {
    all_fail(any().status(403).empty(), "Forbidden");
    all_fail(
        any().status(403).html("<h1>Forbidden by the proxy</h1>"),
        "Forbidden",
    );
    all_fail(any().status(403).json(r#"{"message": ""}"#), "Forbidden");
    all_fail(
        any()
            .status(403)
            .json(r#"{"message": "Access token expired"}"#),
        "Access token expired",
    );
}

#[test]
fn the_servers_own_message() {
    for status in [400, 409, 418, 500] {
        all_fail(
            any()
                .status(status)
                .json(r#"{"message": "What the server says", "code": 7}"#),
            "What the server says",
        );
    }
}

#[test]
fn a_status_without_a_message_is_told_with_the_call() {
    for (status, body) in [
        (400, ""),
        (404, "<h1>Not Found</h1>"),
        (500, ""),
        (500, "<h1>Oops</h1>"),
        (501, r#"{"error": 1}"#),
    ] {
        let world = struck(any().status(status).html(body));
        for command in COMMANDS
            .into_iter()
            .filter(|command| !command.contains(&"-i"))
        {
            let ran = world.tw(command.iter().copied());
            ran.fails_with(&format!("status {status}"))
                .never_shows("<h1>");
        }
        assert_eq!(stored(&world), ["1001 KEY=first"]);
    }
}

#[test]
fn a_list_that_is_not_found_is_not_an_empty_list() {
    all_but_view_by_number(
        any().status(404).json(r#"{"message": "No such page"}"#),
        "No such page",
    );
}

#[track_caller]
fn all_but_view_by_number(fault: Fault, message: &str) {
    let world = struck(fault);
    for command in COMMANDS
        .into_iter()
        .filter(|command| !command.contains(&"-i"))
    {
        world.tw(command.iter().copied()).fails(message);
    }
}

#[test]
fn without_a_token_nothing_is_asked_of_the_server() {
    let world = World::new();
    let missing =
        "Missing TOWER_ACCESS_TOKEN environment variable or 'tw -t <token> ...' parameter";
    for command in COMMANDS {
        world
            .command(command.iter().copied())
            .without_env("TOWER_ACCESS_TOKEN")
            .run()
            .fails(missing);
        world
            .command(command.iter().copied())
            .env("TOWER_ACCESS_TOKEN", "")
            .run()
            .fails(missing);
    }
    world.saw([]);
}

#[test]
fn a_token_that_no_header_can_carry() {
    let world = World::new();
    for token in ["first line\nX-Injected: yes", "li\r\nne", "nul\u{1}"] {
        let ran = world
            .command(["secrets", "list"])
            .env("TOWER_ACCESS_TOKEN", token)
            .run();
        ran.fails_with("token")
            .never_shows("Injected")
            .never_shows("first line");
    }
    world.saw([]);
}

#[test]
fn over_plain_http_nothing_is_asked_of_the_server() {
    let world = World::new();
    let message = format!(
        "You are trying to connect to an insecure server: {}\n        if you want to force the connection use '--insecure'. NOT RECOMMENDED!",
        world.sandbox.url()
    );
    for command in COMMANDS {
        let tw = world.installation.command(command.iter().copied());
        let tw = tw
            .env("TOWER_API_ENDPOINT", world.sandbox.url())
            .env("TOWER_ACCESS_TOKEN", world.sandbox.token());
        tw.run().fails(&message);
    }
    world.saw([]);
}

#[test]
fn no_workspace_of_somebody_else() {
    let world = World::with(Sandbox::builder().fault(Fault::on("GET", "/user/1/workspaces").json(
        r#"{"orgsAndWorkspaces": [{"orgId": 1, "orgName": "o", "workspaceId": 555, "workspaceName": "w"}]}"#,
    )));
    world
        .tw(["secrets", "list", "-w", "o/w"])
        .fails("User 'demo' has no access to workspace 555");
}
