//! The rules of a policy file, and how they apply to a plugin.

use std::collections::BTreeMap;

use globset::Glob;
use semver::{Version, VersionReq};
use serde::{Deserialize, Deserializer, de::Error as _};

use super::{Origin, Signer};

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
    /// True if installed plugins must come from the indices in this file.
    #[serde(default)]
    only_indices: bool,
    /// The indices that every user has. Users can't remove them, or use their names for other indices.
    #[serde(default)]
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
    /// The address of the index.
    pub(crate) url: String,
    /// The public key that signs the index.
    pub(crate) key: String,
}

/// A rule, which matches a plugin if all its conditions do.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// The plugin's name, in which `*` and `?` are wildcards.
    name: Option<Glob>,
    /// The index that the plugin came from.
    index: Option<String>,
    /// The public key that signed the plugin.
    key: Option<String>,
    /// The range of versions, such as `<1.2` or `>=1, <2`.
    version: Option<VersionReq>,
}

/// The properties of a plugin that rules refer to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) name: &'a str,
    /// `None` for an executable, which has no version, and for a library whose version is invalid.
    pub(crate) version: Option<&'a Version>,
    pub(crate) origin: Origin,
    pub(crate) index: Option<&'a str>,
    pub(crate) signer: Option<&'a Signer>,
}

impl<'a> Subject<'a> {
    /// Describes a plugin that isn't in the lock file: a bundled or linked plugin, or an executable.
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
    /// Finds the rule that forbids a plugin, and describes it; returns `None` if the plugin is allowed.
    pub(super) fn find_violation(&self, subject: &Subject<'_>) -> Option<String> {
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
                return Some("`signatures = \"required\"`, but it isn't signed".to_owned());
            }
            Origin::Installed
                if self.only_indices
                    && !subject
                        .index
                        .is_some_and(|index| self.indices.contains_key(index)) =>
            {
                return Some("`only-indices = true`, but it came from none of them".to_owned());
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
    /// True if the rule matches. A plugin without a version matches every condition on versions if `without_version` is true, and no such condition
    /// otherwise.
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

/// True if a range includes a version. Unlike in semver, a pre-release counts as the release that it precedes, so that `<1.2` includes
/// `1.1.0-beta`, and `1.2.0-rc` can't evade a `deny` rule for `>=1.2`.
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

    fn violation(text: &str, change: impl FnOnce(&mut Subject<'_>)) -> Option<String> {
        violation_of(text, "1.2.0", change)
    }

    fn violation_of(
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
        rules(text).find_violation(&subject)
    }

    #[test]
    fn an_empty_policy_allows_an_unsigned_plugin() {
        assert_eq!(violation("", |subject| subject.signer = None), None);
    }

    #[test]
    fn a_plugin_that_is_denied_or_not_allowed_is_forbidden() {
        let denies = |text: &str| violation(text, |_| {}).is_some();
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
    fn rules_about_signatures_and_origins_apply() {
        assert!(violation("signatures = \"required\"", |subject| subject.signer = None).is_some());
        assert!(
            violation("signatures = \"required\"", |subject| subject.origin =
                Origin::Linked)
            .is_none()
        );
        assert!(
            violation("linked = \"forbidden\"", |subject| subject.origin =
                Origin::Linked)
            .is_some()
        );
        assert!(
            violation("external = \"forbidden\"", |subject| subject.origin =
                Origin::External)
            .is_some()
        );
        let only = "only-indices = true\n[indices.main]\nurl = \"u\"\nkey = \"k\"";
        assert!(violation(only, |_| {}).is_none());
        assert!(violation(only, |subject| subject.index = None).is_some());
        assert!(violation(only, |subject| subject.origin = Origin::Bundled).is_none());
    }

    #[test]
    fn an_executable_is_allowed_unless_executables_are_forbidden() {
        for text in ["", "linked = \"forbidden\"", "signatures = \"required\""] {
            let refused = violation(text, |subject| {
                *subject = Subject::unlocked("hello", None, Origin::External);
            });
            assert_eq!(refused, None, "{text}");
        }
    }

    #[test]
    fn a_plugin_without_a_version_cant_evade_a_rule() {
        let refused = |text: &str| violation(text, |subject| subject.version = None);
        assert!(refused("[[deny]]\nversion = \"<1.3\"").is_some());
        assert!(refused("[[allow]]\nversion = \"<1.3\"").is_some());
        assert!(refused("[pins]\nhello = \"1.2.0\"").is_some());
    }

    #[test]
    fn a_pre_release_cant_evade_a_rule() {
        let refused = |text: &str| violation_of(text, "1.3.0-rc.1", |_| {});
        assert!(refused("[[deny]]\nversion = \">=1.3\"").is_some());
        assert!(refused("[[deny]]\nversion = \"<1.3\"").is_none());
    }
}
