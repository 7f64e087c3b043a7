//! Checks the arguments of a command.

use std::collections::HashSet;

use tw_plugin_protocol::{Arg, ArgKind, ValueKind};
use tw_render::text::visible;

use crate::{config::options, error::excerpt, typed::Typed};

/// Checks that no two arguments of a command have the same name, word or letter. `help` and `-h` belong to clap.
pub(super) fn check_unique(args: &[&Arg]) -> Result<(), String> {
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

/// Checks an argument, apart from its values. `names` are the names of the command's arguments.
pub(super) fn check_arg(arg: &Arg, names: &HashSet<&str>) -> Result<(), String> {
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
        check_references(others, names)?;
    }
    if arg.completes && (arg.sensitive || arg.kind == ArgKind::Flag || !arg.possible.is_empty()) {
        return Err("values of flags and secrets can't be completed, and possible values complete by themselves".to_owned());
    }
    Ok(())
}

pub(super) fn is_option_word(word: &str) -> bool {
    let is_typed = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    !word.is_empty() && word.chars().all(is_typed) && !word.starts_with('-')
}

/// Checks that arguments with these names exist. `known` are the names of the command's arguments.
pub(super) fn check_references(names: &[String], known: &HashSet<&str>) -> Result<(), String> {
    let mut names = names.iter();
    match names.find(|name| !known.contains(name.as_str())) {
        Some(name) => Err(format!("there is no argument `{name}`")),
        None => Ok(()),
    }
}

/// Checks that it is always clear which value belongs to which positional.
pub(super) fn check_positionals(args: &[&Arg]) -> Result<(), String> {
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
pub(super) fn check_values(arg: &Arg) -> Result<(), String> {
    let words: Vec<&String> = arg
        .possible
        .iter()
        .flat_map(|value| std::iter::once(&value.name).chain(&value.aliases))
        .collect();
    let limits = [&arg.min, &arg.max];
    let mut shown = words.iter().copied().chain(&arg.default).chain(limits);
    if let Some(text) = shown.find(|text| visible(text) != text.as_str()) {
        let text = excerpt(text);
        return Err(format!("`{text}` contains characters that can't be seen"));
    }
    let mut seen = HashSet::new();
    let fold = |word: &str| match arg.ignore_case {
        true => word.to_ascii_lowercase(),
        false => word.to_owned(),
    };
    if let Some(word) = words.iter().find(|word| !seen.insert(fold(word))) {
        let word = excerpt(word);
        return Err(format!("two of its possible values are called `{word}`"));
    }
    let typed = Typed::of(arg)?;
    for text in &arg.default {
        let quoted = excerpt(text);
        if !words.is_empty() && !seen.contains(&fold(text)) {
            return Err(format!(
                "its default `{quoted}` is not one of its possible values"
            ));
        }
        if let Some(typed) = &typed {
            typed
                .parse(text)
                .map_err(|reason| format!("its default `{quoted}` is invalid: {reason}"))?;
        }
        if arg.value == ValueKind::Boolean && text.parse::<bool>().is_err() {
            return Err(format!("its default `{quoted}` is neither true nor false"));
        }
    }
    Ok(())
}
