//! The output formats of a result.

use std::{fmt, str::FromStr};

use crate::text::visible;

/// An output format, as `--output` names it.
///
/// ```
/// assert_eq!("JSON".parse(), Ok(tw_render::Format::Json));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Tables, records and messages for people.
    #[default]
    Console,
    /// The value as JSON, for programs.
    Json,
}

impl Format {
    /// The names of all formats, for help and completion.
    pub const NAMES: &[&str] = &["console", "json"];

    /// Returns the name of the format, in lower case.
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

    /// Parses a name in any case. Returns [`UnknownFormat`] if no format has this name.
    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        [Self::Console, Self::Json]
            .into_iter()
            .find(|format| format.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownFormat(visible(name).into_owned()))
    }
}

/// The error for a name that no format has. Its message lists the valid names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Unknown output format '{0}'. Possible values: {names}", names = Format::NAMES.join(", "))]
pub struct UnknownFormat(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_name_is_parsed_in_any_case() {
        assert_eq!("JSON".parse(), Ok(Format::Json));
        assert_eq!("Console".parse(), Ok(Format::Console));
    }

    #[test]
    fn every_listed_name_parses_and_is_displayed_unchanged() {
        for name in Format::NAMES {
            assert_eq!(name.parse::<Format>().unwrap().to_string(), *name);
        }
    }

    #[test]
    fn the_error_for_an_unknown_format_lists_the_known_ones() {
        assert_eq!(
            "ya\x1bml".parse::<Format>().unwrap_err().to_string(),
            "Unknown output format 'ya␛ml'. Possible values: console, json"
        );
    }
}
