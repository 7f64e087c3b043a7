//! Points in time.

use tw_plugin_protocol as protocol;

/// A point in time, from [`Host::now`](crate::Host::now), [`Host::parse_time`](crate::Host::parse_time),
/// [`Host::time_at`](crate::Host::time_at) or [`Host::time_of`](crate::Host::time_of).
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// # fn run(host: &Host) -> Result<()> {
/// let created = host.parse_time("2022-10-05T12:42:21Z")?;
/// host.log().info(&format!("created {} ({})", created.display(), created.relative()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Time(pub(crate) protocol::Time);

impl Time {
    /// Returns the number of milliseconds since 1970-01-01 UTC.
    pub fn unix_ms(&self) -> i64 {
        self.0.unix_ms
    }

    /// Returns the point in time in ISO 8601, in UTC and with milliseconds: `2026-11-26T05:20:11.991Z`.
    pub fn iso(&self) -> &str {
        &self.0.iso
    }

    /// Returns the point in time as results show it to people, in UTC: `Wed, 5 Oct 2022 12:42:21 GMT`.
    pub fn display(&self) -> &str {
        &self.0.display
    }

    /// Returns the distance from the current time, in its largest unit: `3 days ago`, `in 2 hours`, `now`.
    pub fn relative(&self) -> &str {
        &self.0.relative
    }
}
