//! A rule of a policy that allows or denies plugins.

use std::{collections::BTreeMap, ops::Range};

use semver::VersionReq;
use serde::Deserialize;
use toml::Spanned;
use tw_plugin_protocol::METHODS;
use tw_render::text::visible;

use super::{
    Origin, Services, Subject,
    keys::Key,
    names::NamePattern,
    versions::{is_allowed, is_denied},
};

/// A rule, which matches a plugin if all its conditions do. A rule without conditions matches every plugin.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Rule {
    /// The plugin's name, in which `*` and `?` are wildcards.
    name: Option<NamePattern>,
    /// The prescribed index that the plugin came from.
    index: Option<Spanned<String>>,
    /// The public key that signs the index that the plugin came from.
    index_key: Option<Key>,
    /// The public key that signed the plugin.
    key: Option<Key>,
    /// The range of versions, such as `<1.2` or `>=1, <2`.
    version: Option<VersionReq>,
    /// Services of the host. A `deny` rule matches a plugin that uses one of them, and an `allow` rule a plugin that uses no others.
    services: Option<Spanned<Vec<Service>>>,
    /// The key of the index that `index` names.
    #[serde(skip)]
    prescribed: Option<Key>,
}

/// A rule that could never match.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) message: String,
    pub(super) hint: &'static str,
    /// The place in the file.
    pub(super) part: Range<usize>,
}

/// The effect of a rule that matches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Effect {
    Allow,
    Deny,
}

/// The name of a service of the host.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "String")]
struct Service(String);

impl TryFrom<String> for Service {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut services = METHODS.iter().filter_map(|method| method.split_once('.'));
        match services.any(|(service, _)| service == text) {
            true => Ok(Self(text)),
            false => Err(format!("there is no service `{}`", visible(&text))),
        }
    }
}

impl Rule {
    /// Finds the key of the index that the rule names, and checks that the rule can match.
    ///
    /// # Errors
    /// No policy prescribes the index, or a `deny` rule lists no services.
    pub(super) fn resolve(
        &mut self,
        effect: Effect,
        prescribed: &BTreeMap<String, Key>,
    ) -> Result<(), Mistake> {
        if let Some(index) = &self.index {
            let key = prescribed.get(index.get_ref());
            let unknown = || Mistake {
                message: format!(
                    "no policy prescribes the index `{}`",
                    visible(index.get_ref())
                ),
                hint: "prescribe the index, or name its key with `index-key`",
                part: index.span(),
            };
            self.prescribed = Some(key.ok_or_else(unknown)?.clone());
        }
        match &self.services {
            Some(services) if effect == Effect::Deny && services.get_ref().is_empty() => {
                Err(Mistake {
                    message: "the rule denies no service".to_owned(),
                    hint: "list the services that a plugin may not use",
                    part: services.span(),
                })
            }
            _ => Ok(()),
        }
    }

    /// True if the rule matches. An unknown property of a library matches every condition of a `deny` rule, and no condition of an `allow` rule.
    pub(super) fn matches(&self, subject: &Subject<'_>, effect: Effect) -> bool {
        let if_unknown = effect == Effect::Deny && subject.origin != Origin::External;
        let version = |range: &VersionReq| match (subject.version, effect) {
            (None, _) => if_unknown,
            (Some(version), Effect::Deny) => is_denied(range, version),
            (Some(version), Effect::Allow) => is_allowed(range, version),
        };
        let services = |listed: &Spanned<Vec<Service>>| {
            let is_listed =
                |used: &String| listed.get_ref().iter().any(|service| service.0 == *used);
            match (subject.services, effect) {
                (Services::Unknown, _) => if_unknown,
                (Services::Undescribed, effect) => effect == Effect::Allow,
                (Services::Declared(used), Effect::Deny) => used.iter().any(is_listed),
                (Services::Declared(used), Effect::Allow) => used.iter().all(is_listed),
            }
        };
        let is_index = |key: &Key| subject.index_key == Some(key);
        let is_signer = |key: &Key| subject.signer.is_some_and(|signer| signer.key == *key);
        let mut indices = self.prescribed.iter().chain(&self.index_key);
        self.name
            .as_ref()
            .is_none_or(|name| name.matches(subject.name))
            && self.version.as_ref().is_none_or(version)
            && self.services.as_ref().is_none_or(services)
            && indices.all(is_index)
            && self.key.as_ref().is_none_or(is_signer)
    }
}
