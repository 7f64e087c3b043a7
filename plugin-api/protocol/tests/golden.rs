//! One file of each message, as it crosses the boundary: what stands under `golden/` is read, and written again, byte for
//! byte. A plugin that was built years ago speaks exactly this, so a golden is added to, never changed.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tw_plugin_protocol::*;

/// Reads a message and writes it again, whatever its type.
type Rewrite = fn(&str) -> Result<String, serde_json::Error>;

struct Method {
    name: &'static str,
    request: Rewrite,
    reply: Rewrite,
}

fn rewrite<T: Serialize + DeserializeOwned>(text: &str) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&serde_json::from_str::<T>(text)?)
}

fn method<C: Call>() -> Method {
    Method {
        name: C::METHOD,
        request: rewrite::<C::Request>,
        reply: rewrite::<C::Reply>,
    }
}

fn methods() -> Vec<Method> {
    vec![
        method::<Describe>(),
        method::<Run>(),
        method::<HttpSend>(),
        method::<HttpBatch>(),
        method::<HttpOpen>(),
        method::<HttpRead>(),
        method::<HttpClose>(),
        method::<AuthWhoami>(),
        method::<TokenGet>(),
        method::<WorkspaceResolve>(),
        method::<ConfigSection>(),
        method::<InputRead>(),
        method::<InputDocument>(),
        method::<PromptInteractive>(),
        method::<PromptText>(),
        method::<PromptPassword>(),
        method::<PromptConfirm>(),
        method::<OutputBegin>(),
        method::<OutputRows>(),
        method::<OutputEnd>(),
        method::<ProgressStart>(),
        method::<ProgressUpdate>(),
        method::<ProgressFinish>(),
        method::<LogWrite>(),
        method::<ClockNow>(),
        method::<ClockSleep>(),
        method::<CancelStatus>(),
    ]
}

/// Every message by the name of its golden, which variants extend: `run.reply` is also that of `run.reply.record.json`.
fn messages() -> BTreeMap<String, Rewrite> {
    let mut messages = BTreeMap::from([("error".to_owned(), rewrite::<ErrorMessage> as Rewrite)]);
    for method in methods() {
        messages.insert(format!("{}.request", method.name), method.request);
        messages.insert(format!("{}.reply", method.name), method.reply);
    }
    messages
}

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The texts of the goldens by their names without `.json`.
fn goldens() -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder("golden")).unwrap();
    let golden = |path: PathBuf| {
        let file = path.file_name().unwrap().to_str().unwrap();
        let name = file
            .strip_suffix(".json")
            .unwrap_or_else(|| panic!("{file} is no golden"));
        (name.to_owned(), fs::read_to_string(&path).unwrap())
    };
    entries.map(|entry| golden(entry.unwrap().path())).collect()
}

/// Each golden with what reads and writes its message.
fn rewritable() -> Vec<(String, String, Rewrite)> {
    let messages = messages();
    let message = |name: &str| {
        let is_its = |message: &str| {
            name.strip_prefix(message)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        messages
            .iter()
            .find(|(message, _)| is_its(message))
            .map(|(_, rewrite)| *rewrite)
    };
    let golden = |(name, text): (String, String)| {
        let rewrite = message(&name).unwrap_or_else(|| panic!("{name}.json is of no message"));
        (name, text, rewrite)
    };
    goldens().into_iter().map(golden).collect()
}

#[test]
fn every_method_has_a_golden_of_its_request_and_its_reply() {
    let names: Vec<&str> = methods().iter().map(|method| method.name).collect();
    assert_eq!(names, METHODS, "the table of this test lacks a method");
    let goldens = goldens();
    for message in messages().keys() {
        assert!(
            goldens.contains_key(message),
            "golden/{message}.json is missing"
        );
    }
}

#[test]
fn every_golden_is_written_again_as_it_was_read() {
    for (name, text, rewrite) in rewritable() {
        let written = rewrite(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(format!("{written}\n"), text, "{name}");
    }
}

#[test]
fn every_field_of_every_message_stands_in_a_golden() {
    let goldens: String = goldens().into_values().collect();
    for entry in fs::read_dir(folder("src")).unwrap() {
        let source = fs::read_to_string(entry.unwrap().path()).unwrap();
        let field = |line: &str| {
            Some(
                line.trim()
                    .strip_prefix("pub ")?
                    .split_once(": ")?
                    .0
                    .to_owned(),
            )
        };
        let is_name = |field: &String| !field.contains([' ', '(']);
        for field in source.lines().filter_map(field).filter(is_name) {
            assert!(
                goldens.contains(&format!("\"{field}\": ")),
                "no golden has a `{field}`"
            );
        }
    }
}

#[test]
fn every_message_reads_from_an_empty_object() {
    for (name, rewrite) in messages() {
        assert!(rewrite("{}").is_ok(), "{name}");
    }
}

#[test]
fn fields_that_came_later_are_ignored_at_every_level() {
    for (name, text, rewrite) in rewritable() {
        let mut later: Value = serde_json::from_str(&text).unwrap();
        add_fields(&mut later, true);
        let written = rewrite(&later.to_string()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(format!("{written}\n"), text, "{name}");
    }
}

/// Adds an unknown field to every object but those whose keys are data: the run's arguments and their sources, the values of a
/// section of the configuration, and the value of a document's node, whose one key says what it is.
fn add_fields(value: &mut Value, open: bool) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| add_fields(item, true)),
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                match name.as_str() {
                    "arguments" | "sources" | "values" => {}
                    "value" => add_fields(field, field.get("line").is_some()),
                    _ => add_fields(field, true),
                }
            }
            if open {
                let later = json!({"nested": [1, null, {"deep": true}]});
                fields.shift_insert(0, "came_later".to_owned(), later);
            }
        }
        _ => {}
    }
}
