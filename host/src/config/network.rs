//! The network settings.

use std::time::Duration;

use super::{chosen::Chosen, options::MAX_RETRIES};
use crate::error::Error;

/// The network settings.
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

impl Network {
    pub(super) fn read(chosen: &Chosen<'_>) -> Result<Self, Error> {
        let read_timeout = chosen.seconds("http.read-timeout")?;
        let retries = chosen.count("http.retries")?;
        Ok(Self {
            // The read timeout starts before the connection is established. The connect timeout must end first, because only without a
            // connection is it certain that nothing was sent.
            connect_timeout: chosen
                .seconds("http.connect-timeout")?
                .min(read_timeout.mul_f64(0.9)),
            read_timeout,
            retries: retries.as_ref().map_or(0, |retries| retries.value),
            max_retries: retries
                .filter(|retries| retries.origin != super::Origin::Default)
                .map_or(MAX_RETRIES, |retries| retries.value),
            rate: chosen.count("http.rate")?.map(|rate| rate.value),
        })
    }
}
