//! The shells: their scripts, and the form in which they take candidates.
//!
//! A script runs `tw __complete SHELL` and passes the line on standard input, because every user can read the arguments of a process. A zero byte ends
//! each item: in bash and fish the line up to the cursor, in bash also the part of it that bash replaces, and in the other shells the words up to the cursor.

use clap::ValueEnum;
use clap_complete::CompletionCandidate;
use tw_render::text::visible;

use super::words::{self, Current, Syntax};

/// A shell for which `tw` prints a script.
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub(in crate::cli) enum Shell {
    Bash,
    Elvish,
    Fish,
    #[value(alias = "pwsh")]
    Powershell,
    Zsh,
}

/// The answer to a shell.
pub(super) enum Answer {
    Candidates(Vec<CompletionCandidate>),
    /// The shell completes files, or only folders.
    Paths {
        only_folders: bool,
        /// The beginning of the word before the path, such as `--file=`.
        before: String,
    },
}

impl Shell {
    /// Returns the script that registers `tw` with the shell.
    pub(super) fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("scripts/tw.bash"),
            Self::Elvish => include_str!("scripts/tw.elv"),
            Self::Fish => include_str!("scripts/tw.fish"),
            Self::Powershell => include_str!("scripts/tw.ps1"),
            Self::Zsh => include_str!("scripts/tw.zsh"),
        }
    }

    /// True if the script can leave paths to the shell, which knows `~` and quotes.
    pub(super) fn completes_paths(self) -> bool {
        self != Self::Powershell
    }

    /// True if the shell completes folders, and paths after a beginning such as `--file=`.
    pub(super) fn completes_all_paths(self) -> bool {
        !matches!(self, Self::Powershell | Self::Elvish)
    }

    /// Reads what the script passes. Returns the words before the cursor, and the word at the cursor. `None` if it doesn't come from the script.
    pub(super) fn read(self, items: &[String]) -> Option<(Vec<String>, Current)> {
        match (self, items) {
            (Self::Bash, [line, replaced]) => Some(words::read(line, replaced, Syntax::Bash)),
            (Self::Fish, [line]) => Some(words::read(line, "", Syntax::Fish)),
            (Self::Bash | Self::Fish, _) => None,
            (Self::Elvish | Self::Powershell | Self::Zsh, words) => of_words(words),
        }
    }

    /// Writes an answer as the script reads it.
    pub(super) fn write(self, answer: &Answer, current: &Current) -> String {
        let candidates = match answer {
            Answer::Candidates(candidates) => candidates,
            Answer::Paths {
                only_folders,
                before,
            } => return self.write_paths(*only_folders, before, current),
        };
        let mut text = match self {
            Self::Elvish | Self::Powershell => String::new(),
            Self::Bash | Self::Fish | Self::Zsh => "values\n".to_owned(),
        };
        for candidate in candidates {
            let value = candidate.get_value().to_string_lossy();
            // A line feed would end the candidate.
            if visible(&value) != value {
                continue;
            }
            let help = candidate
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            let help = visible(help.lines().next().unwrap_or_default()).into_owned();
            text += &match self {
                Self::Bash => current.insert(&value),
                Self::Zsh if help.is_empty() => escape_for_describe(&value),
                Self::Zsh => format!("{}:{help}", escape_for_describe(&value)),
                Self::Elvish | Self::Fish | Self::Powershell => format!("{value}\t{help}"),
            };
            text.push('\n');
        }
        text
    }

    fn write_paths(self, only_folders: bool, before: &str, current: &Current) -> String {
        let kind = if only_folders { "folders" } else { "files" };
        match self {
            Self::Bash => format!("{kind}\n"),
            Self::Fish => format!("{kind}\n{before}\n{}\n", current.raw_path(before)),
            Self::Zsh => format!("{kind} {}\n", before.chars().count()),
            // A candidate has a tab.
            Self::Elvish => format!("{kind}\n"),
            Self::Powershell => String::new(),
        }
    }
}

/// Returns the words before the last one, and the last one, which is at the cursor. `None` if there are no words.
pub(super) fn of_words(words: &[String]) -> Option<(Vec<String>, Current)> {
    let (last, before) = words.split_last()?;
    let current = Current {
        word: last.clone(),
        raw: last.clone(),
        ..Current::default()
    };
    Some((before.to_vec(), current))
}

/// Escapes a value for zsh's `_describe`, which takes the text after the first colon as the description.
fn escape_for_describe(value: &str) -> String {
    value.replace('\\', "\\\\").replace(':', "\\:")
}
