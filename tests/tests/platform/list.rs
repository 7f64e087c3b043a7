//! `tw secrets list`: its output to the byte, and its requests.

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::World;

use crate::{USER, WORKSPACES, assert_text, start_with_secret, start_with_workspace_secret};

#[test]
fn list_without_secrets_prints_no_secrets_found() {
    let world = World::new();
    world
        .tw(["secrets", "list"])
        .exits(0)
        .prints("\n  Secrets at user workspace:\n\n    No secrets found\n")
        .says("");
    world.saw(["GET /pipeline-secrets"]);
}

#[test]
fn list_without_secrets_prints_an_empty_json_array() {
    let world = World::new();
    let ran = world
        .tw(["-o", "json", "secrets", "list", "-w", "100"])
        .exits(0)
        .says("");
    assert_text("list_json_without_secrets", &ran.stdout);
    world.saw([USER, WORKSPACES, "GET /pipeline-secrets?workspaceId=100"]);
}

#[test]
fn list_prints_the_table_of_the_contract_to_the_byte() {
    let secret = Secret::new("name01", "value")
        .id(5002114781502)
        .created("2022-10-05T12:42:21Z")
        .updated("2022-10-25T13:21:15Z");
    let world = World::with(Sandbox::builder().secret(secret));
    let ran = world.tw(["secrets", "list"]).exits(0).says("");
    assert_text("list_example_of_the_contract", &ran.stdout);
}

#[test]
fn list_prints_the_secrets_of_a_workspace_under_its_name() {
    let world = start_with_workspace_secret();
    let ran = world
        .tw(["secrets", "list", "-w", "acme/research"])
        .exits(0)
        .says("");
    assert_text("list_of_a_workspace", &ran.stdout);
    world.saw([USER, WORKSPACES, "GET /pipeline-secrets?workspaceId=100"]);
}

#[test]
fn list_json_keeps_the_order_of_keys_and_omits_nulls() {
    let used = Secret::new("used", "x")
        .id(2)
        .created("2022-10-05T12:42:21.123Z")
        .updated("2022-10-25T13:21:15+02:00")
        .used("2023-01-01T00:00:00Z");
    let world = World::with(
        Sandbox::builder()
            .secret(Secret::new("undated", "x").id(1).undated())
            .secret(used),
    );
    let ran = world
        .tw(["-o", "json", "secrets", "list"])
        .exits(0)
        .says("");
    assert_text("list_json_with_and_without_dates", &ran.stdout);
    world.saw(["GET /pipeline-secrets"]);
}

#[test]
fn list_sorts_ids_as_text_and_prints_dates_in_gmt() {
    let secret = |id: i64, name: &str| Secret::new(name, "x").id(id).undated();
    let world = World::with(
        Sandbox::builder()
            .secret(secret(20, "second"))
            .secret(secret(9, "last").created("2022-10-25T01:21:15+02:00"))
            .secret(secret(100, "first").used("2022-01-02T03:04:05.678Z")),
    );
    let ran = world.tw(["secrets", "list"]).exits(0).says("");
    assert_text("list_sorted_by_id_as_text", &ran.stdout);
}

#[test]
fn list_ignores_unknown_fields_of_the_response() {
    let body = r#"{"next": {"page": 2}, "pipelineSecrets": [{"name": "KEY", "color": "red"}], "totalSize": "many"}"#;
    let world =
        World::with(Sandbox::builder().fault(Fault::on("GET", "/pipeline-secrets").json(body)));
    let ran = world.tw(["secrets", "list"]).exits(0).says("");
    assert_text("list_of_a_secret_with_only_a_name", &ran.stdout);
    let ran = world.tw(["secrets", "list", "-o", "json"]).exits(0);
    assert_text("list_json_of_a_secret_with_only_a_name", &ran.stdout);
}

#[test]
fn list_keeps_secrets_of_the_user_and_of_a_workspace_apart() {
    let world = start_with_secret();
    world
        .tw(["secrets", "list", "-w", "100"])
        .exits(0)
        .prints_with("No secrets found");
    world.tw(["secrets", "list"]).exits(0).prints_with(" KEY ");
}

#[test]
fn list_sends_the_token_and_a_user_agent() {
    let world = World::new();
    world.tw(["secrets", "list"]).exits(0);
    let requests = world.sandbox.requests();
    assert_eq!(
        requests[0].header("authorization"),
        Some("Bearer tw-sandbox-demo-token")
    );
    let agent = requests[0].header("user-agent").unwrap_or_default();
    assert!(agent.starts_with("tw/"), "{agent}");
}
