//! Help beyond what clap makes of a command's declaration: the sections of long help, the topics of `tw help TOPIC`, and `tw help NAME` for plugins
//! and external commands.

use std::{ffi::OsString, sync::OnceLock};

use clap::{Arg, Command};
use tw_render::text::visible;

use super::{
    advice,
    alias::{self, is_command},
    external,
    line::{Line, looks_like_option, wants_next},
    pager,
};
use crate::{
    config::{Configuration, options},
    error::{Error, exit},
    files::show_path,
    plugin::Catalog,
    stdio,
};

/// The topics of `tw help TOPIC`, each with its line in the help of `tw`.
pub(super) const TOPICS: [(&str, &str); 3] = [
    ("options", "all global options"),
    ("environment", "the environment variables"),
    ("exit-codes", "exit codes, and errors for scripts"),
];

/// The variables that no option stands for, or that mean something else than their option.
const VARIABLES: [(&str, &str); 18] = [
    (
        "TOWER_ACCESS_TOKEN_FILE",
        "File with the access token, if TOWER_ACCESS_TOKEN is unset",
    ),
    (
        "TOWER_WORKSPACE_ID",
        "Workspace of the commands that have the option --workspace",
    ),
    ("HTTPS_PROXY", "Proxy for https"),
    ("HTTP_PROXY", "Proxy for http"),
    ("ALL_PROXY", "Proxy for both"),
    ("NO_PROXY", "Servers that need no proxy"),
    ("TW_LOG", "Level of the log: debug or trace"),
    ("NO_COLOR", "No color anywhere"),
    ("CLICOLOR", "0 for no color"),
    (
        "CLICOLOR_FORCE",
        "Color in pipes and files too, unless it is 0",
    ),
    (
        "FORCE_COLOR",
        "Color in pipes and files too, unless it is 0",
    ),
    (
        "FORCE_HYPERLINK",
        "Links in pipes and files too, unless it is 0",
    ),
    ("TW_PAGER", "Pager for long results"),
    ("PAGER", "The same, if TW_PAGER is unset"),
    ("VISUAL", "Editor of tw config edit"),
    ("EDITOR", "The same, if VISUAL is unset"),
    (
        "XDG_CONFIG_HOME",
        "Folder of the configuration folder tw [default: ~/.config]",
    ),
    (
        "TW_SIGNING_PASSWORD",
        "Password of the secret key that signs packages",
    ),
];

/// Adds to a command what only `--help` shows: its examples, its environment variables, and the exit codes. `-h` stays short.
pub(super) fn add_sections(command: Command) -> Command {
    let examples = command.get_after_help().map(ToString::to_string);
    let is_group = command.has_subcommands() && command.get_positionals().next().is_none();
    if is_group {
        return match examples {
            Some(examples) => command.after_help(None::<&str>).after_long_help(examples),
            None => command,
        };
    }
    let variables: Vec<(String, String)> = command
        .get_arguments()
        .filter(|arg| !arg.is_hide_set() && !arg.is_hide_long_help_set())
        .flat_map(|arg| {
            let long = format!("--{}", arg.get_long().unwrap_or_default());
            let variables = variables_of(arg).into_iter();
            variables.map(move |variable| (variable, long.clone()))
        })
        .collect();
    let environment = match variables.is_empty() {
        true => None,
        false => Some(format!("Environment:\n{}", align(&variables))),
    };
    let exit_codes =
        "Exit codes:\n  0 success, 1 failure, 2 wrong command line, 130 interrupted".to_owned();
    let topics = TOPICS.map(|(name, _)| format!("`tw help {name}`"));
    let see_also = format!("See also:\n  {}", topics.join(", "));
    let sections = [examples, environment, Some(exit_codes), Some(see_also)];
    let sections: Vec<String> = sections.into_iter().flatten().collect();
    command
        .after_help(None::<&str>)
        .after_long_help(sections.join("\n\n"))
}

/// Adds the sections to a command and to every command below it.
pub(super) fn add_sections_to_all(command: Command) -> Command {
    match command.has_subcommands() {
        true => add_sections(command.mut_subcommands(add_sections_to_all)),
        false => add_sections(command),
    }
}

/// Leaves the options about results out of the help of a command that has no result, and of the commands below it.
pub(super) fn hide_result_options(command: Command) -> Command {
    const ABOUT_RESULTS: [&str; 3] = ["output", "jq", "columns"];
    let hide = |arg: Arg| {
        let mut names = ABOUT_RESULTS.iter();
        match names.any(|name| arg.get_long() == Some(name)) {
            true => arg.hide(true),
            false => arg,
        }
    };
    command.mut_args(hide).mut_subcommands(hide_result_options)
}

/// Adds to `tw` the topics, and for `tw help` the names of the aliases and of the external commands. No other command line searches PATH for them.
pub(super) fn add_to_root(command: Command, catalog: &Catalog, line: &Line) -> Command {
    let topics = TOPICS.map(|(name, about)| (format!("tw help {name}"), about.to_owned()));
    let mut text = format!("Topics:\n{}", align(&topics));
    let asks = line.command() == Some("help") && line.after_command().is_empty();
    let mut add = |heading: &str, names: &[String]| {
        if !names.is_empty() {
            text += &format!("\n\n{heading}:\n  {}", visible(&names.join(", ")));
        }
    };
    if asks {
        let aliases = Configuration::load().map(Configuration::aliases);
        let aliases = aliases.unwrap_or_default().into_keys();
        // A command takes precedence over these.
        let is_free = |name: &String| !is_command(catalog, name) && catalog.named(name).is_none();
        let aliases: Vec<String> = aliases.map(str::to_owned).filter(is_free).collect();
        let external: Vec<String> = external::all().into_keys().filter(is_free).collect();
        add("Aliases", &aliases);
        add("External commands (executables on PATH)", &external);
    }
    command.after_long_help(text)
}

/// Another way to answer `tw help NAME` than clap's.
pub(super) enum Answer {
    /// The topic was printed.
    Printed(u8),
    /// Another command line answers.
    Line(Line),
}

/// Answers `tw help NAME` if the name is a plugin, a topic, an alias or an external command. `None` if it is a command that clap knows, or nothing. An external
/// command isn't run, because a request for help should run nothing that was only found on PATH.
///
/// # Errors
/// If the text can't be written.
pub(super) fn answer(catalog: &Catalog, line: &Line) -> Result<Option<Answer>, Error> {
    let [word] = line.after_command() else {
        return Ok(None);
    };
    let Some(name) = word.to_str().filter(|_| line.command() == Some("help")) else {
        return Ok(None);
    };
    if is_command(catalog, name) {
        return Ok(None);
    }
    if catalog.named(name).is_some() {
        let words = ["plugin", "info", name].map(OsString::from);
        let arguments = line.before_command().iter().cloned().chain(words);
        let line = Line::new(line.program.clone(), arguments.collect());
        return Ok(Some(Answer::Line(line)));
    }
    let alias = || {
        let text = alias::find(name).ok().flatten()?;
        Some(format!(
            "`tw {name}` is an alias of `tw {}`\n",
            visible(&text)
        ))
    };
    let external = || {
        let path = show_path(&external::find(name)?);
        Some(format!(
            "`tw {name}` is an external command: {path}\n`tw {name} --help` asks it for its own help\n"
        ))
    };
    let Some(text) = topic(name).or_else(alias).or_else(external) else {
        return Ok(None);
    };
    match pager::show_help(line, &text) {
        Some(exit) => return Ok(Some(Answer::Printed(exit))),
        None => stdio::print(&text).map_err(Error::output)?,
    }
    Ok(Some(Answer::Printed(exit::SUCCESS)))
}

/// Returns a request for help in the form that clap understands: `tw OPTIONS help WORDS`. clap's `help` takes no options, and a request before the command
/// (`tw --help secrets list`) is about the command for a user of gh or git. `None` if the line has this form already, or is no such request.
pub(super) fn normalize(line: &Line) -> Option<Line> {
    let command = line.command()?;
    let is_flag = |word: &OsString| word == "-h" || word == "--help";
    let mut options = line.before_command().to_vec();
    let (mut words, rest) = match (command, options.iter().any(is_flag)) {
        ("help", _) => (Vec::new(), line.after_command()),
        (_, true) => {
            let rest = line.after_command().iter();
            let names = rest.take_while(|word| !looks_like_option(word));
            let names = names.count();
            let mut words = vec![OsString::from(command)];
            words.extend_from_slice(&line.after_command()[..names]);
            (words, &[][..])
        }
        _ => return None,
    };
    let root = options::add_to_root(Command::new("tw"));
    let mut rest = rest.iter().filter(|word| *word != "--").cloned();
    while let Some(word) = rest.next() {
        if !looks_like_option(&word) {
            words.push(word);
            continue;
        }
        let takes_next = wants_next(&root, &word.to_string_lossy());
        options.push(word);
        match takes_next.then(|| rest.next()).flatten() {
            Some(value) => options.push(value),
            // clap says that the option needs a value.
            None if takes_next => return Some(Line::new(line.program.clone(), options)),
            None => {}
        }
    }
    options.retain(|word| !is_flag(word));
    options.push(OsString::from("help"));
    options.append(&mut words);
    (options != line.arguments).then(|| Line::new(line.program.clone(), options))
}

/// Returns the arguments of a line without those that `tw help COMMAND` doesn't need: `KEY` in `tw help secrets view KEY`.
pub(super) fn without_arguments(tree: &Command, line: &Line) -> Vec<OsString> {
    let mut arguments = line.arguments.clone();
    if line.command() == Some("help") {
        let names = advice::count_names(tree, line.after_command());
        arguments.truncate(line.before_command().len() + 1 + names);
    }
    arguments
}

/// Returns the text of a topic. `None` if there is no such topic.
fn topic(name: &str) -> Option<String> {
    match name {
        "options" => Some(describe_options()),
        "environment" => Some(describe_environment()),
        "exit-codes" => Some(describe_exit_codes()),
        _ => None,
    }
}

const EXIT_CODES: [(&str, &str); 6] = [
    ("0", "success"),
    (
        "1",
        "failure, and a group without a command, such as `tw secrets`",
    ),
    ("2", "the command line or a variable is invalid"),
    ("3 to 125", "a code that the plugin defines"),
    ("130", "interrupted"),
    ("255", "`tw` without a command"),
];

fn describe_exit_codes() -> String {
    let note = "`--error-format json` prints each error as one line of JSON with a stable code, such as unauthorized, not-found or network.";
    let rows = EXIT_CODES.map(|(code, about)| (code.to_owned(), about.to_owned()));
    let note = wrap(note, width()).join("\n");
    format!("Exit codes:\n{}\n\n{note}\n", align(&rows))
}

fn describe_options() -> String {
    let mut command = Command::new("options")
        .about("Global options stand before or after every command")
        .help_template("{about}\n\n{options}\n")
        .disable_help_flag(true)
        .max_term_width(super::tree::MAX_WIDTH)
        .args(options::all());
    command.render_help().to_string()
}

fn describe_environment() -> String {
    let options = options::all();
    let of_options = options.iter().flat_map(|option| {
        let help = option.get_help().map(ToString::to_string);
        let help = help.unwrap_or_default();
        let about = help.split(" [").next().unwrap_or(&help).to_owned();
        let text = format!("{about} (--{})", option.get_long().unwrap_or_default());
        let variables = variables_of(option).into_iter();
        variables.map(move |variable| (variable, text.clone()))
    });
    let has_own_line = |name: &str| VARIABLES.iter().any(|(other, _)| *other == name);
    let of_options = of_options.filter(|(name, _)| !has_own_line(name));
    let others = VARIABLES.map(|(name, about)| (name.to_owned(), about.to_owned()));
    let rows: Vec<(String, String)> = of_options.chain(others).collect();
    let note =
        "An option takes precedence over its variable, and an empty variable counts as unset";
    let note = wrap(note, width()).join("\n");
    format!("{note}\n\n{}\n", align(&rows))
}

/// Returns the variables that the help of an argument names: `[env: NO_COLOR, FORCE_COLOR]`.
fn variables_of(arg: &Arg) -> Vec<String> {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let listed = help.split_once("[env: ").map_or("", |(_, rest)| rest);
    let listed = listed.split_once(']').map_or("", |(names, _)| names);
    let is_part = |letter: char| letter.is_ascii_uppercase() || letter == '_';
    let names = listed.split(|letter| !is_part(letter));
    let names = names.filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

/// Returns rows of two columns, indented by two blanks, and with the second column wrapped to the terminal.
fn align(rows: &[(String, String)]) -> String {
    /// A column that is narrower than this stands below the first one.
    const NARROWEST: usize = 24;
    let names = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let is_beside = width() >= names + 4 + NARROWEST;
    let indent = if is_beside { names + 4 } else { 6 };
    let lines = rows.iter().flat_map(|(name, about)| {
        let about = wrap(about, width().saturating_sub(indent));
        let mut about = about.into_iter();
        let first = match is_beside {
            true => format!("  {name:names$}  {}", about.next().unwrap_or_default()),
            false => format!("  {name}"),
        };
        let others = about.map(|line| format!("{:indent$}{line}", ""));
        std::iter::once(first).chain(others).collect::<Vec<_>>()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns the width of help, which is the same as that of clap's.
fn width() -> usize {
    const USUAL: usize = 100;
    static WIDTH: OnceLock<usize> = OnceLock::new();
    *WIDTH.get_or_init(|| {
        let size = terminal_size::terminal_size();
        let width = size.map_or(USUAL, |(width, _)| usize::from(width.0));
        width.min(super::tree::MAX_WIDTH)
    })
}

/// Splits a text at blanks into lines of this width. A longer word has its own line.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        match line.chars().count() + 1 + word.chars().count() <= width || line.is_empty() {
            true if line.is_empty() => line.push_str(word),
            true => line.extend([" ", word]),
            false => lines.push(word.to_owned()),
        }
    }
    lines
}
