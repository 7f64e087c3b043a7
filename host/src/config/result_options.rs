//! The root options about results and messages. Released plugins may have options of the same names: there, the name belongs to the plugin.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, ValueHint, builder::PossibleValuesParser, value_parser};

use crate::process::ColorChoice;

use super::options::shorten;
use crate::stdio::ErrorFormat;

pub(super) const JQ: &str = "tw.jq";
pub(super) const COLUMNS: &str = "tw.columns";
pub(super) const NO_HEADERS: &str = "tw.no-headers";
pub(super) const WIDE: &str = "tw.wide";
pub(super) const ERROR_FORMAT: &str = "tw.error-format";
const COLOR: &str = "tw.color";
pub(super) const NO_PAGER: &str = "tw.no-pager";
pub(super) const QUIET: &str = "tw.quiet";
pub(super) const LOG_FILE: &str = "tw.log-file";

/// Returns the options. `is_root` is true for those of `tw` itself; the help of the commands lists only the options that most people need.
pub(super) fn options(is_root: bool) -> Vec<Arg> {
    vec![
        Arg::new(JQ)
            .long("jq")
            .action(ArgAction::Set)
            .value_name("EXPR")
            .help("Filter the JSON of the result with an expression of jq"),
        Arg::new(COLUMNS)
            .long("columns")
            .action(ArgAction::Set)
            .value_name("A,B")
            .help("Show only these columns of a table, in this order"),
        Arg::new(NO_HEADERS)
            .long("no-headers")
            .action(ArgAction::SetTrue)
            .hide(!is_root)
            .help("Show only the rows of a table"),
        Arg::new(WIDE)
            .long("wide")
            .action(ArgAction::SetTrue)
            .hide(!is_root)
            .help("Show tables in full instead of fitting them to the terminal"),
        Arg::new(ERROR_FORMAT)
            .long("error-format")
            .action(ArgAction::Set)
            .value_name("FORMAT")
            .value_parser(|text: &str| text.parse::<ErrorFormat>())
            .hide(!is_root)
            .help("Format of errors: console, json [env: TW_ERROR_FORMAT] [default: console]"),
        // `cli` finds the value before the line is parsed, because a parse error has colors too.
        Arg::new(COLOR)
            .long("color")
            .action(ArgAction::Set)
            .value_name("WHEN")
            .value_parser(PossibleValuesParser::new(ColorChoice::NAMES))
            .hide_possible_values(true)
            .hide(!is_root)
            .help("Use colors: auto, always or never [env: NO_COLOR, FORCE_COLOR, CLICOLOR, CLICOLOR_FORCE] [default: auto]"),
        Arg::new(NO_PAGER)
            .long("no-pager")
            .action(ArgAction::SetTrue)
            .hide(!is_root)
            .help("Print long results without the pager [env: TW_PAGER, PAGER]"),
        Arg::new(QUIET)
            .long("quiet")
            .short('q')
            .action(ArgAction::SetTrue)
            .hide(!is_root)
            .help("Print no confirmations, notes and progress"),
        Arg::new(LOG_FILE)
            .long("log-file")
            .action(ArgAction::Set)
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .value_hint(ValueHint::FilePath)
            .hide(!is_root)
            .help("Append the log of --verbose to a file [env: TW_LOG_FILE; its level: TW_LOG]"),
    ]
}

/// Adds the options to a command that doesn't use their names itself.
pub(super) fn add(mut command: Command, is_root: bool) -> Command {
    for mut option in options(is_root) {
        let is_taken = |arg: &Arg| {
            let names = arg.get_long_and_visible_aliases().unwrap_or_default();
            option.get_long().is_some_and(|long| names.contains(&long))
        };
        if command.get_arguments().any(is_taken) {
            continue;
        }
        let letter = option.get_short();
        if letter.is_some() && command.get_arguments().any(|arg| arg.get_short() == letter) {
            option = option.short(None);
        }
        let id = option.get_id().clone();
        let option = option.overrides_with(id);
        command = command.arg(shorten(option));
    }
    command
}
