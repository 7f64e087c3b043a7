//! The command line: from the arguments of the process to a command, its run, and its exit code.

mod advice;
mod alias;
mod builtin;
mod candidates;
pub(crate) mod check;
mod check_args;
mod command;
mod completion;
mod config;
mod constraints;
mod dispatch;
mod doctor;
mod encoding;
mod external;
mod generate;
mod help;
mod hints;
mod hyphen;
mod info;
mod jq;
mod line;
mod login;
mod outcome;
mod pager;
mod plugin;
mod profile;
mod rejection;
mod report;
mod results;
mod run;
mod show;
mod support;
mod token;
mod tree;
mod values;
mod wording;

use std::ffi::OsStr;

use self::{builtin::BuiltIn, line::Line};
use crate::{
    error::{Error, exit},
    plugin::{Catalog, Need, describe},
    process, stdio,
};

/// Runs the command line of this process and returns the exit code.
pub(crate) fn run() -> u8 {
    match std::env::args_os()
        .nth(1)
        .as_deref()
        .and_then(OsStr::to_str)
    {
        Some("--version" | "-V") => return print_version(),
        Some(describe::ARGUMENT) => {
            return describe::answer(std::env::args_os().skip(2), check::check);
        }
        Some(completion::ARGUMENT) => return completion::answer(std::env::args_os().skip(2)),
        Some(jq::ARGUMENT) => return jq::answer(std::env::args_os().skip(2)),
        Some(candidates::ARGUMENT) => return candidates::answer(),
        _ => {}
    }
    let line = Line::of_process();
    line.hide_tokens();
    if let Some(choice) = line.color() {
        process::choose_color(choice);
    }
    if let Err(error) = crate::config::select_error_format(&line.arguments) {
        return report::fail(&error);
    }
    report::report_panics();
    let line = help::normalize(&line).unwrap_or(line);
    let ran = open_catalog(&line).and_then(|catalog| {
        report::warn_of_distrust(&catalog);
        dispatch::dispatch(&catalog, &line)
    });
    match ran {
        Ok(exit) => {
            crate::config::end_log(exit, None);
            exit
        }
        Err(error) => {
            let exit = report::fail(&error);
            crate::config::end_log(exit, Some(&error));
            exit
        }
    }
}

/// Opens the catalog for the command that the line names.
fn open_catalog(line: &Line) -> Result<Catalog, Error> {
    let need = match line.command() {
        Some(command) => match BuiltIn::named(command) {
            // They are about all commands.
            Some(BuiltIn::Generate | BuiltIn::Alias) => Need::All,
            Some(_) => Need::Nothing,
            None => Need::Owner(command),
        },
        None => Need::All,
    };
    Catalog::open(builtin::NAMES, need).map_err(Error::system)
}

fn print_version() -> u8 {
    match stdio::print(concat!("tw ", env!("CARGO_PKG_VERSION"), "\n")) {
        Ok(()) => exit::SUCCESS,
        Err(error) => report::fail(&Error::output(error)),
    }
}
