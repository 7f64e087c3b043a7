//! The command line: argv to a command, its run, its result.
//!
//! Every tree is clap's. The host's own commands stand beside stubs of every plugin's, made from the index; a stub is expanded to the
//! whole command only when its name is among the arguments.

mod builtin;
mod command;
mod completion;
mod external;
mod hyphen;
mod names;
mod plugin;
mod run;
mod tree;
mod values;

use std::{collections::BTreeMap, ffi::OsString, io::IsTerminal};

use clap::{
    ArgMatches,
    error::{ContextKind, ContextValue, ErrorKind as Rejection},
};
use semver::VersionReq;
use tw_render::Style;

use crate::{
    config::Settings,
    error::{Error, ErrorKind},
    package::index::Indices,
    plugin::{Catalog, Known, Owner, describe},
    trust::Policy,
};

/// How the process ends when `tw` is called without a command, as the existing CLI has it.
const BARE: u8 = 255;
/// The same for a group without a command.
const BARE_GROUP: u8 = 1;

/// Runs the command line and says how the process ends.
pub(crate) fn run() -> u8 {
    let mut arguments = std::env::args_os();
    let program = arguments.next().unwrap_or_else(|| OsString::from("tw"));
    let arguments: Vec<OsString> = arguments.collect();
    match arguments.first().and_then(|first| first.to_str()) {
        Some("--version" | "-V") => {
            return match crate::stdio::print(concat!("tw ", env!("CARGO_PKG_VERSION"), "\n")) {
                Ok(()) => 0,
                Err(error) => fail(&Error::output(error)),
            };
        }
        Some(describe::ARGUMENT) => {
            return describe::child(arguments.into_iter().skip(1), command::check_manifest);
        }
        _ => {}
    }
    let completes = completion::requested();
    // What a shell asks about can be any command.
    let first = arguments.first().filter(|_| !completes);
    let first = first.and_then(|first| first.to_str());
    let catalog = match Catalog::open(names::BUILT_IN, names::ALONE, first) {
        Ok(catalog) => catalog,
        Err(error) => return fail(&Error::system(error)),
    };
    if completes {
        return completion::answer(|words| {
            let owners = catalog.commands();
            let named = |name: &str| words.iter().any(|word| word == name);
            tree::root(&catalog, owners.iter().collect(), named)
        });
    }
    dispatch(&catalog, program, arguments).unwrap_or_else(|error| fail(&error))
}

fn dispatch(catalog: &Catalog, program: OsString, arguments: Vec<OsString>) -> Result<u8, Error> {
    let owners = catalog.commands();
    let named = |name: &str| arguments.iter().any(|argument| argument == name);
    // Where the line begins with a command, the others are neither shown nor suggested.
    let begins = arguments.first().and_then(|first| first.to_str());
    let alone = begins.filter(|first| owners.contains_key(first) || names::ALONE.contains(first));
    let wanted = match alone {
        Some(command) => owners
            .iter()
            .filter(|(name, _)| **name == command)
            .collect(),
        None => owners.iter().collect(),
    };
    let mut tree = tree::root(catalog, wanted, named);
    let words = arguments.clone();
    let line = |arguments: Vec<OsString>| std::iter::once(program.clone()).chain(arguments);
    let arguments = hyphen::attach(&tree, arguments);
    let matches = match tree.try_get_matches_from_mut(line(arguments.clone())) {
        Ok(matches) => matches,
        Err(error) => {
            if error.kind() == Rejection::InvalidSubcommand
                && let Some(result) = run_external(catalog, tree, line(arguments))
            {
                return result;
            }
            let secret = secret_options(catalog, &owners, &words);
            return Ok(refuse(catalog, &without_secrets(error, &secret)));
        }
    };
    let levels = levels(&matches);
    let path: Vec<&str> = levels
        .iter()
        .filter_map(|level| level.subcommand_name())
        .collect();
    let Some((first, _)) = path.split_first() else {
        return Ok(show_help(catalog, &mut tree, &[], BARE));
    };
    if let Some(Owner::Conflict(plugins)) = owners.get(first) {
        let paths = plugins.iter().map(|plugin| plugin.path.clone()).collect();
        return Err(conflict(first, paths));
    }
    if is_group(&tree, &path) {
        return Ok(show_help(catalog, &mut tree, &path, BARE_GROUP));
    }
    let settings = Settings::read(&levels)?;
    match owners.get(first) {
        Some(Owner::Plugin(plugin, _)) => {
            run_plugin(catalog, plugin, &path, levels[levels.len() - 1], settings)
        }
        _ => builtin::run(catalog, &path, levels[1], &settings),
    }
}

/// Runs the executable on PATH that this command line is about, where there is one: the name stands in the place of a command at the top. Where a
/// plugin has the name and can't be used, that is what there is to say.
fn run_external(
    catalog: &Catalog,
    tree: clap::Command,
    line: impl Iterator<Item = OsString>,
) -> Option<Result<u8, Error>> {
    let mut tree = tree
        .allow_external_subcommands(true)
        .external_subcommand_value_parser(clap::value_parser!(OsString));
    let matches = match tree.try_get_matches_from_mut(line) {
        Ok(matches) => matches,
        // The name stands below another command.
        Err(error) if error.kind() == Rejection::InvalidSubcommand => return None,
        Err(error) => return Some(Ok(refuse(catalog, &error))),
    };
    let (name, arguments) = matches.subcommand()?;
    // What a plugin that can't be used would add isn't known; mostly it has the plugin's name.
    let is_it = |plugin: &&Known| !plugin.replaced && plugin.name() == name;
    if let Some(plugin) = catalog.plugins().iter().find(is_it)
        && let Err(problem) = &plugin.state
    {
        return Some(Err(unusable(&plugin.name(), problem.clone())));
    }
    let path = external::find(name)?;
    let arguments: Vec<OsString> = arguments
        .try_get_many::<OsString>("")
        .ok()
        .flatten()
        .map(|arguments| arguments.cloned().collect())
        .unwrap_or_default();
    let settings = Settings::read(&[&matches]);
    Some(settings.and_then(|settings| external::run(catalog, name, &path, &arguments, &settings)))
}

fn run_plugin(
    catalog: &Catalog,
    plugin: &Known,
    path: &[&str],
    matches: &ArgMatches,
    settings: Settings,
) -> Result<u8, Error> {
    let gone = || no_such_plugin(&plugin.name());
    let manifest = catalog.manifest(plugin).ok_or_else(gone)?;
    run::run(catalog, plugin, &manifest, path, matches, settings)
}

/// The matches of the root, of its subcommand, and so on down.
fn levels(matches: &ArgMatches) -> Vec<&ArgMatches> {
    let mut levels = vec![matches];
    let mut level = matches;
    while let Some((_, below)) = level.subcommand() {
        levels.push(below);
        level = below;
    }
    levels
}

fn find<'a>(tree: &'a mut clap::Command, path: &[&str]) -> &'a mut clap::Command {
    match path.split_first() {
        // Looked for twice, because the borrow of a found subcommand would last over the other arm.
        Some((first, rest)) if tree.find_subcommand(first).is_some() => {
            match tree.find_subcommand_mut(first) {
                Some(below) => find(below, rest),
                None => unreachable!("it was found on the line above"),
            }
        }
        _ => tree,
    }
}

fn is_group(tree: &clap::Command, path: &[&str]) -> bool {
    let leaf = path
        .iter()
        .try_fold(tree, |level, name| level.find_subcommand(name));
    leaf.is_some_and(|leaf| {
        leaf.get_subcommands()
            .any(|below| below.get_name() != "help")
    })
}

/// Shows help where a command is missing, on standard error.
fn show_help(catalog: &Catalog, tree: &mut clap::Command, path: &[&str], exit: u8) -> u8 {
    let help = find(tree, path).render_help();
    let text = match std::io::stderr().is_terminal() && !no_color() {
        true => help.ansi().to_string(),
        false => help.to_string(),
    };
    crate::stdio::print_error(&text);
    say_broken(catalog);
    exit
}

/// Help that was asked for, or a command line that can't be.
fn refuse(catalog: &Catalog, error: &clap::Error) -> u8 {
    let written = error.print();
    match error.kind() {
        Rejection::DisplayHelp => say_broken(catalog),
        Rejection::InvalidSubcommand => {
            say_broken(catalog);
            if let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidSubcommand) {
                say_installable(catalog, name);
            }
        }
        _ => {}
    }
    match written {
        Err(problem) if problem.kind() != std::io::ErrorKind::BrokenPipe && !error.use_stderr() => {
            fail(&Error::output(problem))
        }
        _ => u8::try_from(error.exit_code()).unwrap_or(2),
    }
}

/// The secret arguments of the command that these words name: how clap writes their options.
fn secret_options(
    catalog: &Catalog,
    owners: &BTreeMap<&str, Owner<'_>>,
    words: &[OsString],
) -> Vec<String> {
    let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    let named = |word: &str| {
        owners.iter().find_map(|(name, owner)| match owner {
            Owner::Plugin(plugin, top)
                if *name == word || top.aliases.iter().any(|alias| alias == word) =>
            {
                catalog.command(plugin, name)
            }
            _ => None,
        })
    };
    let Some(top) = words.iter().find_map(|word| named(word)) else {
        return Vec::new();
    };
    let secret = values::arguments_of(&top, &words)
        .into_iter()
        .filter(|argument| argument.sensitive);
    let option = |argument: &tw_plugin_protocol::Arg| match (&argument.long, argument.short) {
        (Some(long), _) => format!("--{long}"),
        (None, Some(letter)) => format!("-{letter}"),
        (None, None) => format!("<{}>", argument.name.to_uppercase()),
    };
    secret.map(option).collect()
}

/// The error without what may be a secret: a value of such an option, or what was typed without an option.
fn without_secrets(mut error: clap::Error, secret: &[String]) -> clap::Error {
    let text =
        |error: &clap::Error, key| error.get(key).map(ToString::to_string).unwrap_or_default();
    let of_secret = |error: &clap::Error| {
        let argument = text(error, ContextKind::InvalidArg);
        secret
            .iter()
            .any(|option| argument.split([' ', '=']).next() == Some(option.as_str()))
    };
    let key = match error.kind() {
        _ if secret.is_empty() => return error,
        Rejection::UnknownArgument if !text(&error, ContextKind::InvalidArg).starts_with('-') => {
            ContextKind::InvalidArg
        }
        Rejection::TooManyValues => ContextKind::InvalidValue,
        // Where nothing was given, there is nothing to hide.
        Rejection::InvalidValue | Rejection::ValueValidation
            if of_secret(&error) && !text(&error, ContextKind::InvalidValue).is_empty() =>
        {
            ContextKind::InvalidValue
        }
        _ => return error,
    };
    error.insert(
        key,
        ContextValue::String("(not shown, it may be a secret)".to_owned()),
    );
    error
}

/// One line about broken plugins, where somebody may be looking for a command of theirs.
fn say_broken(catalog: &Catalog) {
    let text = match catalog.broken() {
        0 => return,
        1 => "warning: 1 plugin can't be used; `tw plugin list` says why\n".to_owned(),
        n => format!("warning: {n} plugins can't be used; `tw plugin list` says why\n"),
    };
    crate::stdio::print_error(&text);
}

/// Where a command that isn't here can be had: by what was fetched of the indices last.
fn say_installable(catalog: &Catalog, name: &str) {
    let indices = Policy::read(catalog.binary()).and_then(|policy| Indices::read(&policy));
    let Ok(indices) = indices else { return };
    for (index, document) in indices.copies() {
        for (plugin, entry) in &document.plugins {
            let newest = entry.newest(&VersionReq::STAR);
            if newest
                .is_some_and(|(_, release)| release.commands.iter().any(|command| command == name))
            {
                let text = format!(
                    "`tw {name}` is a command of a plugin that isn't installed: `tw plugin install {index}/{plugin}`\n"
                );
                crate::stdio::print_error(&text);
            }
        }
    }
}

/// Says what went wrong, and how the process ends.
fn fail(error: &Error) -> u8 {
    let terminal = std::io::stderr().is_terminal();
    let style = Style {
        color: terminal && !no_color(),
        ..Style::default()
    };
    let mut message = error.to_string();
    if let Some(hint) = error.next_step().filter(|_| !error.is_plugins()) {
        message = format!("{message}\n        {hint}");
    }
    let mut text = tw_render::error_text(&message, &style);
    if error.is_connection() {
        text += &tw_render::error_text(
            "Connection error. Check the connection using the command 'tw info'.",
            &style,
        );
    }
    if let Some(hint) = error.next_step().filter(|_| terminal && error.is_plugins()) {
        text += &tw_render::hint_text(hint, &style);
    }
    crate::stdio::print_error(&text);
    error.exit_code()
}

/// Whether the person wants no colour anywhere (no-color.org).
fn no_color() -> bool {
    crate::process::variable("NO_COLOR").is_some()
}

fn conflict(command: &str, paths: Vec<std::path::PathBuf>) -> Error {
    let paths: String = paths
        .iter()
        .map(|path| format!("\n  {}", path.display()))
        .collect();
    Error::new(
        ErrorKind::Failure,
        format!(
            "`tw {command}` is claimed by several plugins and belongs to none; remove one of them:{paths}"
        ),
    )
}

fn unusable(plugin: &str, error: Error) -> Error {
    error.context(format!("The plugin `{plugin}` cannot be used"))
}

fn no_such_plugin(name: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("There is no plugin `{name}`"))
        .hint("`tw plugin list` shows the plugins that are there")
}
