//! Names of secrets: checked before a call that makes one, and never otherwise.

use tw_sandbox::{Sandbox, Secret};
use tw_tests::World;

use crate::stored;

#[test]
fn a_name_that_cannot_be_is_refused_with_the_reason_before_any_call() {
    let world = World::new();
    for (name, reason) in [
        (
            "my-key",
            "'-' is not a letter, a digit or an underscore; the nearest name that can be used is 'my_key'",
        ),
        ("1st", "a name begins with a letter or an underscore"),
        ("a", "a name has two characters or more"),
        ("", "a name has two characters or more"),
        ("__a", "two underscores can't follow each other"),
        ("a__b", "two underscores can't follow each other"),
        (&"a".repeat(101), "it has 101 characters"),
        ("naïve", "'ï' is not a letter"),
    ] {
        let name = format!("--name={name}");
        let ran = world.tw(["secrets", "add", &name, "-v", "x"]);
        ran.misused("--name").says_with(reason);
    }
    world.saw([]);
}

#[test]
fn a_secret_that_is_there_is_overwritten_whatever_its_name_is() {
    let world = World::with(Sandbox::builder().secret(Secret::new("__old", "first")));
    let add = |name: &str| world.tw(["secrets", "add", "-n", name, "-v", "second", "--overwrite"]);
    add("__old").exits(0);
    assert_eq!(stored(&world), ["1001 __old=second"]);
    world.sandbox.clear_requests();
    // One that isn't would be made: one look, and no more.
    add("my-key").misused("--name");
    world.saw(["GET /pipeline-secrets"]);
}

#[test]
fn names_to_look_for_are_not_checked() {
    let world = World::with(Sandbox::builder().secret(Secret::new("__old", "first")));
    world.tw(["secrets", "view", "-n", "__old"]).exits(0);
    world
        .tw(["secrets", "view", "-n", "my-key"])
        .fails("Unknown secret 'my-key' at user workspace");
    world
        .tw(["secrets", "update", "-n", "__old", "-v", "x"])
        .exits(0);
    world.tw(["secrets", "delete", "-n", "__old"]).exits(0);
}
