//! `tw secrets view`: its output to the byte, and its requests.

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::World;

use crate::{USER, WORKSPACES, assert_text, start_with_secret, start_with_workspace_secret};

#[test]
fn view_by_name_takes_one_request() {
    let world = start_with_secret();
    let ran = world.tw(["secrets", "view", "-n", "KEY"]).exits(0).says("");
    assert_text("view", &ran.stdout);
    world.saw(["GET /pipeline-secrets"]);
}

#[test]
fn view_by_id_takes_one_request() {
    let world = start_with_secret();
    let ran = world
        .tw(["secrets", "view", "-i", "1001"])
        .exits(0)
        .says("");
    assert_text("view", &ran.stdout);
    world.saw(["GET /pipeline-secrets/1001"]);
}

#[test]
fn view_in_a_workspace_prints_json() {
    let world = start_with_workspace_secret();
    let line = "-o json secrets view -n KEY -w acme/research";
    let ran = world.tw(line.split(' ')).exits(0).says("");
    assert_text("view_json", &ran.stdout);
    world.saw([USER, WORKSPACES, "GET /pipeline-secrets?workspaceId=100"]);
    let line = "-o json secrets view -i 1001 -w 100";
    let ran = world.tw(line.split(' ')).exits(0).says("");
    assert_text("view_json", &ran.stdout);
    world.saw([
        USER,
        WORKSPACES,
        "GET /pipeline-secrets/1001?workspaceId=100",
    ]);
}

#[test]
fn view_leaves_missing_dates_empty() {
    let world = World::with(Sandbox::builder().secret(Secret::new("KEY", "x").undated()));
    let ran = world.tw(["secrets", "view", "-n", "KEY"]).exits(0).says("");
    assert_text("view_without_dates", &ran.stdout);
}

#[test]
fn view_accepts_every_64_bit_id() {
    for id in [i64::MIN, -5, 0, i64::MAX] {
        let world = World::with(Sandbox::builder().secret(Secret::new("KEY", "x").id(id)));
        let number = id.to_string();
        world
            .tw(["secrets", "view", "-i", &number])
            .exits(0)
            .prints_with(&format!("| {number} "));
        world
            .tw(["secrets", "view", &format!("--id={number}")])
            .exits(0);
    }
}

#[test]
fn a_response_with_another_id_is_refused() {
    for command in [
        &["view", "-i", "7"][..],
        &["delete", "-i", "7"],
        &["update", "-v", "a new value", "-i", "7"],
    ] {
        let world = start_with_secret();
        let other = r#"{"pipelineSecret":{"id":1001,"name":"KEY"}}"#;
        world
            .sandbox
            .fault(Fault::on("GET", "/pipeline-secrets/7").json(other));
        world
            .tw([&["secrets"], command].concat())
            .fails("the server gave another secret than 7");
        world.saw(["GET /pipeline-secrets/7"]);
    }
}

#[test]
fn view_reports_an_unknown_secret_and_where_it_looked() {
    let world = start_with_workspace_secret();
    world
        .tw(["secrets", "view", "-n", "OTHER"])
        .fails("Unknown secret 'OTHER' at user workspace");
    world
        .tw(["secrets", "view", "-i", "7"])
        .fails("Unknown secret '7' at user workspace");
    world
        .tw(["secrets", "view", "-n", "key", "-w", "100"])
        .fails("Unknown secret 'key' at [acme / research] workspace");
    world
        .tw(["secrets", "view", "-i", "-5", "-w", "100"])
        .fails("Unknown secret '-5' at [acme / research] workspace");
}

#[test]
fn view_reports_the_servers_refusal_of_a_secret_of_another_workspace() {
    let world = start_with_workspace_secret();
    world
        .tw(["secrets", "view", "-i", "1001"])
        .fails("Secret 1001 belongs to another context");
}
