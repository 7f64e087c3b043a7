//! The names of secrets: `tw` checks a name before it creates a secret, and at no other time.

use tw_sandbox::{Sandbox, Secret};
use tw_tests::World;

use crate::list_stored;

#[test]
fn add_refuses_an_invalid_name_with_the_reason_before_any_request() {
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
        ran.rejects("--name").says_with(reason);
    }
    world.saw([]);
}

#[test]
fn overwrite_accepts_an_invalid_name_that_exists_but_creates_none() {
    let world = World::with(Sandbox::builder().secret(Secret::new("__old", "first")));
    let add = |name: &str| world.tw(["secrets", "add", "-n", name, "-v", "second", "--overwrite"]);
    add("__old").exits(0);
    assert_eq!(list_stored(&world), ["1001 __old=second"]);
    world.sandbox.clear_requests();
    // `my-key` doesn't exist, so it would have to be created.
    add("my-key").rejects("--name");
    world.saw(["GET /pipeline-secrets"]);
}

#[test]
fn view_update_and_delete_accept_any_name() {
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
