//! The current time, and sleep.

use std::time::Duration;

use jiff::Timestamp;
use tw_plugin_protocol::{Sleep, Time, ValueKind};
use tw_render::text::visible;

use super::cancel::{Cancel, cancel_error};
use crate::{
    error::{Error, ErrorKind},
    runtime::runtime,
    typed,
};

pub(super) fn now() -> Time {
    describe(Timestamp::now())
}

/// Reads a point in time as a user types it.
pub(super) fn parse(text: &str) -> Result<Time, Error> {
    match typed::parse_time(text) {
        Some(unix_ms) => format(unix_ms),
        None => {
            let message = format!(
                "`{}` is not {}",
                visible(text),
                typed::example(ValueKind::Time)
            );
            Err(Error::new(ErrorKind::Input, message))
        }
    }
}

/// Describes the point in time that is this many milliseconds after 1970-01-01 UTC.
pub(super) fn format(unix_ms: i64) -> Result<Time, Error> {
    let time = Timestamp::from_millisecond(unix_ms);
    time.map(describe).map_err(|_| {
        let message = format!("{unix_ms} ms after 1970 is not in the years -9999 to 9999");
        Error::new(ErrorKind::BadRequest, message)
    })
}

fn describe(time: Timestamp) -> Time {
    let unix_ms = time.as_millisecond();
    // Rounding up would put the current time into the future.
    let time = Timestamp::from_millisecond(unix_ms).unwrap_or(time);
    Time {
        unix_ms,
        iso: format!("{time:.3}"),
        display: tw_render::format_date(unix_ms),
        relative: describe_distance(time.as_second() - Timestamp::now().as_second()),
        ..Default::default()
    }
}

/// Describes a distance from the current time in its largest unit. Months have 30 days, and years 365, because people read only the magnitude.
fn describe_distance(seconds: i64) -> String {
    const UNITS: [(i64, &str); 6] = [
        (365 * 86_400, "year"),
        (30 * 86_400, "month"),
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let distance = seconds.saturating_abs();
    let Some((length, unit)) = UNITS.iter().find(|(length, _)| distance >= *length) else {
        return "now".to_owned();
    };
    let count = distance / length;
    let plural = if count == 1 { "" } else { "s" };
    match seconds < 0 {
        true => format!("{count} {unit}{plural} ago"),
        false => format!("in {count} {unit}{plural}"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_is_described_in_its_largest_unit() {
        for (seconds, text) in [
            (0, "now"),
            (-1, "1 second ago"),
            (-59, "59 seconds ago"),
            (-60, "1 minute ago"),
            (-7_199, "1 hour ago"),
            (-3 * 86_400, "3 days ago"),
            (-29 * 86_400, "29 days ago"),
            (-60 * 86_400, "2 months ago"),
            (-366 * 86_400, "1 year ago"),
            (7_200, "in 2 hours"),
            (i64::MIN, "292471208677 years ago"),
        ] {
            assert_eq!(describe_distance(seconds), text);
        }
    }
}
