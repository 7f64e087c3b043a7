//! `tw workspaces list` and `tw organizations list`, to the byte.

use tw_sandbox::{Fault, Organization, Sandbox, State, User, Workspace};
use tw_tests::World;

use crate::{USER, WORKSPACES};

/// A user who belongs to nothing.
fn alone() -> World {
    let mut state = State::empty();
    state.add_user(User::new(1, "demo"));
    state.add_token("token", 1);
    World::with(Sandbox::builder().state(state))
}

const HEAD: &str = concat!(
    "\n  Workspaces for demo user:\n\n",
    "     Workspace ID | Workspace Name | Organization Name | Organization ID \n",
    "    --------------+----------------+-------------------+-----------------\n",
);

#[test]
fn workspaces() {
    let world = World::new();
    world
        .tw(["workspaces", "list"])
        .exits(0)
        .says("")
        .prints(&format!(
            "{HEAD}{}",
            concat!(
                "     100          | research       | acme              | 10              \n",
                "     101          | production     | acme              | 10              \n\n",
            )
        ));
    world.saw([USER, WORKSPACES]);
}

#[test]
fn organizations() {
    let world = World::new();
    world
        .tw(["organizations", "list"])
        .exits(0)
        .says("")
        .prints(concat!(
            "\n  Organizations for demo user:\n\n",
            "     ID | Name   \n",
            "    ----+--------\n",
            "     10 | acme   \n",
            "     20 | globex \n\n",
        ));
    world.saw([USER, WORKSPACES]);
}

#[test]
fn rows_are_sorted_by_their_numbers_as_text() {
    let world = World::with(
        Sandbox::builder()
            .workspace(Workspace::new(20, 10, "w"))
            .workspace(Workspace::new(9, 10, "w"))
            .organization(Organization::new(100, "o")),
    );
    let column = |group: &str| -> Vec<String> {
        let shown = world.tw([group, "list"]).exits(0).stdout;
        let rows = shown.lines().skip(5).filter(|line| !line.is_empty());
        rows.map(|line| line.split('|').next().unwrap_or_default().trim().to_owned())
            .collect()
    };
    assert_eq!(column("workspaces"), ["100", "101", "20", "9"]);
    assert_eq!(column("organizations"), ["10", "100", "20"]);
}

#[test]
fn nothing_to_belong_to() {
    let world = alone();
    world
        .tw(["workspaces", "list"])
        .exits(0)
        .says("")
        .prints("\n  Workspaces for demo user:\n\n    No workspaces found\n");
    world
        .tw(["organizations", "list"])
        .exits(0)
        .says("")
        .prints("\n  Organizations for demo user:\n\n    No organizations found\n");
    world
        .tw(["-o", "json", "workspaces", "list"])
        .exits(0)
        .prints("{\n  \"userName\": \"demo\",\n  \"workspaces\": []\n}\n");
    world
        .tw(["-o", "json", "organizations", "list"])
        .exits(0)
        .prints("{\n  \"userName\": \"demo\",\n  \"organizations\": []\n}\n");
}

#[test]
fn json_has_the_entries_as_the_server_sent_them() {
    let entries = r#"{"orgsAndWorkspaces": [
        {"workspaceId": 7, "zeta": [1, {"b": 2, "a": null}], "orgName": "o", "alpha": 1.5, "orgId": 3, "workspaceName": "w"},
        {"zeta": "last first", "orgId": 3, "orgName": "o", "workspaceId": null, "nothing": null},
        {"orgId": 4, "orgName": "absent"}
    ]}"#;
    let world =
        World::with(Sandbox::builder().fault(Fault::on("GET", "/user/1/workspaces").json(entries)));
    world
        .tw(["-o", "json", "workspaces", "list"])
        .exits(0)
        .says("")
        .prints(
            r#"{
  "userName": "demo",
  "workspaces": [
    {
      "workspaceId": 7,
      "zeta": [
        1,
        {
          "b": 2,
          "a": null
        }
      ],
      "orgName": "o",
      "alpha": 1.5,
      "orgId": 3,
      "workspaceName": "w"
    }
  ]
}
"#,
        );
    world
        .tw(["-o", "json", "organizations", "list"])
        .exits(0)
        .says("")
        .prints(
            r#"{
  "userName": "demo",
  "organizations": [
    {
      "zeta": "last first",
      "orgId": 3,
      "orgName": "o",
      "workspaceId": null,
      "nothing": null
    },
    {
      "orgId": 4,
      "orgName": "absent"
    }
  ]
}
"#,
        );
}

#[test]
fn here_o_is_the_organization() {
    let world = World::with(Sandbox::builder().workspace(Workspace::new(200, 20, "lab")));
    let expected = format!(
        "{HEAD}     200          | lab            | globex            | 20              \n\n"
    );
    for spelled in [
        &["-o", "globex"][..],
        &["-oglobex"],
        &["--org", "globex"],
        &["--org=globex"],
        &["--organization", "globex"],
    ] {
        let line = ["workspaces", "list"].iter().chain(spelled).copied();
        world.tw(line).exits(0).says("").prints(&expected);
        world.saw([USER, WORKSPACES]);
    }
    for line in [
        &["-o", "json", "workspaces", "list", "-o", "globex"][..],
        &["workspaces", "list", "-o", "globex", "--output", "json"],
        &["workspaces", "-o", "json", "list", "-o", "globex"],
    ] {
        let shown = world.tw(line.iter().copied()).exits(0).says("").json();
        assert_eq!(shown["workspaces"].as_array().map(Vec::len), Some(1));
        assert_eq!(shown["workspaces"][0]["workspaceId"], 200);
    }
}

#[test]
fn an_organization_without_a_workspace_or_of_another_spelling() {
    let world = World::new();
    for organization in ["globex", "Acme", "nobody", ""] {
        world
            .tw(["workspaces", "list", "-o", organization])
            .exits(0)
            .says("")
            .prints("\n  Workspaces for demo user:\n\n    No workspaces found\n");
    }
}

#[test]
fn an_organization_that_is_called_like_a_format_was_probably_meant_as_the_format() {
    let world = World::new();
    for format in ["json", "JSON", "console"] {
        world
            .tw(["workspaces", "list", "-o", format])
            .exits(0)
            .prints_with("No workspaces found")
            .says("warning: plugin `workspaces`: `-o` after `workspaces list` names an organization; `tw -o json workspaces list` prints JSON\n");
    }
}
