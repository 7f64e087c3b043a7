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
    /// The value as YAML, for programs and people.
    Yaml,
    /// Each row of the table as comma-separated values, after a line with the names of the fields.
    Csv,
    /// Each row of the table as tab-separated values, after a line with the names of the fields.
    Tsv,
    /// The name of each row of the table on one line.
    Names,
    /// Each row of the table as JSON on one line.
    JsonLines,
}

impl Format {
    /// The names of all formats, for help and completion.
    pub const NAMES: &[&str] = &["console", "json", "yaml", "csv", "tsv", "names", "jsonl"];

    const ALL: [Self; 7] = [
        Self::Console,
        Self::Json,
        Self::Yaml,
        Self::Csv,
        Self::Tsv,
        Self::Names,
        Self::JsonLines,
    ];

    /// Returns the names of all formats as a part of a sentence: `console, json, yaml, csv, tsv, names or jsonl`.
    pub fn alternatives() -> String {
        match Self::NAMES {
            [names @ .., last] => format!("{} or {last}", names.join(", ")),
            [] => String::new(),
        }
    }

    /// Returns the name of the format, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Names => "names",
            Self::JsonLines => "jsonl",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
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
        Self::ALL
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
        assert_eq!(Format::NAMES, Format::ALL.map(Format::name));
    }

    #[test]
    fn the_alternatives_are_a_part_of_a_sentence() {
        assert_eq!(
            Format::alternatives(),
            "console, json, yaml, csv, tsv, names or jsonl"
        );
    }

    #[test]
    fn the_error_for_an_unknown_format_lists_the_known_ones() {
        assert_eq!(
            "xm\x1bl".parse::<Format>().unwrap_err().to_string(),
            "Unknown output format 'xm␛l'. Possible values: console, json, yaml, csv, tsv, names, jsonl"
        );
    }
}
