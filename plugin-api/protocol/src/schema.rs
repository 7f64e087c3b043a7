//! `messages.schema.json`: the JSON schema of all messages, for authors who write plugins in other languages. It is
//! generated from the Rust types, and a test keeps it up to date.

use std::{fs, path::Path};

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{ErrorMessage, GRANTED, Needs, PROTOCOL, call::describe_methods};

/// Set this variable to write the file.
const UPDATE: &str = "UPDATE_SCHEMA";

fn generate() -> Value {
    let mut generator: SchemaGenerator = SchemaSettings::draft2020_12().into_generator();
    let failure = generator.subschema_for::<ErrorMessage>();
    let needs = generator.subschema_for::<Needs>();
    let methods: Map<String, Value> = describe_methods(&mut generator)
        .into_iter()
        .map(|(name, doc, [request, reply])| {
            let method = json!({
                "description": doc,
                "caller": if name.contains('.') { "plugin" } else { "host" },
                "request": { "allOf": [request, needs] },
                "reply": reply,
                "failure": failure,
            });
            (name.to_owned(), method)
        })
        .collect();
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The messages between tw and its plugins",
        "description": "Every method has a request and a reply, each a JSON object. A field that is missing or null has its default. Readers ignore unknown fields. A failed call replies with the failure.",
        "protocol": PROTOCOL,
        "granted_services": GRANTED,
        "methods": methods,
        "$defs": generator.take_definitions(true),
    });
    remove_rust(&mut schema);
    schema
}

/// Removes what only Rust programmers need: examples, and the targets of links, so that ``[`Span`](crate::Span)`` becomes
/// `` `Span` ``.
fn remove_rust(value: &mut Value) {
    match value {
        Value::String(text) => {
            while let Some(begin) = text.find("[`") {
                let Some(length) = text[begin..].find("`]") else {
                    break;
                };
                let name = text[begin + 1..=begin + length].to_owned();
                let rest = &text[begin + length + 2..];
                let target = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
                let rest = target.map_or(rest, |(_, rest)| rest);
                *text = format!("{}{name}{rest}", &text[..begin]);
            }
            *text = text
                .replace("](crate::Feature)", "")
                .replace("[feature", "feature");
        }
        Value::Array(items) => items.iter_mut().for_each(remove_rust),
        Value::Object(fields) => fields.values_mut().for_each(remove_rust),
        _ => {}
    }
}

#[test]
fn the_schema_of_the_messages_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("messages.schema.json");
    let schema = format!("{:#}\n", generate());
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&path, &schema).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == schema,
        "messages.schema.json is not that of the types; `{UPDATE}=1 cargo test -p tw-plugin-protocol` writes it"
    );
}
