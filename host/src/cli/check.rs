//! Checks a manifest when it is first read. A manifest that passes makes a tree of commands that clap accepts, so clap's own assertions are
//! left to debug builds.

use std::collections::HashSet;

use tw_plugin_protocol::{Arg, ArgKind, Command, Manifest, ValueKind};
use tw_render::text::visible;

use super::support;
use crate::{config::options, typed::Typed};

/// Checks that the commands of a manifest can be parsed and typed.
///
/// # Errors
/// If a command can't be parsed or typed. The error is one line about the first problem.
pub(crate) fn check(manifest: &Manifest) -> Result<(), String> {
    if manifest.commands.is_empty() {
        return Err("it has none".to_owned());
    }
    check_names(&manifest.commands, "tw", &[])?;
    let mut commands = manifest.commands.iter();
    commands.try_for_each(|command| check_command(command, &[], &manifest.settings))?;
    check_settings(&manifest.settings)
}

fn check_settings(settings: &[Arg]) -> Result<(), String> {
    let mut names = HashSet::new();
    for setting in settings {
        if !is_option_word(&setting.name) || !names.insert(&setting.name) {
            return Err(format!("`{}` is not the name of one setting", setting.name));
        }
        if !matches!(setting.kind, ArgKind::Option | ArgKind::Flag) || !setting.setting.is_empty() {
            return Err(format!("the setting `{}` is no option", setting.name));
        }
        check_values(setting).map_err(|reason| format!("{reason} (setting `{}`)", setting.name))?;
    }
    Ok(())
}

/// Checks that the setting of an argument exists and has the argument's type.
fn check_setting(arg: &Arg, settings: &[Arg]) -> Result<(), String> {
    if arg.setting.is_empty() {
        return Ok(());
    }
    let mut settings = settings.iter();
    let Some(setting) = settings.find(|setting| setting.name == arg.setting) else {
        return Err(format!("there is no setting `{}`", arg.setting));
    };
    let shape = |arg: &Arg| (arg.kind == ArgKind::Flag, arg.value, arg.repeated);
    match shape(setting) == shape(arg) {
        true => Ok(()),
        false => Err(format!("the setting `{}` has another type", arg.setting)),
    }
}

/// Checks that no two sibling commands have the same name or alias.
fn check_names(commands: &[Command], parent: &str, reserved: &[&str]) -> Result<(), String> {
    let mut seen: HashSet<&str> = reserved.iter().copied().collect();
    for name in commands
        .iter()
        .flat_map(|command| std::iter::once(&command.name).chain(&command.aliases))
    {
        if !is_command_name(name) {
            return Err(format!(
                "`{name}` is not the name of a command: use small letters, digits and hyphens"
            ));
        }
        if !seen.insert(name) {
            return Err(format!("two commands of `{parent}` are called `{name}`"));
        }
    }
    Ok(())
}

fn is_command_name(text: &str) -> bool {
    let is_letter_or_digit = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut bytes = text.bytes();
    bytes.next().is_some_and(is_letter_or_digit)
        && bytes.all(|byte| is_letter_or_digit(byte) || b"-_".contains(&byte))
}

fn check_command(command: &Command, shared: &[&Arg], settings: &[Arg]) -> Result<(), String> {
    let shared: Vec<&Arg> = shared.iter().copied().chain(&command.shared).collect();
    if !command.subcommands.is_empty() {
        // clap adds `help` to every group.
        check_names(&command.subcommands, &command.name, &["help"])?;
        let mut below = command.subcommands.iter();
        return below.try_for_each(|below| check_command(below, &shared, settings));
    }
    // A command that needs a newer `tw` can't be checked here, and is never parsed.
    if !support::missing(command, &shared).is_empty() {
        return Ok(());
    }
    let args: Vec<&Arg> = command.args.iter().chain(shared).collect();
    let check = || {
        check_unique(&args)?;
        args.iter().try_for_each(|arg| {
            let checked = check_arg(arg, &args).and_then(|()| check_setting(arg, settings));
            checked.map_err(|reason| format!("{reason} (argument `{}`)", arg.name))
        })?;
        check_positionals(&args)?;
        command
            .exactly_one_of
            .iter()
            .try_for_each(|set| match set.is_empty() {
                true => Err("a set of which exactly one must be given is empty".to_owned()),
                false => check_references(set, &args),
            })
    };
    check().map_err(|reason| format!("{reason} (command `{}`)", command.name))
}

/// Checks that no two arguments of a command have the same name, word or letter. `help` and `-h` belong to clap.
fn check_unique(args: &[&Arg]) -> Result<(), String> {
    let mut names = HashSet::from(["help"]);
    let mut words = HashSet::from(["help"]);
    let mut letters = HashSet::from(['h']);
    for arg in args {
        if !names.insert(&arg.name) {
            return Err(format!("two arguments are named `{}`", arg.name));
        }
        if arg.kind == ArgKind::Positional {
            continue;
        }
        for word in arg.long.iter().chain(&arg.aliases) {
            if options::is_root_word(word) {
                return Err(format!(
                    "`--{word}` is an option of `tw` itself: give the option another name"
                ));
            }
            if !words.insert(word) {
                return Err(format!("two options are called `--{word}`"));
            }
        }
        if let Some(letter) = arg.short.filter(|letter| !letters.insert(*letter)) {
            return Err(format!("two options are called `-{letter}`"));
        }
    }
    Ok(())
}

fn check_arg(arg: &Arg, args: &[&Arg]) -> Result<(), String> {
    if arg.name.is_empty() || options::is_root_option(&arg.name) {
        return Err("it has no name of its own".to_owned());
    }
    let is_positional = arg.kind == ArgKind::Positional;
    if !is_positional && arg.short.is_none() && arg.long.is_none() {
        return Err("the option has neither a letter nor a word".to_owned());
    }
    let mut words = arg.long.iter().chain(&arg.aliases);
    if let Some(word) = words.find(|word| !is_option_word(word)) {
        return Err(format!("`--{word}` is not a word that can be typed"));
    }
    if let Some(letter) = arg.short.filter(|letter| !letter.is_alphanumeric()) {
        return Err(format!(
            "`{letter}` is not a letter that an option can have"
        ));
    }
    if arg.trailing && !(is_positional && arg.repeated) {
        return Err("only a repeated positional can take all that follows".to_owned());
    }
    for others in [&arg.conflicts, &arg.requires] {
        if others.contains(&arg.name) {
            return Err("it can't conflict with itself or require itself".to_owned());
        }
        check_references(others, args)?;
    }
    if arg.completes && (arg.sensitive || arg.kind == ArgKind::Flag || !arg.possible.is_empty()) {
        return Err("values of flags and secrets can't be completed, and possible values complete by themselves".to_owned());
    }
    check_values(arg)
}

fn is_option_word(word: &str) -> bool {
    let is_typed = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    !word.is_empty() && word.chars().all(is_typed) && !word.starts_with('-')
}

/// Checks that arguments with these names exist.
fn check_references(names: &[String], args: &[&Arg]) -> Result<(), String> {
    let mut names = names.iter();
    match names.find(|name| args.iter().all(|arg| arg.name != **name)) {
        Some(name) => Err(format!("there is no argument `{name}`")),
        None => Ok(()),
    }
}

/// Checks that it is always clear which value belongs to which positional.
fn check_positionals(args: &[&Arg]) -> Result<(), String> {
    let args = args.iter().filter(|arg| arg.kind == ArgKind::Positional);
    let positionals: Vec<&&Arg> = args.collect();
    let Some((last, before)) = positionals.split_last() else {
        return Ok(());
    };
    if let Some(arg) = before.iter().find(|arg| arg.trailing) {
        return Err(format!("something follows the trailing `{}`", arg.name));
    }
    let repeated = positionals.iter().filter(|arg| arg.repeated).count();
    let may_precede = |at: usize| at + 1 == before.len() && last.required && repeated == 1;
    let misplaced = before.iter().enumerate();
    if let Some((_, arg)) = misplaced
        .filter(|(_, arg)| arg.repeated)
        .find(|(at, _)| !may_precede(*at))
    {
        return Err(format!(
            "only the last positional can be repeated, or the one before a required last one; `{}` is neither",
            arg.name
        ));
    }
    let is_after_optional = |pair: &&[&&Arg]| !pair[0].required && pair[1].required;
    match positionals.windows(2).find(is_after_optional) {
        Some(pair) => Err(format!(
            "the required positional `{}` follows the optional `{}`",
            pair[1].name, pair[0].name
        )),
        None => Ok(()),
    }
}

/// Checks that the possible values are visible and differ, that the range fits the type, and that the argument accepts its own defaults.
fn check_values(arg: &Arg) -> Result<(), String> {
    let words: Vec<&String> = arg
        .possible
        .iter()
        .flat_map(|value| std::iter::once(&value.name).chain(&value.aliases))
        .collect();
    let limits = [&arg.min, &arg.max];
    let mut shown = words.iter().copied().chain(&arg.default).chain(limits);
    if let Some(text) = shown.find(|text| visible(text) != text.as_str()) {
        return Err(format!("`{text}` contains characters that can't be seen"));
    }
    let mut seen = HashSet::new();
    let fold = |word: &str| match arg.ignore_case {
        true => word.to_ascii_lowercase(),
        false => word.to_owned(),
    };
    if let Some(word) = words.iter().find(|word| !seen.insert(fold(word))) {
        return Err(format!("two of its possible values are called `{word}`"));
    }
    let typed = Typed::of(arg)?;
    let is_possible =
        |text: &str| words.is_empty() || words.iter().any(|word| fold(word) == fold(text));
    for text in &arg.default {
        if !is_possible(text) {
            return Err(format!(
                "its default `{text}` is not one of its possible values"
            ));
        }
        if let Some(typed) = &typed {
            typed
                .parse(text)
                .map_err(|reason| format!("its default `{text}` is invalid: {reason}"))?;
        }
        if arg.value == ValueKind::Boolean && text.parse::<bool>().is_err() {
            return Err(format!("its default `{text}` is neither true nor false"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tw_plugin_protocol::PossibleValue;

    use super::*;
    use crate::cli::command;

    /// Makes arguments whose names, letters and positions often clash with each other.
    fn any_arg() -> impl Strategy<Value = Arg> {
        let name = prop::sample::select(vec!["a", "b", "c", "help", "tw.url"]);
        let word = prop::sample::select(vec!["a", "b", "long", "help", "verbose"]);
        let letter = prop::sample::select(vec!['a', 'b', 'h', 'v', '-']);
        let kind = prop::sample::select(vec![
            ArgKind::Option,
            ArgKind::Flag,
            ArgKind::Positional,
            ArgKind::Positional,
        ]);
        let names = || prop::collection::vec(prop::sample::select(vec!["a", "b", "z"]), 0..2);
        let flags = prop::array::uniform3(any::<bool>());
        let value = prop::sample::select(vec![
            ValueKind::Text,
            ValueKind::Integer,
            ValueKind::Float,
            ValueKind::Boolean,
            ValueKind::Duration,
            ValueKind::Size,
            ValueKind::Time,
            ValueKind::Source,
        ]);
        let limit = || prop::sample::select(vec!["", "", "", "1", "5s", "-1"]);
        let text = prop::sample::select(vec!["1", "x", "a", "1s", "true", "2026-01-31"]);
        let texts = prop::collection::vec(text, 0..2);
        (
            (name, kind, prop::option::of(word), prop::option::of(letter)),
            (names(), names(), flags, texts.clone(), texts),
            (value, limit(), limit()),
        )
            .prop_map(
                |(
                    (name, kind, long, short),
                    (conflicts, requires, flags, default, possible),
                    (value, min, max),
                )| {
                    let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
                    let [required, repeated, trailing] = flags;
                    Arg {
                        name: name.to_owned(),
                        kind,
                        long: long.map(str::to_owned),
                        short,
                        conflicts: owned(conflicts),
                        requires: owned(requires),
                        required,
                        repeated,
                        trailing,
                        value,
                        min: min.to_owned(),
                        max: max.to_owned(),
                        default: owned(default),
                        possible: possible
                            .into_iter()
                            .map(|name| PossibleValue {
                                name: name.to_owned(),
                                ..Default::default()
                            })
                            .collect(),
                        ..Default::default()
                    }
                },
            )
    }

    fn any_leaf() -> impl Strategy<Value = Command> {
        let name = prop::sample::select(vec!["one", "two", "help", "Bad"]);
        let alias = prop::option::of(prop::sample::select(vec!["one", "uno"]));
        let sets = prop::collection::vec(prop::collection::vec("[abz]", 0..3), 0..2);
        let args = prop::collection::vec(any_arg(), 0..4);
        (name, alias, args, sets).prop_map(|(name, alias, args, exactly_one_of)| Command {
            name: name.to_owned(),
            aliases: alias.into_iter().map(str::to_owned).collect(),
            args,
            exactly_one_of,
            ..Default::default()
        })
    }

    fn any_manifest() -> impl Strategy<Value = Manifest> {
        let group = (
            prop::collection::vec(any_leaf(), 1..3),
            prop::collection::vec(any_arg(), 0..2),
        );
        let group = group.prop_map(|(subcommands, shared)| Command {
            name: "group".to_owned(),
            subcommands,
            shared,
            ..Default::default()
        });
        let commands = prop::collection::vec(prop_oneof![any_leaf(), group], 0..3);
        commands.prop_map(|commands| Manifest {
            commands,
            ..Default::default()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        /// clap's assertions are on in this build, so a manifest that this check wrongly accepts panics.
        #[test]
        fn clap_accepts_every_manifest_that_passes(manifest in any_manifest()) {
            if check(&manifest).is_ok() {
                let commands = manifest.commands.iter();
                let commands = commands.map(|command| command::complete(command, &[], &|_| true));
                options::add_to_root(clap::Command::new("tw"))
                    .disable_help_subcommand(true)
                    .subcommands(commands)
                    .debug_assert();
            }
        }
    }

    #[test]
    fn a_plain_command_passes() {
        let name = Arg {
            name: "name".to_owned(),
            long: Some("name".to_owned()),
            short: Some('n'),
            ..Default::default()
        };
        let command = Command {
            name: "greet".to_owned(),
            args: vec![name],
            ..Default::default()
        };
        let manifest = Manifest {
            commands: vec![command],
            ..Default::default()
        };
        assert_eq!(check(&manifest), Ok(()));
    }
}
