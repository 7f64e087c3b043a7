//! Checks a manifest when it is first read. A manifest that passes makes a tree of commands that clap accepts, so clap's own assertions are
//! left to debug builds.

use std::collections::HashSet;

use tw_plugin_protocol::{Arg, ArgKind, Command, Manifest};

use super::{
    check_args::{
        check_arg, check_positionals, check_references, check_unique, check_values, is_option_word,
    },
    support,
};
use crate::store::limits;

/// Checks that the commands of a manifest can be parsed and typed.
///
/// # Errors
/// If a command can't be parsed or typed. The error is one line about the first problem.
pub(crate) fn check(manifest: &Manifest) -> Result<(), String> {
    limits::check(manifest)?;
    if manifest.commands.is_empty() {
        return Err("it has none".to_owned());
    }
    check_names(&manifest.commands, "tw", &[])?;
    let mut check = Check {
        settings: &manifest.settings,
        checked: HashSet::new(),
    };
    let mut commands = manifest.commands.iter();
    commands.try_for_each(|command| check.check_command(command, &[]))?;
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

/// A check of all commands.
struct Check<'a> {
    settings: &'a [Arg],
    /// The arguments whose values are checked. A thousand commands can share an argument with a thousand values.
    checked: HashSet<*const Arg>,
}

impl Check<'_> {
    fn check_command(&mut self, command: &Command, shared: &[&Arg]) -> Result<(), String> {
        let shared: Vec<&Arg> = shared.iter().copied().chain(&command.shared).collect();
        if !command.subcommands.is_empty() {
            // clap adds `help` to every group.
            check_names(&command.subcommands, &command.name, &["help"])?;
            let mut below = command.subcommands.iter();
            return below.try_for_each(|below| self.check_command(below, &shared));
        }
        // A command that needs a newer `tw` can't be checked here, and is never parsed.
        if !support::missing(command, &shared).is_empty() {
            return Ok(());
        }
        let args: Vec<&Arg> = command.args.iter().chain(shared).collect();
        self.check_args(&args, &command.exactly_one_of)
            .map_err(|reason| format!("{reason} (command `{}`)", command.name))
    }

    fn check_args(&mut self, args: &[&Arg], exactly_one_of: &[Vec<String>]) -> Result<(), String> {
        check_unique(args)?;
        let names = args.iter().map(|arg| arg.name.as_str()).collect();
        args.iter().try_for_each(|arg| {
            let checked = check_arg(arg, &names).and_then(|()| self.check_values(arg));
            checked.map_err(|reason| format!("{reason} (argument `{}`)", arg.name))
        })?;
        check_positionals(args)?;
        exactly_one_of
            .iter()
            .try_for_each(|set| match set.is_empty() {
                true => Err("a set of which exactly one must be given is empty".to_owned()),
                false => check_references(set, &names),
            })
    }

    /// Checks the values and the setting of an argument, once for all commands that share it.
    fn check_values(&mut self, arg: &Arg) -> Result<(), String> {
        if !self.checked.insert(arg) {
            return Ok(());
        }
        check_values(arg)?;
        check_setting(arg, self.settings)
    }
}

/// Asserts that clap accepts the commands of a manifest that passes the check. clap's own assertions are in debug builds only.
#[cfg(any(test, fuzzing))]
pub(crate) fn fuzz(manifest: &Manifest) {
    use crate::{cli::command, config::options};
    if check(manifest).is_ok() {
        let commands = manifest.commands.iter();
        let commands = commands.map(|command| command::complete(command, &[], &|_| true));
        options::add_to_root(clap::Command::new("tw"))
            .disable_help_subcommand(true)
            .subcommands(commands)
            .debug_assert();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tw_plugin_protocol::{PossibleValue, ValueKind};

    use super::*;

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
            fuzz(&manifest);
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
