//! The secrets of `tw` itself are not in the environment of a plugin, of what the plugin starts, or of the arguments.

use serde_json::Value;
use tw_tests::{Tw, World};

use crate::{Probe, set_up};

const PASSWORD: &str = "SENTINEL-password";

/// Runs a command of the probe that reports its environment, and asserts that it shows neither token nor password.
#[track_caller]
fn assert_holds_no_secret(world: &World, tw: Tw) -> Value {
    let ran = tw.env("TW_SIGNING_PASSWORD", PASSWORD).run();
    let ran = ran.never_shows(world.sandbox.token()).never_shows(PASSWORD);
    ran.exits(0).says("").json()
}

#[test]
fn a_plugin_and_its_children_find_no_secret_in_the_environment() {
    let world = set_up();
    let found = assert_holds_no_secret(&world, world.probe(["system", "environment"]));
    for part in ["variables", "child"] {
        let text = found[part].to_string();
        // The report is complete: other variables are in it.
        assert!(text.contains("LANG=C.UTF-8"), "{text}");
        assert!(!text.contains("TOWER_ACCESS_TOKEN"), "{text}");
        assert!(!text.contains("TW_SIGNING_PASSWORD"), "{text}");
    }
    // Only root can open the environment that the system made: the process of `tw` is not dumpable.
    let initial = found["initial"].as_str().expect("a text");
    if !initial.is_empty() {
        let names = initial
            .split('\0')
            .filter_map(|entry| entry.strip_suffix('='));
        let names: Vec<&str> = names.collect();
        assert!(names.contains(&"TOWER_ACCESS_TOKEN"), "{initial:?}");
        assert!(names.contains(&"TW_SIGNING_PASSWORD"), "{initial:?}");
    }
}

#[test]
fn a_token_on_the_command_line_is_overwritten() {
    let world = set_up();
    let token = world.sandbox.token();
    let (long, short) = (format!("--access-token={token}"), format!("-vt{token}"));
    for options in [
        &["--access-token", token][..],
        &["-t", token],
        &[&long],
        &[&short],
    ] {
        let line = ["system", "environment"].iter().chain(options).copied();
        let tw = world.probe(line).without_env("TOWER_ACCESS_TOKEN");
        let ran = tw.run().never_shows(token).exits(0);
        let arguments = ran.json()["arguments"].to_string();
        assert!(
            arguments.contains("probe\\u0000system\\u0000"),
            "{arguments}"
        );
        assert!(arguments.contains(&"*".repeat(token.len())), "{arguments}");
    }
}

#[test]
fn a_token_that_is_also_a_command_is_only_overwritten_for_others() {
    let world = set_up();
    let line = ["system", "environment", "-t", "environment"];
    let found = world.probe(line).run().exits(0).json();
    let arguments = found["arguments"].as_str().expect("a text");
    assert!(
        arguments.contains("system\0***********\0-t\0***********\0"),
        "{arguments:?}"
    );
}

#[test]
fn the_token_is_still_used() {
    let world = set_up();
    world.probe_json(["system", "workspaces"]);
    let token = world.sandbox.token().to_owned();
    let tw = world.probe(["system", "workspaces", "-t", &token]);
    tw.without_env("TOWER_ACCESS_TOKEN").run().exits(0);
}
