//! Tips about a value: one that stands where the command takes none, one that an option doesn't have, and one that is missing.

use clap::{
    Arg,
    error::{ContextKind, ContextValue},
};
use tw_plugin_protocol as protocol;
use tw_plugin_protocol::ValueKind;
use tw_render::Format;

use super::{
    Scene, Tip, is_called, is_named, name_of,
    near::nearest,
    option::find_option,
    walk::{Role, Step, Walk},
    words,
};
use crate::cli::line::looks_like_option;

/// Advises on a value that the command doesn't take there.
pub(super) fn advise(scene: &Scene<'_>, walk: &Walk<'_>, word: &str) -> Option<Tip> {
    let step = walk.find_value(word)?;
    let path = walk.path().join(" ");
    if word == "help" {
        return Some(Tip::text(format!("use `{path} --help`")));
    }
    advise_on_split(scene, walk, step)
        .or_else(|| {
            let output = find_option(step.level, "output")?;
            let format = Format::NAMES.contains(&word).then(|| name_of(output))?;
            Some(Tip::text(format!("use `{format} {word}`")))
        })
        .or_else(|| advise_on_workspace(scene, step))
        .or_else(|| {
            let is_file = word.contains(['.', '~']) && !has_secret(scene);
            let has_file = step.level.get_positionals().next().is_some();
            let word = shell_words::quote(word);
            let tip = format!("the result goes to a file with `{path} > {word}`");
            (is_file && !has_file && !walk.has("id")).then(|| Tip::text(tip))
        })
        .or_else(|| advise_on_option(scene, walk, step))
}

/// Advises on the rest of a value that the shell has split at a blank, or on a value that an option before it has taken.
fn advise_on_split(scene: &Scene<'_>, walk: &Walk<'_>, step: &Step<'_>) -> Option<Tip> {
    let before = walk.before(step)?;
    let Role::ValueOf(option) = &before.role else {
        return None;
    };
    if looks_like_option(before.word.as_ref()) {
        let mut options = step.level.get_arguments();
        let is_option = options.any(|arg| is_called(arg, before.word));
        return is_option.then(|| {
            let taken = before.word;
            Tip::text(format!(
                "'{taken}' was taken as the value of `{option}`, which needs one"
            ))
        });
    }
    let quote = || {
        Tip::text(format!(
            "quote a value that has blanks: `{option} 'TWO WORDS'`"
        ))
    };
    let Some(arg) = scene.args.iter().find(|arg| is_named(arg, option)) else {
        return (option == "--jq").then(quote);
    };
    let (one, other) = (before.word, step.word);
    match (arg.delimiter, arg.value) {
        (Some(delimiter), _) if has_secret(scene) => Some(Tip::text(format!(
            "several values are separated by '{delimiter}': `{option} ONE{delimiter}TWO`"
        ))),
        (Some(delimiter), _) => Some(Tip::text(format!(
            "several values are separated by '{delimiter}': `{option} {}`",
            shell_words::quote(&format!("{one}{delimiter}{other}"))
        ))),
        (None, ValueKind::Workspace) if one.parse::<i64>().is_err() && is_name(other) => {
            Some(Tip::text(format!(
                "a workspace is written ORGANIZATION/WORKSPACE: `{option} {}`",
                shell_words::quote(&format!("{one}/{other}"))
            )))
        }
        (None, ValueKind::Text)
            if arg.long.as_deref() != Some("name") && arg.possible.is_empty() =>
        {
            Some(quote())
        }
        _ => None,
    }
}

/// True if a word can be the name of a workspace, and not only a format or a number.
fn is_name(word: &str) -> bool {
    !Format::NAMES.contains(&word) && word.parse::<i64>().is_err() && !word.contains('/')
}

/// Advises to put a workspace after its option.
fn advise_on_workspace(scene: &Scene<'_>, step: &Step<'_>) -> Option<Tip> {
    let mut args = scene.args.iter();
    let arg = args.find(|arg| arg.value == ValueKind::Workspace)?;
    let option = find_option(step.level, arg.long.as_deref()?).map(name_of)?;
    let (organization, workspace) = step.word.split_once('/')?;
    let is_whole = |name: &str| !name.is_empty() && !name.contains(['.', '/', '~']);
    let is_workspace = is_whole(organization) && is_whole(workspace) && !has_secret(scene);
    is_workspace.then(|| {
        let word = shell_words::quote(step.word);
        Tip::text(format!(
            "the workspace follows `--workspace`: `{option} {word}`"
        ))
    })
}

/// Advises to put the value after the option that selects by ID or by name.
fn advise_on_option(scene: &Scene<'_>, walk: &Walk<'_>, step: &Step<'_>) -> Option<Tip> {
    let (id, name) = (
        find_option(step.level, "id"),
        find_option(step.level, "name"),
    );
    let number = words::to_number(step.word).filter(|_| id.is_some());
    let target = match number {
        Some(_) => id,
        None => name,
    };
    let is_typed = |arg: &Arg| {
        let is_it = |step: &Step<'_>| step.role == Role::Option && is_called(arg, step.word);
        walk.steps.iter().any(is_it)
    };
    let target = target.filter(|target| !is_typed(target))?;
    let value = number.as_deref().unwrap_or(step.word);
    Some(say_option(scene, target, value))
}

/// Advises on an option without its value.
pub(super) fn advise_on_missing(scene: &Scene<'_>, argument: &str) -> Option<Tip> {
    let is_it = |arg: &&protocol::Arg| {
        let long = arg.long.as_deref().unwrap_or_default();
        arg.value == ValueKind::Workspace && argument.starts_with(&format!("--{long} "))
    };
    let is_workspace = scene.args.iter().any(is_it);
    is_workspace.then(|| Tip::text("`tw workspaces list` shows the workspaces"))
}

/// Advises on a value that an option can't have.
pub(super) fn advise_on_invalid(
    error: &clap::Error,
    scene: &Scene<'_>,
    walk: &Walk<'_>,
    argument: &str,
    value: &str,
) -> Option<Tip> {
    if argument.starts_with("--output <") {
        return advise_on_format(walk, value);
    }
    if let Some(ContextValue::Strings(known)) = error.get(ContextKind::ValidValue) {
        let near = nearest(value, known.iter().map(String::as_str))?;
        return Some(Tip::Value(near.to_owned()));
    }
    let number = words::to_number(value);
    let id = find_option(walk.end, "id").filter(|_| argument.starts_with("--id "));
    if let (Some(id), Some(number)) = (id, number) {
        return Some(Tip::text(format!("write `{} {number}`", name_of(id))));
    }
    let name = find_option(walk.end, "name").filter(|_| id.is_some());
    let name = name.filter(|_| value.contains(char::is_alphabetic))?;
    Some(say_option(scene, name, value))
}

/// Advises on a format that doesn't exist.
fn advise_on_format(walk: &Walk<'_>, value: &str) -> Option<Tip> {
    if let Some(format) =
        words::format_for(value).or_else(|| nearest(value, Format::NAMES.iter().copied()))
    {
        return Some(Tip::Value(format.to_owned()));
    }
    let is_file = value.contains(['.', '/', '~']);
    let word = shell_words::quote(value);
    let tip = match find_option(walk.end, "output-file") {
        Some(_) => format!("`--output` is the format; use `--output-file {word}`"),
        None => format!("`--output` is the format; the result goes to a file with `> {word}`"),
    };
    is_file.then(|| Tip::text(tip))
}

/// Lists the possible values of arguments that are missing.
pub(super) fn advise_on_choices(error: &clap::Error, walk: &Walk<'_>) -> Option<Tip> {
    let Some(ContextValue::Strings(missing)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let args = walk.end.get_arguments();
    let missing = args.filter(|arg| missing.contains(&arg.to_string()));
    let tips = missing.filter_map(|arg| {
        let values = arg.get_possible_values();
        let names: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
        (!names.is_empty()).then(|| format!("{arg} is one of: {}", names.join(", ")))
    });
    let tips: Vec<String> = tips.collect();
    (!tips.is_empty()).then_some(Tip::Text(tips))
}

/// Says which option takes a value that was typed without it.
fn say_option(scene: &Scene<'_>, option: &Arg, value: &str) -> Tip {
    let (long, short) = (option.get_long().unwrap_or_default(), name_of(option));
    let value = match has_secret(scene) {
        true => long.to_uppercase(),
        false => shell_words::quote(value).into_owned(),
    };
    Tip::text(format!("the {long} follows `--{long}`: `{short} {value}`"))
}

/// True if the command takes a secret, so that any loose word may be one.
fn has_secret(scene: &Scene<'_>) -> bool {
    scene.args.iter().any(|arg| arg.sensitive)
}
