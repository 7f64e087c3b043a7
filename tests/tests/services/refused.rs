//! Services that a plugin has not declared.

use tw_sandbox::Sandbox;

use tw_tests::Terminal;

use crate::set_up_plugin;

/// The calls that `tw bare call` can make, each with its method and its service.
const CALLS: [(&str, &str, &str); 13] = [
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
];

#[test]
fn a_call_to_an_undeclared_service_is_refused() {
    let world = set_up_plugin("bare", Sandbox::builder());
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
fn a_refusal_on_a_terminal_says_what_the_author_must_declare() {
    let world = set_up_plugin("bare", Sandbox::builder());
    let left = Terminal::start(world.command(["bare", "call", "config"]))
        .ends()
        .exits(1);
    left.showed("its author adds `Service::Config` to `Plugin::uses`");
}

#[test]
fn every_plugin_may_log_report_progress_tell_the_time_and_send_rows() {
    let world = set_up_plugin("bare", Sandbox::builder());
    for call in ["now", "sleep"] {
        let ran = world.tw(["bare", "call", call]).exits(0);
        ran.says("").prints_with("it was not refused");
    }
    world.tw(["bare", "call", "rows"]).exits(0).says("");
    let ran = world.tw(["-o", "json", "bare", "quiet"]);
    let ran = ran
        .exits(0)
        .says("warning: plugin `bare`: everybody reads this\n");
    assert_eq!(ran.json()["cancelled"], false);
}

#[test]
fn a_plugin_that_declares_nothing_sees_ctrl_c() {
    let world = set_up_plugin("bare", Sandbox::builder());
    Terminal::start(world.command(["bare", "wait"]))
        .until("waiting for Ctrl-C")
        .interrupts()
        .ends()
        .exits(130)
        .showed("stopped in good order");
}

#[test]
fn plugin_info_lists_commands_and_services() {
    let world = set_up_plugin("bare", Sandbox::builder());
    world
        .tw(["plugin", "info", "bare"])
        .exits(0)
        .prints_with("tw bare call, tw bare quiet, tw bare wait")
        .prints_with("Services");
    let world = crate::set_up();
    world
        .tw(["plugin", "info", "probe"])
        .exits(0)
        .prints_with("http, auth, token, workspace, config, input, prompt");
}
