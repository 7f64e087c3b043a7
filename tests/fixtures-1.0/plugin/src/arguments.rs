//! Arguments of every type, and settings.

use std::{
    ffi::OsString,
    net::IpAddr,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use tw_plugin_api::{Size, Source, prelude::*};

/// An order
#[derive(Choice, Debug)]
pub(crate) enum Order {
    /// The newest first
    #[choice(alias = "recent")]
    Newest,
    /// By name
    Name,
}

/// Print typed arguments
#[derive(Args)]
#[args(exactly_one_of(id, word))]
pub(crate) struct Typed {
    /// An identifier
    #[arg(long)]
    id: Option<u32>,
    /// A word
    #[arg(long, alias = "term", complete = complete_words)]
    word: Option<String>,
    /// An order
    #[arg(long, default = "name", ignore_case)]
    order: Order,
    /// A time limit
    #[arg(long, default = "30s", min = "1s", max = "1h")]
    timeout: Duration,
    /// A size
    #[arg(long)]
    size: Option<Size>,
    /// A time
    #[arg(long)]
    since: Option<SystemTime>,
    /// A ratio
    #[arg(long, default = 0.5)]
    ratio: f64,
    /// Numbers
    #[arg(long, delimiter = ',')]
    numbers: Vec<i64>,
    /// Addresses
    #[arg(long, parse)]
    addresses: Vec<IpAddr>,
    /// A switch
    #[arg(long)]
    switch: Option<bool>,
    /// A secret
    #[arg(long, env = "FROZEN_SECRET")]
    secret: Option<Secret>,
    /// A text
    #[arg(long)]
    text: Option<OsString>,
    /// A file with input
    #[arg(long)]
    input: Option<Source>,
    /// Paths
    #[arg(trailing)]
    paths: Vec<PathBuf>,
}

fn complete_words(word: &str, host: &Host) -> Result<Vec<Candidate>> {
    let user = host.auth().whoami()?;
    let words = ["pear".to_owned(), "peach".to_owned(), format!("{word}-of-{}", user.name())];
    Ok(words.into_iter().map(|word| Candidate::new(word).help("a word")).collect())
}

pub(crate) fn typed(args: Typed, host: &Host) -> Result<Output> {
    if args.word.as_deref() == Some("bad") {
        return Err(Error::usage("the word is bad").argument("word"));
    }
    let input = match &args.input {
        Some(source) => Some(host.input().document(source, Some("yaml"))?.to_json()),
        None => None,
    };
    let since = args.since.map(|time| time.duration_since(SystemTime::UNIX_EPOCH));
    let value = json!({
        "id": args.id,
        "word": args.word,
        "order": args.order.to_string(),
        "timeout": args.timeout.as_millis() as u64,
        "size": args.size.map(Size::bytes),
        "since": since.transpose()?.map(|since| since.as_secs()),
        "ratio": args.ratio,
        "numbers": args.numbers,
        "addresses": args.addresses,
        "switch": args.switch,
        "secret": args.secret.map(|secret| secret.expose().len()),
        "text": args.text.map(|text| text.to_string_lossy().into_owned()),
        "input": input,
        "paths": args.paths,
    });
    Output::message(&value, "typed")
}

#[derive(Config)]
pub(crate) struct Settings {
    /// The most rows that are shown
    #[config(default = 100, min = 1)]
    max_rows: u32,
    /// The team of new datasets
    team: Option<String>,
}

/// Print the settings
#[derive(Args)]
pub(crate) struct ShowSettings {
    /// The team
    #[arg(long, default_from_config = "team")]
    team: Option<String>,
}

pub(crate) fn settings(args: ShowSettings, host: &Host) -> Result<Output> {
    let settings: Settings = host.config()?;
    let value = json!({ "maxRows": settings.max_rows, "team": settings.team, "given": args.team });
    Output::message(&value, "settings")
}
