//! The rule for the names of secrets.
//!
//! It is the Platform's rule: a letter or an underscore, then 1 to 49 runs, where a run is a series of letters and digits or a single
//! underscore, and at most 100 characters in all. One thing is stricter: the API accepts names that begin with `__`, but Nextflow refuses them,
//! so `tw` does too.

use std::borrow::Cow;

use tw_plugin_api::{Error, Result};

const MAX_CHARACTERS: usize = 100;
const MAX_RUNS: usize = 49;

/// Checks the name of a secret before the secret is created.
///
/// # Errors
/// Says why the name is invalid, and suggests the nearest valid name.
pub(crate) fn check(name: &str) -> Result<()> {
    match find_problem(name) {
        None => Ok(()),
        Some(problem) => Err(Error::usage(format!(
            "invalid value '{name}' for '--name': {problem}"
        ))
        .code("invalid-name")),
    }
}

/// Returns why the name is invalid and the nearest valid name, or `None` if the name is valid.
pub(crate) fn find_problem(name: &str) -> Option<String> {
    let reason = find_reason(name)?;
    Some(match nearest(name) {
        Some(nearest) => format!("{reason}; the nearest name that can be used is '{nearest}'"),
        None => reason,
    })
}

/// Quotes names for a message: `'A', 'B'`.
pub(crate) fn quote_all<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("'{name}'")).collect();
    quoted.join(", ")
}

/// Joins the first 20 texts for a message, and counts the others: `A, B and 5 more`.
pub(crate) fn join_some(texts: &[impl AsRef<str>], separator: &str) -> String {
    const MOST: usize = 20;
    let first: Vec<&str> = texts.iter().take(MOST).map(AsRef::as_ref).collect();
    let joined = first.join(separator);
    match texts.len() - first.len() {
        0 => joined,
        more => format!("{joined} and {more} more"),
    }
}

/// Cuts a text of the server for a message, to as many characters as a name may have. The ellipsis marks the cut.
pub(crate) fn shorten(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// True if a name may contain the character.
pub(crate) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn find_reason(name: &str) -> Option<String> {
    let odd = name.chars().find(|c| !is_word(*c));
    let reason = match (name.as_bytes().first(), odd) {
        (Some(b'0'..=b'9'), _) => "a name begins with a letter or an underscore",
        (_, Some(odd)) => {
            return Some(format!("'{odd}' is not a letter, a digit or an underscore"));
        }
        _ if name.len() < 2 => "a name has two characters or more",
        _ if name.contains("__") => "two underscores can't follow each other",
        _ => return find_excess(name),
    };
    Some(reason.to_owned())
}

fn find_excess(name: &str) -> Option<String> {
    let (characters, runs) = (name.len(), count_runs(name));
    if characters > MAX_CHARACTERS {
        return Some(format!(
            "it has {characters} characters, and a name has at most {MAX_CHARACTERS}"
        ));
    }
    (runs > MAX_RUNS).then(|| {
        format!("it has {runs} parts, and a name has at most {MAX_RUNS}: each underscore is a part, and so are the letters and digits between two underscores")
    })
}

/// Counts the runs after the first character.
fn count_runs(name: &str) -> usize {
    let rest = name.get(1..).unwrap_or_default();
    let underscores = rest.matches('_').count();
    underscores + rest.split('_').filter(|part| !part.is_empty()).count()
}

/// Returns a valid name that is similar to this one, or `None` if the name has no letter or digit to keep.
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
    out.truncate(MAX_CHARACTERS);
    while count_runs(&out) > MAX_RUNS {
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
    fn names_that_break_the_rule_are_refused_and_no_others() {
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
            assert_eq!(find_reason(name), None, "{name}");
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
            assert!(find_reason(name).is_some(), "{name}");
        }
    }

    #[test]
    fn the_suggestion_keeps_the_letters_and_digits_of_the_name() {
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

    #[test]
    fn the_suggestion_for_a_name_with_too_many_parts_is_its_longest_valid_beginning() {
        let most = "A_".repeat(25);
        assert_eq!(count_runs(&most), MAX_RUNS);
        for name in [most.clone(), format!("{most}B"), format!("{most}B_C_D")] {
            assert_eq!(nearest(&name).as_ref(), Some(&most));
        }
    }

    proptest! {
        #[test]
        fn the_suggestion_is_valid(name in ".{0,120}") {
            if let Some(nearest) = nearest(&name) {
                prop_assert_eq!(find_reason(&nearest), None, "{}", nearest);
            }
        }

        #[test]
        fn the_suggestion_for_a_valid_name_is_that_name(name in "[a-zA-Z_][a-zA-Z0-9_]{1,99}") {
            if find_reason(&name).is_none() {
                prop_assert_eq!(nearest(&name), Some(name));
            }
        }

        #[test]
        fn the_rule_is_the_platforms_except_for_two_leading_underscores(name in "[a-zA-Z0-9_]{0,110}") {
            let is_valid = !name.starts_with("__") && tw_sandbox::name::is_valid(&name);
            prop_assert_eq!(find_reason(&name).is_none(), is_valid);
        }
    }
}
