//! What a plugin finds out about the system: the user's workspaces, the terminal, and the plugin's own folders.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;
use tw_tests::Terminal;

use crate::{Probe, set_up};

#[test]
fn all_workspaces_of_the_user_are_listed_with_one_request() {
    let world = set_up();
    let got = world.probe_json(["system", "workspaces"]);
    let expected = json!([
        [null, "user"],
        [100, "[acme / research]"],
        [101, "[acme / production]"],
    ]);
    assert_eq!(got, expected);
    world.saw(["GET /user-info", "GET /user/1/workspaces"]);
}

#[test]
fn a_workspace_is_found_by_its_reference_and_by_its_number() {
    let world = set_up();
    let got = world.probe_json(["system", "workspaces", "acme/production", "100"]);
    assert_eq!(
        got,
        json!([[101, "[acme / production]"], [100, "[acme / research]"]])
    );
    world.saw(["GET /user-info", "GET /user/1/workspaces"]);
    let (kind, message) = world.probe_failure(["system", "workspaces", "acme/nowhere"]);
    assert_eq!(kind, "not_found");
    assert_eq!(
        message,
        "Workspace 'nowhere' at organization 'acme' not found"
    );
}

#[test]
fn a_plugin_has_folders_of_its_own_that_only_the_user_can_enter() {
    let world = set_up();
    let first = world.probe_json(["system", "folders"]);
    assert_eq!(world.probe_json(["system", "folders"]), first);
    let folders: Vec<&str> = first
        .as_array()
        .expect("three folders")
        .iter()
        .filter_map(|folder| folder.as_str())
        .collect();
    assert_eq!(folders.len(), 3);
    let home = world.installation.home();
    for folder in folders {
        let folder = std::path::Path::new(folder);
        assert!(folder.starts_with(&home) && folder.ends_with("plugin-data/probe"));
        let note = std::fs::read_to_string(folder.join("note"));
        assert_eq!(note.expect("a note"), "kept");
        let mode = folder.metadata().expect("a folder").permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{}", folder.display());
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let world = set_up();
    std::fs::write(world.installation.home().join(".cache"), "in the way").expect("a file");
    let (kind, message) = world.probe_failure(["system", "folders"]);
    assert_eq!(kind, "input");
    assert!(message.starts_with("The folder "), "{message}");
    assert!(
        message.contains(".cache/tw/plugin-data/probe can't be made"),
        "{message}"
    );
}

#[test]
fn a_pipe_is_no_terminal() {
    set_up()
        .tw(["probe", "system", "terminal"])
        .exits(0)
        .says("warning: plugin `probe`: terminal false width None height None colors false\n");
}

#[test]
fn a_run_on_a_terminal_knows_that_standard_output_is_a_pipe() {
    let world = set_up();
    Terminal::start(world.command(["probe", "system", "terminal"]))
        .ends()
        .exits(0)
        .showed("terminal false");
}
