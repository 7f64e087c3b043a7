//! Random changes of every message: other types, `null`, numbers out of range, kinds and fields of a later version. Both
//! sides read their messages with these types, so this holds for the host and for plugins.
#![allow(clippy::unwrap_used)]

mod messages;

use proptest::prelude::*;
use serde_json::{Value, json};
use tw_plugin_protocol::*;

use crate::messages::{goldens_with_rewrite, pointers};

/// The number that no double can hold. `serde_json::Value` can't hold it either, so a text takes its place.
const TOO_LARGE: &str = "<1E400>";

/// Values that can stand anywhere in a message of another version, or of a careless author.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec!["", "later", "text", "unknown", "-1", TOO_LARGE])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec(("[a-z]{1,4}", inner), 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A change of a message: which of its parts, and the new value. Without a value, the part gets an unknown field.
type Change = (prop::sample::Index, Option<Value>);

fn any_changes() -> impl Strategy<Value = (prop::sample::Index, Vec<Change>)> {
    let change = (any::<prop::sample::Index>(), prop::option::of(any_value()));
    (
        any::<prop::sample::Index>(),
        prop::collection::vec(change, 1..4),
    )
}

/// Makes the changes. Returns the text of the message, and the parts that have another value now.
fn apply(changes: &[Change], text: &str) -> (String, Vec<String>) {
    let mut message: Value = serde_json::from_str(text).unwrap();
    let mut replaced = Vec::new();
    for (at, value) in changes {
        let mut parts = pointers(&message);
        parts.push(String::new());
        let part = &parts[at.index(parts.len())];
        match (value, message.pointer_mut(part).unwrap()) {
            (Some(value), old) if !part.is_empty() => {
                *old = value.clone();
                replaced.push(part.clone());
            }
            (_, Value::Object(fields)) => drop(fields.insert("came_later".to_owned(), json!([{}]))),
            _ => {}
        }
    }
    let text = message
        .to_string()
        .replace(&format!("\"{TOO_LARGE}\""), "1E400");
    (text, replaced)
}

/// Returns true if one of these parts is `part`, contains it, or is in it.
fn touches(replaced: &[String], part: &str) -> bool {
    replaced
        .iter()
        .any(|replaced| part.starts_with(replaced.as_str()) || replaced.starts_with(part))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_message_makes_a_reader_panic((which, changes) in any_changes()) {
        let goldens = goldens_with_rewrite();
        let (_, text, rewrite) = &goldens[which.index(goldens.len())];
        let (message, _) = apply(&changes, text);
        let _ = rewrite(&message);
        let cut = message.char_indices().nth(message.len() / 2).map_or(0, |(at, _)| at);
        let _ = rewrite(&message[..cut]);
    }

    #[test]
    fn the_text_of_a_failure_is_never_lost((_, changes) in any_changes()) {
        let text = include_str!("../golden/error.json");
        let (message, replaced) = apply(&changes, text);
        let error = ErrorMessage::from_bytes(message.as_bytes());
        if !touches(&replaced, "/message") {
            prop_assert_eq!(error.message, "Secret with name 'API_KEY' already exists");
        } else if !replaced.contains(&"/message".to_owned()) {
            prop_assert!(!error.message.is_empty());
        }
        if !touches(&replaced, "/hint") {
            prop_assert!(error.hint.is_some());
        }
        prop_assert!(error.exit_code != Some(0) || touches(&replaced, "/exit_code"));
    }

    #[test]
    fn a_failed_run_never_reads_as_a_success((_, changes) in any_changes()) {
        let text = include_str!("../golden/run.reply.failed.json");
        let (message, replaced) = apply(&changes, text);
        let outcome: Outcome = from_bytes(message.as_bytes()).unwrap();
        let is_removed = replaced.contains(&"/failure".to_owned()) && message.contains("\"failure\":null");
        prop_assert_eq!(outcome.failure.is_none(), is_removed);
        if !touches(&replaced, "/failure/message") {
            let failure = outcome.failure.unwrap_or_default();
            prop_assert_eq!(failure.message, "1 of 2 secrets is not as the file says");
        }
    }

    #[test]
    fn one_outcome_of_a_batch_never_hides_the_others((_, changes) in any_changes()) {
        let text = include_str!("../golden/http.batch.reply.json");
        let (message, replaced) = apply(&changes, text);
        let Ok(reply) = from_bytes::<BatchReply>(message.as_bytes()) else {
            prop_assert!(replaced.contains(&"/items".to_owned()));
            return Ok(());
        };
        let outcomes = [BatchOutcome::Done, BatchOutcome::Failed, BatchOutcome::NotSent, BatchOutcome::OutcomeUnknown];
        let is_list_changed = touches(&replaced, "/items") && replaced.iter().any(|part| part.matches('/').count() < 3);
        for (at, outcome) in outcomes.into_iter().enumerate().filter(|_| !is_list_changed) {
            if !touches(&replaced, &format!("/items/{at}")) {
                prop_assert_eq!(reply.items[at].outcome, outcome);
            }
        }
    }

    /// A host that reads another request than the plugin wrote would do something that nobody asked for.
    #[test]
    fn a_request_is_read_as_it_was_written_or_refused((which, changes) in any_changes()) {
        let goldens = goldens_with_rewrite();
        let requests: Vec<_> = goldens.iter().filter(|(name, ..)| is_strict(name)).collect();
        let (name, text, rewrite) = requests[which.index(requests.len())];
        let (message, _) = apply(&changes, text);
        let Ok(read) = rewrite(&message) else {
            return Ok(());
        };
        let written: Value = serde_json::from_str(&message.replace("1E400", "\"1E400\"")).unwrap();
        let read: Value = serde_json::from_str(&read).unwrap();
        compare(&written, &read, "").map_err(|why| TestCaseError::fail(format!("{name}: {why}\n{message}")))?;
    }
}

/// The requests whose fields decide what the host does. An argument of a run that can't be read is an argument of an
/// unknown type, which the command refuses.
fn is_strict(name: &str) -> bool {
    let of_host = ["run.", "describe.", "complete."];
    name.contains(".request") && !of_host.iter().any(|method| name.starts_with(method))
}

/// Checks that every field that was read has the value that was written. A kind may have become `unknown`, a number the
/// largest or the smallest one, and `null` may have become the default.
fn compare(written: &Value, read: &Value, path: &str) -> Result<(), String> {
    let is_same = match (written, read) {
        (Value::Object(written), Value::Object(read)) => {
            return read
                .iter()
                .try_for_each(|(name, read)| match written.get(name) {
                    None | Some(Value::Null) => Ok(()),
                    Some(written) => compare(written, read, &format!("{path}/{name}")),
                });
        }
        (Value::Array(written), Value::Array(read)) => {
            let written = written.iter().filter(|item| !item.is_null());
            let written: Vec<&Value> = written.collect();
            if written.len() != read.len() {
                return Err(format!("{path} has {} items", read.len()));
            }
            let mut pairs = written.iter().zip(read);
            return pairs
                .try_for_each(|(written, read)| compare(written, read, &format!("{path}/…")));
        }
        (Value::Number(written), Value::Number(read)) => {
            let (written, read) = (written.as_f64().unwrap(), read.as_f64().unwrap());
            let is_largest = written > read && read >= f64::from(u8::MAX);
            let is_smallest = written < read && read <= i64::MIN as f64;
            written == read || is_largest || is_smallest
        }
        // What a reader doesn't know: a kind, a view, or a part that is secret.
        (_, Value::String(read)) if read == "unknown" => true,
        (written, read) => written == read,
    };
    match is_same
        || ["part", "from", "view"]
            .iter()
            .any(|tag| read.get(tag) == Some(&json!("unknown")))
    {
        true => Ok(()),
        false => Err(format!(
            "{path} was written as {written} and read as {read}"
        )),
    }
}
