//! The credentials for a registry: those of the command line, or those that docker, podman or another tool has stored.
//!
//! The tools share one format. Its keys are registries or, in podman's file, also namespaces of a registry; the longest one that matches counts. A
//! credential helper is a program that has the credentials.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{Place, helper};
use crate::{
    error::Error,
    files::{MAX_TEXT, show_path},
    owners::{self, Distrust},
    process::variable,
    stdio,
};

/// The key of Docker Hub in docker's configuration and for its credential helpers.
const HUB: &str = "https://index.docker.io/v1/";
/// The names of Docker Hub.
const HUB_HOSTS: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];
/// The user name that docker and its credential helpers write beside a refresh token, and the one that Azure's registries use.
const TOKEN_NAMES: [&str; 2] = ["<token>", "00000000-0000-0000-0000-000000000000"];

/// The credentials for a registry.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) name: String,
    /// The password or the refresh token.
    pub(super) secret: Zeroizing<String>,
}

impl Credentials {
    /// Makes credentials; returns `None` if there is no secret.
    pub(super) fn new(name: String, secret: Zeroizing<String>) -> Option<Self> {
        (!secret.is_empty()).then_some(Self { name, secret })
    }

    /// True if the secret is a refresh token, which the token server exchanges for an access token.
    pub(super) fn is_refresh_token(&self) -> bool {
        TOKEN_NAMES.contains(&self.name.as_str())
    }

    /// True if a registry without a token server can take the credentials.
    pub(super) fn is_password(&self) -> bool {
        self.name != TOKEN_NAMES[0]
    }
}

/// The credentials that a command uses.
#[derive(Default)]
pub(crate) struct Login {
    /// The registry that the command line names, if the command takes credentials for it.
    registry: Option<String>,
    given: Option<Credentials>,
    /// The stored credentials that were looked for, by `HOST/REPOSITORY`.
    found: RefCell<BTreeMap<String, Option<Credentials>>>,
    /// Why stored credentials can't be used. `None` if they can, or if there are none.
    problem: RefCell<Option<String>>,
}

impl Login {
    /// Returns the login of a command that names a place in a registry. Only this registry gets the name and the password of the command line.
    pub(crate) fn for_place(place: &Place, given: Option<(String, Zeroizing<String>)>) -> Self {
        Self {
            registry: Some(place.server().to_owned()),
            given: given.and_then(|(name, password)| Credentials::new(name, password)),
            ..Self::default()
        }
    }

    /// True if the command line can give credentials for this registry.
    pub(super) fn takes_options(&self, host: &str) -> bool {
        self.registry.as_deref() == Some(host)
    }

    /// Returns why stored credentials can't be used. `None` if they can, or if there are none.
    pub(super) fn problem(&self) -> Option<String> {
        self.problem.borrow().clone()
    }

    /// Returns the credentials for a place. `None` if there are none. Warns if there are some that can't be used: a public package needs none.
    ///
    /// # Errors
    /// Somebody else could have written a configuration, or the credential helper that it names.
    pub(super) fn credentials(&self, place: &Place) -> Result<Option<Credentials>, Error> {
        let host = place.server();
        if self.given.is_some() && self.takes_options(host) {
            return Ok(self.given.clone());
        }
        let name = format!("{host}/{}", place.repository);
        if let Some(found) = self.found.borrow().get(&name) {
            return Ok(found.clone());
        }
        let found = find_stored(&name, host).or_else(|failure| match failure {
            Unusable::Refused(error) => Err(error),
            Unusable::Skipped(problem) => {
                stdio::warn(
                    &format!("{problem}, so the registry {host} is asked without credentials"),
                    None,
                );
                *self.problem.borrow_mut() = Some(problem);
                Ok(None)
            }
        })?;
        self.found.borrow_mut().insert(name, found.clone());
        Ok(found)
    }
}

/// Why stored credentials can't be used.
pub(super) enum Unusable {
    /// The command ends, because the user must do something.
    Refused(Error),
    /// The command goes on without the credentials.
    Skipped(String),
}

/// A configuration of docker or podman.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Configuration {
    auths: Option<BTreeMap<String, Entry>>,
    creds_store: Option<String>,
    cred_helpers: Option<BTreeMap<String, String>>,
}

/// The credentials for a registry or a namespace. `docker login` leaves them empty if a credential helper has them.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    /// `NAME:PASSWORD` in base64.
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
}

/// Finds the stored credentials for `HOST/REPOSITORY`. The first file that has some counts.
fn find_stored(name: &str, host: &str) -> Result<Option<Credentials>, Unusable> {
    let mut problem = None;
    for (tool, path) in configurations() {
        match find_in(tool, &path, name, host) {
            Ok(None) => {}
            Err(Unusable::Skipped(reason)) => {
                problem.get_or_insert(reason);
            }
            found => return found,
        }
    }
    problem.map_or(Ok(None), |reason| Err(Unusable::Skipped(reason)))
}

/// Finds the credentials for `HOST/REPOSITORY` in the configuration of docker or podman. `None` if it has none.
fn find_in(
    tool: &str,
    path: &Path,
    name: &str,
    host: &str,
) -> Result<Option<Credentials>, Unusable> {
    let advice = format!("log in again: `{tool} login {host}`");
    // The file can also name the program that has the credentials.
    let text = match owners::read_own(path, MAX_TEXT) {
        Ok(text) => Zeroizing::new(text),
        Err(Distrust::Missing) => return Ok(None),
        Err(distrust @ Distrust::Stranger(_)) => {
            let what = format!("{tool}'s configuration {}", show_path(path));
            return Err(Unusable::Refused(distrust.explain(&what, &advice)));
        }
        Err(Distrust::Unreadable(error)) => {
            return Err(Unusable::Skipped(format!(
                "{tool}'s configuration {} can't be read ({error})",
                show_path(path)
            )));
        }
    };
    if text.trim_ascii().is_empty() {
        return Ok(None);
    }
    let damaged = || {
        Unusable::Skipped(format!(
            "{tool}'s configuration has no usable credentials for {host}: {} is damaged",
            show_path(path)
        ))
    };
    let configuration: Configuration = serde_json::from_slice(&text).map_err(|_| damaged())?;
    let (entry, helper) = configuration.find(name, host);
    if let Some(helper) = helper {
        // Only the credentials of Docker Hub have a URL as their key.
        let key = if HUB_HOSTS.contains(&host) { HUB } else { host };
        if let Some(found) = helper::ask(&helper, key)? {
            return Ok(Some(found));
        }
    }
    match entry {
        Some(entry) => entry.read().map(Some).ok_or_else(damaged),
        None => Ok(None),
    }
}

/// Returns the files that can have credentials, each with the tool that writes it.
fn configurations() -> impl Iterator<Item = (&'static str, PathBuf)> {
    let folder = |name| variable(name).map(PathBuf::from);
    let home = || folder("HOME").or_else(|| folder("USERPROFILE"));
    let docker = folder("DOCKER_CONFIG").or_else(|| Some(home()?.join(".docker")));
    let config = folder("XDG_CONFIG_HOME").or_else(|| Some(home()?.join(".config")));
    let of_podman = |folder: PathBuf| folder.join("containers").join("auth.json");
    // containers-auth.json(5)
    let files = [
        ("podman", folder("REGISTRY_AUTH_FILE")),
        ("docker", docker.map(|folder| folder.join("config.json"))),
        ("podman", folder("XDG_RUNTIME_DIR").map(of_podman)),
        ("podman", config.map(of_podman)),
    ];
    files
        .into_iter()
        .filter_map(|(tool, path)| Some((tool, path?)))
}

impl Configuration {
    /// Finds the entry for `HOST/REPOSITORY`, and the credential helper to ask before that entry is used.
    fn find(self, name: &str, host: &str) -> (Option<Entry>, Option<String>) {
        let is_set = |text: &String| !text.is_empty();
        let entries = self.auths.into_iter().flatten();
        let entry = longest(entries.filter(|(_, entry)| entry.is_set()), name);
        // A helper has one login for a registry.
        let helpers = self.cred_helpers.into_iter().flatten();
        let helper = longest(helpers.filter(|(_, name)| is_set(name)), host);
        let store = self.creds_store.filter(|_| entry.is_none());
        (entry, helper.or(store).filter(is_set))
    }
}

/// Returns the value whose key is the longest prefix of a name.
fn longest<T>(entries: impl Iterator<Item = (String, T)>, name: &str) -> Option<T> {
    let name = normalize(name);
    let matching = entries.filter_map(|(key, value)| {
        let key = normalize(&key);
        let rest = name.strip_prefix(&key)?;
        let is_prefix = !key.is_empty() && (rest.is_empty() || rest.starts_with('/'));
        is_prefix.then_some((key.len(), value))
    });
    matching
        .max_by_key(|(length, _)| *length)
        .map(|(_, value)| value)
}

/// Brings a key, `[SCHEME://]HOST[/NAMESPACE]`, into one form. Old versions of docker added the version of the registry's API.
fn normalize(key: &str) -> String {
    let key = key.split_once("://").map_or(key, |(_, key)| key);
    let key = key.trim_end_matches('/');
    let (host, path) = key.split_once('/').unwrap_or((key, ""));
    let host = host.to_ascii_lowercase();
    let host = match HUB_HOSTS.contains(&host.as_str()) {
        true => HUB_HOSTS[0].to_owned(),
        false => host,
    };
    match path {
        "" | "v1" | "v2" => host,
        path => format!("{host}/{path}"),
    }
}

impl Entry {
    fn is_set(&self) -> bool {
        let all = [
            &self.auth,
            &self.username,
            &self.password,
            &self.identitytoken,
        ];
        all.into_iter().flatten().any(|text| !text.is_empty())
    }

    /// Returns the credentials; `None` if they can't be read.
    fn read(self) -> Option<Credentials> {
        let is_set = |text: &String| !text.is_empty();
        if let Some(token) = self.identitytoken.filter(is_set) {
            return Credentials::new(TOKEN_NAMES[0].to_owned(), Zeroizing::new(token));
        }
        if let Some(auth) = self.auth.filter(is_set) {
            // Some tools leave the padding out.
            let padding = DecodePaddingMode::Indifferent;
            let config = GeneralPurposeConfig::new().with_decode_padding_mode(padding);
            let decoded = GeneralPurpose::new(&STANDARD, config).decode(auth.trim());
            let decoded = Zeroizing::new(decoded.ok()?);
            let (name, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
            // docker pads the text with zero bytes.
            let password = password.trim_end_matches('\0').to_owned();
            return Credentials::new(name.to_owned(), Zeroizing::new(password));
        }
        Credentials::new(self.username?, Zeroizing::new(self.password?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str, name: &str) -> Option<String> {
        let configuration: Configuration = serde_json::from_str(text).unwrap();
        let host = name.split('/').next().unwrap();
        let (entry, helper) = configuration.find(name, host);
        helper.or_else(|| entry.and_then(|entry| entry.username))
    }

    #[test]
    fn the_longest_key_that_is_a_prefix_of_the_repository_counts() {
        let text = r#"{"auths": {
            "reg.example": {"username": "all"},
            "reg.example/team": {"username": "team"},
            "reg.example/team/app": {"username": "app"},
            "https://REG.example:5000/v2/": {"username": "port"},
            "old.example/v1": {"username": "old"},
            "empty.example": {}
        }}"#;
        for (name, expected) in [
            ("reg.example/other/x", Some("all")),
            ("reg.example/teams", Some("all")),
            ("reg.example/team/x", Some("team")),
            ("reg.example/team/app", Some("app")),
            ("reg.example:5000/team", Some("port")),
            ("old.example/v1/x", Some("old")),
            ("empty.example/x", None),
            ("notreg.example/team", None),
        ] {
            assert_eq!(find(text, name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn docker_hub_is_found_under_each_of_its_names() {
        for key in [
            HUB,
            "index.docker.io",
            "docker.io",
            "https://registry-1.docker.io/v2/",
        ] {
            let text = format!(r#"{{"auths": {{"{key}": {{"username": "me"}}}}}}"#);
            let found = find(&text, "index.docker.io/acme/hello");
            assert_eq!(found.as_deref(), Some("me"), "{key}");
        }
    }

    #[test]
    fn a_helper_of_the_registry_precedes_an_entry_and_an_entry_precedes_the_store() {
        let name = "reg.example/x";
        let entry = r#""auths": {"reg.example": {"username": "entry"}}"#;
        let helper = r#""credHelpers": {"reg.example": "helper"}"#;
        let store = r#""credsStore": "store""#;
        let find = |parts: &[&str]| find(&format!("{{{}}}", parts.join(",")), name);
        assert_eq!(find(&[entry, helper, store]).as_deref(), Some("helper"));
        assert_eq!(find(&[entry, store]).as_deref(), Some("entry"));
        assert_eq!(find(&[store]).as_deref(), Some("store"));
        assert_eq!(find(&[r#""credsStore": """#]), None);
        let null = r#""auths": null, "credsStore": null, "credHelpers": null"#;
        assert_eq!(find(&[null]), None);
        let empty = r#""credHelpers": {"reg.example": ""}"#;
        assert_eq!(find(&[entry, empty]).as_deref(), Some("entry"));
    }
}
