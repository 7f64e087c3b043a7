//! What help tells of a command and its arguments, and what it keeps to itself.

use insta::assert_snapshot;

use crate::{Probe, probe};

#[test]
fn help_tells_all_of_it() {
    let world = probe();
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
fn what_is_hidden_is_in_no_help_and_works() {
    let world = probe();
    world
        .tw(["probe", "arguments", "kinds", "--help"])
        .exits(0)
        .never_shows("inner");
    world
        .tw(["probe", "arguments", "--help"])
        .exits(0)
        .never_shows("leak");
    assert_eq!(
        world.got(["arguments", "kinds", "x", "--inner", "y"])["inner"],
        "y"
    );
}

#[test]
fn what_the_environment_holds_is_in_no_help() {
    let world = probe();
    let help = world.command(["probe", "arguments", "leak", "--help"]);
    help.env("PROBE_SECRET", "correct horse")
        .run()
        .exits(0)
        .never_shows("horse")
        .prints_with("PROBE_SECRET");
}
