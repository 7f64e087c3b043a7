//! Calls that the host must refuse: to undeclared services, to unknown methods, and from runs that are over.

use std::{
    io::{Read, Write},
    net::TcpListener,
};

use serde_json::{Value, json};
use tw_sandbox::Sandbox;
use tw_tests::{Installation, World, fixture};

use crate::{given::Given, puppet::set_up_puppet_in};

/// Runs a plugin that declares these services and makes these calls, and returns the host's answers.
fn call_host(services: &[&str], calls: &[&str]) -> Value {
    let given =
        set_up_puppet_in(Installation::bare(), services).env("TW_PUPPET_CALLS", calls.join("\n"));
    let ran = given.tw(["puppet", "-o", "json"]).exits(0).says("");
    given.others_work(0);
    ran.json()
}

#[test]
fn a_call_to_an_undeclared_service_is_refused_with_a_hint() {
    let answers = call_host(
        &["input"],
        &["config.section", "http.send {}", "token.get", "auth.whoami"],
    );
    for (at, (method, service, advice)) in [
        ("config.section", "config", "`Service::Config`"),
        ("http.send", "http", "`Service::Http`"),
        ("token.get", "token", "`Service::Token`"),
        ("auth.whoami", "auth", "`Service::Auth`"),
    ]
    .into_iter()
    .enumerate()
    {
        let failed = &answers[at]["failed"];
        assert_eq!(failed["kind"], "refused", "{failed}");
        assert_eq!(failed["code"], "service-not-declared", "{failed}");
        assert_eq!(
            failed["message"],
            format!(
                "it calls `{method}`, and its manifest doesn't declare the service `{service}`"
            )
        );
        assert!(
            failed["hint"]
                .as_str()
                .is_some_and(|hint| hint.contains(advice)),
            "{failed}"
        );
    }
}

#[test]
fn a_refusal_that_a_plugin_returns_names_the_plugin() {
    let refusal = json!({ "kind": "refused", "message": "it calls `auth.whoami`, and its manifest doesn't declare the service `auth`" });
    set_up_puppet_in(Installation::bare(), &[])
        .env("TW_PUPPET_FAILURE", refusal.to_string())
        .tw(["puppet"])
        .fails("The plugin `puppet`: it calls `auth.whoami`, and its manifest doesn't declare the service `auth`");
}

#[test]
fn an_unknown_method_is_unsupported() {
    let answers = call_host(
        &["clock"],
        &["clock.forward {}", "nonsense", "describe", "run"],
    );
    for at in 0..4 {
        let kind = &answers[at]["failed"]["kind"];
        assert!(kind == "unsupported" || kind == "refused", "{answers:#}");
    }
    assert_eq!(answers[0]["failed"]["kind"], "unsupported");
    assert_eq!(answers[1]["failed"]["kind"], "unsupported");
    let message = answers[0]["failed"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("`clock.forward`"), "{message}");
}

#[test]
fn an_unreadable_message_is_a_bad_request() {
    let answers = call_host(
        &["clock"],
        &[
            "clock.sleep not JSON",
            "clock.sleep {\"ms\":-1}",
            "clock.now {\"later\":1}",
        ],
    );
    assert_eq!(answers[0]["failed"]["kind"], "bad_request", "{answers:#}");
    assert_eq!(answers[1]["failed"]["kind"], "bad_request", "{answers:#}");
    assert!(
        answers[2]["ok"].is_object(),
        "unknown fields are ignored: {answers:#}"
    );
}

#[test]
fn a_call_from_a_thread_after_the_run_is_refused() {
    let given = Given::healthy().plugin("late");
    given
        .tw(["late", "on-thread"])
        .exits(0)
        .prints("\n  Done\n\n")
        .says("run: answered\nthread: Closed\n");
}

#[test]
fn a_call_while_the_process_exits_is_refused() {
    let given = Given::healthy().plugin("late");
    given
        .tw(["late", "at-exit"])
        .exits(0)
        .prints("\n  Done\n\n")
        .says("run: answered\nexit: Closed\n");
}

/// Starts a server that accepts two connections, sends each a head and the beginning of a body, and waits until the client closes it. The
/// thread returns the number of connections that were closed.
fn serve_endless_answers() -> (String, std::thread::JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = format!(
        "http://{}",
        listener.local_addr().expect("the listener has an address")
    );
    let server = std::thread::spawn(move || {
        let mut connections = Vec::new();
        for _ in 0..2 {
            let (mut connection, _) = listener.accept().expect("the plugin connects");
            let _ = connection.read(&mut [0; 4096]);
            let _ =
                connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nbegin");
            connections.push(connection);
        }
        let gone = connections
            .into_iter()
            .filter_map(|mut connection| connection.read(&mut [0; 64]).ok());
        gone.filter(|bytes| *bytes == 0).count()
    });
    (address, server)
}

#[test]
fn streams_that_a_plugin_leaves_open_are_closed_when_its_run_ends() {
    for failure in [None, Some("{\"message\":\"It failed\"}")] {
        let (address, server) = serve_endless_answers();
        let open = "http.open {\"method\":\"GET\",\"url\":\"/one\"}\nhttp.open {\"method\":\"GET\",\"url\":\"/two\"}";
        let mut given = set_up_puppet_in(Installation::bare(), &["http"])
            .env("TOWER_API_ENDPOINT", address)
            .env("TOWER_ACCESS_TOKEN", "a-token")
            .env("TW_PUPPET_CALLS", open);
        if let Some(failure) = failure {
            given = given.env("TW_PUPPET_FAILURE", failure);
        }
        let ran = given.tw(["--insecure", "puppet", "-o", "json"]);
        match failure {
            None => {
                let answers = ran.exits(0).says("").json();
                assert_eq!(answers[0]["ok"]["response"]["status"], 200, "{answers:#}");
            }
            Some(_) => {
                ran.fails("It failed");
            }
        }
        assert_eq!(server.join().expect("the server ends"), 2);
    }
}

#[test]
fn a_closed_stream_can_be_closed_again_and_not_read() {
    let answers = call_host(
        &["http"],
        &[
            "http.close {\"stream\":7}",
            "http.close {\"stream\":7}",
            "http.read {\"stream\":7}",
        ],
    );
    assert!(
        answers[0]["ok"].is_object() && answers[1]["ok"].is_object(),
        "{answers:#}"
    );
    assert_eq!(answers[2]["failed"]["kind"], "closed", "{answers:#}");
}

#[test]
fn bundled_plugins_work_beside_broken_ones() {
    let world = World::of(Sandbox::builder().start(), Installation::bundled());
    let installation = &world.installation;
    for name in [
        "panics-registering",
        "no-root",
        "no-layout",
        "abi-two",
        "not-a-plugin",
    ] {
        installation.add(name, &fixture(&format!("tw-plugin-{name}")));
    }
    installation.add_bytes("text", b"not a library");
    world
        .tw(["secrets", "list"])
        .exits(0)
        .prints("\n  Secrets at user workspace:\n\n    No secrets found\n")
        .says("");
    world
        .tw(["secrets", "--help"])
        .exits(0)
        .says("warning: 6 plugins can't be used; `tw plugin list` says why\n");
}
