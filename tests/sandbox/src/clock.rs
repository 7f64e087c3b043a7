//! The clock that dates created and changed secrets.

use jiff::{Timestamp, Unit};

/// The source of the current date.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Clock {
    /// The system time, rounded to seconds.
    #[default]
    System,
    /// A fixed date. The API returns this text unchanged, so a test can also set an invalid date.
    Fixed(String),
}

impl Clock {
    /// Returns the current date, such as `2022-10-05T12:42:21Z`.
    #[must_use]
    pub fn now(&self) -> String {
        match self {
            Self::Fixed(date) => date.clone(),
            Self::System => {
                let now = Timestamp::now();
                now.round(Unit::Second).unwrap_or(now).to_string()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;

    #[test]
    fn the_system_clock_returns_whole_seconds_in_utc() {
        let now = Clock::System.now();
        assert_eq!(now.len(), "2022-10-05T12:42:21Z".len(), "{now}");
        assert!(now.ends_with('Z'), "{now}");
    }

    #[test]
    fn a_fixed_clock_returns_its_date() {
        assert_eq!(
            Clock::Fixed("2022-10-05T12:42:21Z".into()).now(),
            "2022-10-05T12:42:21Z"
        );
    }
}
