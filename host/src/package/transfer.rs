//! The limits on what a registry or another server sends: a size, and a time. A read timeout alone doesn't end an answer that arrives byte by byte.

use std::time::{Duration, Instant};

use reqwest::Response;

use super::download::incomplete;
use crate::error::{Error, ErrorKind};

/// The lowest average rate, in bytes per second. It is below that of a modem.
const LOWEST_RATE: u64 = 4 << 10;

/// The time and the bytes of an operation, which may consist of several exchanges.
pub(super) struct Meter {
    begin: Instant,
    /// How long the operation may fall behind the lowest rate.
    patience: Duration,
    /// The bytes so far. Each exchange counts as one second's more, because its round trip takes time too.
    bytes: u64,
}

impl Meter {
    pub(super) fn start(patience: Duration) -> Self {
        Self {
            begin: Instant::now(),
            patience,
            bytes: 0,
        }
    }

    /// Waits for the head of an answer to a request with a body of `sent` bytes. `place` names the server.
    ///
    /// # Errors
    /// The operation falls too far behind the lowest rate.
    pub(super) async fn exchange<T>(
        &mut self,
        place: &str,
        sent: u64,
        exchange: impl Future<Output = T>,
    ) -> Result<T, Error> {
        self.bytes += LOWEST_RATE + sent;
        self.wait(place, exchange).await
    }

    /// Reads the body of an answer. `None` if it is larger than `max` bytes.
    ///
    /// # Errors
    /// The connection breaks, or the operation falls too far behind the lowest rate.
    pub(super) async fn read(
        &mut self,
        place: &str,
        mut response: Response,
        max: u64,
    ) -> Result<Option<Vec<u8>>, Error> {
        if response.content_length().is_some_and(|length| length > max) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        loop {
            let chunk = self.wait(place, response.chunk()).await?;
            let Some(chunk) = chunk.map_err(|error| incomplete(place, &error))? else {
                return Ok(Some(bytes));
            };
            self.bytes += chunk.len() as u64;
            bytes.extend_from_slice(&chunk);
            if bytes.len() as u64 > max {
                return Ok(None);
            }
        }
    }

    async fn wait<T>(&self, place: &str, work: impl Future<Output = T>) -> Result<T, Error> {
        let allowed = self.patience + Duration::from_secs(self.bytes / LOWEST_RATE);
        let deadline = self.begin + allowed;
        let done = tokio::time::timeout_at(deadline.into(), work).await;
        done.map_err(|_| {
            Error::new(ErrorKind::Timeout, format!("{place} answers too slowly"))
                .hint("try again later, or allow more time with `--read-timeout`")
        })
    }
}
