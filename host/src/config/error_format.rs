//! The format of errors: the option `--error-format`, and below it the variable `TW_ERROR_FORMAT`.
//!
//! The error that is printed first may be one of the command line itself, so the option is looked for before the command line is parsed.

use std::ffi::OsString;

use clap::ArgMatches;

use super::{options, result_options::ERROR_FORMAT, text_variable};
use crate::{error::Error, stdio::ErrorFormat};

const VARIABLE: &str = "TW_ERROR_FORMAT";
const OPTION: &str = "--error-format";

/// Selects the format that the arguments of the process or the variable name.
///
/// # Errors
/// If the variable has an invalid value and no argument takes precedence.
pub(crate) fn select_error_format(arguments: &[OsString]) -> Result<(), Error> {
    match find(arguments) {
        Some(format) => format.select(),
        None => of_variable()?.select(),
    }
    Ok(())
}

/// Selects the format again after the command line is parsed: what looked like the option can be the value of another option.
pub(super) fn settle(levels: &[&ArgMatches]) -> Result<(), Error> {
    match options::value(levels, ERROR_FORMAT) {
        Some(format) => ErrorFormat::select(format),
        None => of_variable()?.select(),
    }
    Ok(())
}

/// Finds the last valid value of the option before `--`. `None` if there is none.
fn find(arguments: &[OsString]) -> Option<ErrorFormat> {
    let words: Vec<&str> = arguments
        .iter()
        .take_while(|word| *word != "--")
        .map(|word| word.to_str().unwrap_or_default())
        .collect();
    let mut values = words.iter().enumerate().filter_map(|(at, word)| {
        match word.strip_prefix(OPTION)?.strip_prefix('=') {
            Some(value) => value.parse().ok(),
            None if *word == OPTION => words.get(at + 1)?.parse().ok(),
            None => None,
        }
    });
    values.next_back()
}

fn of_variable() -> Result<ErrorFormat, Error> {
    let Some(value) = text_variable(VARIABLE)? else {
        return Ok(ErrorFormat::Console);
    };
    value.parse().map_err(|expected| {
        let message = format!("Invalid value '{value}' for {VARIABLE}: {expected}");
        Error::invalid_variable(VARIABLE, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_in(line: &str) -> Option<ErrorFormat> {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        find(&words)
    }

    #[test]
    fn the_option_is_found_wherever_it_stands() {
        for line in [
            "--error-format json",
            "--error-format=JSON secrets list",
            "secrets --no-such --error-format json",
            "--error-format console secrets --error-format=json",
            "--error-format json --error-format",
            "--error-format json --error-format=xml",
        ] {
            assert_eq!(find_in(line), Some(ErrorFormat::Json), "{line}");
        }
        for line in [
            "secrets list",
            "--error-format xml",
            "--error-formats=json",
            "exec -- --error-format json",
        ] {
            assert_eq!(find_in(line), None, "{line}");
        }
    }
}
