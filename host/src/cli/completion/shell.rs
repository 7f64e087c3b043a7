//! The shells: their scripts, and the form in which they take candidates.
//!
//! A script runs `tw __complete SHELL -- WORDS…`, where the last word is the one at the cursor.

use clap::ValueEnum;
use clap_complete::CompletionCandidate;
use tw_render::text::visible;

use super::words::{self, Current};

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
        matches!(self, Self::Bash | Self::Fish | Self::Zsh)
    }

    /// Reads the arguments that the script passes. Returns the words before the cursor, and the word at the cursor. `None` if the arguments don't come
    /// from the script.
    pub(super) fn read(self, arguments: &[String]) -> Option<(Vec<String>, Current)> {
        let dashes = arguments.iter().position(|argument| argument == "--")?;
        let (before, words) = (&arguments[..dashes], &arguments[dashes + 1..]);
        let (last, words_before) = words.split_last()?;
        let word = |text: String| Current {
            word: text,
            ..Current::default()
        };
        match (self, before) {
            (Self::Bash, [line, replaced]) => Some(words::join(line, words, replaced)),
            (Self::Bash, _) => None,
            (Self::Fish, _) => Some((words_before.to_vec(), word(words::unquote(last)))),
            (Self::Powershell, _) => {
                let text = last.strip_prefix('.')?;
                Some((words_before.to_vec(), word(text.to_owned())))
            }
            (Self::Elvish | Self::Zsh, _) => Some((words_before.to_vec(), word(last.clone()))),
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
        let path = current.word.strip_prefix(before).unwrap_or_default();
        match self {
            Self::Bash => format!("{kind}\n"),
            Self::Fish => format!("{kind}\n{before}\n{path}\n"),
            Self::Zsh => format!("{kind} {}\n", before.chars().count()),
            Self::Elvish | Self::Powershell => String::new(),
        }
    }
}

/// Escapes a value for zsh's `_describe`, which takes the text after the first colon as the description.
fn escape_for_describe(value: &str) -> String {
    value.replace('\\', "\\\\").replace(':', "\\:")
}
