//! The parsed arguments as a plugin gets them: values by name, and the source of each.

use std::{collections::BTreeMap, ffi::OsString};

use clap::{ArgMatches, parser::ValueSource as Source};
use tw_plugin_protocol::{
    Arg, ArgKind, ArgValue, Arguments, Command, OsText, ValueKind, ValueSource,
};

use crate::{
    config::{self, Settings},
    error::Error,
    typed::{Number, find_possible, has_numbers},
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

/// The values of a command's arguments and the source of each, by the name of the argument.
#[derive(Default)]
pub(super) struct Values {
    pub(super) arguments: Arguments,
    pub(super) sources: BTreeMap<String, ValueSource>,
}

impl Values {
    /// Collects the values of these arguments. A setting of the plugin takes precedence over the default, and so does the workspace of the
    /// configuration.
    ///
    /// # Errors
    /// If the configuration file can't be read, or has a setting that doesn't fit its declaration.
    pub(super) fn collect(
        plugin: &str,
        arguments: &[&Arg],
        matches: &ArgMatches,
        settings: &Settings,
    ) -> Result<Self, Error> {
        let mut this = Self::default();
        for argument in arguments {
            let source = match matches.value_source(&argument.name) {
                Some(Source::CommandLine) => ValueSource::CommandLine,
                Some(Source::EnvVariable) => ValueSource::Environment,
                _ => ValueSource::Default,
            };
            let setting = match source {
                ValueSource::Default => config::read_for_argument(plugin, argument)?
                    .or_else(|| workspace_of(settings, argument)),
                _ => None,
            };
            match setting {
                Some(setting) => this.add(argument, setting, ValueSource::Configuration),
                None => {
                    if let Some(value) = value(argument, matches) {
                        this.add(argument, value, source);
                    }
                }
            }
        }
        Ok(this)
    }

    fn add(&mut self, argument: &Arg, value: ArgValue, source: ValueSource) {
        let name = &argument.name;
        self.arguments.0.insert(name.clone(), value);
        self.sources.insert(name.clone(), source);
    }

    /// Returns the names of the required arguments that have no value: those whose setting is missing too.
    pub(super) fn missing<'a>(&self, arguments: &[&'a Arg]) -> Vec<&'a str> {
        let is_missing = |arg: &&&Arg| arg.required && !self.arguments.0.contains_key(&arg.name);
        arguments
            .iter()
            .filter(is_missing)
            .map(|arg| arg.name.as_str())
            .collect()
    }
}

/// Returns the workspace of the configuration if the argument is the workspace option. `None` for every other argument.
fn workspace_of(settings: &Settings, argument: &Arg) -> Option<ArgValue> {
    let is_option = argument.value == ValueKind::Workspace && !argument.repeated;
    let workspace = settings.workspace.as_ref().filter(|_| is_option)?;
    Some(ArgValue::Text(workspace.value.clone()))
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
    let declared = find_possible(argument, text);
    declared.map_or_else(|| text.to_owned(), |value| value.name.clone())
}
