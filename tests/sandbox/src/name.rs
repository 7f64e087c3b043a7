//! The Platform's own rule for the names of secrets.
//!
//! Its description of the API states a length of at most 100 characters and this pattern:
//!
//! ```text
//! ^[a-zA-Z_](?:[0-9A-Za-z]+|(_)(?!\1)){1,49}$
//! ```
//!
//! The lookahead means that an underscore after the first character isn't followed by another. A run of letters and
//! digits costs one of the 49 rounds however long it is, and an underscore costs one of its own, so the fewest rounds
//! a name needs is the number of its runs; backtracking can only split a run into more.

/// The most characters a name may have.
pub const MAX_CHARACTERS: usize = 100;

/// The most runs that may follow the first character: of letters and digits, or of one underscore.
pub const MAX_RUNS: usize = 49;

/// Whether the Platform takes this name for a secret.
///
/// It takes a leading `__`, which Nextflow refuses, and takes no hyphen, whatever its help text says.
#[must_use]
pub fn is_valid(name: &str) -> bool {
    // Only ASCII passes below, so counting bytes here is counting characters.
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
        let run_goes_on = match byte {
            b'_' if previous == Some(b'_') => return false,
            b'_' => false,
            _ if byte.is_ascii_alphanumeric() => previous.is_some_and(|byte| byte != b'_'),
            _ => return false,
        };
        if !run_goes_on {
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
    fn ordinary_names_pass() {
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
    fn a_name_begins_with_a_letter_or_an_underscore() {
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
    fn two_underscores_in_a_row_pass_only_at_the_start() {
        for name in ["__", "__x", "__x_y"] {
            assert!(is_valid(name), "{name}");
        }
        for name in ["___", "___x", "a__", "a__b", "_a__b"] {
            assert!(!is_valid(name), "{name}");
        }
    }

    #[test]
    fn forty_nine_runs_pass_and_fifty_do_not() {
        assert!(is_valid(&"A_".repeat(25)));
        assert!(!is_valid(&format!("{}a", "a_".repeat(25))));
        // The first character is not a round of the pattern, but what follows it is.
        assert!(is_valid(&format!("{}aaaa", "aa_".repeat(24))));
        assert!(!is_valid(&format!("{}aaaa", "aa_".repeat(25))));
    }

    #[test]
    fn a_run_is_as_long_as_it_likes_up_to_a_hundred_characters() {
        assert!(is_valid(&"a".repeat(100)));
        assert!(!is_valid(&"a".repeat(101)));
    }
}
