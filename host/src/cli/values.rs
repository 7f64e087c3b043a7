//! What was parsed, as the plugin gets it: values by name, and where each came from.

use clap::{ArgMatches, parser::ValueSource as Source};
use tw_plugin_protocol::{
    Arg, ArgKind, ArgValue, Arguments, ByName, Command, ValueKind, ValueSource,
};

/// The arguments of the command that these words lead to, those of its groups included. Words that name no command are passed over.
pub(super) fn arguments_of<'a>(top: &'a Command, words: &[&str]) -> Vec<&'a Arg> {
    let mut level = top;
    let mut arguments: Vec<&Arg> = top.shared.iter().collect();
    for word in words {
        let named = |command: &&Command| {
            command.name == *word || command.aliases.iter().any(|alias| alias == word)
        };
        if let Some(below) = level.subcommands.iter().find(named) {
            level = below;
            arguments.extend(&level.shared);
        }
    }
    if level.subcommands.is_empty() {
        arguments.extend(&level.args);
    }
    arguments
}

/// The values of these arguments, and where they came from.
pub(super) fn collect(
    arguments: &[&Arg],
    matches: &ArgMatches,
) -> (Arguments, ByName<ValueSource>) {
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
        (ValueKind::Integer, true) => matches
            .get_many::<i64>(name)?
            .map(|number| ArgValue::Integer(*number))
            .collect(),
        _ => matches
            .get_many::<String>(name)?
            .map(|text| ArgValue::Text(spelled(argument, text)))
            .collect(),
    };
    match argument.repeated {
        true => Some(ArgValue::List(values)),
        false => values.pop(),
    }
}

/// One of the possible values is handed over as it was declared, however it was typed.
fn spelled(argument: &Arg, text: &str) -> String {
    let declared = argument
        .possible
        .iter()
        .find(|value| argument.ignore_case && value.name.eq_ignore_ascii_case(text));
    declared.map_or_else(|| text.to_owned(), |value| value.name.clone())
}
