//! Features: what came after version 1.0 of the protocol and must be understood to act correctly.
//!
//! A reader ignores a field that it doesn't know. That is wrong if the field changes what a message means: a host that
//! ignores the condition of a conditional `DELETE` deletes without the condition. Such a field, method or kind is a
//! feature. A message that uses a feature names it in its field `needs`, and a reader that lacks the feature refuses the
//! message.
//!
//! To add a feature, add a line to [`FEATURES`], and the field itself to its message. The names are then in the list that
//! a host sends with [`Describe`](crate::Describe) and [`Run`](crate::Run), `tw-plugin-api` names the feature in every
//! message that uses it, and both sides accept messages that need it.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Call, Manifest, read::list, to_bytes};

/// A feature of the protocol.
#[derive(Debug, Clone, Copy)]
pub struct Feature {
    /// The name, with the service or the message before a dot: `http.only_if`.
    pub name: &'static str,
    /// The message that can use the feature: the method of a request, `http.request` (in every method that sends one), `manifest`, `command` or
    /// `argument`.
    pub message: &'static str,
    /// Returns true if this message uses the feature.
    pub is_used: fn(&Value) -> bool,
}

/// The features that this version of the protocol has, one on each line.
pub const FEATURES: &[Feature] = &[
    // Feature { name: "http.only_if", message: "http.request", is_used: |request| request.get("only_if").is_some() },
];

/// Returns the names of all [`FEATURES`].
pub fn feature_names() -> Vec<String> {
    FEATURES
        .iter()
        .map(|feature| feature.name.to_owned())
        .collect()
}

/// Returns those of these features that this version of the protocol doesn't have.
pub fn missing_features(needs: &[String]) -> Vec<&str> {
    let is_missing = |need: &&str| FEATURES.iter().all(|feature| feature.name != *need);
    needs
        .iter()
        .map(String::as_str)
        .filter(is_missing)
        .collect()
}

/// The field `needs` of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Needs {
    /// The names of the features that the request needs.
    #[serde(deserialize_with = "list")]
    pub needs: Vec<String>,
}

/// Serializes a request, with the names of the features that it needs.
pub fn request_to_bytes<C: Call>(request: &C::Request) -> Vec<u8> {
    add_needs_to_request(FEATURES, C::METHOD, to_bytes(request))
}

// Works on the text, so that plugins don't contain the code once for each type of request.
fn add_needs_to_request(features: &[Feature], method: &str, request: Vec<u8>) -> Vec<u8> {
    if features.is_empty() {
        return request;
    }
    let content: Value = serde_json::from_slice(&request).unwrap_or_default();
    let mut needs = find_needs_in(features, method, &content);
    for http in find_http_requests(method, &content) {
        needs.extend(find_needs_in(features, "http.request", http));
    }
    needs.sort_unstable();
    needs.dedup();
    if needs.is_empty() {
        return request;
    }
    let mut fields: Map<String, Value> = serde_json::from_slice(&request).unwrap_or_default();
    fields.insert("needs".to_owned(), needs.into());
    to_bytes(&fields)
}

/// Returns the HTTP requests that a call of this method sends.
fn find_http_requests<'a>(method: &str, content: &'a Value) -> Vec<&'a Value> {
    match method {
        "http.send" | "http.open" => vec![content],
        "http.download" => vec![&content["request"]],
        "http.batch" => content["requests"]
            .as_array()
            .map_or_else(Vec::new, |requests| requests.iter().collect()),
        _ => Vec::new(),
    }
}

/// Adds to a manifest and to its commands the names of the features that they need.
pub fn add_needs(manifest: &mut Manifest) {
    add_needs_with(FEATURES, manifest);
}

fn add_needs_with(features: &[Feature], manifest: &mut Manifest) {
    let needs = find_needs(features, "manifest", &to_bytes(manifest));
    manifest.needs.extend(needs);
    let commands = manifest.commands.iter_mut();
    commands.for_each(|command| add_needs_to_command(features, command));
}

fn add_needs_to_command(features: &[Feature], command: &mut crate::Command) {
    let mut needs = find_needs(features, "command", &to_bytes(command));
    for argument in command.args.iter().chain(&command.shared) {
        needs.extend(find_needs(features, "argument", &to_bytes(argument)));
    }
    needs.sort_unstable();
    needs.dedup();
    command.needs.extend(needs);
    let below = command.subcommands.iter_mut();
    below.for_each(|command| add_needs_to_command(features, command));
}

/// Returns the names of the features that this message uses.
fn find_needs(features: &[Feature], message: &str, content: &[u8]) -> Vec<String> {
    match features.is_empty() {
        true => Vec::new(),
        false => find_needs_in(
            features,
            message,
            &serde_json::from_slice(content).unwrap_or_default(),
        ),
    }
}

fn find_needs_in(features: &[Feature], message: &str, content: &Value) -> Vec<String> {
    let is_used = |feature: &&Feature| feature.message == message && (feature.is_used)(content);
    let used = features.iter().filter(is_used);
    used.map(|feature| feature.name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Arg, ArgKind, Command, HttpRequest};

    const LATER: &[Feature] = &[
        Feature {
            name: "http.limit",
            message: "http.request",
            is_used: |request| request.get("max_body").is_some(),
        },
        Feature {
            name: "argument.flag",
            message: "argument",
            is_used: |argument| argument["kind"] == "flag",
        },
        Feature {
            name: "manifest.homepage",
            message: "manifest",
            is_used: |manifest| manifest.get("homepage").is_some(),
        },
    ];

    #[test]
    fn a_request_names_the_features_that_it_uses() {
        let mut request = HttpRequest {
            url: "/x".to_owned(),
            ..Default::default()
        };
        let needs = |request: &HttpRequest| {
            let bytes = add_needs_to_request(LATER, "http.send", to_bytes(request));
            let needs: Needs = serde_json::from_slice(&bytes).unwrap_or_default();
            let read: HttpRequest = serde_json::from_slice(&bytes).unwrap_or_default();
            assert_eq!(read, *request);
            needs.needs
        };
        assert_eq!(needs(&request), [""; 0]);
        request.max_body = Some(1);
        assert_eq!(needs(&request), ["http.limit"]);
    }

    #[test]
    fn every_call_that_sends_requests_names_their_features() {
        let request = HttpRequest {
            max_body: Some(1),
            ..Default::default()
        };
        let needs = |method: &str, content: Vec<u8>| {
            let bytes = add_needs_to_request(LATER, method, content);
            let needs: Needs = serde_json::from_slice(&bytes).unwrap_or_default();
            assert_eq!(needs.needs, ["http.limit"], "{method}");
        };
        needs("http.send", to_bytes(&request));
        needs("http.open", to_bytes(&request));
        let requests = vec![HttpRequest::default(), request.clone(), request.clone()];
        needs(
            "http.batch",
            to_bytes(&crate::BatchRequest {
                requests,
                ..Default::default()
            }),
        );
        needs(
            "http.download",
            to_bytes(&crate::DownloadRequest {
                request,
                ..Default::default()
            }),
        );
    }

    #[test]
    fn a_manifest_and_its_commands_name_the_features_that_they_use() {
        let flag = Arg {
            kind: ArgKind::Flag,
            ..Default::default()
        };
        let mut manifest = Manifest {
            homepage: "https://tw.example".to_owned(),
            commands: vec![Command {
                subcommands: vec![
                    Command::default(),
                    Command {
                        args: vec![flag.clone(), flag],
                        ..Default::default()
                    },
                ],
                ..Default::default()
            }],
            ..Default::default()
        };
        add_needs_with(LATER, &mut manifest);
        assert_eq!(manifest.needs, ["manifest.homepage"]);
        let below = &manifest.commands[0].subcommands;
        assert_eq!(
            (&below[0].needs, &below[1].needs),
            (&vec![], &vec!["argument.flag".to_owned()])
        );
    }

    #[test]
    fn a_feature_of_a_newer_version_is_missing() {
        let needs = ["http.only_if".to_owned()];
        assert_eq!(missing_features(&needs), ["http.only_if"]);
        assert_eq!(missing_features(&[]), [""; 0]);
        assert!(missing_features(&feature_names()).is_empty());
    }
}
