//! The options about results: `--jq`, `--columns`, `--no-headers`, `--wide`, `--no-pager` and `--quiet`.

use clap::ArgMatches;
use tw_render::{Format, Style};

use super::{options, result_options as names};
use crate::{
    error::{Error, code},
    stdio,
};

/// The options about results.
#[derive(Debug, Default, Clone)]
pub(crate) struct Shown {
    /// The expression that filters the JSON of the result. `None` if the result is shown as it is.
    pub(crate) jq: Option<String>,
    /// The columns to show. `None` if all are shown.
    columns: Option<Vec<String>>,
    has_no_headers: bool,
    is_wide: bool,
    /// True if a long result may go to the pager.
    pub(crate) is_paged: bool,
    /// True if confirmations, notes and progress are hidden.
    pub(crate) is_quiet: bool,
}

impl Shown {
    /// Reads the options. `format` is the format without them. Returns the format in which the result is needed too.
    ///
    /// # Errors
    /// Options that can't be used together.
    pub(super) fn read(levels: &[&ArgMatches], format: Format) -> Result<(Self, Format), Error> {
        let columns = options::value::<String>(levels, names::COLUMNS);
        let shown = Self {
            jq: options::value(levels, names::JQ),
            columns: columns.as_deref().map(split).transpose()?,
            has_no_headers: options::is_set(levels, names::NO_HEADERS),
            is_wide: options::is_set(levels, names::WIDE),
            is_paged: !options::is_set(levels, names::NO_PAGER),
            is_quiet: options::is_set(levels, names::QUIET),
        };
        if shown.is_quiet {
            stdio::hide_notes();
        }
        let typed = options::value::<Format>(levels, options::OUTPUT);
        match &shown.jq {
            Some(_) => Ok((shown.check_filtered(typed)?, typed.unwrap_or(Format::Json))),
            None => Ok((shown.check_whole(format)?, format)),
        }
    }

    /// Checks the other options beside `--jq`. A format of the environment doesn't matter.
    fn check_filtered(self, format: Option<Format>) -> Result<Self, Error> {
        let refuse = |other: &str| {
            Err(
                Error::usage(format!("'--jq' cannot be used with '{other}'")).code(code::CONFLICTING_OPTIONS).hint(
                    "`--jq` prints JSON and texts, and with '-o jsonl' one line for each output",
                ),
            )
        };
        match format {
            None | Some(Format::Json | Format::JsonLines) => {}
            Some(format) => return refuse(&format!("-o {format}")),
        }
        match () {
            () if self.columns.is_some() => refuse("--columns"),
            () if self.has_no_headers => refuse("--no-headers"),
            () => Ok(self),
        }
    }

    /// Checks the options of a result that isn't filtered.
    fn check_whole(self, format: Format) -> Result<Self, Error> {
        let has_headers = matches!(format, Format::Console | Format::Csv | Format::Tsv);
        let has_columns = has_headers || format == Format::JsonLines;
        let refuse = |option: &str, formats: &str| {
            let message = format!("'{option}' cannot be used with '-o {format}'");
            let error = Error::usage(message).code(code::CONFLICTING_OPTIONS);
            Err(error.hint(format!("use it with '-o {formats}'")))
        };
        match () {
            () if self.columns.is_some() && !has_columns => {
                let formats =
                    "console', '-o csv', '-o tsv' or '-o jsonl', or select fields with '--jq";
                refuse("--columns", formats)
            }
            () if self.has_no_headers && !has_headers => {
                refuse("--no-headers", "console', '-o csv' or '-o tsv")
            }
            () => Ok(self),
        }
    }

    /// Adds these options to the style of standard output. `width` is that of its terminal.
    pub(crate) fn apply(&self, style: Style, width: Option<u16>) -> Style {
        Style {
            columns: self.columns.clone(),
            rows_only: self.has_no_headers,
            width: width.filter(|_| !self.is_wide),
            ..style
        }
    }
}

/// Splits the value of `--columns`.
fn split(columns: &str) -> Result<Vec<String>, Error> {
    let names = columns.split(',').map(|name| name.trim().to_owned());
    let names: Vec<String> = names.collect();
    match names.iter().any(String::is_empty) {
        true => Err(Error::invalid_value(format!(
            "invalid value '{}' for '--columns <A,B>': expected names with commas between them",
            tw_render::text::visible(columns)
        ))),
        false => Ok(names),
    }
}
