//! Aliases: the user's own names for command lines, in the section `[alias]` of the configuration; and `tw alias`, which lists and changes them.
//!
//! An alias never replaces a command of `tw` or of a plugin, and never names another alias. `$1` in an alias stands for the first argument, and
//! arguments that no placeholder takes follow at the end.

use std::ffi::{OsStr, OsString};

use clap::{ArgMatches, Command, FromArgMatches, Subcommand};
use serde_json::json;
use tw_render::text::visible;

use super::{
    builtin,
    line::Line,
    plugin::{add_root_options, view::table},
    show,
};
use crate::{
    config::{Configuration, Settings, edit::Edit},
    error::{Error, ErrorKind},
    plugin::Catalog,
};

pub(super) const ABOUT: &str = "List and change your own names for commands";

#[derive(Debug, Subcommand)]
enum Alias {
    /// List the aliases
    List,
    /// Set an alias
    #[command(after_help = "Examples:
  tw alias set ls secrets list                           `tw ls` is `tw secrets list`
  tw alias set get 'secrets view -n $1 -w acme/research'  `tw get KEY` views KEY")]
    Set {
        /// The name
        name: String,
        /// The command line without `tw`; `$1` stands for the first argument
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    /// Delete an alias
    Delete {
        /// The name
        name: String,
    },
}

/// Returns the command with its subcommands.
pub(super) fn command(line: &Line) -> Command {
    let command = Alias::augment_subcommands(Command::new("alias").about(ABOUT));
    add_root_options(command, line)
}

/// Runs the subcommand that was given, and returns the exit code.
pub(super) fn run(
    catalog: &Catalog,
    matches: &ArgMatches,
    settings: &Settings,
) -> Result<u8, Error> {
    let alias =
        Alias::from_arg_matches(matches).map_err(|error| Error::usage(error.to_string()))?;
    match alias {
        Alias::List => list(settings),
        Alias::Set { name, command } => set(catalog, settings, &name, &command),
        Alias::Delete { name } => delete(settings, &name),
    }
}

fn list(settings: &Settings) -> Result<u8, Error> {
    let aliases = Configuration::load()?.aliases().into_iter();
    let rows: Vec<_> = aliases
        .map(|(name, command)| json!({ "name": name, "command": command }))
        .collect();
    let columns = [("Name", "/name"), ("Command", "/command")];
    let view = table("Aliases", "/aliases", &columns, "No aliases found");
    show::print(settings, &json!({ "aliases": rows }), &view)
}

fn set(
    catalog: &Catalog,
    settings: &Settings,
    name: &str,
    command: &[String],
) -> Result<u8, Error> {
    check_name(catalog, name)?;
    let text = match command {
        [text] => text.clone(),
        words => shell_words::join(words),
    };
    let text = text.trim();
    let text = text.strip_prefix("tw ").unwrap_or(text);
    check_command(catalog, name, text)?;
    let mut edit = Edit::begin()?;
    edit.set(&["alias", name], text.into());
    edit.save()?;
    let value = json!({ "name": name, "command": text });
    show::print_message(settings, &value, format!("`tw {name}` is `tw {text}` now"))
}

fn delete(settings: &Settings, name: &str) -> Result<u8, Error> {
    let mut edit = Edit::begin()?;
    if !edit.remove(&["alias", name]) {
        let shown = visible(name);
        let configuration = Configuration::read()?;
        if let Some(place) = configuration.places(&["alias", name]).first() {
            let message = format!("The alias `{shown}` is not yours to change: it is in {place}");
            return Err(Error::new(ErrorKind::Refused, message)
                .hint(format!("`tw alias set {shown} COMMAND` takes precedence")));
        }
        return Err(Error::new(
            ErrorKind::NotFound,
            format!("There is no alias `{shown}` in your configuration"),
        )
        .hint("`tw alias list` shows the aliases"));
    }
    edit.save()?;
    let message = format!("Alias `{}` deleted", visible(name));
    show::print_message(settings, &json!({ "name": name }), message)
}

/// Checks that an alias can have this name.
pub(super) fn check_name(catalog: &Catalog, name: &str) -> Result<(), Error> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if name.is_empty() || name.starts_with('-') || !name.chars().all(is_allowed) {
        return Err(Error::invalid_value(format!(
            "'{}' can't be the name of an alias: a name has letters, digits, hyphens and underscores",
            visible(name)
        )));
    }
    match is_command(catalog, name) {
        true => Err(Error::invalid_value(format!(
            "`tw {name}` is a command, which an alias can't replace"
        ))
        .hint("choose another name")),
        false => Ok(()),
    }
}

/// Checks the command line of an alias.
pub(super) fn check_command(catalog: &Catalog, name: &str, text: &str) -> Result<(), Error> {
    if text.starts_with('!') {
        return Err(
            Error::usage("An alias is a command line of tw, and not of the shell")
                .hint("an executable `tw-NAME` on PATH is a command of tw too"),
        );
    }
    let line = Line::new(OsString::from("tw"), split(name, text)?);
    let Some(command) = line.command() else {
        return Err(Error::usage(format!("The alias `{name}` names no command")));
    };
    let is_placeholder = command.starts_with('$');
    if is_placeholder || !is_command(catalog, command) && super::external::find(command).is_none() {
        return Err(Error::usage(format!(
            "The alias `{name}` begins with '{}', which is no command",
            visible(command)
        ))
        .hint("`tw help` lists the commands; an alias can't name another alias"));
    }
    Ok(())
}

/// True if `tw` or a plugin has this command.
pub(super) fn is_command(catalog: &Catalog, name: &str) -> bool {
    builtin::NAMES.contains(&name) || catalog.owner(name).is_some()
}

/// Returns the command line that an alias stands for. `None` if there is no alias of this name.
///
/// # Errors
/// If the configuration can't be used.
pub(super) fn find(name: &str) -> Result<Option<String>, Error> {
    match name {
        // clap answers `help`, with any configuration.
        "" | "help" => Ok(None),
        name => Ok(Configuration::load()?.aliases().remove(name)),
    }
}

/// Replaces the alias that a line begins with by its command line.
///
/// # Errors
/// If the alias has an open quote, if an argument for a placeholder is missing, or if the alias names an alias.
pub(super) fn expand(line: &Line, text: &str) -> Result<Line, Error> {
    let name = line.command().unwrap_or_default();
    let words = split(name, text)?;
    let arguments = line.after_command();
    let mut used = vec![false; arguments.len()];
    let mut expanded: Vec<OsString> = line.before_command().to_vec();
    for word in &words {
        expanded.push(fill(name, word, arguments, &mut used)?);
    }
    let rest = arguments.iter().zip(used).filter(|(_, used)| !used);
    expanded.extend(rest.map(|(argument, _)| argument.clone()));
    let expanded = Line::new(line.program.clone(), expanded);
    let again = expanded.command().map(find).transpose()?.flatten();
    match again {
        Some(_) => Err(Error::usage(format!(
            "The alias `{name}` names the alias `{}`",
            visible(expanded.command().unwrap_or_default())
        ))
        .hint(format!(
            "an alias can't name another alias: change it with `tw alias set {name} COMMAND`"
        ))),
        None => Ok(expanded),
    }
}

/// Splits the command line of an alias as a shell does.
fn split(name: &str, text: &str) -> Result<Vec<OsString>, Error> {
    let words = shell_words::split(text).map_err(|_| {
        Error::usage(format!("The alias `{}` has an open quote", visible(name)))
            .hint("`tw alias list` shows the aliases")
    })?;
    Ok(words.into_iter().map(OsString::from).collect())
}

/// Replaces `$1` to `$9` in a word by the arguments, and notes which were used.
fn fill(
    name: &str,
    word: &OsStr,
    arguments: &[OsString],
    used: &mut [bool],
) -> Result<OsString, Error> {
    let text = word.to_string_lossy();
    let mut parts = text.split('$');
    let mut filled = OsString::from(parts.next().unwrap_or_default());
    for part in parts {
        let number = part.chars().next().and_then(|digit| digit.to_digit(10));
        let Some(number @ 1..) = number else {
            filled.push("$");
            filled.push(part);
            continue;
        };
        let at = number as usize - 1;
        let Some(argument) = arguments.get(at) else {
            return Err(Error::usage(format!(
                "The alias `{}` needs an argument for ${number}",
                visible(name)
            ))
            .hint("`tw alias list` shows what the alias stands for"));
        };
        used[at] = true;
        filled.push(argument);
        filled.push(&part[1..]);
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expands an alias `x` with these arguments.
    fn expand_with(text: &str, arguments: &[&str]) -> Result<Vec<String>, Error> {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        let mut used = vec![false; arguments.len()];
        let words = split("x", text)?;
        let mut out = Vec::new();
        for word in &words {
            let word = fill("x", word, &arguments, &mut used)?;
            out.push(word.to_string_lossy().into_owned());
        }
        out.push(format!("{used:?}"));
        Ok(out)
    }

    #[test]
    fn placeholders_are_replaced_and_everything_else_stays() {
        for (text, arguments, expected) in [
            ("a b", &[][..], "a b []"),
            ("a $1 $2", &["x y", "z"], "a x y z [true, true]"),
            (
                "a --n=$2/$1",
                &["x", "y", "z"],
                "a --n=y/x [true, true, false]",
            ),
            ("a 'b c' $ $0 $HOME $", &[], "a b c $ $0 $HOME $ []"),
        ] {
            let expanded = expand_with(text, arguments).expect("the alias fits");
            assert_eq!(expanded.join(" "), expected);
        }
        assert!(expand_with("a $2", &["x"]).is_err());
        assert!(expand_with("a 'b", &[]).is_err());
    }
}
