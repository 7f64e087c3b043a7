//! The root options. Each is defined once, and may also stand after the name of any command.

use std::{ffi::OsStr, path::PathBuf, time::Duration};

use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint, parser::ValueSource, value_parser};
use clap_complete::{
    CompletionCandidate,
    engine::{ArgValueCandidates, ArgValueCompleter},
};
use tw_render::Format;

use super::{kind::is_profile, layers::Configuration, result_options};

pub(super) const ACCESS_TOKEN: &str = "tw.access-token";
pub(super) const PROFILE: &str = "tw.profile";
pub(super) const URL: &str = "tw.url";
pub(super) const OUTPUT: &str = "tw.output";
pub(super) const VERBOSE: &str = "tw.verbose";
pub(super) const INSECURE: &str = "tw.insecure";
/// Not a root option: only the commands that connect to registries have it.
pub(super) const PLAIN_HTTP: &str = "tw.plain-http";
pub(super) const CACERT: &str = "tw.cacert";
pub(super) const CLIENT_CERT: &str = "tw.client-cert";
pub(super) const CLIENT_KEY: &str = "tw.client-key";
pub(super) const CONNECT_TIMEOUT: &str = "tw.connect-timeout";
pub(super) const READ_TIMEOUT: &str = "tw.read-timeout";
pub(super) const RETRIES: &str = "tw.retries";
pub(super) const RATE: &str = "tw.rate";

/// A timeout of more than a day is a typing error.
const MAX_TIMEOUT: f64 = 86_400.0;
pub(super) const MAX_RETRIES: u32 = 10;
/// No client of the API gets near this rate, so a higher one means no limit.
pub(super) const MAX_RATE: u32 = 10_000;
/// The value of `--rate` for a rate of 0, which means no limit.
pub(super) const NO_RATE: &str = "none";

/// The endpoint if neither an option nor the environment names one.
pub(crate) const DEFAULT_ENDPOINT: &str = "https://api.cloud.seqera.io";

/// The prefix of the ids of the root options. No argument of a plugin may have a name with this prefix.
pub(crate) const PREFIX: &str = "tw.";

/// True if this is the id of a root option.
pub(crate) fn is_root_option(id: &str) -> bool {
    id.starts_with(PREFIX)
}

/// True if this is the long name of a root option. No option of a plugin may have it, because a user who types `--access-token` means the
/// host's option everywhere.
///
/// The root options of later versions have another rule, because released plugins may have options with their names: see [`result_options`].
pub(crate) fn is_root_word(word: &str) -> bool {
    let mut options = general_options().into_iter().chain(network_options());
    options.any(|option| option.get_long() == Some(word))
}

fn value_option(id: &'static str, long: &'static str) -> Arg {
    Arg::new(id).long(long).action(ArgAction::Set)
}

fn flag(id: &'static str, long: &'static str) -> Arg {
    Arg::new(id).long(long).action(ArgAction::SetTrue)
}

fn file_option(id: &'static str, long: &'static str) -> Arg {
    value_option(id, long)
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .value_hint(ValueHint::FilePath)
}

fn general_options() -> [Arg; 7] {
    [
        value_option(ACCESS_TOKEN, "access-token")
            .short('t')
            .value_name("TOKEN")
            .help("Seqera Platform personal access token [env: TOWER_ACCESS_TOKEN]"),
        value_option(URL, "url")
            .short('u')
            .value_name("URL")
            .value_hint(ValueHint::Url)
            .help(format!(
                "Seqera Platform API endpoint [env: TOWER_API_ENDPOINT] [default: {DEFAULT_ENDPOINT}]"
            )),
        value_option(PROFILE, "profile")
            .value_name("NAME")
            .add(ArgValueCompleter::new(complete_profile))
            .help("Profile of the configuration to use [env: TW_PROFILE]"),
        value_option(OUTPUT, "output")
            .short('o')
            .value_name("FORMAT")
            .value_parser(parse_format)
            .add(ArgValueCandidates::new(format_names))
            .help(format!(
                "Output format: {} [env: TOWER_CLI_OUTPUT_FORMAT] [default: console]",
                Format::NAMES.join(", ")
            )),
        Arg::new(VERBOSE)
            .long("verbose")
            .short('v')
            .action(ArgAction::Append)
            .num_args(0..=1)
            // Without this, `--verbose` would take the next word as its value.
            .require_equals(true)
            .default_missing_value("1")
            .value_name("LEVEL")
            .value_parser(parse_level)
            .help("Show HTTP calls and times on standard error; =2 shows bodies too [env: TW_LOG]"),
        flag(INSECURE, "insecure")
            .help("Allow a plain http endpoint of the Platform API (not recommended)"),
        file_option(CACERT, "cacert")
            .help("PEM file with the certificate of a private CA, trusted beside the system's CAs [env: TW_CACERT]"),
    ]
}

/// The options about the network. Few people need them, so only the help of `tw` itself lists them.
fn network_options() -> [Arg; 6] {
    let seconds_option = |id, long| {
        value_option(id, long)
            .value_name("SECONDS")
            .value_parser(parse_seconds)
    };
    [
        file_option(CLIENT_CERT, "client-cert")
            .help("PEM file with the client certificate for the API [env: TW_CLIENT_CERT]"),
        file_option(CLIENT_KEY, "client-key").help(
            "PEM file with the key of the client certificate, unless that file holds both [env: TW_CLIENT_KEY]",
        ),
        seconds_option(CONNECT_TIMEOUT, "connect-timeout")
            .help("Time limit for connecting, in seconds (never longer than --read-timeout) [default: 10]"),
        seconds_option(READ_TIMEOUT, "read-timeout")
            .help("Time limit for a silent server, in seconds [default: 60]"),
        value_option(RETRIES, "retries")
            .value_name("N")
            .value_parser(parse_retries)
            .help("Retries of a call that may be repeated [default: 3]"),
        value_option(RATE, "rate")
            .value_name("N")
            .value_parser(parse_rate)
            .help("API calls per second at most, or none for no limit [default: 20 at Seqera's cloud]"),
    ]
}

/// Completes the name of a profile. A mistake elsewhere in the configuration doesn't matter: the command itself says what is wrong.
pub(crate) fn complete_profile(word: &OsStr) -> Vec<CompletionCandidate> {
    let configuration = Configuration::read_leniently();
    let names = configuration.profiles().into_iter();
    let matching = names
        .filter(|name| is_profile(name) && name.as_bytes().starts_with(word.as_encoded_bytes()));
    matching.map(CompletionCandidate::new).collect()
}

/// Adds the option `--plain-http` to a command that connects to registries.
pub(crate) fn add_plain_http(command: Command) -> Command {
    command.arg(flag(PLAIN_HTTP, "plain-http").help(
        "Use plain http for all registries of this command, and allow http URLs (not recommended)",
    ))
}

/// Returns the names of the formats, for completion.
fn format_names() -> Vec<CompletionCandidate> {
    Format::NAMES.iter().map(CompletionCandidate::new).collect()
}

fn parse_format(text: &str) -> Result<Format, String> {
    text.parse()
        .map_err(|_| format!("expected {}", Format::alternatives()))
}

pub(super) const SECONDS: &str = "a number of seconds above 0, such as 5 or 0.5";

/// Parses the value of `--rate`.
pub(super) fn parse_rate(text: &str) -> Result<u32, String> {
    let rate = match text {
        NO_RATE => Some(0),
        text => text.parse().ok().filter(|rate| *rate <= MAX_RATE),
    };
    rate.ok_or_else(|| format!("expected a whole number from 0 to {MAX_RATE}, or `{NO_RATE}`"))
}

/// Parses the value of `--verbose`.
fn parse_level(text: &str) -> Result<u8, String> {
    let level = text.parse().ok().filter(|level| (1..=2).contains(level));
    level.ok_or_else(|| "expected 1 or 2".to_owned())
}

/// Parses the value of `--retries`.
pub(super) fn parse_retries(text: &str) -> Result<u32, String> {
    let retries = text.parse().ok().filter(|retries| *retries <= MAX_RETRIES);
    retries.ok_or_else(|| format!("expected a whole number from 0 to {MAX_RETRIES}"))
}

/// Parses the value of a timeout option.
pub(super) fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(to_duration);
    seconds.ok_or_else(|| format!("expected {SECONDS}"))
}

pub(super) fn to_duration(seconds: f64) -> Option<Duration> {
    let duration = (0.0..=MAX_TIMEOUT)
        .contains(&seconds)
        .then(|| Duration::from_secs_f64(seconds))?;
    (!duration.is_zero()).then_some(duration)
}

/// Adds the root options to `tw` itself.
pub(crate) fn add_to_root(command: Command) -> Command {
    result_options::add(add(command, network_options()), true)
}

/// Adds the root options to a command below `tw`, without the letters that the command uses itself.
pub(crate) fn add_to_command(command: Command) -> Command {
    let command = add(command, network_options().map(|option| option.hide(true)));
    result_options::add(command, false)
}

fn add(mut command: Command, network: [Arg; 6]) -> Command {
    for mut option in general_options().into_iter().chain(network) {
        if let Some(letter) = option.get_short()
            && command
                .get_arguments()
                .any(|arg| arg.get_short() == Some(letter))
        {
            option = option.short(None);
        }
        let id = option.get_id().clone();
        // The values of repeated `-v` are added.
        if id != VERBOSE {
            option = option.overrides_with(id);
        }
        command = command.arg(shorten(option));
    }
    command
}

/// The heading of the root options in the help of every command.
const HEADING: &str = "Global options (`tw help options` lists all)";

/// The root options that the help of every command lists.
const COMMON: [&str; 4] = [ACCESS_TOKEN, URL, OUTPUT, VERBOSE];

/// Puts a root option under its heading, and leaves it out of help unless most people need it.
pub(super) fn shorten(option: Arg) -> Arg {
    let is_common = COMMON.contains(&option.get_id().as_str());
    option
        .help_heading(HEADING)
        .hide_short_help(!is_common)
        .hide_long_help(!is_common)
}

/// Prepares `tw` for man pages: its own page lists all root options, and the pages of its commands list those of their help.
pub(crate) fn name_in_full(tw: Command) -> Command {
    fn trim(command: Command) -> Command {
        let command = command.mut_args(|arg| match is_root_option(arg.get_id().as_str()) {
            true => {
                let is_hidden = arg.is_hide_long_help_set();
                arg.help_heading("Global options").hide(is_hidden)
            }
            false => arg,
        });
        command.mut_subcommands(trim)
    }
    tw.mut_subcommands(trim).mut_args(|arg| {
        let arg = arg.help_heading("Global options");
        arg.hide_long_help(false).hide_short_help(false)
    })
}

/// Returns all root options, for the help about them.
pub(crate) fn all() -> Vec<Arg> {
    let options = general_options().into_iter().chain(network_options());
    options.chain(result_options::options(true)).collect()
}

/// Returns the value of an option. If the option was typed at several levels of the command line, the deepest level counts. `None` if the option
/// was not typed.
pub(super) fn value<T: Clone + Send + Sync + 'static>(
    levels: &[&ArgMatches],
    id: &str,
) -> Option<T> {
    levels
        .iter()
        .rev()
        .find_map(|level| level.try_get_one::<T>(id).ok().flatten().cloned())
}

/// Returns the highest value of `--verbose` at any level of the command line. At one level, values are added: `-vv` is 2. Returns 0 if the option was
/// not typed.
pub(super) fn verbosity(levels: &[&ArgMatches]) -> u8 {
    let at_level = |level: &&ArgMatches| {
        let values = level.try_get_many::<u8>(VERBOSE).ok().flatten();
        let values = values.into_iter().flatten();
        values.fold(0_u8, |sum, value| sum.saturating_add(*value))
    };
    levels.iter().map(at_level).max().unwrap_or(0)
}

/// The options that decide which server a command talks to, and whether it can, so a command in a hint needs them too.
const FOR_HINTS: [&str; 6] = [URL, PROFILE, INSECURE, CACERT, CLIENT_CERT, CLIENT_KEY];

/// Returns the options that a command in a hint needs too, as they were typed and with quotes for the shell. A value that may contain a password is
/// left out.
pub(crate) fn typed_for_hint(levels: &[&ArgMatches]) -> Vec<String> {
    let options = general_options().into_iter().chain(network_options());
    let wanted = options.filter(|option| FOR_HINTS.contains(&option.get_id().as_str()));
    let typed = wanted.filter_map(|option| {
        let id = option.get_id().as_str();
        let level = levels.iter().rev().find(|level| is_typed(level, id))?;
        let name = match (option.get_short(), option.get_long()) {
            (Some(letter), _) => format!("-{letter}"),
            (None, long) => format!("--{}", long?),
        };
        if !option.get_action().takes_values() {
            return Some(name);
        }
        let value = level
            .try_get_raw(id)
            .ok()
            .flatten()?
            .next_back()?
            .to_str()?;
        let is_safe = !value.contains('@');
        is_safe.then(|| format!("{name} {}", shell_words::quote(value)))
    });
    typed.collect()
}

/// True if the option was typed at this level of the command line.
fn is_typed(level: &ArgMatches, id: &str) -> bool {
    let is_known = level.try_contains_id(id).is_ok();
    is_known && level.value_source(id) == Some(ValueSource::CommandLine)
}

/// True if the flag was typed at any level of the command line.
pub(super) fn is_set(levels: &[&ArgMatches], id: &str) -> bool {
    levels.iter().any(|level| {
        matches!(level.try_get_one::<bool>(id), Ok(Some(true)))
            && level.value_source(id) == Some(ValueSource::CommandLine)
    })
}
