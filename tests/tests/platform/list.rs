//! `tw secrets list`, to the byte.

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::World;

use crate::{USER, WORKSPACES, one_secret, one_secret_in_a_workspace};

#[test]
fn an_empty_list() {
    let world = World::new();
    world
        .tw(["secrets", "list"])
        .exits(0)
        .prints("\n  Secrets at user workspace:\n\n    No secrets found\n")
        .says("");
    world.saw(["GET /pipeline-secrets"]);
}

#[test]
fn an_empty_list_of_a_workspace_as_json() {
    let world = World::new();
    world
        .tw(["-o", "json", "secrets", "list", "-w", "100"])
        .exits(0)
        .prints("{\n  \"workspaceRef\": \"[acme / research]\",\n  \"secrets\": []\n}\n")
        .says("");
    world.saw([USER, WORKSPACES, "GET /pipeline-secrets?workspaceId=100"]);
}

#[test]
fn a_list() {
    let secret = Secret::new("name01", "value")
        .id(5002114781502)
        .created("2022-10-05T12:42:21Z")
        .updated("2022-10-25T13:21:15Z");
    let world = World::with(Sandbox::builder().secret(secret));
    world.tw(["secrets", "list"]).exits(0).says("").prints(concat!(
        "\n  Secrets at user workspace:\n\n",
        "     ID            | Name   | Created                      | Updated                       | Used \n",
        "    ---------------+--------+------------------------------+-------------------------------+------\n",
        "     5002114781502 | name01 | Wed, 5 Oct 2022 12:42:21 GMT | Tue, 25 Oct 2022 13:21:15 GMT |      \n\n",
    ));
}

#[test]
fn a_list_of_a_workspace() {
    let world = one_secret_in_a_workspace();
    world.tw(["secrets", "list", "-w", "acme/research"]).exits(0).says("").prints(concat!(
        "\n  Secrets at [acme / research] workspace:\n\n",
        "     ID   | Name | Created                      | Updated                      | Used \n",
        "    ------+------+------------------------------+------------------------------+------\n",
        "     1001 | KEY  | Wed, 5 Oct 2022 12:42:21 GMT | Wed, 5 Oct 2022 12:42:21 GMT |      \n\n",
    ));
    world.saw([USER, WORKSPACES, "GET /pipeline-secrets?workspaceId=100"]);
}

#[test]
fn the_keys_of_the_json_stand_in_their_order_and_nulls_are_left_out() {
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
    world
        .tw(["-o", "json", "secrets", "list"])
        .exits(0)
        .says("")
        .prints(
            r#"{
  "workspaceRef": "user",
  "secrets": [
    {
      "id": 1,
      "name": "undated"
    },
    {
      "id": 2,
      "name": "used",
      "lastUsed": "2023-01-01T00:00:00Z",
      "dateCreated": "2022-10-05T12:42:21.123Z",
      "lastUpdated": "2022-10-25T13:21:15+02:00"
    }
  ]
}
"#,
        );
    world.saw(["GET /pipeline-secrets"]);
}

#[test]
fn rows_are_sorted_by_their_numbers_as_text_and_dates_are_told_in_gmt() {
    let secret = |id: i64, name: &str| Secret::new(name, "x").id(id).undated();
    let world = World::with(
        Sandbox::builder()
            .secret(secret(20, "second"))
            .secret(secret(9, "last").created("2022-10-25T01:21:15+02:00"))
            .secret(secret(100, "first").used("2022-01-02T03:04:05.678Z")),
    );
    world.tw(["secrets", "list"]).exits(0).says("").prints(concat!(
        "\n  Secrets at user workspace:\n\n",
        "     ID  | Name   | Created                       | Updated | Used                         \n",
        "    -----+--------+-------------------------------+---------+------------------------------\n",
        "     100 | first  |                               |         | Sun, 2 Jan 2022 03:04:05 GMT \n",
        "     20  | second |                               |         |                              \n",
        "     9   | last   | Mon, 24 Oct 2022 23:21:15 GMT |         |                              \n\n",
    ));
}

#[test]
fn what_the_server_says_beyond_our_knowledge_is_passed_over() {
    let body = r#"{"next": {"page": 2}, "pipelineSecrets": [{"name": "KEY", "color": "red"}], "totalSize": "many"}"#;
    let world =
        World::with(Sandbox::builder().fault(Fault::on("GET", "/pipeline-secrets").json(body)));
    world
        .tw(["secrets", "list"])
        .exits(0)
        .says("")
        .prints(concat!(
            "\n  Secrets at user workspace:\n\n",
            "     ID | Name | Created | Updated | Used \n",
            "    ----+------+---------+---------+------\n",
            "        | KEY  |         |         |      \n\n",
        ));
    world
        .tw(["secrets", "list", "-o", "json"])
        .exits(0)
        .prints("{\n  \"workspaceRef\": \"user\",\n  \"secrets\": [\n    {\n      \"name\": \"KEY\"\n    }\n  ]\n}\n");
}

#[test]
fn the_users_secrets_are_not_the_workspaces() {
    let world = one_secret();
    world
        .tw(["secrets", "list", "-w", "100"])
        .exits(0)
        .prints_with("No secrets found");
    world.tw(["secrets", "list"]).exits(0).prints_with(" KEY ");
}

#[test]
fn the_server_sees_the_token_and_who_asks() {
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
