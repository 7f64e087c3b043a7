//! Commands of a manifest as clap commands: parsing, help and completion come from the same message.

use std::ffi::OsString;

use clap::{
    Arg, ArgAction, ArgGroup, Command, ValueHint,
    builder::{FalseyValueParser, PossibleValuesParser},
    value_parser,
};
use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{ArgKind, ValueKind};
use tw_render::text::{visible, visible_lines};

use super::{completion, help, support};
use crate::{config::options, process::variable, typed::Typed};

/// Returns a command for the arguments that follow its name. If the first of them is a subcommand, nothing else can be typed at this level, so
/// the level has that subcommand and no options. `shared` are the arguments that the groups above the command share.
pub(super) fn on_path(
    message: &protocol::Command,
    shared: &[&protocol::Arg],
    rest: &[OsString],
) -> Command {
    if support::missing(message, shared).is_empty()
        && let Some((word, rest)) = rest.split_first()
        && let mut subcommands = message.subcommands.iter()
        && let Some(below) = subcommands.find(|below| is_called(below, word))
    {
        let shared: Vec<&protocol::Arg> = shared.iter().copied().chain(&message.shared).collect();
        return Command::new(message.name.clone())
            .visible_aliases(message.aliases.clone())
            .subcommand(on_path(below, &shared, rest));
    }
    complete(message, shared, &|below| {
        rest.iter().any(|word| is_called(below, word))
    })
}

/// Returns a command with its options and its subcommands. The subcommands that `wanted` names are complete; the others have a name and a line
/// of help.
pub(super) fn complete(
    message: &protocol::Command,
    shared: &[&protocol::Arg],
    wanted: &dyn Fn(&protocol::Command) -> bool,
) -> Command {
    let shared: Vec<&protocol::Arg> = shared.iter().copied().chain(&message.shared).collect();
    let mut out = build_list_entry(message);
    if !message.details.is_empty() {
        out = out.long_about(format!(
            "{}\n\n{}",
            visible(&message.about),
            visible_lines(&message.details)
        ));
    }
    if let Some(examples) = examples(message) {
        out = out.after_help(examples);
    }
    let missing = support::missing(message, &shared);
    if !missing.is_empty() {
        return support::accept_anything(out, &missing);
    }
    if message.subcommands.is_empty() {
        out = out.args(message.args.iter().chain(shared).map(argument));
        for (at, set) in message.exactly_one_of.iter().enumerate() {
            // `constraints` refuses two arguments of one set. clap's own check would count values from the environment too.
            let group = ArgGroup::new(format!("{}{at}", options::PREFIX)).args(set);
            out = out.group(group.required(true).multiple(true));
        }
    } else {
        let below = message.subcommands.iter().map(|below| match wanted(below) {
            true => complete(below, &shared, wanted),
            false => build_list_entry(below),
        });
        out = out.subcommands(below);
    }
    help::add_sections(options::add_to_command(out))
}

/// Returns a command with only what the list of commands shows: its name, its aliases and a line of help.
fn build_list_entry(message: &protocol::Command) -> Command {
    Command::new(message.name.clone())
        .about(visible(&message.about).into_owned())
        .visible_aliases(message.aliases.clone())
        .hide(message.hidden)
}

/// True if the word is the command's name or one of its aliases.
pub(super) fn is_called(command: &protocol::Command, word: &OsString) -> bool {
    *word == *command.name || command.aliases.iter().any(|alias| *word == **alias)
}

fn examples(message: &protocol::Command) -> Option<String> {
    let width = message
        .examples
        .iter()
        .map(|example| example.command.len())
        .max()?;
    let lines = message.examples.iter().map(|example| {
        format!(
            "\n  {:width$}  {}",
            visible(&example.command),
            visible(&example.about)
        )
    });
    Some(
        std::iter::once("Examples:".to_owned())
            .chain(lines)
            .collect(),
    )
}

/// Returns an argument as clap declares it.
pub(super) fn argument(message: &protocol::Arg) -> Arg {
    let mut help = visible(&message.help).into_owned();
    let variable_note = message
        .env
        .as_ref()
        .map(|variable| format!("[env: {}]", visible(variable)));
    let setting = Some(visible(&message.setting)).filter(|name| !name.is_empty());
    let setting_note = setting.map(|name| format!("[setting: {name}]"));
    for note in notes(message)
        .into_iter()
        .chain(variable_note)
        .chain(setting_note)
    {
        let space = if help.is_empty() { "" } else { " " };
        help = format!("{help}{space}{note}");
    }
    let mut arg = Arg::new(message.name.clone())
        .hide(message.hidden)
        // The setting may have the value, which is known only later.
        .required(message.required && message.setting.is_empty());
    if !message.details.is_empty() {
        arg = arg.long_help(format!("{help}\n\n{}", visible_lines(&message.details)));
    }
    arg = arg.help(help);
    if message.kind != ArgKind::Positional {
        arg = arg
            .short(message.short)
            .visible_aliases(message.aliases.clone());
        if let Some(long) = &message.long {
            arg = arg.long(long.clone());
        }
    }
    // An empty variable counts as unset here, but clap would take the empty text as the value.
    if let Some(name) = message.env.as_ref().filter(|name| variable(name).is_some()) {
        arg = arg.env(name.clone()).hide_env(true).hide_env_values(true);
    }
    if message.kind == ArgKind::Flag {
        // If the variable of a flag is 0, n, no, off or false, the flag is not set.
        return arg
            .action(ArgAction::SetTrue)
            .value_parser(FalseyValueParser::new());
    }
    add_values(message, arg)
}

/// Returns what the help of an argument says about its type.
fn notes(message: &protocol::Arg) -> Vec<String> {
    match (message.value, Typed::of(message)) {
        (_, Ok(Some(typed))) => typed.notes(),
        (ValueKind::Source, _) => vec!["[- for standard input]".to_owned()],
        _ => Vec::new(),
    }
}

/// Adds the type of an argument's values, how many values there may be, and the default.
fn add_values(message: &protocol::Arg, mut arg: Arg) -> Arg {
    arg = arg.action(if message.repeated {
        ArgAction::Append
    } else {
        ArgAction::Set
    });
    let name = match message.value_name.is_empty() {
        true => message.name.to_uppercase().replace('-', "_"),
        false => message.value_name.clone(),
    };
    arg = arg.value_name(visible(&name).into_owned());
    if let Some(delimiter) = message.delimiter {
        arg = arg.value_delimiter(delimiter);
    }
    if message.kind == ArgKind::Positional && message.repeated {
        arg = arg.num_args(1..);
    }
    if message.trailing {
        arg = arg.trailing_var_arg(true).allow_hyphen_values(true);
    }
    if matches!(message.value, ValueKind::Integer | ValueKind::Float) {
        arg = arg.allow_negative_numbers(true);
    }
    if completion::completes(message) {
        arg = arg.add(completion::completer(&message.name));
    }
    if !message.default.is_empty() {
        arg = arg.default_values(message.default.clone());
    }
    if !message.possible.is_empty() {
        let possible = message.possible.iter().map(|value| {
            let help = visible(&value.help).into_owned();
            clap::builder::PossibleValue::new(value.name.clone())
                .aliases(value.aliases.clone())
                .help(help)
        });
        return arg
            .value_parser(PossibleValuesParser::new(possible))
            .ignore_case(message.ignore_case);
    }
    // A manifest with an invalid range is refused when it is first read.
    if let Ok(Some(typed)) = Typed::of(message) {
        return arg.value_parser(move |text: &str| typed.parse(text));
    }
    match message.value {
        ValueKind::Boolean => arg.value_parser(value_parser!(bool)),
        ValueKind::Path => arg
            .value_parser(value_parser!(OsString))
            .value_hint(ValueHint::AnyPath),
        ValueKind::File | ValueKind::Source => arg
            .value_parser(value_parser!(OsString))
            .value_hint(ValueHint::FilePath),
        ValueKind::Folder => arg
            .value_parser(value_parser!(OsString))
            .value_hint(ValueHint::DirPath),
        ValueKind::OsText => arg.value_parser(value_parser!(OsString)),
        _ => arg.value_parser(value_parser!(String)),
    }
}
