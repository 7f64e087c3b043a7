//! The keys of a profile: their names, and the one that a user means.

use std::ffi::OsStr;

use clap_complete::CompletionCandidate;
use tw_render::text::visible;

use crate::{
    config::{
        check::{explain, meant, nearest},
        kind::Kind,
        schema::{self, Shape},
    },
    error::Error,
};

/// Returns the names of all keys, such as `http.rate`.
fn names() -> impl Iterator<Item = String> {
    schema::settings().map(|(path, _)| path.join("."))
}

/// Completes the key of a profile.
pub(super) fn complete_key(word: &OsStr) -> Vec<CompletionCandidate> {
    complete_with(word, "")
}

/// Completes the key of an assignment.
pub(super) fn complete_assignment(word: &OsStr) -> Vec<CompletionCandidate> {
    complete_with(word, "=")
}

fn complete_with(word: &OsStr, after: &str) -> Vec<CompletionCandidate> {
    let keys = names().map(|name| name + after);
    let matching = keys.filter(|key| key.as_bytes().starts_with(word.as_encoded_bytes()));
    matching.map(CompletionCandidate::new).collect()
}

/// Returns the section of help that lists the keys.
pub(super) fn describe_keys() -> String {
    format!("Keys:\n  {}", names().collect::<Vec<_>>().join("\n  "))
}

/// Returns the path and the type of a key that a user typed.
pub(super) fn find_key(typed: &str) -> Result<(Vec<&'static str>, Kind), Error> {
    if let Some((path, key)) = schema::setting(typed)
        && let Shape::Value(kind) = key.shape
    {
        return Ok((path, kind));
    }
    let known: Vec<String> = names().collect();
    let section = format!("{typed}.");
    let below = known.iter().filter(|key| key.starts_with(&section));
    let below: Vec<&str> = below.map(String::as_str).collect();
    if !below.is_empty() {
        return Err(Error::invalid_value(format!("`{typed}` is a section"))
            .hint(format!("its keys are {}", below.join(", "))));
    }
    let unknown = Error::invalid_value(format!("A profile has no key `{}`", visible(typed)));
    if let Some(why) = explain(typed) {
        return Err(unknown.hint(why));
    }
    let meant = meant(typed);
    let near = schema::settings().find(|(path, _)| path.last() == Some(&meant));
    let near = near.map(|(path, _)| path.join("."));
    let near = near.or_else(|| nearest(meant, known.iter().map(String::as_str)).map(str::to_owned));
    let hint = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the keys are {}", known.join(", ")),
    };
    Err(unknown.hint(hint))
}
