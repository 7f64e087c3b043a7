//! The size limits of a manifest. They are far above what a plugin needs, and keep the work of every later check small: without them, a package of
//! 575 KB took 1 GB and 20 seconds.

use tw_plugin_protocol::{Arg, Command, Manifest};

use crate::error::excerpt;

/// The size limit for a manifest, in bytes of JSON.
pub(crate) const LARGEST: usize = 1 << 20;

/// The largest number of commands and groups, on all levels together.
const MOST_COMMANDS: usize = 1000;
/// The largest number of levels of groups and commands.
const MOST_LEVELS: usize = 8;
/// The largest number of settings, and of arguments of a command with those of the groups above it.
const MOST_ARGUMENTS: usize = 200;
/// The largest number of possible values of all arguments of a command, with their aliases.
const MOST_VALUES: usize = 2000;
/// The largest number of names in the constraints of a command: conflicts, requirements, and sets of which one is required.
const MOST_REFERENCES: usize = 2000;
/// The largest number of aliases, examples, services, features or defaults in one list.
const MOST_ITEMS: usize = 100;

/// The length limit for names, in bytes.
const LONGEST_NAME: usize = 128;
/// The length limit for lines of help and for values, in bytes.
const LONGEST_LINE: usize = 2000;
/// The length limit for texts of several lines, in bytes.
const LONGEST_TEXT: usize = 32 << 10;

/// Checks that a manifest is within the limits. The time is proportional to the size of the manifest, and so is the number of possible values,
/// references and arguments that later checks look at.
///
/// # Errors
/// The manifest exceeds a limit. The error is one line that names the limit and the command.
pub(crate) fn check(manifest: &Manifest) -> Result<(), String> {
    for name in [&manifest.name, &manifest.version, &manifest.target] {
        check_length("name, version or target", name, LONGEST_NAME)?;
    }
    for line in [
        &manifest.description,
        &manifest.vendor,
        &manifest.license,
        &manifest.homepage,
    ] {
        check_length(
            "description, author, license or homepage",
            line,
            LONGEST_LINE,
        )?;
    }
    check_names("needed features", &manifest.needs)?;
    check_names("services", &manifest.services)?;
    Sizes::default()
        .add(&manifest.settings)?
        .check("settings")?;
    let mut count = 0;
    let mut commands = manifest.commands.iter();
    commands.try_for_each(|command| check_command(command, 1, Sizes::default(), &mut count))
}

/// Checks a command and those below it. `above` are the sizes of what the groups above share, and `count` is the number of commands so far.
fn check_command(
    command: &Command,
    level: usize,
    above: Sizes,
    count: &mut usize,
) -> Result<(), String> {
    *count += 1;
    let check = || {
        check_count("commands", *count, MOST_COMMANDS)?;
        check_count("levels of commands", level, MOST_LEVELS)?;
        check_length("name", &command.name, LONGEST_NAME)?;
        check_names("aliases", &command.aliases)?;
        check_names("needed features", &command.needs)?;
        check_length("line of help", &command.about, LONGEST_LINE)?;
        check_length("longer help", &command.details, LONGEST_TEXT)?;
        check_count("examples", command.examples.len(), MOST_ITEMS)?;
        for example in &command.examples {
            check_length("example", &example.command, LONGEST_LINE)?;
            check_length("example", &example.about, LONGEST_LINE)?;
        }
        let shared = above.add(&command.shared)?;
        let mut all = shared.add(&command.args)?;
        // An empty set counts too.
        all.references += command.exactly_one_of.len();
        all.references += command.exactly_one_of.iter().map(Vec::len).sum::<usize>();
        all.check("arguments")?;
        let mut names = command.exactly_one_of.iter().flatten();
        names.try_for_each(|name| check_length("name of an argument", name, LONGEST_NAME))?;
        Ok(shared)
    };
    let shared = check().map_err(|reason: String| within("command", &command.name, &reason))?;
    let mut below = command.subcommands.iter();
    below.try_for_each(|below| check_command(below, level + 1, shared, count))
}

/// The sizes of a list of arguments.
#[derive(Debug, Default, Clone, Copy)]
struct Sizes {
    arguments: usize,
    values: usize,
    references: usize,
}

impl Sizes {
    /// Checks the texts of arguments, and adds the sizes of the arguments.
    fn add(self, args: &[Arg]) -> Result<Self, String> {
        let mut sizes = self;
        for arg in args {
            check_arg(arg).map_err(|reason| within("argument", &arg.name, &reason))?;
            let values = arg.possible.iter().map(|value| 1 + value.aliases.len());
            sizes.arguments += 1;
            sizes.values += values.sum::<usize>();
            sizes.references += arg.conflicts.len() + arg.requires.len();
        }
        Ok(sizes)
    }

    fn check(&self, arguments: &str) -> Result<(), String> {
        check_count(arguments, self.arguments, MOST_ARGUMENTS)?;
        check_count("possible values", self.values, MOST_VALUES)?;
        check_count("references to arguments", self.references, MOST_REFERENCES)
    }
}

fn check_arg(arg: &Arg) -> Result<(), String> {
    let long = arg.long.iter().chain(&arg.env);
    let names = [&arg.name, &arg.value_name, &arg.setting, &arg.min, &arg.max];
    for name in names.into_iter().chain(long) {
        check_length("name or limit", name, LONGEST_NAME)?;
    }
    for name in arg.conflicts.iter().chain(&arg.requires) {
        check_length("name of another argument", name, LONGEST_NAME)?;
    }
    check_names("aliases", &arg.aliases)?;
    check_length("line of help", &arg.help, LONGEST_LINE)?;
    check_length("longer help", &arg.details, LONGEST_TEXT)?;
    check_count("defaults", arg.default.len(), MOST_ITEMS)?;
    for text in &arg.default {
        check_length("default", text, LONGEST_LINE)?;
    }
    for value in &arg.possible {
        check_length("possible value", &value.name, LONGEST_LINE)?;
        check_length("help of a possible value", &value.help, LONGEST_LINE)?;
        for alias in &value.aliases {
            check_length("alias of a possible value", alias, LONGEST_LINE)?;
        }
    }
    Ok(())
}

fn check_names(what: &str, names: &[String]) -> Result<(), String> {
    check_count(what, names.len(), MOST_ITEMS)?;
    let mut names = names.iter();
    names.try_for_each(|name| check_length("name", name, LONGEST_NAME))
}

fn check_count(what: &str, count: usize, most: usize) -> Result<(), String> {
    match count <= most {
        true => Ok(()),
        false => Err(format!("it has more than {most} {what}")),
    }
}

fn check_length(what: &str, text: &str, longest: usize) -> Result<(), String> {
    match text.len() <= longest {
        true => Ok(()),
        false => Err(format!("its {what} has more than {longest} bytes")),
    }
}

/// Adds to a reason where it was found.
fn within(what: &str, name: &str, reason: &str) -> String {
    format!("{reason} ({what} `{}`)", excerpt(name))
}
