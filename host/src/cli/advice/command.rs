//! Tips about a word that is no command.

use clap::Command;

use super::{
    Scene, Tip, legacy,
    near::nearest,
    walk::{Role, Step, Walk},
    words,
};
use crate::{
    cli::{external, help},
    config::Configuration,
};

/// Advises on a name that is no command, at the level where the name stands.
pub(super) fn advise(scene: &Scene<'_>, walk: &Walk<'_>, name: &str) -> Option<Tip> {
    let step = walk.find_value(name)?;
    let path = walk.path_to(step);
    let is_root = path.len() == 1;
    let found = advise_on_place(walk, step, &path)
        .or_else(|| is_root.then(|| advise_at_root(scene, walk, step)).flatten())
        .or_else(|| {
            (!is_root)
                .then(|| legacy::advise(&path[1..], name, scene))
                .flatten()
        })
        .or_else(|| advise_on_word(walk, step, &path))
        .or_else(|| advise_on_spelling(walk, step, is_root));
    Some(
        found.unwrap_or_else(|| {
            Tip::text(format!("`{} --help` lists the commands", path.join(" ")))
        }),
    )
}

/// Advises on a command that was typed twice.
fn advise_on_place(walk: &Walk<'_>, step: &Step<'_>, path: &[&str]) -> Option<Tip> {
    let is_twice = path.len() > 1 && path.last() == Some(&step.word);
    let is_command = |other: &&Step<'_>| other.role == Role::Value && other.word != step.word;
    let next = walk.after(step).find(is_command);
    let next = next.filter(|next| step.level.find_subcommand(next.word).is_some());
    let next = next.map(|next| format!(": `{} {}`", path.join(" "), next.word));
    let next = next.or_else(|| {
        let is_named = walk.path().len() > path.len();
        is_named.then(|| format!(": `{}`", walk.path().join(" ")))
    });
    is_twice.then(|| {
        Tip::text(format!(
            "`{}` is there twice{}",
            step.word,
            next.unwrap_or_default()
        ))
    })
}

/// Advises on the first word of the line.
fn advise_at_root(scene: &Scene<'_>, walk: &Walk<'_>, step: &Step<'_>) -> Option<Tip> {
    let name = step.word;
    if let Some(plugin) = words::bundled_plugin_of(name) {
        return Some(Tip::text(format!(
            "`tw {name}` is a command of the bundled plugin `{plugin}`, which is missing or damaged: `tw doctor` checks it"
        )));
    }
    if walk.asks_for_help() {
        let topic = words::topic_for(name).or_else(|| {
            let topics = help::TOPICS.iter().map(|(topic, _)| *topic);
            nearest(name, topics)
        });
        if let Some(topic) = topic {
            return Some(Tip::text(format!("use `tw help {topic}`")));
        }
    }
    swap_words(walk, step)
        .or_else(|| legacy::advise(&[], name, scene))
        .or_else(|| {
            let group = find_group(step.level, name).filter(|_| words::is_irregular(name))?;
            let below = walk.after(step).next().map(|next| next.word);
            let below = below.filter(|word| group.find_subcommand(word).is_some());
            let path: Vec<&str> = [group.get_name()].into_iter().chain(below).collect();
            Some(Tip::text(format!("use `tw {}`", path.join(" "))))
        })
}

/// Advises to write `secrets list` for `list secrets`. `None` if the next word is no group that has such a command.
fn swap_words(walk: &Walk<'_>, step: &Step<'_>) -> Option<Tip> {
    let mut later = walk.after(step);
    let noun = later.find(|later| matches!(later.role, Role::Command | Role::Value))?;
    let group = find_group(step.level, noun.word).filter(|group| group.has_subcommands())?;
    // kubectl's `get secrets` lists, and `get secret NAME` shows one.
    let is_list = noun.word.ends_with('s')
        && words::is_question(step.word)
        && !later.any(|later| matches!(later.role, Role::Value | Role::Option));
    match is_list && group.find_subcommand("list").is_some() {
        true => Some(Tip::text(format!("use `tw {} list`", group.get_name()))),
        false => name_command(group, &["tw", group.get_name()], step.word).or_else(|| {
            let is_listed =
                words::is_question(step.word) && group.find_subcommand("list").is_some();
            is_listed.then(|| Tip::text(format!("use `tw {} list`", group.get_name())))
        }),
    }
}

/// Finds the command that a noun is about, in the singular or in the plural.
fn find_group<'a>(root: &'a Command, noun: &str) -> Option<&'a Command> {
    words::nouns(noun).find_map(|name| root.find_subcommand(name))
}

/// Returns the tip about the command of a group that a verb means. `None` if the group has no such command.
fn name_command(group: &Command, path: &[&str], verb: &str) -> Option<Tip> {
    let known = group
        .get_subcommands()
        .filter(|command| !command.is_hide_set());
    let known: Vec<&str> = known.map(Command::get_name).collect();
    let path = path.join(" ");
    let found = match known.contains(&verb) {
        true => vec![(verb, "")],
        false => words::commands_for(verb, &known),
    };
    let tip = match found[..] {
        [] => return None,
        [(command, _)] => format!("use `{path} {command}`"),
        [(first, one), (second, other), ..] => {
            format!("use `{path} {first}` {one}, or `{path} {second}` {other}")
        }
    };
    Some(Tip::text(tip))
}

/// Advises on a word that other programs use.
fn advise_on_word(walk: &Walk<'_>, step: &Step<'_>, path: &[&str]) -> Option<Tip> {
    let after = walk.after(step);
    let after = after.filter(|step| matches!(step.role, Role::Value | Role::Command));
    let line: Vec<&str> = path[1..]
        .iter()
        .copied()
        .chain([step.word])
        .chain(after.map(|step| step.word))
        .collect();
    if let Some(command) = words::command_for(&line) {
        return Some(Tip::text(format!("use `tw {command}`")));
    }
    match path {
        [_] => None,
        path => name_command(step.level, path, step.word),
    }
}

/// Advises on a typing error. A verb of other programs is none, unless it is the beginning of the name.
fn advise_on_spelling(walk: &Walk<'_>, step: &Step<'_>, is_root: bool) -> Option<Tip> {
    let known = step.level.get_subcommands();
    let known = known.filter(|command| !command.is_hide_set());
    let known: Vec<&str> = known
        .flat_map(Command::get_name_and_visible_aliases)
        .collect();
    let others = match is_root && !walk.asks_for_help() {
        true => list_others(),
        false => Vec::new(),
    };
    let names = known.iter().copied();
    let near = nearest(step.word, names.chain(others.iter().map(String::as_str)))?;
    if words::is_verb(step.word) && !near.starts_with(step.word) {
        return None;
    }
    Some(match known.contains(&near) {
        true => Tip::Command(near.to_owned()),
        false => Tip::text(format!("`tw {near}` is similar")),
    })
}

/// Returns the names of the aliases and of the external commands, which clap doesn't know.
fn list_others() -> Vec<String> {
    let configuration = Configuration::load().ok();
    let aliases = configuration
        .map(Configuration::aliases)
        .unwrap_or_default();
    let aliases = aliases.into_keys().map(str::to_owned);
    aliases.chain(external::all().into_keys()).collect()
}
