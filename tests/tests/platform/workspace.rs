//! `-w/--workspace` and `TOWER_WORKSPACE_ID`: a workspace is resolved before anything is changed.

use tw_sandbox::{Builder, Fault, Organization, Sandbox, Secret, Workspace};
use tw_tests::World;

use crate::{USER, WORKSPACES, list_stored_in};

/// Builds a sandbox with a secret for the user and for three workspaces, each named after its owner.
fn build_places() -> Builder {
    Sandbox::builder()
        .organization(Organization::new(30, "Two Words"))
        .workspace(Workspace::new(300, 30, "The Lab"))
        .workspace(Workspace::new(301, 30, "research"))
        .secret(Secret::new("of_the_user", "x"))
        .secret(Secret::new("of_acme", "x").workspace(100))
        .secret(Secret::new("of_the_lab", "x").workspace(300))
        .secret(Secret::new("of_the_other_research", "x").workspace(301))
}

#[test]
fn a_workspace_is_found_by_id_and_by_name() {
    let world = World::with(build_places());
    for (workspace, reference, secret) in [
        ("100", "[acme / research]", "of_acme"),
        (" 100 ", "[acme / research]", "of_acme"),
        ("acme/research", "[acme / research]", "of_acme"),
        ("  acme /\tresearch ", "[acme / research]", "of_acme"),
        ("Two Words/The Lab", "[Two Words / The Lab]", "of_the_lab"),
        (
            "Two Words / research",
            "[Two Words / research]",
            "of_the_other_research",
        ),
    ] {
        let given = world
            .tw(["secrets", "list", "-w", workspace])
            .exits(0)
            .says("");
        given
            .prints_with(&format!("\n  Secrets at {reference} workspace:\n\n"))
            .prints_with(secret);
        let environment = world
            .command(["secrets", "list"])
            .env("TOWER_WORKSPACE_ID", workspace);
        environment.run().exits(0).says("").prints_with(secret);
    }
}

#[test]
fn workspace_accepts_every_spelling_of_an_option() {
    let world = World::with(build_places());
    for spelled in [
        &["-w100"][..],
        &["--workspace", "100"],
        &["--workspace=acme/research"],
        &["-w", "acme/research"],
    ] {
        let line = ["secrets", "list"].iter().chain(spelled).copied();
        world.tw(line).exits(0).prints_with("of_acme");
    }
}

#[test]
fn workspace_wins_over_its_environment_variable() {
    let world = World::with(build_places());
    let tw = world
        .command(["secrets", "list", "-w", "100"])
        .env("TOWER_WORKSPACE_ID", "300");
    tw.run().exits(0).prints_with("of_acme");
    world.saw([USER, WORKSPACES, "GET /pipeline-secrets?workspaceId=100"]);
}

#[test]
fn an_empty_workspace_variable_counts_as_unset() {
    let world = World::with(build_places());
    let tw = world
        .command(["secrets", "list"])
        .env("TOWER_WORKSPACE_ID", "");
    tw.run().exits(0).prints_with("of_the_user");
    world.saw(["GET /pipeline-secrets"]);
}

#[test]
fn list_ignores_the_default_workspace_of_the_user() {
    let user = tw_sandbox::User::new(1, "demo").default_workspace(100);
    let world = World::with(build_places().user(user));
    world
        .tw(["secrets", "list"])
        .exits(0)
        .prints_with("of_the_user");
    world.saw(["GET /pipeline-secrets"]);
}

#[test]
fn an_unknown_workspace_is_reported_before_any_change() {
    let world = World::with(build_places());
    let changes = [
        &["secrets", "add", "-n", "NEW", "-v", "x"][..],
        &["secrets", "add", "-n", "of_acme", "-v", "y", "--overwrite"],
        &["secrets", "update", "-n", "of_acme", "-v", "y"],
        &["secrets", "delete", "-n", "of_acme"],
        &["secrets", "delete", "-i", "1002"],
    ];
    for (workspace, message) in [
        ("75", "Workspace '75' not found"),
        ("-5", "Workspace '-5' not found"),
        // 10 is the ID of an organization.
        ("10", "Workspace '10' not found"),
        (
            "acme/nowhere",
            "Workspace 'nowhere' at organization 'acme' not found",
        ),
        (
            "Acme/research",
            "Workspace 'research' at organization 'Acme' not found",
        ),
        (
            " acme / Research ",
            "Workspace 'Research' at organization 'acme' not found",
        ),
    ] {
        for change in changes {
            world
                .tw(change.iter().copied().chain(["-w", workspace]))
                .fails(message);
            world.saw([USER, WORKSPACES]);
        }
    }
    assert_eq!(list_stored_in(&world, Some(100)), ["1002 of_acme=x"]);
}

#[test]
fn a_malformed_workspace_is_refused_before_any_request() {
    let world = World::new();
    for workspace in [
        "research",
        "",
        " ",
        "/",
        "acme/",
        "/research",
        "acme/research/x",
        "9223372036854775808",
        "1.5",
    ] {
        let message = format!(
            "Invalid workspace parameter '{workspace}'. Expected format '<organization_name>/<workspace_name>' or '<workspace_numeric_identifier>'."
        );
        world
            .tw(["secrets", "add", "-n", "NEW", "-v", "x", "-w", workspace])
            .fails(&message);
    }
    world.saw([]);
}

#[test]
fn a_failed_workspace_lookup_changes_nothing() {
    for route in ["/user-info", "/user/1/workspaces"] {
        let on = || Fault::on("GET", route);
        for fault in [
            on().status(500),
            on().status(403).empty(),
            on().not_json(),
            on().json("{}"),
            on().truncate(),
        ] {
            let world = World::with(build_places().fault(fault));
            for change in [
                &["secrets", "add", "-n", "NEW", "-v", "x", "-w", "100"][..],
                &["secrets", "delete", "-n", "of_acme", "-w", "acme/research"],
            ] {
                world
                    .tw(change.iter().copied().chain(["--retries", "0"]))
                    .exits(1)
                    .prints("")
                    .says_with("\n ERROR: ");
            }
            let requests = world.sandbox.requests();
            assert!(
                requests.iter().all(|request| request.method == "GET"),
                "{requests:?}"
            );
            assert_eq!(world.sandbox.hits("GET", "/pipeline-secrets"), 0);
        }
    }
}

#[test]
fn an_organization_entry_is_not_a_workspace() {
    let entries = r#"{"orgsAndWorkspaces": [{"orgId": 10, "orgName": "acme", "workspaceId": null, "workspaceName": "research"}]}"#;
    let world =
        World::with(Sandbox::builder().fault(Fault::on("GET", "/user/1/workspaces").json(entries)));
    world
        .tw(["secrets", "list", "-w", "acme/research"])
        .fails("Workspace 'research' at organization 'acme' not found");
}

#[test]
fn a_name_that_several_workspaces_have_is_refused() {
    let world = World::with(build_places().workspace(Workspace::new(302, 30, "research")));
    world
        .tw(["secrets", "list", "-w", "Two Words/research"])
        .fails("Several workspaces are named 'Two Words/research'");
    world.saw([USER, WORKSPACES]);
    world.tw(["secrets", "list", "-w", "302"]).exits(0);
}
