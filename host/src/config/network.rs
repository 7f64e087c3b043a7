//! How the host uses the network: the root options, and below them the section `[http]` of the configuration file, which is read when the
//! host first connects.

use std::time::Duration;

use clap::ArgMatches;
use serde::{Deserialize, Deserializer, de::Error as _};
use toml::Value;

use super::{Settings, file, options};
use crate::error::Error;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const READ_TIMEOUT: Duration = Duration::from_secs(60);
const RETRIES: u32 = 3;

/// A timeout of more than a day is a typing error.
const MAX_TIMEOUT: f64 = 86_400.0;
pub(super) const MAX_RETRIES: u32 = 10;
/// No client of the API gets near this rate, so a higher one means no limit.
const MAX_RATE: u32 = 10_000;
/// The value of `--rate` for a rate of 0, which means no limit.
const NO_RATE: &str = "none";

/// The network settings that the root options or the section `[http]` give.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Given {
    #[serde(deserialize_with = "connect_timeout")]
    connect_timeout: Option<Duration>,
    #[serde(deserialize_with = "read_timeout")]
    read_timeout: Option<Duration>,
    #[serde(deserialize_with = "retries")]
    retries: Option<u32>,
    #[serde(deserialize_with = "rate")]
    rate: Option<u32>,
}

impl Given {
    pub(super) fn of_options(levels: &[&ArgMatches]) -> Self {
        Self {
            connect_timeout: options::value(levels, options::CONNECT_TIMEOUT),
            read_timeout: options::value(levels, options::READ_TIMEOUT),
            retries: options::value(levels, options::RETRIES),
            rate: options::value(levels, options::RATE),
        }
    }
}

/// The network settings in force.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Network {
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
    pub(crate) retries: u32,
    /// The most calls to the API in any second; 0 for no limit. `None` if nobody set a rate: then the endpoint decides.
    pub(crate) rate: Option<u32>,
}

impl Settings {
    /// Returns the network settings: options before configuration file before defaults.
    ///
    /// # Errors
    /// The section `[http]` can't be read, or has an unknown key or a value out of range.
    pub(crate) fn network(&self) -> Result<Network, Error> {
        let section: Given = file::http()?;
        let given = &self.network;
        let connect_timeout = given.connect_timeout.or(section.connect_timeout);
        let read_timeout = given.read_timeout.or(section.read_timeout);
        let read_timeout = read_timeout.unwrap_or(READ_TIMEOUT);
        Ok(Network {
            // The read timeout starts before the connection stands. The connect timeout must end first, because only without a
            // connection is it certain that nothing was sent.
            connect_timeout: connect_timeout
                .unwrap_or(CONNECT_TIMEOUT)
                .min(read_timeout.mul_f64(0.9)),
            read_timeout,
            retries: given.retries.or(section.retries).unwrap_or(RETRIES),
            rate: given.rate.or(section.rate),
        })
    }
}

const SECONDS: &str = "a number of seconds above 0, such as 5 or 0.5";

/// Parses the value of `--rate`.
pub(super) fn parse_rate(text: &str) -> Result<u32, String> {
    let rate = match text {
        NO_RATE => Some(0),
        text => text.parse().ok().filter(|rate| *rate <= MAX_RATE),
    };
    rate.ok_or_else(|| format!("expected a whole number from 0 to {MAX_RATE}, or `{NO_RATE}`"))
}

/// Parses the value of a timeout option.
pub(super) fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(duration);
    seconds.ok_or_else(|| format!("expected {SECONDS}"))
}

fn duration(seconds: f64) -> Option<Duration> {
    let duration = (0.0..=MAX_TIMEOUT)
        .contains(&seconds)
        .then(|| Duration::from_secs_f64(seconds))?;
    (!duration.is_zero()).then_some(duration)
}

// The messages of these readers name the key and what is expected, and never the value: a slip of the editor may have put a secret there.

fn connect_timeout<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Duration>, D::Error> {
    timeout("connect-timeout", value)
}

fn read_timeout<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Duration>, D::Error> {
    timeout("read-timeout", value)
}

fn timeout<'de, D: Deserializer<'de>>(key: &str, value: D) -> Result<Option<Duration>, D::Error> {
    let timeout = match Value::deserialize(value)? {
        Value::Integer(seconds) => duration(seconds as f64),
        Value::Float(seconds) => duration(seconds),
        _ => None,
    };
    let wrong = || D::Error::custom(format!("`http.{key}` should be {SECONDS}"));
    timeout.map(Some).ok_or_else(wrong)
}

fn retries<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u32>, D::Error> {
    let wrong = || {
        D::Error::custom(format!(
            "`http.retries` should be a whole number from 0 to {MAX_RETRIES}"
        ))
    };
    let retries = count(&Value::deserialize(value)?, MAX_RETRIES);
    retries.map(Some).ok_or_else(wrong)
}

fn rate<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u32>, D::Error> {
    let rate = match Value::deserialize(value)? {
        Value::String(text) => (text == NO_RATE).then_some(0),
        value => count(&value, MAX_RATE),
    };
    let wrong = || {
        D::Error::custom(format!(
            "`http.rate` should be a whole number from 0 to {MAX_RATE}, or \"{NO_RATE}\""
        ))
    };
    rate.map(Some).ok_or_else(wrong)
}

fn count(value: &Value, max: u32) -> Option<u32> {
    let count = u32::try_from(value.as_integer()?).ok()?;
    (count <= max).then_some(count)
}
