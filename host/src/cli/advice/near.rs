//! The name that a user probably meant.

use std::cmp::Reverse;

/// Names of commands that take something away. Who mistypes a harmless name must not be led to one of them.
const DESTRUCTIVE: &[&str] = &[
    "delete",
    "remove",
    "unset",
    "uninstall",
    "unlink",
    "logout",
    "rollback",
];

/// The shortest beginning of a name that stands for the name.
const SHORTEST_BEGINNING: usize = 3;

/// Returns the name that a word was probably meant to be: the same in another case, the only one that begins so, or the one with the fewest typing errors,
/// which are at most a third of its letters. Of two such names, the one with the longer beginning in common counts. `None` if no name is similar.
pub(in crate::cli) fn nearest<'a>(
    word: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = word.to_lowercase();
    let names: Vec<&str> = names.into_iter().collect();
    let length = word.chars().count();
    let rated = names.iter().filter_map(|name| {
        let lower = name.to_lowercase();
        let errors = strsim::osa_distance(&lower, &word);
        let most = match DESTRUCTIVE.contains(name) {
            true => 1,
            false => length.max(lower.chars().count()).max(3) / 3,
        };
        let same = lower.chars().zip(word.chars());
        let same = same.take_while(|(one, other)| one == other).count();
        (errors <= most && errors < length).then_some((errors, Reverse(same), *name))
    });
    let best = rated.min_by_key(|(errors, same, _)| (*errors, *same));
    let best = best.map(|(errors, _, name)| (errors, name));
    let mut longer = names.iter().filter(|name| {
        length >= SHORTEST_BEGINNING && name.starts_with(&word) && !DESTRUCTIVE.contains(name)
    });
    match (best, longer.next(), longer.next()) {
        (Some((0 | 1, name)), _, _) => Some(name),
        (_, Some(name), None) => Some(name),
        (best, _, _) => best.map(|(_, name)| name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_has_the_name_that_was_meant() {
        let names = [
            "help",
            "hello",
            "list",
            "secrets",
            "login",
            "logout",
            "environment",
            "json",
        ];
        for (word, meant) in [
            ("lsit", "list"),
            ("LIST", "list"),
            ("hell", "hello"),
            ("secret", "secrets"),
            ("logn", "login"),
            ("logut", "logout"),
            ("env", "environment"),
            ("jsn", "json"),
            ("jsno", "json"),
        ] {
            assert_eq!(nearest(word, names), Some(meant), "{word}");
        }
    }

    #[test]
    fn a_word_that_shares_nothing_has_no_name() {
        let names = [
            "workspaces",
            "token",
            "doctor",
            "completion",
            "plugin",
            "login",
            "help",
            "user",
            "client-key",
            "no-pager",
            "remove",
            "install",
            "delete",
        ];
        for word in [
            "browse",
            "open",
            "docs",
            "action",
            "compute-env",
            "shell",
            "query",
            "silent",
            "nope",
            "rename",
            "remake",
            "relate",
            "renmae",
            "disable",
            "e",
            "",
        ] {
            assert_eq!(nearest(word, names), None, "{word}");
        }
    }
}
