//! The user and the workspace: each is requested once per run, however many threads ask for it.

use serde_json::{Value, json};
use tw_sandbox::{DEMO_TOKEN, Fault, Sandbox, Secret};

use crate::{Probe, set_up, set_up_with};

#[test]
fn the_user_is_requested_once_per_run() {
    let world = set_up();
    let got = world.probe_json(["identity", "whoami", "--threads", "8"]);
    let users = got.as_array().expect("each thread has a user");
    assert_eq!(users.len(), 8);
    assert!(
        users
            .iter()
            .all(|user| user["id"] == 1 && user["name"] == "demo"),
        "{got}"
    );
    world.saw(["GET /user-info"]);
}

#[test]
fn a_rejected_token_is_reported() {
    let world = set_up();
    let command = world
        .probe(["identity", "whoami"])
        .env("TOWER_ACCESS_TOKEN", "another token");
    command
        .run()
        .fails("Unauthorized. Check your access token, workspace id and tower server url.");
    let command = world
        .probe(["identity", "whoami", "--report"])
        .env("TOWER_ACCESS_TOKEN", "another token");
    let got = command.run().exits(0).json();
    assert_eq!(
        (&got["kind"], &got["status"]),
        (&json!("http"), &json!(401))
    );
}

#[test]
fn an_unreadable_user_is_reported_by_its_path_without_the_answer() {
    for (body, what) in [
        (
            r#"{"user":"hunter2"}"#,
            "user: expected an object, found a string",
        ),
        (
            r#"{"user":{"id":1,"hunter2":"hunter2"}}"#,
            "user.userName: missing field",
        ),
    ] {
        let world =
            set_up_with(Sandbox::builder().fault(Fault::on("GET", "/user-info").json(body)));
        let ran = world.tw(["probe", "identity", "whoami"]);
        ran.never_shows("hunter2").fails(&format!(
            "The server's answer to GET /user-info is not of the expected form: {what}"
        ));
    }
}

#[test]
fn a_failed_request_for_the_user_is_repeated() {
    let once = Fault::on("GET", "/user-info").status(503).times(1);
    let world = set_up_with(Sandbox::builder().fault(once));
    let got = world.probe_json(["identity", "whoami", "--again"]);
    assert_eq!(got[0]["name"], "demo");
    world.saw(["GET /user-info", "GET /user-info"]);
}

#[test]
fn the_workspace_is_looked_up_once_per_run() {
    let expected = json!({ "id": 100, "reference": "[acme / research]", "name": "research", "organization_id": 10, "organization": "acme" });
    for option in ["100", "acme/research", " acme / research "] {
        let world = set_up();
        let got = world.probe_json(["identity", "workspace", "--threads", "8", "-w", option]);
        assert_eq!(got, Value::from(vec![expected.clone(); 8]));
        world.saw(["GET /user-info", "GET /user/1/workspaces"]);
    }
}

#[test]
fn without_an_option_the_workspace_is_the_users_own_and_costs_no_request() {
    let world = set_up();
    let got = world.probe_json(["identity", "workspace"]);
    assert_eq!(
        got,
        json!([{ "id": null, "reference": "user", "name": null, "organization_id": null, "organization": null }])
    );
    world.saw([]);
}

#[test]
fn the_environment_names_the_workspace_unless_it_is_empty() {
    let world = set_up();
    let reference = |value: &str| {
        let command = world
            .probe(["identity", "workspace"])
            .env("TOWER_WORKSPACE_ID", value);
        command.run().exits(0).says("").json()[0]["reference"].clone()
    };
    assert_eq!(reference("101"), "[acme / production]");
    assert_eq!(reference(""), "user");
}

#[test]
fn an_unknown_or_malformed_workspace_is_reported() {
    let world = set_up();
    for (option, message) in [
        ("999", "Workspace '999' not found"),
        (
            "acme/none",
            "Workspace 'none' at organization 'acme' not found",
        ),
        ("10", "Workspace '10' not found"),
    ] {
        world
            .tw(["probe", "identity", "workspace", "-w", option])
            .fails(message);
    }
    world.sandbox.clear_requests();
    for option in ["acme", "a/b/c", "/", "acme/"] {
        let message = format!(
            "Invalid workspace parameter '{option}'. Expected format '<organization_name>/<workspace_name>' or '<workspace_numeric_identifier>'."
        );
        world
            .tw(["probe", "identity", "workspace", "-w", option])
            .fails(&message);
    }
    world.saw([]);
}

#[test]
fn a_plugin_that_declares_the_token_gets_it() {
    let world = set_up();
    assert_eq!(world.probe_json(["identity", "token"]), DEMO_TOKEN);
    let ran = world.tw(["probe", "identity", "token", "--leak"]);
    ran.fails("the token is [redacted]");
    let command = world
        .probe(["identity", "token"])
        .without_env("TOWER_ACCESS_TOKEN");
    command
        .run()
        .fails("Missing TOWER_ACCESS_TOKEN environment variable or 'tw -t <token> ...' parameter");
    world.saw([]);
}

#[test]
fn concurrent_threads_get_their_own_answers() {
    let sandbox = (0..8).fold(Sandbox::builder(), |sandbox, id| {
        sandbox.secret(Secret::new(&format!("secret-{id}"), "x").id(id))
    });
    let world = set_up_with(sandbox);
    let got = world.probe_json(["identity", "mixed", "--threads", "8", "--calls", "50"]);
    assert_eq!(got, json!([50, 50, 50, 50, 50, 50, 50, 50]));
    assert_eq!(world.sandbox.hits("GET", "/user-info"), 1);
    let secrets = world
        .sandbox
        .requests()
        .iter()
        .filter(|request| request.path.starts_with("/pipeline-secrets/"))
        .count();
    assert_eq!(secrets, 8 * 12);
}

#[test]
fn a_plugin_knows_the_endpoint_the_format_and_the_terminal() {
    let world = set_up();
    let command = world.command(["-o", "json", "probe-context"]).env(
        "TOWER_API_ENDPOINT",
        format!("{}/api/", world.sandbox.url()),
    );
    let expected = json!({ "endpoint": format!("{}/api", world.sandbox.url()), "format": "json", "terminal": false });
    assert_eq!(command.run().exits(0).says("").json(), expected);
    world
        .tw(["probe-context"])
        .exits(0)
        .prints("\n  see the JSON\n\n");
}
