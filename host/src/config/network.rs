//! How the host uses the network: the root options, and below them the section `[http]` of the configuration file, which is read when the
//! host first connects.

use std::time::Duration;

use clap::ArgMatches;
use serde::{Deserialize, Deserializer, de::Error as _};
use toml::Value;

use super::{
    Settings, file,
    options::{self, MAX_RATE, MAX_RETRIES, NO_RATE, SECONDS, to_duration},
};
use crate::error::Error;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const READ_TIMEOUT: Duration = Duration::from_secs(60);
const RETRIES: u32 = 3;

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
    /// The maximum number of retries of a call that asks for a number itself: the number that the user set, or a fixed limit.
    pub(crate) max_retries: u32,
    /// The maximum number of calls to the API in any second; 0 for no limit. `None` if nobody set a rate: then the endpoint decides.
    pub(crate) rate: Option<u32>,
}

impl Settings {
    /// Returns the network settings. An option takes precedence over the configuration file, and the file over the default.
    ///
    /// # Errors
    /// If the section `[http]` can't be read, or has an unknown key or a value out of range.
    pub(crate) fn network(&self) -> Result<Network, Error> {
        let section: Given = file::http()?;
        let given = &self.network;
        let connect_timeout = given.connect_timeout.or(section.connect_timeout);
        let read_timeout = given.read_timeout.or(section.read_timeout);
        let read_timeout = read_timeout.unwrap_or(READ_TIMEOUT);
        let retries = given.retries.or(section.retries);
        Ok(Network {
            // The read timeout starts before the connection is established. The connect timeout must end first, because only without a
            // connection is it certain that nothing was sent.
            connect_timeout: connect_timeout
                .unwrap_or(CONNECT_TIMEOUT)
                .min(read_timeout.mul_f64(0.9)),
            read_timeout,
            retries: retries.unwrap_or(RETRIES),
            max_retries: retries.unwrap_or(MAX_RETRIES),
            rate: given.rate.or(section.rate),
        })
    }
}

// The messages of these readers name the key and the expected form. They never contain the value, because it may be a secret that was pasted by
// mistake.

fn connect_timeout<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Duration>, D::Error> {
    timeout("connect-timeout", value)
}

fn read_timeout<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Duration>, D::Error> {
    timeout("read-timeout", value)
}

fn timeout<'de, D: Deserializer<'de>>(key: &str, value: D) -> Result<Option<Duration>, D::Error> {
    let timeout = match Value::deserialize(value)? {
        Value::Integer(seconds) => to_duration(seconds as f64),
        Value::Float(seconds) => to_duration(seconds),
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
