//! The current time, and sleep.

use std::time::Duration;

use jiff::{Timestamp, Unit};
use tw_plugin_protocol::{Sleep, Time};

use super::cancel::{Cancel, cancel_error};
use crate::{error::Error, runtime::runtime};

pub(super) fn now() -> Time {
    let now = Timestamp::now();
    let now = now.round(Unit::Millisecond).unwrap_or(now);
    Time {
        unix_ms: now.as_millisecond(),
        iso: format!("{now:.3}"),
        ..Default::default()
    }
}

/// Sleeps, unless the run is canceled.
pub(super) fn sleep(time: Sleep, cancel: &Cancel) -> Result<(), Error> {
    let runtime = runtime().map_err(Error::system)?;
    runtime.block_on(async {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(time.ms)) => Ok(()),
            () = cancel.requested() => Err(cancel_error()),
        }
    })
}
