//! The parsed arguments as a plugin gets them: values by name, and the source of each.

use std::{collections::BTreeMap, ffi::OsString};

use super::typed::{Number, has_numbers};
use clap::{ArgMatches, parser::ValueSource as Source};
use tw_plugin_protocol::{
    Arg, ArgKind, ArgValue, Arguments, Command, OsText, ValueKind, ValueSource,
};

/// Returns the command that these words lead to. Words that name no subcommand are ignored.
pub(super) fn command_at<'a>(top: &'a Command, words: &[&str]) -> &'a Command {
    words
        .iter()
        .fold(top, |level, word| subcommand(level, word).unwrap_or(level))
}

/// Returns the arguments of the command that these words lead to, and the arguments that its groups share. Words that name no subcommand are
/// ignored.
pub(super) fn arguments_of<'a>(top: &'a Command, words: &[&str]) -> Vec<&'a Arg> {
    let mut arguments = shared_with(top, words);
    let command = command_at(top, words);
    if command.subcommands.is_empty() {
        arguments.extend(&command.args);
    }
    arguments
}

/// Returns the arguments that the groups above this command share with it.
pub(super) fn shared_with<'a>(top: &'a Command, words: &[&str]) -> Vec<&'a Arg> {
    let mut level = top;
    let mut arguments: Vec<&Arg> = top.shared.iter().collect();
    for word in words {
        if let Some(below) = subcommand(level, word) {
            level = below;
            arguments.extend(&level.shared);
        }
    }
    arguments
}

fn subcommand<'a>(level: &'a Command, word: &str) -> Option<&'a Command> {
    let is_called = |command: &&Command| {
        command.name == word || command.aliases.iter().any(|alias| alias == word)
    };
    level.subcommands.iter().find(is_called)
}

/// Returns the values of these arguments and the source of each.
pub(super) fn collect(
    arguments: &[&Arg],
    matches: &ArgMatches,
) -> (Arguments, BTreeMap<String, ValueSource>) {
    let given = arguments.iter().filter_map(|argument| {
        let source = match matches.value_source(&argument.name)? {
            Source::CommandLine => ValueSource::CommandLine,
            Source::EnvVariable => ValueSource::Environment,
            _ => ValueSource::Default,
        };
        let name = &argument.name;
        value(argument, matches).map(|value| ((name.clone(), value), (name.clone(), source)))
    });
    let (values, sources): (Vec<_>, Vec<_>) = given.unzip();
    (
        Arguments(values.into_iter().collect()),
        sources.into_iter().collect(),
    )
}

fn value(argument: &Arg, matches: &ArgMatches) -> Option<ArgValue> {
    let name = argument.name.as_str();
    if argument.kind == ArgKind::Flag {
        return Some(ArgValue::Flag(matches.get_flag(name)));
    }
    let mut values: Vec<ArgValue> = match (argument.value, argument.possible.is_empty()) {
        _ if has_numbers(argument) => matches
            .get_many::<Number>(name)?
            .map(|number| match number {
                Number::Integer(number) => ArgValue::Integer(*number),
                Number::Float(number) => ArgValue::Float(*number),
            })
            .collect(),
        (ValueKind::Boolean, true) => matches
            .get_many::<bool>(name)?
            .map(|value| ArgValue::Flag(*value))
            .collect(),
        (
            ValueKind::Path
            | ValueKind::File
            | ValueKind::Folder
            | ValueKind::OsText
            | ValueKind::Source,
            true,
        ) => matches
            .get_many::<OsString>(name)?
            .map(|text| match OsText::from(text.clone()) {
                OsText::Utf8(text) => ArgValue::Text(text),
                OsText::Other(bytes) => ArgValue::Bytes(bytes),
            })
            .collect(),
        _ => matches
            .get_many::<String>(name)?
            .map(|text| ArgValue::Text(as_declared(argument, text)))
            .collect(),
    };
    match argument.repeated {
        true => Some(ArgValue::List(values)),
        false => values.pop(),
    }
}

/// Returns a possible value as the plugin declares it, regardless of the case or the alias that was typed.
fn as_declared(argument: &Arg, text: &str) -> String {
    let is_typed =
        |name: &String| name == text || argument.ignore_case && name.eq_ignore_ascii_case(text);
    let declared = argument
        .possible
        .iter()
        .find(|value| is_typed(&value.name) || value.aliases.iter().any(is_typed));
    declared.map_or_else(|| text.to_owned(), |value| value.name.clone())
}
