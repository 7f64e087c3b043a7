//! The calls of the host: finding the command, running it, and reporting a failure.

use serde_json::json;
use tw_plugin_abi::Panic;
use tw_plugin_api::{__private::report_panic, Arg, Values, prelude::*};

use crate::host::FakeHost;

/// Returns a command that answers with `text`.
fn says(name: &str, text: &'static str) -> Command {
    let run = move |_: (), _: &Host| Output::message(&json!(text), text);
    Command::new(name, run)
}

fn pets() -> Plugin {
    Plugin::new()
        .command(says("list", "top"))
        .command(says("pets", "a command with a group's name"))
        .group(
            Group::new("pets", "Manage pets")
                .command(says("list", "pets"))
                .group(Group::new("toys", "Manage toys").command(says("list", "toys"))),
        )
}

#[test]
fn a_command_is_found_by_its_whole_path() {
    for (path, text) in [
        (vec!["list"], "top"),
        (vec!["pets"], "a command with a group's name"),
        (vec!["pets", "list"], "pets"),
        (vec!["pets", "toys", "list"], "toys"),
    ] {
        let (outcome, value) = FakeHost::new()
            .run(pets(), &json!({ "command": path }))
            .expect("the command exists");
        assert_eq!(outcome["view"], json!({ "view": "message", "text": text }));
        assert_eq!(value, json!(text).to_string().into_bytes());
    }
}

#[test]
fn an_unknown_command_is_refused_by_name() {
    for path in [
        vec![],
        vec!["lists"],
        vec!["pets", "toys"],
        vec!["list", "list"],
    ] {
        let name = path.join(" ");
        let failure = FakeHost::new().run(pets(), &json!({ "command": path }));
        assert_eq!(
            failure.expect_err("the command doesn't exist"),
            json!({ "kind": "unsupported", "message": format!("this plugin has no command `{name}`") })
        );
    }
}

#[test]
fn an_unknown_method_is_refused_by_name() {
    assert_eq!(
        FakeHost::new().handle(pets(), "update", "{}").unwrap_err(),
        json!({ "kind": "unsupported", "message": "this plugin doesn't know the method `update`" })
    );
}

#[test]
fn a_message_that_is_no_json_is_refused() {
    assert_eq!(
        FakeHost::new().handle(pets(), "run", "{").unwrap_err(),
        json!({ "kind": "bad_request", "message": "this plugin can't read the host's message" })
    );
}

#[test]
fn a_failure_reaches_the_host_with_all_its_parts() {
    let fail = |_: (), _: &Host| -> Result<Output> {
        Err(Error::usage("no such pet")
            .and("nothing was fed")
            .hint("`tw pets list` lists the pets")
            .exit_code(42))
    };
    let plugin = Plugin::new().command(Command::new("feed", fail));
    let failure = FakeHost::new().run(plugin, &json!({ "command": ["feed"] }));
    assert_eq!(
        failure.unwrap_err(),
        json!({
            "kind": "usage",
            "message": "no such pet; nothing was fed",
            "hint": "`tw pets list` lists the pets",
            "exit_code": 42,
        })
    );
}

#[test]
fn an_error_says_its_kind_and_has_no_status() {
    for (error, kind) in [
        (Error::failure("x"), ErrorKind::Failure),
        (Error::usage("x"), ErrorKind::Usage),
        (Error::new(ErrorKind::NotFound, "x"), ErrorKind::NotFound),
    ] {
        assert_eq!((error.kind(), error.status()), (kind, None));
        assert_eq!(error.to_string(), "x");
    }
}

#[test]
fn a_panic_is_reported_with_its_message_and_place() {
    let reply = report_panic(Panic {
        message: "spilled tea".to_owned(),
        place: "src/lib.rs:3:5".to_owned(),
    });
    let message: serde_json::Value = serde_json::from_slice(reply.payload.as_slice()).unwrap();
    assert_eq!(
        message,
        json!({ "kind": "panic", "message": "it panicked at src/lib.rs:3:5: spilled tea" })
    );
}

#[test]
fn the_host_says_what_the_run_is_about() {
    let request =
        json!({ "endpoint": "https://api.example.com", "format": "json", "terminal": true });
    let told = FakeHost::new().during_run(request, |host| {
        let (endpoint, format) = (host.endpoint().to_owned(), host.format().to_owned());
        (endpoint, format, host.is_terminal())
    });
    assert_eq!(
        told,
        (
            "https://api.example.com".to_owned(),
            "json".to_owned(),
            true
        )
    );
    assert!(!FakeHost::new().with(Host::is_terminal));
}

#[test]
fn only_a_value_from_the_command_line_was_typed() {
    let request = json!({
        "arguments": { "a": "1", "b": "2", "c": "3" },
        "sources": { "a": "command_line", "b": "environment", "c": "default" },
    });
    let typed = FakeHost::new().during_run(request, |host| {
        let values: Values = host.shared().unwrap();
        ["a", "b", "c", "d"].map(|name| (host.was_typed(name), values.was_typed(name)))
    });
    assert_eq!(
        typed,
        [(true, true), (false, false), (false, false), (false, false)]
    );
}

#[test]
fn a_value_can_be_taken_once() {
    let request = json!({ "arguments": { "name": "Rex" } });
    FakeHost::new().during_run(request, |host| {
        let mut values: Values = host.shared().unwrap();
        assert_eq!(
            values.take::<Option<String>>("name").unwrap().as_deref(),
            Some("Rex")
        );
        assert_eq!(values.take::<Option<String>>("name").unwrap(), None);
        assert!(host.shared::<()>().is_ok());
    });
}

#[test]
fn an_answer_that_cannot_be_read_is_a_failure() {
    let host = FakeHost::new().reply("clock.now", json!([]));
    let error = host.with(Host::now).expect_err("a list is no message");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(
        error.to_string(),
        "this plugin can't read the host's answer to `clock.now`"
    );
}

#[test]
fn a_failure_that_cannot_be_read_keeps_its_text() {
    for (failure, text) in [
        (json!("the clock stopped"), "the clock stopped"),
        (
            json!({ "message": "the clock stopped", "warnings": null }),
            "the clock stopped",
        ),
        (
            json!({ "message": "the clock stopped", "kind": 5, "exit_code": 300 }),
            "the clock stopped",
        ),
        (json!(["stopped"]), "[\"stopped\"]"),
    ] {
        let host = FakeHost::new().fail("clock.now", failure);
        let error = host.with(Host::now).expect_err("the host failed");
        assert_eq!(error.to_string(), text);
        assert!(error.kind() == ErrorKind::Unknown || error.kind() == ErrorKind::Failure);
    }
}

#[test]
fn a_request_of_the_host_that_needs_a_newer_plugin_is_refused() {
    for method in ["describe", "run"] {
        let plugin = Plugin::new().command(Command::new("x", |_: (), _: &Host| Ok(Output::none())));
        let request = r#"{"command": ["x"], "needs": ["run.dry", "run.later"]}"#;
        let failure = FakeHost::new()
            .handle(plugin, method, request)
            .expect_err("refused");
        assert_eq!(failure["kind"], "unsupported");
        assert_eq!(
            failure["message"],
            "tw needs a newer version of the plugin, for run.dry, run.later"
        );
    }
}

#[test]
fn an_empty_request_is_a_request_with_all_defaults() {
    for request in ["", "null", "{}", r#"{"needs": null, "features": null}"#] {
        let (manifest, _) = FakeHost::new()
            .handle(Plugin::new(), "describe", request)
            .expect("a manifest");
        assert_eq!(manifest["name"], "pets", "{request}");
        let failure = FakeHost::new()
            .handle(Plugin::new(), "run", request)
            .expect_err("no command");
        assert_eq!(
            failure["message"], "this plugin has no command ``",
            "{request}"
        );
    }
}

#[test]
fn a_command_can_ask_which_features_the_host_has() {
    let request = json!({ "features": ["http.only_if"] });
    let has = FakeHost::new().during_run(request, |host| {
        (
            host.has_feature("http.only_if"),
            host.has_feature("http.later"),
        )
    });
    assert_eq!(has, (true, false));
}

#[test]
fn an_error_of_another_crate_becomes_a_failure_with_its_causes() {
    #[derive(Debug)]
    struct Outer(std::num::ParseIntError);
    impl std::fmt::Display for Outer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("the port is wrong")
        }
    }
    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    fn parse(text: &str) -> Result<u16> {
        Ok(text.parse().map_err(Outer)?)
    }
    let error = parse("x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failure);
    assert_eq!(
        error.to_string(),
        "the port is wrong: invalid digit found in string"
    );
    let error = parse("x").context("Cannot connect").unwrap_err();
    assert!(error.to_string().starts_with("Cannot connect: the port"));
}

#[test]
fn context_keeps_everything_but_the_message() {
    let failure: Result<()> = Err(Error::usage("no such format").exit_code(9));
    let error = failure.context("Cannot export").unwrap_err();
    assert_eq!(error.to_string(), "Cannot export: no such format");
    assert_eq!(error.kind(), ErrorKind::Usage);
    let error = None::<u8>.context("There is no port").unwrap_err();
    assert_eq!(error.to_string(), "There is no port");
}

#[test]
fn a_value_is_completed_by_the_function_of_its_argument() {
    let names = |names: &'static [&'static str]| {
        let complete = move |_: &str, _: &Host| Ok(names.iter().copied());
        Arg::option("name").long("name").complete(complete)
    };
    let plugin = || {
        let toys =
            Group::new("toys", "Manage toys").command(says("list", "toys").arg(names(&["ball"])));
        let color = Arg::option("color")
            .long("color")
            .complete(|word, _| Ok([Candidate::new(format!("{word}ed")).help("a color")]));
        Plugin::new()
            .command(says("pets", "a command with a group's name").arg(names(&["rex"])))
            .group(
                Group::new("pets", "Manage pets")
                    .shared_arg(color)
                    .group(toys),
            )
    };
    let complete = |path: &[&str], argument: &str| {
        let request = json!({ "run": { "command": path }, "argument": argument, "word": "r" });
        let reply = FakeHost::new().handle(plugin(), "complete", &request.to_string());
        reply.expect("the plugin answers").0["values"].clone()
    };
    assert_eq!(complete(&["pets"], "name"), json!([{ "value": "rex" }]));
    let toys = ["pets", "toys", "list"];
    assert_eq!(complete(&toys, "name"), json!([{ "value": "ball" }]));
    let red = json!([{ "value": "red", "help": "a color" }]);
    assert_eq!(complete(&toys, "color"), red);
    assert_eq!(complete(&toys, "other"), json!([]));
    assert_eq!(complete(&["toys"], "name"), json!([]));
}
