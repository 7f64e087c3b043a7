//! The completion of the names of secrets.

use tw_sandbox::{Sandbox, Secret};
use tw_tests::World;

#[test]
fn names_of_secrets_complete_in_the_selected_workspace() {
    let sandbox = Sandbox::builder()
        .secret(Secret::new("API_KEY", "x"))
        .secret(Secret::new("API_TOKEN", "x"))
        .secret(Secret::new("API_OTHER", "x").workspace(100));
    let world = World::with(sandbox);
    let complete = |words: &[&str]| {
        let line = ["__complete", "fish", "--", "tw", "--insecure"];
        let ran = world
            .installation
            .command(line.iter().chain(words).copied())
            .env("TOWER_API_ENDPOINT", world.sandbox.url())
            .env("TOWER_ACCESS_TOKEN", world.sandbox.token())
            .run();
        ran.offered()
    };
    let view = ["secrets", "view", "-n", "API"];
    assert_eq!(complete(&view), ["API_KEY", "API_TOKEN"]);
    let view = ["secrets", "view", "-w", "acme/research", "-n", "API"];
    assert_eq!(complete(&view), ["API_OTHER"]);
    let delete = ["secrets", "delete", "--names", "API_KEY,API_T"];
    assert_eq!(complete(&delete), ["API_KEY,API_TOKEN"]);
}

#[test]
fn aliases_and_the_commands_that_they_stand_for_complete() {
    let sandbox = Sandbox::builder().secret(Secret::new("API_KEY", "x"));
    let world = World::with(sandbox);
    let set = |name: &str, text: &str| drop(world.tw(["alias", "set", name, text]).exits(0));
    set("look", "secrets view");
    set("one", "secrets view -n $1");
    let complete = |words: &[&str]| {
        let line = ["__complete", "fish", "--", "tw", "--insecure"];
        let line = line.iter().chain(words).copied();
        let ran = world.installation.command(line);
        let ran = ran.env("TOWER_API_ENDPOINT", world.sandbox.url());
        ran.env("TOWER_ACCESS_TOKEN", world.sandbox.token()).run()
    };
    assert_eq!(complete(&["loo"]).offered(), ["look"]);
    assert_eq!(complete(&["look", "-n", "AP"]).offered(), ["API_KEY"]);
    assert_eq!(complete(&["look", "--na"]).offered(), ["--name"]);
    // Without its argument, such an alias is no command line yet.
    complete(&["one", "AP"]).exits(1).says("");
}
