//! The Platform's rule for names of secrets, stricter in one place: a leading `__` is one that the API takes and Nextflow refuses.
//!
//! A letter or an underscore, then 1 to 49 runs, a run being letters and digits or a single underscore; at most 100 characters.

use tw_plugin_api::{Error, Result};

const MOST_CHARACTERS: usize = 100;
const MOST_RUNS: usize = 49;

/// Checks the name of a secret that is to be made.
///
/// # Errors
/// Why it can't be one, and the nearest that can.
pub(crate) fn check(name: &str) -> Result<()> {
    match problem(name) {
        None => Ok(()),
        Some(problem) => Err(Error::usage(format!(
            "invalid value '{name}' for '--name': {problem}"
        ))),
    }
}

/// Why this is no name, and the nearest that is one.
pub(crate) fn problem(name: &str) -> Option<String> {
    let reason = reason(name)?;
    Some(match nearest(name) {
        Some(nearest) => format!("{reason}; the nearest name that can be used is '{nearest}'"),
        None => reason,
    })
}

/// Several names, as a message has them.
pub(crate) fn quoted(names: &[&str]) -> String {
    format!("'{}'", names.join("', '"))
}

/// What stands in names.
pub(crate) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Why this is no name.
fn reason(name: &str) -> Option<String> {
    let odd = name.chars().find(|c| !is_word(*c));
    let reason = match (name.as_bytes().first(), odd) {
        (Some(b'0'..=b'9'), _) => "a name begins with a letter or an underscore",
        (_, Some(odd)) => {
            return Some(format!("'{odd}' is not a letter, a digit or an underscore"));
        }
        _ if name.len() < 2 => "a name has two characters or more",
        _ if name.as_bytes().windows(2).any(|pair| pair == b"__") => {
            "two underscores can't follow each other"
        }
        _ => return too_much(name),
    };
    Some(reason.to_owned())
}

/// What there is too much of.
fn too_much(name: &str) -> Option<String> {
    let (characters, runs) = (name.len(), runs(name));
    if characters > MOST_CHARACTERS {
        return Some(format!(
            "it has {characters} characters, and a name has at most {MOST_CHARACTERS}"
        ));
    }
    (runs > MOST_RUNS).then(|| {
        format!("it has {runs} parts, each underscore and what is between two of them being one, and a name has at most {MOST_RUNS}")
    })
}

/// The parts behind the first character: each underscore, and each stretch of letters and digits.
fn runs(name: &str) -> usize {
    let behind = name.get(1..).unwrap_or_default();
    let underscores = behind.matches('_').count();
    underscores + behind.split('_').filter(|part| !part.is_empty()).count()
}

/// A name that can be used and is like this one; none where nothing of it can be kept.
fn nearest(name: &str) -> Option<String> {
    let mut out = String::new();
    for c in name.chars() {
        let c = if c.is_ascii_alphanumeric() { c } else { '_' };
        if out.is_empty() && c.is_ascii_digit() {
            out.push('_');
        }
        if !(c == '_' && out.ends_with('_')) {
            out.push(c);
        }
    }
    out.truncate(MOST_CHARACTERS);
    while runs(&out) > MOST_RUNS {
        out.pop();
    }
    if out.len() == 1 && out != "_" {
        out.push('_');
    }
    (out != "_" && !out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_rule_is_the_platforms() {
        for name in [
            "ab",
            "_a",
            "A_",
            "a1",
            "API_KEY",
            "_A_b_",
            &"A_".repeat(25),
            &"a".repeat(100),
        ] {
            assert_eq!(reason(name), None, "{name}");
        }
        let mut too_many = "a_".repeat(25);
        too_many.push('a');
        for name in [
            "",
            "a",
            "_",
            "1a",
            "a-b",
            "a b",
            "é1",
            "__a",
            "a__b",
            &"a".repeat(101),
            &too_many,
        ] {
            assert!(reason(name).is_some(), "{name}");
        }
    }

    #[test]
    fn the_nearest_name_is_told() {
        for (name, near) in [
            ("my-key", "my_key"),
            ("1st", "_1st"),
            ("a", "a_"),
            ("__a", "_a"),
            ("a--b", "a_b"),
            ("clé", "cl_"),
        ] {
            assert_eq!(nearest(name).as_deref(), Some(near), "{name}");
        }
        assert_eq!(nearest(""), None);
        assert_eq!(nearest("--"), None);
    }

    proptest! {
        #[test]
        fn the_nearest_name_can_be_used(name in ".{0,120}") {
            if let Some(nearest) = nearest(&name) {
                prop_assert_eq!(reason(&nearest), None, "{}", nearest);
            }
        }

        #[test]
        fn a_name_that_can_be_used_is_its_own_nearest(name in "[a-zA-Z_][a-zA-Z0-9_]{1,99}") {
            if reason(&name).is_none() {
                prop_assert_eq!(nearest(&name), Some(name));
            }
        }

        #[test]
        fn it_is_the_platforms_rule_but_for_a_leading_pair(name in "[a-zA-Z0-9_]{0,110}") {
            let refused_by_us_alone = name.starts_with("__");
            prop_assert_eq!(reason(&name).is_none() || refused_by_us_alone, tw_sandbox::name::is_valid(&name) || refused_by_us_alone);
        }
    }
}
