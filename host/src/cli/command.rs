//! A manifest's commands as clap's: parsing, help and completion come from one account of each argument.

use clap::{
    Arg, ArgAction, ArgGroup, Command, ValueHint,
    builder::{FalseyValueParser, PossibleValuesParser},
    value_parser,
};
use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{ArgKind, Manifest, ValueKind};
use tw_render::text::{visible, visible_lines};

use super::names;
use crate::config::options;

/// A command with all that is below it. `shared` are the arguments that the groups above give it.
pub(super) fn command(message: &protocol::Command, shared: &[&protocol::Arg]) -> Command {
    let mut out = Command::new(message.name.clone())
        .about(visible(&message.about).into_owned())
        .visible_aliases(message.aliases.clone())
        .hide(message.hidden);
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
    let shared: Vec<&protocol::Arg> = shared.iter().copied().chain(&message.shared).collect();
    if message.subcommands.is_empty() {
        out = out.args(message.args.iter().chain(shared).map(argument));
        for (at, set) in message.exactly_one_of.iter().enumerate() {
            out = out.group(
                ArgGroup::new(format!("one-of-{at}"))
                    .args(set)
                    .required(true),
            );
        }
    } else {
        out = out.subcommands(
            message
                .subcommands
                .iter()
                .map(|below| command(below, &shared)),
        );
    }
    options::add_to_command(out)
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

fn argument(message: &protocol::Arg) -> Arg {
    let mut help = visible(&message.help).into_owned();
    if let Some(variable) = &message.env {
        help = format!("{help} [env: {}]", visible(variable));
    }
    let mut arg = Arg::new(message.name.clone())
        .hide(message.hidden)
        .required(message.required)
        .conflicts_with_all(&message.conflicts);
    for needed in &message.requires {
        arg = arg.requires(needed.clone());
    }
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
    // clap takes an empty variable for a value, and people don't.
    if let Some(variable) = message
        .env
        .as_ref()
        .filter(|variable| crate::process::variable(variable).is_some())
    {
        arg = arg
            .env(variable.clone())
            .hide_env(true)
            .hide_env_values(true);
    }
    if message.kind == ArgKind::Flag {
        // In a variable, what means no is no: 0, n, no, off, false.
        return arg
            .action(ArgAction::SetTrue)
            .value_parser(FalseyValueParser::new());
    }
    valued(message, arg)
}

/// The argument's values: what they are, how many, and where else they come from.
fn valued(message: &protocol::Arg, mut arg: Arg) -> Arg {
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
    if message.value == ValueKind::Integer {
        arg = arg.allow_negative_numbers(true);
    }
    if !message.default.is_empty() {
        arg = arg.default_values(message.default.clone());
    }
    if !message.possible.is_empty() {
        let possible = message.possible.iter().map(|value| {
            let help = visible(&value.help).into_owned();
            clap::builder::PossibleValue::new(value.name.clone()).help(help)
        });
        return arg
            .value_parser(PossibleValuesParser::new(possible))
            .ignore_case(message.ignore_case);
    }
    match message.value {
        ValueKind::Integer => {
            let (min, max) = (
                message.min.unwrap_or(i64::MIN),
                message.max.unwrap_or(i64::MAX),
            );
            arg.value_parser(value_parser!(i64).range(min..=max))
        }
        ValueKind::Path => arg
            .value_parser(value_parser!(String))
            .value_hint(ValueHint::AnyPath),
        _ => arg.value_parser(value_parser!(String)),
    }
}

/// Whether the host can make a tree of these commands: names are words, and clap's own assertions hold.
///
/// # Errors
/// What is wrong, in a line.
pub(super) fn check_manifest(manifest: &Manifest) -> Result<(), String> {
    if manifest.commands.is_empty() {
        return Err("it has none".to_owned());
    }
    manifest.commands.iter().try_for_each(check_names)?;
    // clap says what is wrong by a panic.
    let checked = tw_plugin_abi::guard(|| {
        let tops = manifest
            .commands
            .iter()
            .filter(|top| !names::BUILT_IN.contains(&top.name.as_str()));
        let tops = tops.map(|top| command(top, &[]));
        options::add_to_root(Command::new("tw"))
            .subcommands(tops)
            .debug_assert();
    });
    checked.map_err(|panic| {
        panic
            .message
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    })
}

fn check_names(command: &protocol::Command) -> Result<(), String> {
    let word = |text: &str| {
        let mut bytes = text.bytes();
        let begins = bytes
            .next()
            .is_some_and(|first| first.is_ascii_lowercase() || first.is_ascii_digit());
        begins
            && bytes.all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte)
            })
    };
    for name in std::iter::once(&command.name).chain(&command.aliases) {
        if !word(name) {
            return Err(format!(
                "`{name}` is not the name of a command: small letters, digits and hyphens"
            ));
        }
    }
    for arg in command.args.iter().chain(&command.shared) {
        if arg.name.is_empty() || options::is_root_option(&arg.name) {
            return Err(format!(
                "`{}` has an argument without a name of its own",
                command.name
            ));
        }
        check_values(arg).map_err(|reason| {
            format!("{reason} (argument `{}` of `{}`)", arg.name, command.name)
        })?;
        if arg.kind != ArgKind::Positional && arg.short.is_none() && arg.long.is_none() {
            return Err(format!(
                "the option `{}` of `{}` has neither a letter nor a word",
                arg.name, command.name
            ));
        }
    }
    command.subcommands.iter().try_for_each(check_names)
}

/// Words that can be typed, and defaults that the argument itself would take.
fn check_values(arg: &protocol::Arg) -> Result<(), String> {
    let typed = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_alphanumeric() || "-_.".contains(c))
            && !word.starts_with('-')
    };
    if let Some(word) = arg
        .long
        .iter()
        .chain(&arg.aliases)
        .find(|word| !typed(word))
    {
        return Err(format!("`--{word}` is not a word that can be typed"));
    }
    if let Some(letter) = arg.short.filter(|letter| !letter.is_alphanumeric()) {
        return Err(format!(
            "`{letter}` is not a letter that an option can have"
        ));
    }
    let texts = arg
        .possible
        .iter()
        .map(|value| &value.name)
        .chain(&arg.default);
    if let Some(text) = texts
        .into_iter()
        .find(|text| visible(text) != text.as_str())
    {
        return Err(format!("`{text}` has characters in it that can't be seen"));
    }
    if arg.min.zip(arg.max).is_some_and(|(min, max)| min > max) {
        return Err("its range is empty".to_owned());
    }
    let possible = |text: &str| {
        let same = |name: &str| name == text || arg.ignore_case && name.eq_ignore_ascii_case(text);
        arg.possible.is_empty() || arg.possible.iter().any(|value| same(&value.name))
    };
    let in_range = |number: i64| {
        arg.min.is_none_or(|min| min <= number) && arg.max.is_none_or(|max| number <= max)
    };
    for text in &arg.default {
        if !possible(text) {
            return Err(format!(
                "its default `{text}` is not one of its possible values"
            ));
        }
        if arg.value == ValueKind::Integer && arg.possible.is_empty() {
            match text.parse() {
                Err(_) => return Err(format!("its default `{text}` is not an integer")),
                Ok(number) if !in_range(number) => {
                    return Err(format!("its default {number} is outside of its range"));
                }
                Ok(_) => {}
            }
        }
    }
    Ok(())
}
