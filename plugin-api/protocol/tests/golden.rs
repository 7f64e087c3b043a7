//! The wire format of every message. The folder `golden/` has at least one file for each. The tests read a file into
//! its Rust type, write it again, and compare the bytes. Plugins built years ago use exactly these bytes, so golden
//! files may be added and never changed.
#![allow(clippy::unwrap_used)]

mod messages;

use std::fs;

use serde_json::{Value, json};
use tw_plugin_protocol::METHODS;

use crate::messages::{folder, goldens, goldens_with_rewrite, messages, methods, pointers};

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
        let is_name = |field: &String| !field.contains([' ', '(']) && field != "is_used";
        for field in source.lines().filter_map(field).filter(is_name) {
            assert!(
                goldens.contains(&format!("\"{field}\": ")),
                "no golden file has the field `{field}`"
            );
        }
    }
}

#[test]
fn every_message_reads_from_an_empty_payload() {
    for (name, rewrite) in messages() {
        let empty = rewrite("{}").unwrap_or_else(|error| panic!("{name}: {error}"));
        for text in ["", "null"] {
            assert_eq!(rewrite(text).ok().as_ref(), Some(&empty), "{name}");
        }
    }
}

#[test]
fn null_is_the_same_as_a_missing_field_at_every_level() {
    for (name, text, rewrite) in goldens_with_rewrite() {
        let whole: Value = serde_json::from_str(&text).unwrap();
        // The settings of a section of the configuration are data, and so are bytes. The one key of a value in a document
        // is its type.
        let is_field = |pointer: &String| {
            let last = pointer.rsplit('/').next().unwrap_or_default();
            let is_type = name == "input.document.reply" && TYPES.contains(&last);
            !pointer.starts_with("/values/") && !pointer.contains("/bytes") && !is_type
        };
        for pointer in pointers(&whole).into_iter().filter(is_field) {
            let (mut null, mut missing) = (whole.clone(), whole.clone());
            *null.pointer_mut(&pointer).unwrap() = Value::Null;
            remove(&mut missing, &pointer);
            let [null, missing] = [null, missing].map(|message| {
                let read = rewrite(&message.to_string());
                read.unwrap_or_else(|error| panic!("{name} {pointer}: {error}"))
            });
            assert_eq!(null, missing, "{name} {pointer}");
        }
    }
}

fn remove(value: &mut Value, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match value.pointer_mut(parent).unwrap() {
        Value::Array(items) => drop(items.remove(name.parse().unwrap())),
        Value::Object(fields) => drop(fields.shift_remove(name)),
        _ => panic!("{pointer} has no parent"),
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

/// The keys that say which type a value has. Such an object has one key.
const TYPES: [&str; 6] = ["text", "number", "boolean", "list", "map", "bytes"];

/// Adds an unknown field to every object except those whose keys are data: the arguments of a run and their sources,
/// the settings of a section of the configuration, the statuses of a column, and the values of a document, whose one key
/// is their type.
fn add_fields(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(add_fields),
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                if !matches!(
                    name.as_str(),
                    "arguments" | "sources" | "statuses" | "values"
                ) {
                    add_fields(field);
                }
            }
            let is_value_of_document = |name| fields.len() == 1 && fields.contains_key(name);
            if TYPES.into_iter().any(is_value_of_document) {
                return;
            }
            let later = json!({"nested": [1, null, {"deep": true}]});
            fields.shift_insert(0, "came_later".to_owned(), later);
        }
        _ => {}
    }
}
