//! `tw workspaces list` and `tw organizations list`: their output to the byte, and their requests.

use tw_sandbox::{Fault, Organization, Sandbox, State, User, Workspace};
use tw_tests::World;

use crate::{USER, WORKSPACES, assert_text};

/// Starts a world whose user has no organization and no workspace.
fn start_without_organizations() -> World {
    let mut state = State::empty();
    state.add_user(User::new(1, "demo"));
    state.add_token("token", 1);
    World::with(Sandbox::builder().state(state))
}

#[test]
fn workspaces_list_prints_a_table() {
    let world = World::new();
    let ran = world.tw(["workspaces", "list"]).exits(0).says("");
    assert_text("workspaces", &ran.stdout);
    world.saw([USER, WORKSPACES]);
}

#[test]
fn organizations_list_prints_a_table() {
    let world = World::new();
    let ran = world.tw(["organizations", "list"]).exits(0).says("");
    assert_text("organizations", &ran.stdout);
    world.saw([USER, WORKSPACES]);
}

#[test]
fn both_lists_sort_ids_as_text() {
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
fn both_lists_report_that_there_is_nothing_to_list() {
    let world = start_without_organizations();
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
    for group in ["workspaces", "organizations"] {
        let ran = world.tw(["-o", "json", group, "list"]).exits(0);
        assert_text(&format!("{group}_json_empty"), &ran.stdout);
    }
}

#[test]
fn json_prints_the_entries_as_the_server_sent_them() {
    let entries = r#"{"orgsAndWorkspaces": [
        {"workspaceId": 7, "zeta": [1, {"b": 2, "a": null}], "orgName": "o", "alpha": 1.5, "orgId": 3, "workspaceName": "w"},
        {"zeta": "last first", "orgId": 3, "orgName": "o", "workspaceId": null, "nothing": null},
        {"orgId": 4, "orgName": "absent"}
    ]}"#;
    let world =
        World::with(Sandbox::builder().fault(Fault::on("GET", "/user/1/workspaces").json(entries)));
    for group in ["workspaces", "organizations"] {
        let ran = world.tw(["-o", "json", group, "list"]).exits(0).says("");
        assert_text(&format!("{group}_json_as_sent"), &ran.stdout);
    }
}

#[test]
fn workspaces_list_filters_by_organization_with_every_spelling() {
    let world = World::with(Sandbox::builder().workspace(Workspace::new(200, 20, "lab")));
    for spelled in [
        &["-o", "globex"][..],
        &["-oglobex"],
        &["--org", "globex"],
        &["--org=globex"],
        &["--organization", "globex"],
    ] {
        let line = ["workspaces", "list"].iter().chain(spelled).copied();
        let ran = world.tw(line).exits(0).says("");
        assert_text("workspaces_of_one_organization", &ran.stdout);
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
fn workspaces_list_is_empty_for_an_organization_without_workspaces_or_with_another_case() {
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
    for (name, format, content) in [
        ("json", "json", "JSON"),
        ("JSON", "json", "JSON"),
        ("console", "json", "JSON"),
        ("yaml", "yaml", "YAML"),
        ("Csv", "csv", "CSV"),
        ("tsv", "tsv", "TSV"),
        ("names", "names", "names"),
        ("jsonl", "jsonl", "lines of JSON"),
    ] {
        world
            .tw(["workspaces", "list", "-o", name])
            .exits(0)
            .prints_with("No workspaces found")
            .says(&format!(
                "warning: plugin `workspaces`: `-o` after `workspaces list` names an organization; `tw -o {format} workspaces list` prints {content}\n"
            ));
        world
            .tw(["-o", format, "workspaces", "list"])
            .exits(0)
            .says("");
    }
}

#[test]
fn an_organization_may_be_called_like_a_format() {
    let organization = Organization::new(30, "yaml");
    let world = World::with(Sandbox::builder().organization(organization));
    world
        .tw(["workspaces", "list", "-o", "yaml"])
        .exits(0)
        .prints_with("No workspaces found")
        .says("");
}
