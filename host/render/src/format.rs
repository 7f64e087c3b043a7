//! The formats that a result can be shown in.

use std::{fmt, str::FromStr};

use crate::text::visible;

/// How a result is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// For people: tables, records, sentences.
    #[default]
    Console,
    /// For programs: the value itself.
    Json,
}

impl Format {
    /// What they are called, for help and completion.
    pub const NAMES: &[&str] = &["console", "json"];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Json => "json",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    /// Takes the name in any case.
    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        [Self::Console, Self::Json]
            .into_iter()
            .find(|format| format.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownFormat(visible(name).into_owned()))
    }
}

/// There is no format of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Unknown output format '{0}'. Possible values: {names}", names = Format::NAMES.join(", "))]
pub struct UnknownFormat(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_named_in_any_case() {
        assert_eq!("JSON".parse(), Ok(Format::Json));
        assert_eq!("Console".parse(), Ok(Format::Console));
    }

    #[test]
    fn every_name_is_a_format_and_shown_by_that_name() {
        for name in Format::NAMES {
            assert_eq!(name.parse::<Format>().unwrap().to_string(), *name);
        }
    }

    #[test]
    fn an_unknown_format_is_told_with_those_that_there_are() {
        assert_eq!(
            "ya\x1bml".parse::<Format>().unwrap_err().to_string(),
            "Unknown output format 'ya␛ml'. Possible values: console, json"
        );
    }
}
