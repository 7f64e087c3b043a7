//! Random messages of the host: a plugin never panics, never loses the text of a failure, and passes on only what it could
//! read.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};
use tw_plugin_api::{BatchOutcome, Source, Values, prelude::*};

use crate::host::FakeHost;

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z ]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let name = prop::sample::select(vec![
            "id",
            "name",
            "reference",
            "status",
            "headers",
            "body",
            "offset",
            "length",
            "items",
            "outcome",
            "response",
            "error",
            "message",
            "kind",
            "values",
            "root",
            "value",
            "text",
            "list",
            "map",
            "unix_ms",
            "yes",
            "stream",
            "end",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..4).prop_map(|fields| fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

/// The methods of the host that the calls below use.
const METHODS: [&str; 14] = [
    "auth.whoami",
    "workspace.resolve",
    "config.section",
    "http.send",
    "http.batch",
    "http.open",
    "http.read",
    "input.read",
    "input.document",
    "prompt.text",
    "prompt.confirm",
    "clock.now",
    "cancel.status",
    "progress.start",
];

/// Uses every service, and returns the texts of the failures.
fn use_every_service(host: &Host) -> Vec<String> {
    let get = || host.http().get("/x");
    let mut failures = Vec::new();
    let mut note = |failure: Option<Error>| failures.extend(failure.map(|error| error.to_string()));
    note(host.auth().whoami().err());
    note(host.workspace().err());
    note(host.config::<()>().err());
    note(
        get()
            .send()
            .and_then(|response| response.ok()?.json::<Value>())
            .err(),
    );
    match host.http().batch().add(get()).add(get()).send() {
        Ok(outcomes) => outcomes.into_iter().for_each(|outcome| match outcome {
            BatchOutcome::Failed(error) | BatchOutcome::Unknown(error) => note(Some(error)),
            BatchOutcome::Done(response) => note(response.ok().err()),
            _ => {}
        }),
        Err(error) => note(Some(error)),
    }
    note(get().open().and_then(|mut stream| stream.read()).err());
    note(host.input().bytes(&Source::Stdin, 0).err());
    note(host.input().document(&Source::Stdin, Some("json")).err());
    note(host.prompt().text("?", None).err());
    note(host.prompt().confirm("?", false).err());
    note(host.now().err());
    note(host.sleep(Duration::ZERO).err());
    let _ = host.is_cancelled();
    host.progress("x", Some(1)).done(1);
    host.log().info("x");
    failures
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_plugin_takes_every_reply(replies in prop::collection::vec(any_value(), METHODS.len())) {
        let host = METHODS.iter().zip(replies).fold(FakeHost::new(), |host, (method, reply)| host.reply(method, reply));
        // A stream asks again until there is a piece, or the end.
        host.reply("http.read", json!({ "end": true })).with(use_every_service);
    }

    #[test]
    fn a_plugin_keeps_the_text_of_every_failure(parts in prop::collection::vec(any_value(), 5)) {
        let failure = json!({
            "message": "the well is dry", "kind": parts[0], "hint": parts[1], "exit_code": parts[2],
            "status": parts[3], "warnings": parts[4],
        });
        // Calls whose failure no plugin sees: progress and the log.
        let seen = METHODS.iter().filter(|method| !["progress.start", "cancel.status", "http.read"].contains(method));
        let host = seen.clone().fold(FakeHost::new(), |host, method| host.fail(method, failure.clone()));
        let failures = host.with(use_every_service);
        prop_assert_eq!(failures, vec!["the well is dry"; seen.count()]);
    }

    #[test]
    fn a_command_runs_or_is_refused_with_a_reason(
        parts in prop::collection::vec(any_value(), 4),
        number in any_value(),
    ) {
        let command = Command::new("x", |mut values: Values, _: &Host| {
            let number: Option<i64> = values.take("number")?;
            Output::message(&json!({ "number": number }), "done")
        });
        let request = json!({
            "command": ["x"], "arguments": {"number": number, "other": parts[0]}, "sources": {"number": parts[1]},
            "protocol": parts[2], "later": parts[3],
        });
        match FakeHost::new().run(Plugin::new().command(command), &request) {
            Ok((_, value)) => {
                let value: Value = serde_json::from_slice(&value).unwrap_or_default();
                prop_assert_eq!(&value["number"], &number);
            }
            Err(failure) => prop_assert!(failure["message"].as_str().is_some_and(|text| !text.is_empty())),
        }
    }
}
