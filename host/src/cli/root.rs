//! The root options: defined once, and understood after the command too, but for letters and words that the command has taken itself.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint, parser::ValueSource, value_parser};
use tw_render::Format;

use crate::config::{MOST_RETRIES, rate, seconds};

pub(crate) const ACCESS_TOKEN: &str = "tw.access-token";
pub(crate) const URL: &str = "tw.url";
pub(crate) const OUTPUT: &str = "tw.output";
pub(crate) const VERBOSE: &str = "tw.verbose";
pub(crate) const INSECURE: &str = "tw.insecure";
pub(crate) const CACERT: &str = "tw.cacert";
pub(crate) const CLIENT_CERT: &str = "tw.client-cert";
pub(crate) const CLIENT_KEY: &str = "tw.client-key";
pub(crate) const CONNECT_TIMEOUT: &str = "tw.connect-timeout";
pub(crate) const READ_TIMEOUT: &str = "tw.read-timeout";
pub(crate) const RETRIES: &str = "tw.retries";
pub(crate) const RATE: &str = "tw.rate";

/// Where the API is when nobody says.
pub(crate) const DEFAULT_ENDPOINT: &str = "https://api.cloud.seqera.io";

/// Whether an argument of this id is a root option.
pub(crate) fn is_root(id: &str) -> bool {
    id.starts_with("tw.")
}

fn value_of(id: &'static str, long: &'static str) -> Arg {
    Arg::new(id).long(long).action(ArgAction::Set)
}

fn options() -> [Arg; 6] {
    let value = value_of;
    let flag =
        |id: &'static str, long: &'static str| Arg::new(id).long(long).action(ArgAction::SetTrue);
    [
        value(ACCESS_TOKEN, "access-token")
            .short('t')
            .value_name("TOKEN")
            .help("Seqera Platform personal access token [env: TOWER_ACCESS_TOKEN]"),
        value(URL, "url")
            .short('u')
            .value_name("URL")
            .value_hint(ValueHint::Url)
            .help(format!("Seqera Platform API endpoint [env: TOWER_API_ENDPOINT] [default: {}]", DEFAULT_ENDPOINT)),
        value(OUTPUT, "output")
            .short('o')
            .value_name("FORMAT")
            .value_parser(parse_format)
            .help(format!("Output format: {} [env: TOWER_CLI_OUTPUT_FORMAT] [default: console]", Format::NAMES.join(", "))),
        flag(VERBOSE, "verbose").short('v').help("Show HTTP calls and times on standard error"),
        flag(INSECURE, "insecure").help("Allow a plain http endpoint (not recommended)"),
        value(CACERT, "cacert")
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .value_hint(ValueHint::FilePath)
            .help("PEM file with the certificate of a private CA, trusted beside the system's [env: TW_CACERT]"),
    ]
}

/// Those about the network, which few people need.
fn network_options() -> [Arg; 6] {
    let value = value_of;
    let file = |id, long| {
        value(id, long)
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .value_hint(ValueHint::FilePath)
    };
    let seconds = |id, long| value(id, long).value_name("SECONDS").value_parser(seconds);
    [
        file(CLIENT_CERT, "client-cert")
            .help("PEM file with the certificate that the API is shown [env: TW_CLIENT_CERT]"),
        file(CLIENT_KEY, "client-key")
            .help("PEM file with its key, unless both are in one [env: TW_CLIENT_KEY]"),
        seconds(CONNECT_TIMEOUT, "connect-timeout")
            .help("How long a connection may take to come about [default: 10]"),
        seconds(READ_TIMEOUT, "read-timeout")
            .help("How long a server may say nothing [default: 60]"),
        value(RETRIES, "retries")
            .value_name("N")
            .value_parser(value_parser!(u32).range(0..=i64::from(MOST_RETRIES)))
            .help("How often a call that may be repeated is sent again [default: 3]"),
        value(RATE, "rate").value_name("N").value_parser(rate).help(
            "The most API calls in any second, or none for no limit [default: 20 at the default URL]",
        ),
    ]
}

fn parse_format(text: &str) -> Result<Format, String> {
    text.parse()
        .map_err(|_| format!("expected {}", Format::NAMES.join(" or ")))
}

/// Adds the root options to a command, without the letters and words that it has taken itself.
pub(crate) fn add(mut command: Command) -> Command {
    // One page that lists them is enough.
    let below = command.get_name() != "tw";
    let network = network_options().map(|option| option.hide(below));
    for mut option in options().into_iter().chain(network) {
        let taken = |test: &dyn Fn(&Arg) -> bool| command.get_arguments().any(test);
        if let Some(letter) = option.get_short()
            && taken(&|arg| {
                arg.get_short_and_visible_aliases()
                    .is_some_and(|letters| letters.contains(&letter))
            })
        {
            option = option.short(None);
        }
        let long = option.get_long().map(str::to_owned).unwrap_or_default();
        if taken(&|arg| {
            arg.get_long_and_visible_aliases()
                .is_some_and(|words| words.contains(&long.as_str()))
        }) {
            continue;
        }
        let id = option.get_id().clone();
        command = command.arg(option.overrides_with(id).help_heading("Global options"));
    }
    command
}

/// The value that was typed last, at whichever level.
pub(crate) fn value<T: Clone + Send + Sync + 'static>(
    levels: &[&ArgMatches],
    id: &str,
) -> Option<T> {
    levels
        .iter()
        .rev()
        .find_map(|level| level.try_get_one::<T>(id).ok().flatten().cloned())
}

/// Whether the flag was given at some level.
pub(crate) fn flag(levels: &[&ArgMatches], id: &str) -> bool {
    levels.iter().any(|level| {
        matches!(level.try_get_one::<bool>(id), Ok(Some(true)))
            && level.value_source(id) == Some(ValueSource::CommandLine)
    })
}
