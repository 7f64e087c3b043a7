//! The help of commands and arguments.

use insta::assert_snapshot;

use crate::{Probe, set_up};

#[test]
fn help_describes_commands_and_arguments_in_full() {
    let world = set_up();
    let help = |arguments: &[&str]| {
        world
            .command(["probe"])
            .args(arguments)
            .run()
            .exits(0)
            .says("")
            .stdout
    };
    assert_snapshot!("short_help_of_kinds", help(&["arguments", "kinds", "-h"]));
    assert_snapshot!("help_of_kinds", help(&["arguments", "kinds", "--help"]));
    assert_snapshot!("help_of_built", help(&["arguments", "built", "--help"]));
    assert_snapshot!(
        "help_of_leaf",
        help(&["arguments", "deep", "deeper", "leaf", "--help"])
    );
    assert_snapshot!(
        "short_help_of_leaf",
        help(&["arguments", "deep", "deeper", "leaf", "-h"])
    );
    assert_snapshot!("help_of_arguments", help(&["arguments", "--help"]));
    assert_snapshot!("help_of_probe", help(&["--help"]));
}

#[test]
fn hidden_arguments_and_commands_work_and_appear_in_no_help() {
    let world = set_up();
    world
        .tw(["probe", "arguments", "kinds", "--help"])
        .exits(0)
        .never_shows("inner");
    world
        .tw(["probe", "arguments", "--help"])
        .exits(0)
        .never_shows("leak");
    assert_eq!(
        world.probe_json(["arguments", "kinds", "x", "--inner", "y"])["inner"],
        "y"
    );
}

#[test]
fn help_never_shows_the_value_of_an_environment_variable() {
    let world = set_up();
    let help = world.command(["probe", "arguments", "leak", "--help"]);
    help.env("PROBE_SECRET", "correct horse")
        .run()
        .exits(0)
        .never_shows("horse")
        .prints_with("PROBE_SECRET");
}
