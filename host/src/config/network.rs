//! How the network is used: the root options before the section `[http]` of the configuration file, which is read when
//! something first connects.

use std::time::Duration;

use clap::ArgMatches;

use super::Settings;
use crate::{cli::root, error::Error};

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a server may say nothing, from the moment when the request is made.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// How often a request is sent again.
const RETRIES: u32 = 3;

/// A time-out of more than a day is a slip.
const LONGEST: f64 = 86_400.0;
/// More than this is no help to anybody.
pub(crate) const MOST_RETRIES: u32 = 10;
/// More calls a second than this are as good as no limit.
const HIGHEST_RATE: u32 = 10_000;

/// The word for it, which is a rate of 0.
const NO_RATE: &str = "none";

/// What the root options, or the file, say of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Given {
    connect_timeout: Option<Duration>,
    read_timeout: Option<Duration>,
    retries: Option<u32>,
    rate: Option<u32>,
}

impl Given {
    pub(super) fn read(levels: &[&ArgMatches]) -> Self {
        Self {
            connect_timeout: root::value(levels, root::CONNECT_TIMEOUT),
            read_timeout: root::value(levels, root::READ_TIMEOUT),
            retries: root::value(levels, root::RETRIES),
            rate: root::value(levels, root::RATE),
        }
    }
}

/// What holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Network {
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
    pub(crate) retries: u32,
    /// The most calls to the API within any second, and 0 for no limit; without it, as the API is known to want it.
    pub(crate) rate: Option<u32>,
}

impl Settings {
    /// What the options, the configuration file and the defaults come to.
    ///
    /// # Errors
    /// The section can't be read, or says what can't be.
    pub(crate) fn network(&self) -> Result<Network, Error> {
        let section = Given::of_file()?;
        let given = &self.network;
        let connect_timeout = given.connect_timeout.or(section.connect_timeout);
        let read_timeout = given.read_timeout.or(section.read_timeout);
        let read_timeout = read_timeout.unwrap_or(READ_TIMEOUT);
        Ok(Network {
            // The time in which a server says nothing begins before there is a connection. Which of the two is up has to be told: without a
            // connection, nothing has left.
            connect_timeout: connect_timeout
                .unwrap_or(CONNECT_TIMEOUT)
                .min(read_timeout.mul_f64(0.9)),
            read_timeout,
            retries: given.retries.or(section.retries).unwrap_or(RETRIES),
            rate: given.rate.or(section.rate),
        })
    }
}

impl Given {
    /// The same of the section `[http]`.
    fn of_file() -> Result<Self, Error> {
        let mut section = Self::default();
        let Some(path) = super::file() else {
            return Ok(section);
        };
        let wrong = |key: &str, expected: &str| Error::Configuration {
            path: path.clone(),
            reason: format!("`http.{key}` should be {expected}"),
        };
        let file = super::table(&path)?;
        let table = match file.get("http") {
            None => return Ok(section),
            Some(toml::Value::Table(table)) => table,
            Some(_) => {
                return Err(Error::Configuration {
                    path,
                    reason: "`http` is not a section".to_owned(),
                });
            }
        };
        for (key, value) in table {
            let time = || time(value).ok_or_else(|| wrong(key, TIME));
            let count = |most: u32| {
                count(value, most).ok_or_else(|| {
                    let or = if key == "rate" { ", or \"none\"" } else { "" };
                    wrong(key, &format!("a whole number from 0 to {most}{or}"))
                })
            };
            match key.as_str() {
                "connect-timeout" => section.connect_timeout = Some(time()?),
                "read-timeout" => section.read_timeout = Some(time()?),
                "retries" => section.retries = Some(count(MOST_RETRIES)?),
                "rate" if value.as_str() == Some(NO_RATE) => section.rate = Some(0),
                "rate" => section.rate = Some(count(HIGHEST_RATE)?),
                // A slip must not pass for a setting.
                _ => {
                    return Err(Error::Configuration {
                        path: path.clone(),
                        reason: "`[http]` has a key that is none of connect-timeout, read-timeout, retries and rate".to_owned(),
                    });
                }
            }
        }
        Ok(section)
    }
}

const TIME: &str = "a number of seconds above 0, such as 5 or 0.5";

/// A rate as the command line has it.
pub(crate) fn rate(text: &str) -> Result<u32, String> {
    let rate = match text {
        NO_RATE => Some(0),
        text => text.parse().ok().filter(|rate| *rate <= HIGHEST_RATE),
    };
    rate.ok_or_else(|| format!("expected a whole number from 0 to {HIGHEST_RATE}, or `{NO_RATE}`"))
}

/// Seconds, likewise.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(duration);
    seconds.ok_or_else(|| format!("expected {TIME}"))
}

fn time(value: &toml::Value) -> Option<Duration> {
    match value {
        toml::Value::Integer(seconds) => duration(*seconds as f64),
        toml::Value::Float(seconds) => duration(*seconds),
        _ => None,
    }
}

fn duration(seconds: f64) -> Option<Duration> {
    let duration = (0.0..=LONGEST)
        .contains(&seconds)
        .then(|| Duration::from_secs_f64(seconds))?;
    (!duration.is_zero()).then_some(duration)
}

fn count(value: &toml::Value, most: u32) -> Option<u32> {
    let count = u32::try_from(value.as_integer()?).ok()?;
    (count <= most).then_some(count)
}
