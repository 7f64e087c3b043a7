//! Tips for a command line that clap rejects: what the user probably meant, and how to write it.
//!
//! clap suggests names of a similar spelling. Here are the mistakes that it can't know: a word that other programs use, an option before the command
//! that has it, a value without its option, a value without quotes, and commands of the existing CLI. A tip never repeats a word that may be
//! a secret.

mod legacy;
mod walk;
mod words;

use clap::{
    Arg, Command,
    error::{ContextKind, ContextValue, ErrorKind},
};
use tw_plugin_protocol as protocol;
use tw_plugin_protocol::ValueKind;
use tw_render::{Format, text::visible};

use self::walk::{Role, Step, Walk};
use super::{
    external,
    line::{Line, has_long, has_short, takes_value},
};
use crate::config::{Configuration, check::nearest};

/// A command line that was rejected.
pub(super) struct Scene<'a> {
    pub(super) tree: &'a Command,
    pub(super) line: &'a Line,
    /// The arguments of the plugin's command that the line names. Empty if it names no command of a plugin.
    pub(super) args: Vec<&'a protocol::Arg>,
}

/// Adds tips to clap's error.
pub(super) fn advise(mut error: clap::Error, scene: &Scene<'_>) -> clap::Error {
    let walk = Walk::along(scene.tree, &scene.line.arguments);
    let text = |key| error.get(key).map(ToString::to_string);
    let tips = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let name = text(ContextKind::InvalidSubcommand).unwrap_or_default();
            advise_on_command(&mut error, scene, &walk, &name)
        }
        ErrorKind::UnknownArgument => {
            let word = text(ContextKind::InvalidArg).unwrap_or_default();
            match word.starts_with('-') {
                true => advise_on_option(&mut error, &walk, &word),
                false => advise_on_value(scene, &walk, &word),
            }
        }
        ErrorKind::InvalidValue
            if text(ContextKind::InvalidValue)
                .unwrap_or_default()
                .is_empty() =>
        {
            let argument = text(ContextKind::InvalidArg).unwrap_or_default();
            advise_on_missing_value(scene, &argument)
        }
        ErrorKind::ValueValidation => {
            let argument = text(ContextKind::InvalidArg).unwrap_or_default();
            let value = text(ContextKind::InvalidValue).unwrap_or_default();
            advise_on_id(scene, &walk, &argument, &value)
        }
        ErrorKind::MissingRequiredArgument => advise_on_choices(&error, &walk),
        _ => Vec::new(),
    };
    if !tips.is_empty() {
        let tips = tips.iter().map(|tip| visible(tip).into_owned().into());
        let tips = ContextValue::StyledStrs(tips.collect());
        error.insert(ContextKind::Suggested, tips);
    }
    error
}

/// Advises on a name that is no command, at the level where the name stands.
fn advise_on_command(
    error: &mut clap::Error,
    scene: &Scene<'_>,
    walk: &Walk<'_>,
    name: &str,
) -> Vec<String> {
    let Some(step) = walk.steps.iter().find(|step| step.word == name) else {
        return Vec::new();
    };
    let path = walk.path_to(step);
    if let Some(tips) = legacy::advise(&path[1..], name, scene.line) {
        error.remove(ContextKind::SuggestedSubcommand);
        return tips;
    }
    let known = step.level.get_subcommands();
    let known = known.filter(|command| !command.is_hide_set());
    let known: Vec<&str> = known.map(Command::get_name).collect();
    let synonyms = words::commands_for(name, &known);
    if !synonyms.is_empty() {
        error.remove(ContextKind::SuggestedSubcommand);
        let commands = synonyms
            .iter()
            .map(|synonym| format!("use `{} {synonym}`", path.join(" ")));
        return commands.collect();
    }
    let is_root = path.len() == 1;
    let after = walk.steps.iter().skip_while(|other| other.word != name);
    let after = after.filter(|step| matches!(step.role, Role::Value | Role::Command));
    let line: Vec<&str> = path[1..]
        .iter()
        .copied()
        .chain(after.map(|step| step.word))
        .collect();
    if let Some(tip) = swap_words(walk, step, is_root) {
        return vec![tip];
    }
    if let Some(command) = words::command_for(&line) {
        error.remove(ContextKind::SuggestedSubcommand);
        return vec![format!("use `tw {command}`")];
    }
    let near = is_root.then(|| find_near(name)).flatten();
    match near {
        Some(near) => vec![format!("`tw {near}` is similar")],
        None if error.get(ContextKind::SuggestedSubcommand).is_none() => {
            vec![format!("`{} --help` lists the commands", path.join(" "))]
        }
        None => Vec::new(),
    }
}

/// Returns the alias or the external command with the most similar name, which clap doesn't know. `None` if no name is similar.
fn find_near(name: &str) -> Option<String> {
    let configuration = Configuration::load().ok();
    let aliases = configuration
        .map(Configuration::aliases)
        .unwrap_or_default();
    let aliases = aliases.into_keys().map(str::to_owned);
    let names: Vec<String> = aliases.chain(external::all().into_keys()).collect();
    nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
}

/// Advises to write `secrets list` for `list secrets`. `None` if the next command doesn't have a command of that name.
fn swap_words(walk: &Walk<'_>, step: &Step<'_>, is_root: bool) -> Option<String> {
    let mut later = walk
        .steps
        .iter()
        .skip_while(|other| other.word != step.word);
    let group = later.find(|step| step.role == Role::Command)?;
    let group = group.level.find_subcommand(group.word)?;
    let names: Vec<&str> = group.get_subcommands().map(Command::get_name).collect();
    let found = match names.contains(&step.word) {
        true => Some(step.word),
        false => words::synonyms_of(step.word).find(|word| names.contains(word)),
    };
    let found = found.filter(|_| is_root)?;
    Some(format!("use `tw {} {found}`", group.get_name()))
}

/// Advises on an option that the command doesn't have.
fn advise_on_option(error: &mut clap::Error, walk: &Walk<'_>, option: &str) -> Vec<String> {
    let Some(step) = walk.steps.iter().find(|step| {
        step.role == Role::Option && (step.word == option || step.word.starts_with(option))
    }) else {
        return Vec::new();
    };
    if walk.end_is_below(step)
        && let Some(arg) = walk.end.get_arguments().find(|arg| is_called(arg, option))
        && !arg.is_hide_set()
    {
        let (name, path) = (walk.end.get_name(), walk.path().join(" "));
        error.remove(ContextKind::SuggestedArg);
        return vec![format!(
            "'{option}' is an option of `{path}`: put it after `{name}`"
        )];
    }
    let word = option.trim_start_matches('-');
    if Format::NAMES.contains(&word) {
        error.remove(ContextKind::SuggestedArg);
        return vec![format!("use `--output {word}`")];
    }
    let known = |target: &str| {
        let mut options = step.level.get_arguments();
        options.any(|arg| arg.get_long() == Some(target))
    };
    if let Some(target) = words::options_for(word).find(|target| known(target)) {
        error.remove(ContextKind::SuggestedArg);
        return vec![format!("use `--{target}`")];
    }
    Vec::new()
}

/// Advises on a value that the command doesn't take there.
fn advise_on_value(scene: &Scene<'_>, walk: &Walk<'_>, word: &str) -> Vec<String> {
    let mut steps = walk.steps.iter().enumerate();
    let Some((at, step)) = steps.find(|(_, step)| step.role == Role::Value && step.word == word)
    else {
        return Vec::new();
    };
    let before = at.checked_sub(1).map(|at| &walk.steps[at]);
    if let Some(Role::ValueOf(option)) = before.map(|step| &step.role) {
        return vec![format!(
            "quote a value that has blanks: `{option} 'TWO WORDS'`"
        )];
    }
    let option = |long: &str| {
        let mut options = step.level.get_arguments();
        options.find(|arg| arg.get_long() == Some(long) && takes_value(arg))
    };
    let is_typed = |arg: &Arg| {
        let is_it = |step: &Step<'_>| step.role == Role::Option && is_called(arg, step.word);
        walk.steps.iter().any(is_it)
    };
    let (id, name) = (option("id"), option("name"));
    let target = match word.parse::<i64>() {
        Ok(_) => id.or(name),
        Err(_) => name,
    };
    let Some(target) = target.filter(|target| !is_typed(target)) else {
        return Vec::new();
    };
    vec![say_option(scene, target, word)]
}

/// Advises on an option without its value.
fn advise_on_missing_value(scene: &Scene<'_>, argument: &str) -> Vec<String> {
    let is_it = |arg: &&protocol::Arg| {
        let long = arg.long.as_deref().unwrap_or_default();
        arg.value == ValueKind::Workspace && argument.starts_with(&format!("--{long} "))
    };
    match scene.args.iter().any(is_it) {
        true => vec!["`tw workspaces list` shows the workspaces".to_owned()],
        false => Vec::new(),
    }
}

/// Advises on a name that was typed as an ID.
fn advise_on_id(scene: &Scene<'_>, walk: &Walk<'_>, argument: &str, value: &str) -> Vec<String> {
    let mut options = walk.end.get_arguments();
    let name = options.find(|arg| arg.get_long() == Some("name") && takes_value(arg));
    let has_letter = value.contains(char::is_alphabetic);
    match name.filter(|_| argument.starts_with("--id ") && has_letter) {
        Some(name) => vec![say_option(scene, name, value)],
        None => Vec::new(),
    }
}

/// Lists the possible values of arguments that are missing.
fn advise_on_choices(error: &clap::Error, walk: &Walk<'_>) -> Vec<String> {
    let Some(ContextValue::Strings(missing)) = error.get(ContextKind::InvalidArg) else {
        return Vec::new();
    };
    let args = walk.end.get_arguments();
    let missing = args.filter(|arg| missing.contains(&arg.to_string()));
    let tips = missing.filter_map(|arg| {
        let values = arg.get_possible_values();
        let names: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
        (!names.is_empty()).then(|| format!("{arg} is one of: {}", names.join(", ")))
    });
    tips.collect()
}

/// Says which option takes a value that was typed without it.
fn say_option(scene: &Scene<'_>, option: &Arg, value: &str) -> String {
    let (long, short) = (option.get_long().unwrap_or_default(), name_of(option));
    // In a command that takes a secret, any loose word may be one.
    let value = match scene.args.iter().any(|arg| arg.sensitive) {
        true => long.to_uppercase(),
        false => shell_words::quote(value).into_owned(),
    };
    format!("the {long} follows `--{long}`: `{short} {value}`")
}

/// True if this text, as it was typed, is the option: `--name`, `--name=VALUE`, `-n` or `-nVALUE`.
fn is_called(arg: &Arg, typed: &str) -> bool {
    match typed.strip_prefix("--") {
        Some(word) => has_long(arg, word.split('=').next().unwrap_or(word)),
        None => {
            let mut letters = typed.strip_prefix('-').unwrap_or_default().chars();
            letters.next().is_some_and(|letter| has_short(arg, letter))
        }
    }
}

/// Returns the shortest form of an option.
fn name_of(arg: &Arg) -> String {
    match arg.get_short() {
        Some(letter) => format!("-{letter}"),
        None => format!("--{}", arg.get_long().unwrap_or_default()),
    }
}
