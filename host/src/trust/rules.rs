//! What a policy file can say, and what that means for a plugin.

use std::collections::BTreeMap;

use globset::Glob;
use semver::{Version, VersionReq};
use serde::Deserialize;

use super::{Origin, Signer};

/// What a policy file can say. A key that isn't one of these is an error: a rule with a slip in it must not be none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Rules {
    /// `required`: no unsigned plugin, whatever exception was made for it.
    signatures: Option<Required>,
    /// `forbidden`: no linked plugin.
    linked: Option<Forbidden>,
    /// `forbidden`: no `tw-NAME` executable on PATH.
    external: Option<Forbidden>,
    /// Whether installed plugins come from the indices named here, and from nowhere else.
    #[serde(default)]
    only_indices: bool,
    /// The indices that every person has; nobody can remove them or give their names to others.
    #[serde(default)]
    pub(super) indices: BTreeMap<String, PrescribedIndex>,
    /// Where there is one, a plugin must match one of these.
    #[serde(default)]
    allow: Vec<Rule>,
    /// A plugin must match none of these.
    #[serde(default)]
    deny: Vec<Rule>,
    /// The one version of a plugin that may be used, by the plugin's name.
    #[serde(default)]
    pub(super) pins: BTreeMap<String, Version>,
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

/// An index that the policy prescribes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrescribedIndex {
    /// Where it is.
    pub(crate) url: String,
    /// The public key that signs it.
    pub(crate) key: String,
}

/// Matches a plugin in all that it names.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// The plugin's name; `*` and `?` stand for anything.
    name: Option<Glob>,
    /// The index it came from.
    index: Option<String>,
    /// The public key that signed it.
    key: Option<String>,
    /// The version: `<1.2`, `>=1, <2`.
    version: Option<VersionReq>,
}

/// A plugin, as a policy sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) name: &'a str,
    /// None for an executable, which has none.
    pub(crate) version: Option<&'a Version>,
    pub(crate) origin: Origin,
    pub(crate) index: Option<&'a str>,
    pub(crate) signer: Option<&'a Signer>,
}

impl<'a> Subject<'a> {
    /// One that nobody has locked: a bundled or linked plugin, or an executable.
    pub(crate) fn unlocked(name: &'a str, version: Option<&'a Version>, origin: Origin) -> Self {
        Self {
            name,
            version,
            origin,
            index: None,
            signer: None,
        }
    }
}

impl Rules {
    /// What they say of a plugin whose version isn't known yet.
    pub(super) fn without_versions(&self) -> Self {
        let mut rules = self.clone();
        rules.pins.clear();
        rules.deny.retain(|rule| rule.version.is_none());
        for rule in &mut rules.allow {
            rule.version = None;
        }
        rules
    }

    /// The rule that refuses this plugin, in words.
    pub(super) fn refusal(&self, subject: &Subject<'_>) -> Option<String> {
        let Subject {
            name,
            version,
            origin,
            ..
        } = *subject;
        match origin {
            Origin::External if self.external.is_some() => {
                return Some("`external = \"forbidden\"`".to_owned());
            }
            Origin::Linked if self.linked.is_some() => {
                return Some("`linked = \"forbidden\"`".to_owned());
            }
            Origin::Linked | Origin::Installed
                if self.signatures.is_some() && subject.signer.is_none() =>
            {
                return Some("`signatures = \"required\"`, and it isn't signed".to_owned());
            }
            Origin::Installed
                if self.only_indices
                    && !subject
                        .index
                        .is_some_and(|index| self.indices.contains_key(index)) =>
            {
                return Some("`only-indices = true`, and it came from none of them".to_owned());
            }
            _ => {}
        }
        if let Some(pin) = self.pins.get(name)
            && version != Some(pin)
        {
            return Some(format!("`pins.{name} = \"{pin}\"`"));
        }
        if let Some(at) = self
            .deny
            .iter()
            .position(|rule| rule.matches(subject, origin != Origin::External))
        {
            return Some(format!("`deny`, rule {}", at + 1));
        }
        if !self.allow.is_empty() && !self.allow.iter().any(|rule| rule.matches(subject, false)) {
            return Some("none of its `allow` rules matches".to_owned());
        }
        None
    }
}

impl Rule {
    /// Whether it matches; a version that is none counts as one that is in every range, or in none.
    fn matches(&self, subject: &Subject<'_>, without_version: bool) -> bool {
        let name = |glob: &Glob| glob.compile_matcher().is_match(subject.name);
        let version = |wanted: &VersionReq| {
            subject
                .version
                .map_or(without_version, |version| includes(wanted, version))
        };
        self.name.as_ref().is_none_or(name)
            && self.version.as_ref().is_none_or(version)
            && self
                .index
                .as_deref()
                .is_none_or(|index| subject.index == Some(index))
            && self
                .key
                .as_ref()
                .is_none_or(|key| subject.signer.is_some_and(|signer| signer.key == *key))
    }
}

/// Whether a range includes this version. For policies a pre-release counts as the number it has: `<1.2` includes `1.1.0-beta`, and `1.2.0-rc` is no
/// way around `deny >=1.2`.
fn includes(wanted: &VersionReq, version: &Version) -> bool {
    let number = Version::new(version.major, version.minor, version.patch);
    wanted.matches(version) || wanted.matches(&number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Rules {
        toml::from_str(text).unwrap()
    }

    fn refusal(text: &str, change: impl FnOnce(&mut Subject<'_>)) -> Option<String> {
        refusal_of(text, "1.2.0", change)
    }

    fn refusal_of(
        text: &str,
        version: &str,
        change: impl FnOnce(&mut Subject<'_>),
    ) -> Option<String> {
        let version: Version = version.parse().unwrap();
        let signer = Signer {
            name: "acme".to_owned(),
            key: "KEY".to_owned(),
        };
        let mut subject = Subject {
            name: "hello",
            version: Some(&version),
            origin: Origin::Installed,
            index: Some("main"),
            signer: Some(&signer),
        };
        change(&mut subject);
        rules(text).refusal(&subject)
    }

    #[test]
    fn an_empty_policy_consents() {
        assert_eq!(refusal("", |subject| subject.signer = None), None);
    }

    #[test]
    fn what_is_denied_or_not_allowed_is_refused() {
        let denies = |text: &str| refusal(text, |_| {}).is_some();
        assert!(denies("[[deny]]\nname = \"h*\""));
        assert!(denies("[[deny]]\nversion = \"<1.3\""));
        assert!(denies("[[deny]]\nkey = \"KEY\""));
        assert!(denies("[[deny]]\nindex = \"main\"\nname = \"hello\""));
        assert!(!denies("[[deny]]\nindex = \"other\"\nname = \"hello\""));
        assert!(!denies("[[deny]]\nname = \"hell\""));
        assert!(denies("[[allow]]\nname = \"other\""));
        assert!(!denies(
            "[[allow]]\nname = \"other\"\n[[allow]]\nname = \"hello\""
        ));
        assert!(denies(
            "[[allow]]\nname = \"hello\"\n[[deny]]\nname = \"hello\""
        ));
        assert!(denies("[pins]\nhello = \"1.2.1\""));
        assert!(!denies("[pins]\nhello = \"1.2.0\""));
    }

    #[test]
    fn where_it_comes_from_counts() {
        assert!(refusal("signatures = \"required\"", |subject| subject.signer = None).is_some());
        assert!(
            refusal("signatures = \"required\"", |subject| subject.origin =
                Origin::Linked)
            .is_none()
        );
        assert!(
            refusal("linked = \"forbidden\"", |subject| subject.origin =
                Origin::Linked)
            .is_some()
        );
        assert!(
            refusal("external = \"forbidden\"", |subject| subject.origin =
                Origin::External)
            .is_some()
        );
        let only = "only-indices = true\n[indices.main]\nurl = \"u\"\nkey = \"k\"";
        assert!(refusal(only, |_| {}).is_none());
        assert!(refusal(only, |subject| subject.index = None).is_some());
        assert!(refusal(only, |subject| subject.origin = Origin::Bundled).is_none());
    }

    #[test]
    fn an_executable_is_allowed_unless_executables_are_forbidden() {
        for text in ["", "linked = \"forbidden\"", "signatures = \"required\""] {
            let refused = refusal(text, |subject| {
                *subject = Subject::unlocked("hello", None, Origin::External);
            });
            assert_eq!(refused, None, "{text}");
        }
    }

    #[test]
    fn rules_about_versions_wait_until_the_version_is_known() {
        let refused = |text: &str| {
            let subject = Subject::unlocked("hello", None, Origin::Linked);
            rules(text).without_versions().refusal(&subject)
        };
        for text in [
            "[pins]\nhello = \"1.3.0\"",
            "[[deny]]\nname = \"hello\"\nversion = \">=1\"",
            "[[allow]]\nname = \"hello\"\nversion = \"<1\"",
        ] {
            assert!(
                rules(text)
                    .refusal(&Subject::unlocked("hello", None, Origin::Linked))
                    .is_some()
            );
            assert_eq!(refused(text), None, "{text}");
        }
        for text in [
            "linked = \"forbidden\"",
            "[[deny]]\nname = \"hello\"",
            "[[allow]]\nname = \"other\"\nversion = \"<1\"",
        ] {
            assert!(refused(text).is_some(), "{text}");
        }
    }

    #[test]
    fn a_version_that_is_none_is_no_way_around() {
        let refused = |text: &str| refusal(text, |subject| subject.version = None);
        assert!(refused("[[deny]]\nversion = \"<1.3\"").is_some());
        assert!(refused("[[allow]]\nversion = \"<1.3\"").is_some());
        assert!(refused("[pins]\nhello = \"1.2.0\"").is_some());
    }

    #[test]
    fn a_pre_release_is_no_way_around() {
        let refused = |text: &str| refusal_of(text, "1.3.0-rc.1", |_| {});
        assert!(refused("[[deny]]\nversion = \">=1.3\"").is_some());
        assert!(refused("[[deny]]\nversion = \"<1.3\"").is_none());
    }
}
