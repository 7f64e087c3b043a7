//! The wire format of every message. The folder `golden/` has at least one file for each. The tests read a file into
//! its Rust type, write it again, and compare the bytes. Plugins built years ago use exactly these bytes, so golden
//! files may be added and never changed.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tw_plugin_protocol::*;

/// A function that reads a message of some type and writes it again.
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

/// Returns the function for every message, by the name of the message's golden file. A file of a variant has a longer
/// name: `run.reply.record.json` is a `run.reply`.
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

/// Returns the contents of the golden files, by their names without `.json`.
fn goldens() -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder("golden")).unwrap();
    let golden = |path: PathBuf| {
        let file = path.file_name().unwrap().to_str().unwrap();
        let name = file
            .strip_suffix(".json")
            .unwrap_or_else(|| panic!("the golden file {file} has no extension `.json`"));
        (name.to_owned(), fs::read_to_string(&path).unwrap())
    };
    entries.map(|entry| golden(entry.unwrap().path())).collect()
}

/// Returns the name and the content of each golden file, with the function that rewrites its message.
fn goldens_with_rewrite() -> Vec<(String, String, Rewrite)> {
    let messages = messages();
    let message = |name: &str| {
        let is_of = |message: &str| {
            name.strip_prefix(message)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        messages
            .iter()
            .find(|(message, _)| is_of(message))
            .map(|(_, rewrite)| *rewrite)
    };
    let golden = |(name, text): (String, String)| {
        let rewrite =
            message(&name).unwrap_or_else(|| panic!("no message is called like {name}.json"));
        (name, text, rewrite)
    };
    goldens().into_iter().map(golden).collect()
}

#[test]
fn every_method_has_a_golden_file_of_its_request_and_of_its_reply() {
    let names: Vec<&str> = methods().iter().map(|method| method.name).collect();
    assert_eq!(names, METHODS, "`methods` must list all methods");
    let goldens = goldens();
    for message in messages().keys() {
        assert!(
            goldens.contains_key(message),
            "golden/{message}.json is missing"
        );
    }
}

#[test]
fn every_golden_file_is_written_again_byte_for_byte() {
    for (name, text, rewrite) in goldens_with_rewrite() {
        let written = rewrite(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(format!("{written}\n"), text, "{name}");
    }
}

#[test]
fn every_field_of_every_message_is_in_a_golden_file() {
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
                "no golden file has the field `{field}`"
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
fn unknown_fields_are_ignored_at_every_level() {
    for (name, text, rewrite) in goldens_with_rewrite() {
        let mut later: Value = serde_json::from_str(&text).unwrap();
        add_fields(&mut later);
        let written = rewrite(&later.to_string()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(format!("{written}\n"), text, "{name}");
    }
}

/// Adds an unknown field to every object except those whose keys are data: the arguments of a run and their sources,
/// and the settings of a section of the configuration.
fn add_fields(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(add_fields),
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                if !matches!(name.as_str(), "arguments" | "sources" | "values") {
                    add_fields(field);
                }
            }
            let later = json!({"nested": [1, null, {"deep": true}]});
            fields.shift_insert(0, "came_later".to_owned(), later);
        }
        _ => {}
    }
}
