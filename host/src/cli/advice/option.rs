//! Tips about an option that the command doesn't have.

use clap::{Arg, Command};
use tw_plugin_protocol as protocol;
use tw_render::Format;

use super::{
    Scene, Tip, is_called,
    near::nearest,
    walk::{Role, Step, Walk},
    words,
};
use crate::{
    cli::{line::takes_value, rejection::is_plain_word},
    config::options::is_root_option,
};

/// Advises on an option that the command doesn't have.
pub(super) fn advise(scene: &Scene<'_>, walk: &Walk<'_>, option: &str) -> Option<Tip> {
    let mut steps = walk.steps.iter();
    let step = steps.find(|step| {
        step.role == Role::Option && (step.word == option || step.word.starts_with(option))
    });
    let level = step.map_or(walk.end, |step| step.level);
    let path = walk.path();
    let word = option.trim_start_matches('-');
    if matches!(word, "version" | "V") {
        return Some(Tip::text("use `tw --version`"));
    }
    if let Some(tip) = words::habit(&path[1..], word) {
        return Some(Tip::text(tip));
    }
    if let Some(tip) = step
        .filter(|step| walk.end_is_below(step))
        .and_then(|_| advise_on_place(walk, option))
    {
        return Some(tip);
    }
    advise_on_group(scene, walk, option)
        .or_else(|| advise_on_key(walk, Some(option)))
        .or_else(|| advise_on_word(level, word))
        .or_else(|| advise_on_file(scene, level, word, &path))
        .or_else(|| advise_on_spelling(level, option))
}

/// Advises on an option before the command that has it.
fn advise_on_place(walk: &Walk<'_>, option: &str) -> Option<Tip> {
    let mut options = walk.end.get_arguments();
    let arg = options.find(|arg| is_called(arg, option))?;
    let (name, path) = (walk.end.get_name(), walk.path().join(" "));
    (!arg.is_hide_set()).then(|| {
        Tip::text(format!(
            "'{option}' is an option of `{path}`: put it after `{name}`"
        ))
    })
}

/// Advises on an option of the commands below a group, if the line names the group only.
fn advise_on_group(scene: &Scene<'_>, walk: &Walk<'_>, option: &str) -> Option<Tip> {
    let group = scene.group?;
    let is_it = |arg: &protocol::Arg| !arg.hidden && super::is_named(arg, option);
    let below = group.subcommands.iter().filter(|below| !below.hidden);
    let below = below.filter(|below| group.shared.iter().chain(&below.args).any(is_it));
    let names: Vec<String> = below.map(|below| format!("`{}`", below.name)).collect();
    let is_group = walk.end.has_subcommands() && walk.path().len() == 2;
    if !is_group || names.is_empty() {
        return None;
    }
    let (path, names) = (walk.path().join(" "), names.join(", "));
    Some(Tip::text(format!(
        "'{option}' is an option of commands below `{path}`: put it after one of {names}"
    )))
}

/// Advises on an option in the place of a key of a profile: this one, or any of the line.
pub(super) fn advise_on_key(walk: &Walk<'_>, option: Option<&str>) -> Option<Tip> {
    let is_setting = walk.path() == ["tw", "profile", "set"];
    let typed = walk.steps.iter().filter(|step| step.role == Role::Option);
    let typed = typed.map(|step| step.word);
    let mut typed = typed.filter(|word| is_setting && option.is_none_or(|option| option == *word));
    let key = typed.find_map(words::key_of_option)?;
    Some(Tip::text(format!(
        "a key of a profile is no option: write `{key}`"
    )))
}

/// Advises on a word that other programs use.
fn advise_on_word(level: &Command, word: &str) -> Option<Tip> {
    let known = |target: &str| {
        let target = target.split(' ').next();
        let mut options = level.get_arguments();
        options.any(|arg| arg.get_long() == target)
    };
    let format = (Format::NAMES.contains(&word) && known("output")).then_some(word);
    if let Some(word) = format {
        return Some(Tip::text(format!("use `--output {word}`")));
    }
    let target = words::options_for(word).find(|target| known(target))?;
    Some(Tip::text(format!("use `--{target}`")))
}

/// Advises to write a file without an option. `None` if the command takes no file so.
fn advise_on_file(scene: &Scene<'_>, level: &Command, word: &str, path: &[&str]) -> Option<Tip> {
    let is_file = |arg: &&Arg| {
        let kind = scene
            .args
            .iter()
            .find(|known| *known.name == *arg.get_id().as_str());
        kind.is_some_and(|arg| words::is_file(arg.value))
    };
    let file = level.get_positionals().find(is_file)?;
    let name = file.get_value_names().and_then(|names| names.first())?;
    words::FILE_OPTIONS.contains(&word).then(|| {
        Tip::text(format!(
            "the file needs no option: `{} {name}`",
            path.join(" ")
        ))
    })
}

/// Advises on a typing error.
fn advise_on_spelling(level: &Command, option: &str) -> Option<Tip> {
    let word = option.strip_prefix("--")?;
    // The rare root options are hidden, and only those.
    let is_known = |arg: &&Arg| !arg.is_hide_set() || is_root_option(arg.get_id().as_str());
    let known = level.get_arguments().filter(is_known);
    let names = known.flat_map(|arg| arg.get_long_and_visible_aliases().unwrap_or_default());
    let near = nearest(word, names.chain(["help"]))?;
    Some(Tip::Option(format!("--{near}")))
}

/// Advises on an option that is written with one hyphen, so that its first letter is another option. It concerns the words after it too.
pub(super) fn advise_on_hyphen(walk: &Walk<'_>) -> Option<Tip> {
    walk.steps.iter().find_map(|step| {
        let word = step.word.strip_prefix('-')?;
        let word = word.split('=').next().unwrap_or(word);
        let mut options = step.level.get_arguments();
        let is_it = step.role == Role::Option
            && word.chars().count() > 1
            && options.any(|arg| arg.get_long() == Some(word));
        let (letter, rest) = word.split_at_checked(1).filter(|_| is_it)?;
        Some(Tip::text(format!(
            "'-{word}' means `-{letter} {rest}`: write `--{word}`"
        )))
    })
}

/// Advises on a command that an option before it has taken as its value.
pub(super) fn advise_on_swallowed(walk: &Walk<'_>) -> Option<Tip> {
    let mut taken = find_taken(walk);
    let is_command = |step: &Step<'_>| step.level.find_subcommand(step.word).is_some();
    let (step, option) = taken.find(|(step, _)| is_command(step))?;
    Some(Tip::text(say_taken(step, option)))
}

/// Names the word that an option has taken as its value, for a line that names no command. `None` if no word could be a command.
pub(super) fn note_taken(walk: &Walk<'_>) -> Option<String> {
    let mut taken = find_taken(walk);
    let (step, option) = taken.find(|(step, _)| is_plain_word(step.word))?;
    Some(say_taken(step, option))
}

/// Returns the values of options before the first command, and the options.
fn find_taken<'w, 'a>(walk: &'w Walk<'a>) -> impl Iterator<Item = (&'w Step<'a>, &'w str)> {
    let at_root = walk.steps.iter();
    let at_root = at_root.take_while(|step| step.role != Role::Command);
    at_root.filter_map(|step| match &step.role {
        Role::ValueOf(option) => Some((step, option.as_str())),
        _ => None,
    })
}

fn say_taken(step: &Step<'_>, option: &str) -> String {
    format!("'{}' was taken as the value of `{option}`", step.word)
}

/// Returns the option at this level that takes a value and has this long name.
pub(super) fn find_option<'a>(level: &'a Command, long: &str) -> Option<&'a Arg> {
    let mut options = level.get_arguments();
    options.find(|arg| arg.get_long() == Some(long) && takes_value(arg))
}
