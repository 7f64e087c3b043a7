//! Finds the command that a command line names, and runs the command.

use std::{ffi::OsString, path::PathBuf};

use clap::{ArgMatches, Command};
use tw_plugin_protocol as protocol;
use tw_plugin_protocol::Candidate;

use super::{
    advice, alias,
    builtin::BuiltIn,
    candidates::Wanted,
    constraints, encoding, external, help, hints, hyphen,
    line::Line,
    rejection, report, run, support, tree,
    values::{self, Values},
};
use crate::{
    config::{Settings, end_log},
    error::{Error, ErrorKind, code, exit},
    files::show_path,
    plugin::{Catalog, Owner, Plugin, Stub},
    signals::set_end,
    stdio,
};

/// The command that a command line names.
enum Target<'a> {
    BuiltIn(BuiltIn),
    Plugin(&'a Plugin, &'a Stub),
    /// Several plugins claim the command.
    Conflict(Vec<&'a Plugin>),
    /// A plugin that can't be used. The commands of such a plugin are unknown, but usually one of them has the plugin's name.
    Unusable(&'a Plugin, &'a Error),
    /// The user's own name for this command line.
    Alias(String),
    /// The configuration can't be used, so nobody knows whether the command is an alias.
    Unknowable(Error),
    /// An executable `tw-NAME` on PATH.
    External(PathBuf),
    /// No known command. clap prints help, the version, or an error.
    Other,
}

impl<'a> Target<'a> {
    fn of(catalog: &'a Catalog, command: &str) -> Self {
        if let Some(command) = BuiltIn::named(command) {
            return Self::BuiltIn(command);
        }
        match catalog.owner(command) {
            Some(Owner::Plugin(plugin, stub)) => return Self::Plugin(plugin, stub),
            Some(Owner::Conflict(plugins)) => return Self::Conflict(plugins),
            None => {}
        }
        let unusable = catalog.named(command).filter(|plugin| !plugin.replaced);
        if let Some((plugin, error)) = unusable.and_then(|plugin| Some((plugin, plugin.problem()?)))
        {
            return Self::Unusable(plugin, error);
        }
        match alias::find(command) {
            Ok(None) => {}
            Ok(Some(text)) => return Self::Alias(text),
            Err(error) => return Self::Unknowable(error),
        }
        // clap adds `help` itself, so `help` is no built-in command here. An executable `tw-help` must not replace clap's help.
        match external::find(command).filter(|_| command != "help") {
            Some(path) => Self::External(path),
            None => Self::Other,
        }
    }
}

/// Runs the command that the line names, and returns the exit code.
pub(super) fn dispatch(catalog: &Catalog, line: &Line) -> Result<u8, Error> {
    let command = line.command().unwrap_or_default();
    match Target::of(catalog, command) {
        // The command may be one of a library that didn't answer in time.
        Target::Unusable(..) | Target::Other if line.command().is_some() => {
            let asked = catalog.ask_late();
            let catalog = asked.as_ref().unwrap_or(catalog);
            run_target(catalog, line, Target::of(catalog, command))
        }
        target => run_target(catalog, line, target),
    }
}

fn run_target(catalog: &Catalog, line: &Line, target: Target<'_>) -> Result<u8, Error> {
    let command = line.command().unwrap_or_default();
    match help::answer(catalog, line)? {
        Some(help::Answer::Printed(exit)) => return Ok(exit),
        Some(help::Answer::Line(line)) => return dispatch(catalog, &line),
        None => {}
    }
    match target {
        Target::BuiltIn(command) => {
            let tree = leak(tree::of_built_in(command, line));
            let matches = match parse(tree, line, &line.arguments) {
                Ok(matches) => matches,
                Err(error) => return Ok(reject(catalog, line, tree, error)),
            };
            let levels = levels(matches);
            if let Some(exit) = missing_subcommand(catalog, tree, &path_of(&levels)) {
                return Ok(exit);
            }
            set_end(report::interrupt);
            command.run(catalog, &levels)
        }
        Target::Plugin(plugin, stub) => run_plugin(catalog, line, plugin, stub),
        Target::Conflict(plugins) => Err(conflict(command, &plugins)),
        Target::Unusable(plugin, error) => Err(run::unusable(plugin, error.clone())),
        Target::Alias(text) => {
            let line = alias::expand(line, &text)?;
            dispatch(&super::open_catalog(&line)?, &line)
        }
        Target::Unknowable(error) => Err(error),
        Target::External(path) => {
            let tree = leak(tree::root());
            match parse(tree, line, line.before_command()) {
                Ok(matches) => {
                    let settings = Settings::read(&[&*matches])?;
                    external::run(catalog, command, &path, line.after_command(), &settings)
                }
                Err(error) => Ok(reject(catalog, line, tree, error)),
            }
        }
        Target::Other => {
            let tree = leak(tree::of_all(catalog, line));
            let arguments = help::without_arguments(tree, line);
            match parse(tree, line, &arguments) {
                Ok(_) => {
                    let exit = report::missing_command(catalog, tree, exit::NO_COMMAND);
                    if let Some(note) = advice::note_taken(tree, line) {
                        stdio::warn(&note, None);
                    }
                    Ok(exit)
                }
                Err(error) => Ok(reject(catalog, line, tree, error)),
            }
        }
    }
}

/// Completes a value of an argument of the command that the line names. `None` if the line names no command of a plugin, or if that fails.
pub(super) fn complete(catalog: &Catalog, line: &Line, wanted: &Wanted) -> Option<Vec<Candidate>> {
    let Target::Plugin(plugin, stub) = Target::of(catalog, line.command()?) else {
        return None;
    };
    let top = find_command(catalog, line, stub)?;
    let tree = tree::of_plugin(&top, line).ignore_errors(true);
    let levels = levels(parse(leak(tree), line, &line.arguments).ok()?);
    let path = path_of(&levels);
    let mut arguments = values::arguments_of(&top, path.get(1..)?);
    arguments.retain(|arg| !arg.sensitive);
    let settings = Settings::read(&levels).ok()?;
    let values = Values::collect(&plugin.name(), &arguments, levels.last()?, &settings).ok()?;
    let command = run::Command {
        catalog,
        plugin,
        path: &path,
        args: &arguments,
    };
    run::complete(&command, values, settings, wanted).ok()
}

/// Reads the part of a manifest that is about the command that the line names. `None` if the manifest cache is damaged.
fn find_command(catalog: &Catalog, line: &Line, stub: &Stub) -> Option<protocol::Command> {
    let typed = line.after_command();
    let named = |stub: &Stub| {
        let mut words = typed.iter().filter_map(|word| word.to_str());
        words.any(|word| stub.is_called(word))
    };
    catalog.command(stub, &named)
}

fn run_plugin(catalog: &Catalog, line: &Line, plugin: &Plugin, stub: &Stub) -> Result<u8, Error> {
    let Some(top) = find_command(catalog, line, stub) else {
        return Err(run::unusable(
            plugin,
            Error::new(ErrorKind::Input, "the manifest cache is damaged")
                .hint("remove the file plugins.cache in tw's cache folder"),
        ));
    };
    let tree = leak(tree::of_plugin(&top, line));
    let print = |tree: &Command, error, reason: Option<&Error>| {
        let rejected = rejection::Rejected {
            catalog,
            line,
            tree,
            top: Some(&top),
        };
        Ok(rejection::print(rejected, error, reason))
    };
    let matches = match parse(tree, line, &line.arguments) {
        Ok(matches) => matches,
        Err(error) => return print(tree, error, None),
    };
    let levels = levels(matches);
    let path = path_of(&levels);
    if let Some(exit) = missing_subcommand(catalog, tree, &path) {
        return Ok(exit);
    }
    let matches = levels[levels.len() - 1];
    let below = path.get(1..).unwrap_or_default();
    let leaf = values::command_at(&top, below);
    let arguments = values::arguments_of(&top, below);
    let shared = values::shared_with(&top, below);
    let missing = support::missing(leaf, &shared);
    if !missing.is_empty() {
        let command = format!("`tw {}`", path.join(" "));
        return Err(Error::needs_newer_tw(&command, &missing));
    }
    let given = constraints::Given {
        args: &arguments,
        matches,
    };
    let checked = constraints::check(find(tree, &path), &given, &leaf.exactly_one_of);
    if let Err(error) = checked {
        return print(tree, error, None);
    }
    let settings = Settings::read(&levels)?;
    let values = Values::collect(&plugin.name(), &arguments, matches, &settings)?;
    let without_value = values.missing(&arguments);
    if !without_value.is_empty() {
        let error = given.required(find(tree, &path), &without_value);
        return print(tree, error, None);
    }
    let hints = hints::Given::new(path[0], &arguments, &levels, &settings);
    let command = run::Command {
        catalog,
        plugin,
        path: &path,
        args: &arguments,
    };
    let ran = run::run(&command, values, settings);
    let ran = ran.map_err(|error| hints.improve(error));
    report::warn_of_sections(catalog, &plugin.name());
    match ran {
        Err(error) if error.is_usage_of_plugin() => {
            let shown = given.usage_error(find(tree, &path), &error);
            let exit = print(tree, shown, Some(&error))?;
            end_log(exit, Some(&error));
            Ok(exit)
        }
        ran => ran,
    }
}

/// Prints clap's error about a line that names no command of a plugin.
fn reject(catalog: &Catalog, line: &Line, tree: &Command, error: clap::Error) -> u8 {
    let rejected = rejection::Rejected {
        catalog,
        line,
        tree,
        top: None,
    };
    rejection::print(rejected, error, None)
}

fn parse(
    tree: &mut Command,
    line: &Line,
    arguments: &[OsString],
) -> Result<&'static mut ArgMatches, clap::Error> {
    let attached = hyphen::attach(tree, arguments);
    let attached = std::iter::once(line.program.clone()).chain(attached);
    let matches = tree.try_get_matches_from_mut(attached);
    matches
        .map(leak)
        .map_err(|error| encoding::name_culprit(error, tree, arguments))
}

/// Keeps a value until the process ends, which is soon: dropping the tree and the matches took a tenth of the time of `tw secrets --help`.
fn leak<T>(value: T) -> &'static mut T {
    Box::leak(Box::new(value))
}

/// Returns the matches of `tw`, of its subcommand, and so on down.
fn levels(matches: &ArgMatches) -> Vec<&ArgMatches> {
    let mut levels = vec![matches];
    let mut level = matches;
    while let Some((_, below)) = level.subcommand() {
        levels.push(below);
        level = below;
    }
    levels
}

/// Returns the names of the commands at these levels, without `tw`.
fn path_of<'a>(levels: &[&'a ArgMatches]) -> Vec<&'a str> {
    let names = levels.iter().filter_map(|level| level.subcommand_name());
    names.collect()
}

/// Prints help if a group was named without a subcommand. `None` if the path leads to a command that can be run.
fn missing_subcommand(catalog: &Catalog, tree: &mut Command, path: &[&str]) -> Option<u8> {
    let command = find(tree, path);
    // `tw completion` also runs without a subcommand.
    let is_group = !command.is_args_conflicts_with_subcommands_set()
        && command
            .get_subcommands()
            .any(|below| below.get_name() != "help");
    is_group.then(|| report::missing_command(catalog, command, exit::NO_SUBCOMMAND))
}

fn find<'a>(tree: &'a mut Command, path: &[&str]) -> &'a mut Command {
    match path.split_first() {
        // The subcommand is searched twice, because the borrow of the first result would last into the other arm.
        Some((first, rest)) if tree.find_subcommand(first).is_some() => {
            match tree.find_subcommand_mut(first) {
                Some(below) => find(below, rest),
                None => unreachable!("the guard has just found it"),
            }
        }
        _ => tree,
    }
}

fn conflict(command: &str, plugins: &[&Plugin]) -> Error {
    let paths: String = plugins
        .iter()
        .map(|plugin| format!("\n  {}", show_path(&plugin.path)))
        .collect();
    Error::new(
        ErrorKind::Failure,
        format!(
            "`tw {command}` is claimed by several plugins and belongs to none; remove one of them:{paths}"
        ),
    )
    .code(code::COMMAND_CONFLICT)
}
