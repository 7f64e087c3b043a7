//! `tw secrets view`, to the byte.

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::World;

use crate::{USER, WORKSPACES, one_secret, one_secret_in_a_workspace};

const VIEW: &str = concat!(
    "\n  Secret at user workspace:\n\n",
    "    ---------+------------------------------\n",
    "     ID      | 1001                         \n",
    "     Name    | KEY                          \n",
    "     Created | Wed, 5 Oct 2022 12:42:21 GMT \n",
    "     Updated | Wed, 5 Oct 2022 12:42:21 GMT \n",
    "     Used    |                              \n\n",
);

#[test]
fn by_its_name() {
    let world = one_secret();
    world
        .tw(["secrets", "view", "-n", "KEY"])
        .exits(0)
        .prints(VIEW)
        .says("");
    world.saw(["GET /pipeline-secrets"]);
}

#[test]
fn by_its_number() {
    let world = one_secret();
    world
        .tw(["secrets", "view", "-i", "1001"])
        .exits(0)
        .prints(VIEW)
        .says("");
    world.saw(["GET /pipeline-secrets/1001"]);
}

#[test]
fn in_a_workspace_as_json() {
    let world = one_secret_in_a_workspace();
    let json = r#"{
  "workspaceRef": "[acme / research]",
  "secret": {
    "id": 1001,
    "name": "KEY",
    "dateCreated": "2022-10-05T12:42:21Z",
    "lastUpdated": "2022-10-05T12:42:21Z"
  }
}
"#;
    world
        .tw([
            "-o",
            "json",
            "secrets",
            "view",
            "-n",
            "KEY",
            "-w",
            "acme/research",
        ])
        .exits(0)
        .prints(json)
        .says("");
    world.saw([USER, WORKSPACES, "GET /pipeline-secrets?workspaceId=100"]);
    world
        .tw(["-o", "json", "secrets", "view", "-i", "1001", "-w", "100"])
        .exits(0)
        .prints(json)
        .says("");
    world.saw([
        USER,
        WORKSPACES,
        "GET /pipeline-secrets/1001?workspaceId=100",
    ]);
}

#[test]
fn all_that_the_platform_may_leave_out_is_left_empty() {
    let world = World::with(Sandbox::builder().secret(Secret::new("KEY", "x").undated()));
    world
        .tw(["secrets", "view", "-n", "KEY"])
        .exits(0)
        .says("")
        .prints(concat!(
            "\n  Secret at user workspace:\n\n",
            "    ---------+------\n",
            "     ID      | 1001 \n",
            "     Name    | KEY  \n",
            "     Created |      \n",
            "     Updated |      \n",
            "     Used    |      \n\n",
        ));
}

#[test]
fn the_first_and_the_last_number() {
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
fn another_than_was_asked_for_is_left_alone() {
    for command in [
        &["view", "-i", "7"][..],
        &["delete", "-i", "7"],
        &["update", "-v", "a new value", "-i", "7"],
    ] {
        let world = one_secret();
        let other = r#"{"pipelineSecret":{"id":1001,"name":"KEY"}}"#;
        world
            .sandbox
            .fault(Fault::on("GET", "/pipeline-secrets/7").json(other));
        world
            .tw([&["secrets"], command].concat())
            .fails("the server returned secret 1001 instead of 7");
        world.saw(["GET /pipeline-secrets/7"]);
    }
}

#[test]
fn one_that_is_not_there() {
    let world = one_secret_in_a_workspace();
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
fn one_of_another_workspace_is_the_servers_to_refuse() {
    let world = one_secret_in_a_workspace();
    world
        .tw(["secrets", "view", "-i", "1001"])
        .fails("Secret 1001 belongs to another context");
}
