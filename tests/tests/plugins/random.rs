//! Random messages of a plugin: whatever a plugin writes, the host answers each request, shows the text of each failure, and never takes a failure
//! for a success.

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use tw_tests::{Installation, root};

use crate::{
    given::Given,
    puppet::{make_manifest, set_up_puppet_in, set_up_puppet_with_text},
};

/// The services that need neither a server nor a user nor time.
const SERVICES: [&str; 7] = [
    "cancel",
    "config",
    "input",
    "log",
    "output",
    "progress",
    "workspace",
];

/// The number that no double can hold. `serde_json::Value` can't hold it either, so a text means it.
const TOO_LARGE: &str = "<1E400>";

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec!["", "later", "text", TOO_LARGE]).prop_map(Value::from),
        Just(json!([])),
        Just(json!([null, {"later": 1}])),
        Just(json!({})),
        Just(json!({"later": [1, {"deep": null}]})),
    ]
}

/// A place in a message, and the value to put there.
fn any_change() -> impl Strategy<Value = (prop::sample::Index, Value)> {
    (any::<prop::sample::Index>(), any_value())
}

/// Makes random values, the same ones in every run of the tests.
struct Random(TestRunner);

impl Random {
    fn new() -> Self {
        Self(TestRunner::new_with_rng(
            Config::default(),
            proptest::test_runner::TestRng::deterministic_rng(
                proptest::test_runner::RngAlgorithm::ChaCha,
            ),
        ))
    }

    /// Changes one or two parts of a message, but not the part `kept`, and returns its text.
    fn change(&mut self, message: &Value, kept: &str) -> String {
        let changes = prop::collection::vec(any_change(), 1..3);
        let changes = changes.new_tree(&mut self.0).expect("a value").current();
        let mut message = message.clone();
        for (at, value) in changes {
            let mut parts = Vec::new();
            collect_parts(&message, String::new(), &mut parts);
            parts.retain(|part| kept.is_empty() || !kept.starts_with(part.as_str()));
            if let Some(part) = parts.get(at.index(parts.len().max(1)))
                && let Some(old) = message.pointer_mut(part)
            {
                *old = value;
            }
        }
        let text = message.to_string();
        text.replace(&format!("\"{TOO_LARGE}\""), "1E400")
    }
}

/// Collects the JSON pointers of all parts of a message.
fn collect_parts(value: &Value, path: String, parts: &mut Vec<String>) {
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(at, item)| collect_parts(item, format!("{path}/{at}"), parts)),
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, field)| collect_parts(field, format!("{path}/{name}"), parts)),
        _ => {}
    }
    parts.push(path);
}

/// Returns the golden requests of the services, each with its method.
fn golden_requests() -> Vec<(String, Value)> {
    let folder = root().join("plugin-api/protocol/golden");
    let files = std::fs::read_dir(folder).expect("the golden files");
    let mut requests = Vec::new();
    for file in files {
        let path = file.expect("a file").path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let Some((method, _)) = name.split_once(".request") else {
            continue;
        };
        let service = method.split('.').next().unwrap_or_default();
        if SERVICES.contains(&service) {
            let text = std::fs::read(&path).expect("a golden file");
            requests.push((
                method.to_owned(),
                serde_json::from_slice(&text).expect("JSON"),
            ));
        }
    }
    requests.sort_by(|(one, _), (other, _)| one.cmp(other));
    assert!(requests.len() > 10, "{requests:?}");
    requests
}

#[test]
fn the_host_answers_every_request_and_never_fails_itself() {
    let mut random = Random::new();
    for _ in 0..12 {
        let mut requests = golden_requests();
        // A command that writes bytes has no result, and this one's result holds the answers.
        requests.retain(|(method, _)| method != "output.write");
        let calls: Vec<String> = requests
            .iter()
            .map(|(method, request)| {
                // The rows of a long result would take the place of the answers. These have no place to go to.
                let kept = match method.as_str() {
                    "output.begin" => "/view/rows",
                    _ => "",
                };
                format!("{method} {}", random.change(request, kept))
            })
            .collect();
        let given = set_up_puppet_in(Installation::bare(), &SERVICES);
        let given = given.env("TW_PUPPET_CALLS", calls.join("\n"));
        let ran = given.tw(["puppet", "-o", "json"]).exits(0);
        assert!(!ran.stderr.contains("itself failed"), "{ran}\n{calls:#?}");
        let answers = ran.json();
        let answers = answers.as_array().expect("a list of answers");
        assert_eq!(answers.len(), calls.len());
        for (answer, call) in answers.iter().zip(&calls) {
            let failed = &answer["failed"];
            let says_why = failed["message"]
                .as_str()
                .is_some_and(|text| !text.is_empty());
            assert!(answer["ok"].is_object() || says_why, "{call}: {answer}");
        }
    }
}

/// Starts a puppet whose command ends as these variables say.
fn set_up_ending(variable: &str, text: &str) -> Given {
    set_up_puppet_in(Installation::bare(), &[])
        .env(variable, text)
        .env("TW_PUPPET_VALUE", "{\"a\":1}")
}

#[test]
fn the_text_of_a_failure_is_shown_whatever_else_it_says() {
    let mut random = Random::new();
    let failure = json!({
        "kind": "http", "message": "the well is dry", "hint": "dig", "exit_code": 4, "status": 409, "warnings": ["one"],
    });
    for _ in 0..40 {
        let text = random.change(&failure, "/message");
        let ran = set_up_ending("TW_PUPPET_FAILURE", &text).tw(["puppet"]);
        let code = ran.status.code();
        let ran = ran.prints("").says_with("the well is dry\n");
        assert!(matches!(code, Some(1..=125 | 130)), "{ran}\n{text}");
    }
}

#[test]
fn a_failure_beside_a_result_is_never_a_success() {
    let mut random = Random::new();
    let outcome = json!({
        "view": {"view": "table", "rows": "", "columns": [{"title": "A", "field": "/a", "kind": "integer"}]},
        "exit_code": 1, "warnings": ["one"], "failure": {"kind": "failure", "message": "half of it failed"},
    });
    for _ in 0..40 {
        let text = random.change(&outcome, "/failure/message");
        let ran = set_up_ending("TW_PUPPET_OUTCOME", &text).tw(["puppet", "-o", "json"]);
        assert_eq!(ran.json(), json!({ "a": 1 }), "{text}");
        assert_ne!(ran.status.code(), Some(0), "{ran}\n{text}");
        ran.says_with("half of it failed\n");
    }
}

#[test]
fn a_random_manifest_is_used_or_refused_with_a_reason() {
    let mut random = Random::new();
    let option = json!({
        "name": "level", "kind": "option", "value": "integer", "short": "l", "long": "level", "min": 1, "max": 9,
        "default": ["3"], "help": "A level", "required": false, "possible": [], "conflicts": [],
    });
    let manifest = make_manifest(&json!([{
        "name": "puppet", "about": "Do as told", "needs": [], "aliases": ["doll"],
        "args": [option], "examples": [{"command": "tw puppet", "about": "do it"}], "exactly_one_of": [],
    }]));
    for _ in 0..40 {
        let text = random.change(&manifest, "/name");
        let given = set_up_puppet_with_text(&text);
        let puppet = given.find("puppet");
        let is_explained = puppet["problem"]
            .as_str()
            .is_some_and(|text| !text.is_empty());
        assert!(
            puppet["state"] == "ok" || is_explained,
            "{puppet:#}\n{text}"
        );
        let ran = given.tw(["puppet", "--help"]);
        assert!(ran.status.code().is_some(), "{ran}\n{text}");
        assert!(
            !ran.stderr.contains("crashed") && !ran.stderr.contains("panicked"),
            "{ran}\n{text}"
        );
    }
}
