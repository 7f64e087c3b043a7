//! A server that refuses: every command reports the error, exits with 1, and prints nothing on standard output.

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::World;

use crate::list_stored;

/// Every command of both bundled plugins. `KEY`, ID 1001, exists; `NEW` doesn't.
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

/// Starts a world with `KEY` and this fault.
fn start_with_fault(fault: Fault) -> World {
    World::with(
        Sandbox::builder()
            .secret(Secret::new("KEY", "first"))
            .fault(fault),
    )
}

/// Asserts that every command fails with this message, with either output format, and changes nothing.
#[track_caller]
fn assert_all_fail(fault: Fault, message: &str) {
    let world = start_with_fault(fault);
    for command in COMMANDS {
        world.tw(command.iter().copied()).fails(message);
    }
    world.tw(["-o", "json", "secrets", "list"]).fails(message);
    assert_eq!(list_stored(&world), ["1001 KEY=first"]);
}

const UNAUTHORIZED: &str =
    "Unauthorized. Check your access token, workspace id and tower server url.";

fn on_any_request() -> Fault {
    Fault::on("*", "*")
}

#[test]
fn status_401_has_its_own_message() {
    assert_all_fail(on_any_request().status(401).empty(), UNAUTHORIZED);
    assert_all_fail(
        on_any_request()
            .status(401)
            .json(r#"{"message": "another text"}"#),
        UNAUTHORIZED,
    );
}

#[test]
fn an_unknown_token_is_unauthorized() {
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
fn status_403_shows_the_servers_message_or_forbidden() {
    assert_all_fail(on_any_request().status(403).empty(), "Forbidden");
    assert_all_fail(
        on_any_request()
            .status(403)
            .html("<h1>Forbidden by the proxy</h1>"),
        "Forbidden",
    );
    assert_all_fail(
        on_any_request().status(403).json(r#"{"message": ""}"#),
        "Forbidden",
    );
    assert_all_fail(
        on_any_request()
            .status(403)
            .json(r#"{"message": "Access token expired"}"#),
        "Access token expired",
    );
}

#[test]
fn an_error_shows_the_servers_message() {
    for status in [400, 409, 418, 500] {
        assert_all_fail(
            on_any_request()
                .status(status)
                .json(r#"{"message": "What the server says", "code": 7}"#),
            "What the server says",
        );
    }
}

#[test]
fn a_status_without_a_message_is_reported_with_its_request() {
    for (status, body) in [
        (400, ""),
        (404, "<h1>Not Found</h1>"),
        (500, ""),
        (500, "<h1>Oops</h1>"),
        (501, r#"{"error": 1}"#),
    ] {
        let world = start_with_fault(on_any_request().status(status).html(body));
        for command in COMMANDS
            .into_iter()
            .filter(|command| !command.contains(&"-i"))
        {
            let ran = world.tw(command.iter().copied());
            let request = world.sandbox.requests().pop();
            let request = request.expect("every command sends a request");
            ran.fails_with(&format!("status {status}"))
                .says_with(&format!("{} {}", request.method, request.path))
                .never_shows("<h1>");
        }
        assert_eq!(list_stored(&world), ["1001 KEY=first"]);
    }
}

#[test]
fn a_page_for_people_is_named_with_the_address_of_the_api() {
    let page = "an HTML page: the address of the API may lack `/api` at its end";
    for (fault, message) in [
        (
            on_any_request().status(200).html("<html>Log in</html>"),
            format!("The server's answer to GET /pipeline-secrets is {page}"),
        ),
        (
            on_any_request().status(404).html("<h1>Not Found</h1>"),
            format!("The server answered GET /pipeline-secrets with status 404 and {page}"),
        ),
    ] {
        start_with_fault(fault)
            .tw(["secrets", "list"])
            .fails(&message);
    }
    let world = start_with_fault(on_any_request().status(404).html("<h1>Not Found</h1>"));
    world.tw(["secrets", "list", "-w", "100"]).fails(&format!(
        "The server answered GET /user-info with status 404 and {page}"
    ));
}

#[test]
fn a_long_message_of_a_server_is_cut() {
    let message = "x".repeat(60_000);
    let body = format!(r#"{{"message": "{message}"}}"#);
    for status in [400, 403, 500] {
        let world = start_with_fault(on_any_request().status(status).json(&body));
        for command in COMMANDS {
            let ran = world.tw(command.iter().copied()).says_with("xxx");
            assert!(ran.stdout.len() + ran.stderr.len() < 3000, "{ran}");
        }
    }
}

#[test]
fn a_small_answer_with_millions_of_entries_is_refused() {
    let list = format!("{{\"pipelineSecrets\":[{}", "{},".repeat(1_000_000));
    let world = start_with_fault(on_any_request().json(&list));
    world
        .tw(["secrets", "list"])
        .fails("The server's answer to GET /pipeline-secrets has more than 1000000 values");
}

#[test]
fn a_list_that_is_not_found_is_an_error() {
    assert_all_fail_except_by_id(
        on_any_request()
            .status(404)
            .json(r#"{"message": "No such page"}"#),
        "No such page",
    );
}

/// Asserts that every command fails with this message, except those that name a secret by its ID.
///
/// A 404 for an ID has a message of its own: `Unknown secret`.
#[track_caller]
fn assert_all_fail_except_by_id(fault: Fault, message: &str) {
    let world = start_with_fault(fault);
    for command in COMMANDS
        .into_iter()
        .filter(|command| !command.contains(&"-i"))
    {
        world.tw(command.iter().copied()).fails(message);
    }
}

#[test]
fn a_missing_token_is_reported_before_any_request() {
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
fn a_token_with_control_characters_is_refused_without_showing_it() {
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
fn plain_http_without_insecure_is_refused_before_any_request() {
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
fn a_workspace_without_access_is_reported() {
    let world = World::with(Sandbox::builder().fault(Fault::on("GET", "/user/1/workspaces").json(
        r#"{"orgsAndWorkspaces": [{"orgId": 1, "orgName": "o", "workspaceId": 555, "workspaceName": "w"}]}"#,
    )));
    world
        .tw(["secrets", "list", "-w", "o/w"])
        .fails("User 'demo' has no access to workspace 555");
}
