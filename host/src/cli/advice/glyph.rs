//! Tips about characters that a word processor or a chat program puts in the place of hyphens and quotes.

use super::{Tip, is_called, walk::Walk};

const DASHES: [char; 6] = [
    '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2212}',
];

const QUOTES: [char; 6] = [
    '\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}', '\u{ab}',
];

/// Advises on a word that begins with a dash, or that has quotes which the shell doesn't know. Never repeats a word that is no option.
pub(super) fn advise(walk: &Walk<'_>, word: &str) -> Option<Tip> {
    let first = word.chars().next()?;
    if DASHES.contains(&first) {
        let name = word.trim_start_matches(|c| c == '-' || DASHES.contains(&c));
        let name = name.split('=').next().unwrap_or(name);
        let option = match name.chars().count() {
            1 => format!("-{name}"),
            _ => format!("--{name}"),
        };
        let known =
            |level: &clap::Command| level.get_arguments().any(|arg| is_called(arg, &option));
        let is_known =
            walk.find_value(word).is_some_and(|step| known(step.level)) || known(walk.end);
        return Some(Tip::text(match is_known {
            true => format!("'{first}' is not a hyphen: write `{option}`"),
            false => format!("'{first}' is not a hyphen: write `-` or `--`"),
        }));
    }
    let quote = word.chars().find(|c| QUOTES.contains(c))?;
    Some(Tip::text(format!(
        "'{quote}' is not a quote for the shell: write ' or \""
    )))
}
