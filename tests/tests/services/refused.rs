//! What a plugin hasn't declared, it doesn't get.

use tw_sandbox::Sandbox;

use tw_tests::Terminal;

use crate::world_of;

/// Each call, and the service that it is of.
const CALLS: [(&str, &str, &str); 16] = [
    ("send", "http.send", "Http"),
    ("batch", "http.batch", "Http"),
    ("open", "http.open", "Http"),
    ("whoami", "auth.whoami", "Auth"),
    ("token", "token.get", "Token"),
    ("workspace", "workspace.resolve", "Workspace"),
    ("config", "config.section", "Config"),
    ("bytes", "input.read", "Input"),
    ("document", "input.document", "Input"),
    ("interactive", "prompt.interactive", "Prompt"),
    ("text", "prompt.text", "Prompt"),
    ("password", "prompt.password", "Prompt"),
    ("confirm", "prompt.confirm", "Prompt"),
    ("rows", "output.begin", "Output"),
    ("now", "clock.now", "Clock"),
    ("sleep", "clock.sleep", "Clock"),
];

#[test]
fn a_service_that_is_not_declared_is_refused() {
    let world = world_of("bare", Sandbox::builder());
    for (call, method, service) in CALLS {
        let service = service.to_lowercase();
        let message = format!(
            "The plugin `bare`: it calls `{method}`, and its manifest doesn't declare the service `{service}`"
        );
        world.tw(["bare", "call", call]).fails(&message);
    }
    world.saw([]);
}

#[test]
fn on_a_terminal_the_author_is_told_what_to_add() {
    let world = world_of("bare", Sandbox::builder());
    let left = Terminal::start(world.command(["bare", "call", "now"]))
        .ends()
        .exits(1);
    left.showed("its author adds `Service::Clock` to `Plugin::uses`");
}

#[test]
fn what_never_fails_shows_nothing_and_goes_on() {
    let world = world_of("bare", Sandbox::builder());
    let ran = world.tw(["-o", "json", "bare", "quiet"]);
    let ran = ran.exits(0).never_shows("nobody reads this");
    assert_eq!(ran.json()["cancelled"], false);
}

#[test]
fn an_author_who_forgot_to_declare_the_log_is_told_so() {
    let world = world_of("bare", Sandbox::builder());
    world
        .tw(["-v", "bare", "quiet"])
        .exits(0)
        .says_with("`log.write`")
        .says_with("`progress.start`");
}

#[test]
fn what_a_plugin_declares_is_there_for_all_to_see() {
    let world = world_of("bare", Sandbox::builder());
    world
        .tw(["plugin", "info", "bare"])
        .exits(0)
        .prints_with("tw bare call, tw bare quiet")
        .prints_with("Services");
    let world = crate::probe();
    world.tw(["plugin", "info", "probe"]).exits(0).prints_with(
        "http, auth, token, workspace, config, input, prompt, output, progress, log, clock, cancel",
    );
}
