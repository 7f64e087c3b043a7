//! The workspace: the query parameter, and the placeholders.

use tw_tests::{Ran, World};

use super::{assert_refused, serve_nothing};
use crate::{USER, WORKSPACES};

/// Runs `tw api` with the workspace `acme/research` in the variable, and asserts the request after those that resolve it.
#[track_caller]
fn assert_sent(world: &World, line: &[&str], request: &str) {
    run_with_variable(world, line).exits(0).says("");
    world.saw([USER, WORKSPACES, request]);
}

fn run_with_variable(world: &World, line: &[&str]) -> Ran {
    let tw = world.command(["api"].iter().chain(line).copied());
    tw.env("TOWER_WORKSPACE_ID", "acme/research").run()
}

#[test]
fn a_selected_workspace_is_in_the_query() {
    let world = serve_nothing();
    let request = "GET /pets?workspaceId=100";
    assert_sent(&world, &["/pets"], request);
    world.tw(["api", "/pets", "-w", "acme/research"]).exits(0);
    world.saw([USER, WORKSPACES, request]);
    assert_sent(
        &world,
        &["POST", "/pets?a=b", "-f", "c=d", "--query", "e=f"],
        "POST /pets?a=b&e=f&workspaceId=100",
    );
}

#[test]
fn without_a_workspace_nothing_is_added_and_nothing_is_looked_up() {
    let world = serve_nothing();
    world.tw(["api", "/pets"]).exits(0);
    world.saw(["GET /pets"]);
    run_with_variable(&world, &["/pets", "--user"]).exits(0);
    world.saw(["GET /pets"]);
    world
        .tw(["api", "/pets", "--user", "-w", "100"])
        .rejects("--user");
}

#[test]
fn a_typed_workspace_id_is_kept() {
    let world = serve_nothing();
    assert_sent(&world, &["/pets?workspaceId=7"], "GET /pets?workspaceId=7");
    let line = ["/pets", "--query", "workspaceId=7"];
    assert_sent(&world, &line, "GET /pets?workspaceId=7");
    let line = ["GET", "/pets", "-F", "workspaceId=7"];
    assert_sent(&world, &line, "GET /pets?workspaceId=7");
}

#[test]
fn placeholders_are_replaced_and_nothing_is_added() {
    let world = serve_nothing();
    let path = "/pets/{orgId}/of/{workspaceId}?at={workspaceId}";
    assert_sent(&world, &[path], "GET /pets/10/of/100?at=100");
    let line = ["/pets", "--query", "workspaceId={workspaceId}"];
    assert_sent(&world, &line, "GET /pets?workspaceId=100");
    let url = format!("{}/pets/{{workspaceId}}", world.sandbox.url());
    assert_sent(&world, &[&url], "GET /pets/100");
    let url = format!("{}/pets", world.sandbox.url());
    assert_sent(&world, &[&url, "--query", "a={orgId}"], "GET /pets?a=10");
}

#[test]
fn a_placeholder_without_a_workspace_is_a_usage_error() {
    let world = serve_nothing();
    let message = "'{orgId}' needs a workspace: select one with '-w'";
    assert_refused(&world, &["/pets/{orgId}"], message);
    let message = "'{workspaceId}' needs a workspace: select one with '-w'";
    assert_refused(&world, &["/pets", "--query", "a={workspaceId}"], message);
}

#[test]
fn an_unknown_placeholder_in_the_path_is_a_usage_error() {
    let world = serve_nothing();
    let message = "'{petId}' is not a placeholder: write an ID in its place";
    assert_refused(&world, &["/pets/{petId}"], message);
    // Braces in the value of a parameter may be JSON.
    world.tw(["api", "/pets", "--query", "a={petId}"]).exits(0);
    world.saw(["GET /pets?a=%7BpetId%7D"]);
}

#[test]
fn an_unknown_workspace_is_reported_before_anything_is_sent() {
    let world = serve_nothing();
    world
        .tw(["api", "/pets", "-w", "75"])
        .fails("Workspace '75' not found");
    world.saw([USER, WORKSPACES]);
}
