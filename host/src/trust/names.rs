//! Patterns of plugin names, in policies and for trusted keys.

use std::fmt;

use globset::{Glob, GlobMatcher};
use serde::{Deserialize, Serialize};
use tw_render::text::visible;

use super::keys::MAX_NAME;
use crate::error::{Error, ErrorKind};

/// A plugin name in which `*` stands for any text and `?` for one character.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct NamePattern(GlobMatcher);

impl NamePattern {
    /// True if a plugin or an external command of this name matches the pattern.
    pub(crate) fn matches(&self, name: &str) -> bool {
        self.0.is_match(name)
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.glob().glob()
    }
}

impl TryFrom<String> for NamePattern {
    type Error = Error;

    /// Parses a pattern.
    ///
    /// # Errors
    /// No plugin can have a name that matches the pattern, so a rule with it would never apply.
    fn try_from(text: String) -> Result<Self, Error> {
        let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_wildcard = |byte: u8| matches!(byte, b'*' | b'?');
        let can_match = text.len() <= MAX_NAME
            && text
                .bytes()
                .next()
                .is_some_and(|first| is_letter(first) || is_wildcard(first))
            && text
                .bytes()
                .all(|byte| is_letter(byte) || is_wildcard(byte) || byte == b'-');
        let glob = can_match.then(|| Glob::new(&text).ok()).flatten();
        glob.map(|glob| Self(glob.compile_matcher()))
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Input,
                    format!("no plugin can be called `{}`", visible(&text)),
                )
                .hint(
                    "use small letters, digits and hyphens, `*` for any text, and `?` for one \
                     character",
                )
            })
    }
}

impl From<NamePattern> for String {
    fn from(pattern: NamePattern) -> Self {
        pattern.as_str().to_owned()
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<NamePattern, Error> {
        NamePattern::try_from(text.to_owned())
    }

    #[test]
    fn a_pattern_matches_names_by_its_wildcards() {
        let matches = |pattern: &str, name: &str| parse(pattern).unwrap().matches(name);
        assert!(matches("hello", "hello"));
        assert!(!matches("hello", "hello-world"));
        assert!(matches("acme-*", "acme-reports"));
        assert!(!matches("acme-*", "acme"));
        assert!(matches("h?llo", "hallo"));
        assert!(matches("*", "hello"));
        assert!(matches("my?tool", "my_tool"), "an external command");
    }

    #[test]
    fn a_pattern_that_matches_no_plugin_name_is_refused() {
        for text in [
            "",
            " hello",
            "hello ",
            "Hello",
            "he llo",
            "hello_1",
            "-x",
            "[h]ello",
            "{a,b}",
            "a/b",
            "a\\b",
            "h\u{e9}llo",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"a".repeat(65)).is_err());
    }
}
