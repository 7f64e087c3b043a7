//! The Platform's rule for the names of secrets.
//!
//! The API allows at most 100 characters and requires this pattern:
//!
//! ```text
//! ^[a-zA-Z_](?:[0-9A-Za-z]+|(_)(?!\1)){1,49}$
//! ```
//!
//! The lookahead forbids two underscores in a row after the first character. The group repeats at most 49 times. One repetition
//! matches either one underscore or a run of letters and digits of any length. Backtracking can split a run but never join two, so
//! a name matches if it has at most 49 runs after its first character.

/// The maximum length of a name, in characters.
pub const MAX_CHARACTERS: usize = 100;

/// The maximum number of runs after the first character. A run is one underscore, or a sequence of letters and digits.
pub const MAX_RUNS: usize = 49;

/// True if the Platform accepts this name for a secret.
///
/// The Platform accepts a leading `__`, although Nextflow refuses it. It refuses a hyphen, although its help text allows one.
#[must_use]
pub fn is_valid(name: &str) -> bool {
    // The checks below accept only ASCII, so the number of bytes is the number of characters.
    if name.len() > MAX_CHARACTERS {
        return false;
    }
    let mut bytes = name.bytes();
    if !bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
    {
        return false;
    }

    let mut runs = 0;
    let mut previous = None;
    for byte in bytes {
        let continues_run = match byte {
            b'_' if previous == Some(b'_') => return false,
            b'_' => false,
            _ if byte.is_ascii_alphanumeric() => previous.is_some_and(|byte| byte != b'_'),
            _ => return false,
        };
        if !continues_run {
            runs += 1;
        }
        previous = Some(byte);
    }
    (1..=MAX_RUNS).contains(&runs)
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn ordinary_names_are_accepted() {
        for name in [
            "ab",
            "A1",
            "_a",
            "MY_SECRET",
            "aws_access_key_2",
            "a_",
            "a_b_",
        ] {
            assert!(is_valid(name), "{name}");
        }
    }

    #[test]
    fn a_name_needs_two_characters() {
        for name in ["", "a", "_"] {
            assert!(!is_valid(name), "{name}");
        }
    }

    #[test]
    fn a_name_starts_with_a_letter_or_an_underscore() {
        for name in ["1a", "-a", " a", "éa"] {
            assert!(!is_valid(name), "{name}");
        }
    }

    #[test]
    fn only_letters_digits_and_underscores_follow() {
        for name in ["my-secret", "a b", "a.b", "aé", "ab\n", "\nab"] {
            assert!(!is_valid(name), "{name:?}");
        }
    }

    #[test]
    fn two_underscores_in_a_row_are_accepted_only_at_the_start() {
        for name in ["__", "__x", "__x_y"] {
            assert!(is_valid(name), "{name}");
        }
        for name in ["___", "___x", "a__", "a__b", "_a__b"] {
            assert!(!is_valid(name), "{name}");
        }
    }

    #[test]
    fn forty_nine_runs_are_accepted_and_fifty_are_not() {
        assert!(is_valid(&"A_".repeat(25)));
        assert!(!is_valid(&format!("{}a", "a_".repeat(25))));
        // The first character is not part of a run, so `aa_` has two runs even at the start.
        assert!(is_valid(&format!("{}aaaa", "aa_".repeat(24))));
        assert!(!is_valid(&format!("{}aaaa", "aa_".repeat(25))));
    }

    #[test]
    fn a_run_may_fill_all_hundred_characters() {
        assert!(is_valid(&"a".repeat(100)));
        assert!(!is_valid(&"a".repeat(101)));
    }
}
