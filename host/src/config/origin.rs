//! The origin of the value of a setting.

use std::{fmt, path::PathBuf};

use crate::files::show_path;

/// The origin of the value of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A root option, with its long name.
    Option(&'static str),
    /// An environment variable.
    Variable(&'static str),
    /// The input of the command, with its name: "standard input".
    Input(&'static str),
    /// A key of a profile.
    Profile { name: String, place: Place },
    /// A key at the top level of a configuration file.
    File(Place),
    /// No one has set the value.
    Default,
}

/// A line of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: PathBuf,
    /// The number of the line, from 1.
    pub(crate) line: usize,
}

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sourced<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

impl Origin {
    /// Describes the origin in a sentence: "it comes from …". `None` for a default.
    pub(crate) fn describe(&self) -> Option<String> {
        match self {
            Self::Option(name) => Some(format!("the option --{name}")),
            Self::Variable(name) => Some(format!("the variable {name}")),
            Self::Input(_) | Self::Profile { .. } | Self::File(_) => Some(self.to_string()),
            Self::Default => None,
        }
    }
}

impl<T> Sourced<T> {
    /// Adds the origin of this value to a hint.
    pub(crate) fn explain(&self, hint: &str) -> String {
        match self.origin.describe() {
            Some(from) => format!("it comes from {from}: {hint}"),
            None => hint.to_owned(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", show_path(&self.file), self.line)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(name) => write!(f, "--{name}"),
            Self::Variable(name) | Self::Input(name) => f.write_str(name),
            Self::Profile { name, place } => write!(f, "profile `{name}` in {place}"),
            Self::File(place) => place.fmt(f),
            Self::Default => f.write_str("default"),
        }
    }
}
