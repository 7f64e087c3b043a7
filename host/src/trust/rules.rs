//! The rules of a policy file, and how they apply to a plugin.

use std::{borrow::Borrow, collections::BTreeMap, path::Path};

use semver::Version;
use serde::{Deserialize, Deserializer, de::Error as _};
use tw_render::text::visible;

use super::{
    Origin, Subject,
    keys::{Key, is_name},
    rule::{Effect, Mistake, Rule},
    versions::is_same,
};

/// The content of a policy file. An unknown key is an error, because a rule with a typing error must not be ignored.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Rules {
    /// `required` forbids unsigned plugins, even those installed with `--allow-unsigned`.
    signatures: Option<Required>,
    /// `forbidden` forbids linked plugins.
    linked: Option<Forbidden>,
    /// `forbidden` forbids `tw-NAME` executables on PATH.
    external: Option<Forbidden>,
    /// `forbidden` forbids plugins that are used instead of a bundled plugin of the same name.
    replace_bundled: Option<Forbidden>,
    /// `forbidden` forbids to install a plugin that takes a command from another plugin.
    take_commands: Option<Forbidden>,
    /// True if installed plugins must come from the indices in this file.
    #[serde(default)]
    only_indices: bool,
    /// The indices that every user has. Users can't remove them, or use their names for other indices.
    #[serde(default, deserialize_with = "named_indices")]
    pub(super) indices: BTreeMap<String, PrescribedIndex>,
    /// If there are `allow` rules, a plugin must match one of them.
    #[serde(default)]
    allow: Vec<Rule>,
    /// A plugin that matches a `deny` rule is forbidden.
    #[serde(default)]
    deny: Vec<Rule>,
    /// The libraries that plugins may need besides those of the system: the name that a plugin has under `DT_NEEDED`, such as `libz.so.1`.
    #[serde(default, deserialize_with = "library_names")]
    pub(super) libraries: Vec<String>,
    /// The only version of a plugin that may be used, by the plugin's name.
    #[serde(default)]
    pins: BTreeMap<PluginName, Version>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Required {
    Required,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Forbidden {
    Forbidden,
}

/// Reads the names of libraries. A path is refused, because only the folders of the system may be searched for a library.
fn library_names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    match names
        .iter()
        .find(|name| name.is_empty() || name.contains(['/', '\\', '$']))
    {
        Some(name) => Err(D::Error::custom(format!(
            "`{name}` is not the file name of a library"
        ))),
        None => Ok(names),
    }
}

/// An index that a policy prescribes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrescribedIndex {
    /// The address of the index: a URL, or the absolute path of a folder.
    #[serde(deserialize_with = "address")]
    pub(crate) url: String,
    /// The public key that signs the index.
    pub(crate) key: Key,
}

/// Reads the address of an index. A relative path would mean another folder in every working directory.
fn address<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let url = String::deserialize(from)?;
    let is_address = ["https://", "http://", "oci://"]
        .iter()
        .any(|scheme| url.starts_with(scheme));
    match is_address || Path::new(&url).is_absolute() {
        true => Ok(url),
        false => Err(D::Error::custom(format!(
            "`{}` is neither an address (https://, oci://) nor an absolute path",
            visible(&url)
        ))),
    }
}

/// Reads the prescribed indices. No source could name an index with an invalid name.
fn named_indices<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<BTreeMap<String, PrescribedIndex>, D::Error> {
    let indices = BTreeMap::<String, PrescribedIndex>::deserialize(from)?;
    match indices.keys().find(|name| !is_name(name)) {
        None => Ok(indices),
        Some(name) => Err(D::Error::custom(format!(
            "no index can be called `{}`",
            visible(name)
        ))),
    }
}

/// A valid name of a plugin.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
struct PluginName(String);

impl TryFrom<String> for PluginName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match is_name(&text) {
            true => Ok(Self(text)),
            false => Err(format!("no plugin can be called `{}`", visible(&text))),
        }
    }
}

impl Borrow<str> for PluginName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Rules {
    /// Returns the version that a plugin is pinned to; `None` if it isn't pinned.
    pub(super) fn pin(&self, name: &str) -> Option<&Version> {
        self.pins.get(name)
    }

    /// Finds the keys of the indices that rules name, and checks that the rules can match.
    ///
    /// # Errors
    /// A rule could never match.
    pub(super) fn resolve(&mut self, prescribed: &BTreeMap<String, Key>) -> Result<(), Mistake> {
        let allow = self.allow.iter_mut().map(|rule| (rule, Effect::Allow));
        let deny = self.deny.iter_mut().map(|rule| (rule, Effect::Deny));
        let mut rules = allow.chain(deny);
        rules.try_for_each(|(rule, effect)| rule.resolve(effect, prescribed))
    }

    /// Finds the rule that forbids a plugin, and describes it; returns `None` if the plugin is allowed.
    pub(super) fn find_violation(&self, subject: &Subject<'_>) -> Option<String> {
        let Subject {
            name,
            version,
            origin,
            ..
        } = *subject;
        let is_unsigned = subject.signer.is_none();
        match origin {
            Origin::External if self.external.is_some() => {
                return Some("`external = \"forbidden\"`".to_owned());
            }
            Origin::Linked if self.linked.is_some() => {
                return Some("`linked = \"forbidden\"`".to_owned());
            }
            Origin::Linked | Origin::Installed if self.signatures.is_some() && is_unsigned => {
                return Some("`signatures = \"required\"`, but it isn't signed".to_owned());
            }
            Origin::Installed if self.only_indices && !self.prescribes(subject.index_key) => {
                return Some("`only-indices = true`, but it came from none of them".to_owned());
            }
            _ => {}
        }
        if subject.replaces_bundled && self.replace_bundled.is_some() {
            return Some("`replace-bundled = \"forbidden\"`".to_owned());
        }
        if subject.takes_commands && self.take_commands.is_some() {
            return Some("`take-commands = \"forbidden\"`".to_owned());
        }
        if let Some(pin) = self.pin(name)
            && !version.is_some_and(|version| is_same(version, pin))
        {
            return Some(format!("`pins.{name} = \"{pin}\"`"));
        }
        let mut denied = self.deny.iter();
        if let Some(at) = denied.position(|rule| rule.matches(subject, Effect::Deny)) {
            return Some(format!("`deny`, rule {}", at + 1));
        }
        let mut allowed = self.allow.iter();
        if !self.allow.is_empty() && !allowed.any(|rule| rule.matches(subject, Effect::Allow)) {
            return Some("none of its `allow` rules matches".to_owned());
        }
        None
    }

    /// True if this is the key of an index in this file.
    fn prescribes(&self, key: Option<&Key>) -> bool {
        key.is_some_and(|key| self.indices.values().any(|index| index.key == *key))
    }
}

#[cfg(test)]
mod tests;
