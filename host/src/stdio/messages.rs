//! The messages on standard error: lines for people, or with `--error-format json` one JSON object on each line, so that a program can read all of it.
//!
//! Each object has one key, which says what the line is: `error`, `warning`, `note` or `log`.

use std::{
    str::FromStr,
    sync::atomic::{AtomicBool, Ordering},
};

use serde::Serialize;
use tw_render::text::visible;

use super::{line, write_all};

/// The format of errors, warnings and notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorFormat {
    Console,
    Json,
}

impl ErrorFormat {
    pub(crate) const ALL: [Self; 2] = [Self::Console, Self::Json];

    /// Returns the word that names the format on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Json => "json",
        }
    }

    /// Returns the format that this process uses.
    pub(crate) fn selected() -> Self {
        match has_json_errors() {
            true => Self::Json,
            false => Self::Console,
        }
    }

    /// Sets the format of everything that this process prints to standard error from now on.
    pub(crate) fn select(self) {
        IS_JSON.store(self == Self::Json, Ordering::Relaxed);
    }
}

impl FromStr for ErrorFormat {
    type Err = String;

    /// Parses the name of a format, in upper or lower case. Fails with what is expected.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut all = Self::ALL.into_iter();
        all.find(|format| format.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| "expected console or json".to_owned())
    }
}

static IS_JSON: AtomicBool = AtomicBool::new(false);
static ARE_NOTES_HIDDEN: AtomicBool = AtomicBool::new(false);

/// Hides notes from now on.
pub(crate) fn hide_notes() {
    ARE_NOTES_HIDDEN.store(true, Ordering::Relaxed);
}

/// True if standard error has JSON.
pub(crate) fn has_json_errors() -> bool {
    IS_JSON.load(Ordering::Relaxed)
}

/// A line that is no error.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Line<'a> {
    Warning(Text<'a>),
    Note(Text<'a>),
    Log(Text<'a>),
}

#[derive(Serialize)]
struct Text<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    plugin: Option<&'a str>,
}

/// Removes the number that the standard library adds to the reason of a system call: `Permission denied (os error 13)`. It tells users nothing.
pub(crate) fn without_number(mut text: String) -> String {
    const MARK: &str = " (os error ";
    let mut from = 0;
    while let Some(at) = text[from..].find(MARK).map(|at| from + at) {
        let rest = &text[at + MARK.len()..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        match digits > 0 && rest[digits..].starts_with(')') {
            true => text.replace_range(at..=at + MARK.len() + digits, ""),
            false => from = at + MARK.len(),
        }
    }
    text
}

/// Prints a warning. `plugin` is the plugin that the warning is about, or that gives it. The message must be safe for a terminal.
pub(crate) fn warn(message: &str, plugin: Option<&str>) {
    let message = &*without_number(message.to_owned());
    match has_json_errors() {
        true => print_json(&Line::Warning(Text { message, plugin })),
        false => print_prefixed("warning", message, plugin),
    }
}

/// Prints a note, unless notes are hidden. `plugin` is the plugin that gives it. The message must be safe for a terminal.
pub(crate) fn note(message: &str, plugin: Option<&str>) {
    if ARE_NOTES_HIDDEN.load(Ordering::Relaxed) {
        return;
    }
    match has_json_errors() {
        true => print_json(&Line::Note(Text { message, plugin })),
        false => print_prefixed("note", message, plugin),
    }
}

fn print_prefixed(prefix: &str, message: &str, plugin: Option<&str>) {
    let name = plugin.map(|name| format!("plugin `{}`: ", visible(name)));
    let name = name.unwrap_or_default();
    print_bytes(format!("{prefix}: {name}{message}\n"));
}

/// Prints a text: the log, and what programs and plugins say themselves. A failure is ignored, because there is no other stream to report it on.
pub(crate) fn print_error(text: impl AsRef<[u8]>) {
    if !has_json_errors() {
        return print_bytes(text);
    }
    let text = String::from_utf8_lossy(text.as_ref());
    for message in text.lines().filter(|line| !line.trim().is_empty()) {
        let plugin = None;
        print_json(&Line::Log(Text { message, plugin }));
    }
}

/// Prints a value as one line of JSON.
pub(crate) fn print_json(value: &impl Serialize) {
    if let Ok(mut line) = serde_json::to_vec(value) {
        line.push(b'\n');
        print_bytes(line);
    }
}

/// Writes to standard error, in one piece so that lines of other threads don't come between.
pub(crate) fn print_bytes(text: impl AsRef<[u8]>) {
    let _ = line::print_above(|| write_all(std::io::stderr(), text));
}
