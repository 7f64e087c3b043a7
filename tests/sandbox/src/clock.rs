//! Where the dates of created and changed secrets come from.

use jiff::{Timestamp, Unit};

/// What the sandbox takes for now when it writes a date.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Clock {
    /// The time of this machine, in whole seconds.
    #[default]
    System,
    /// Always this text, which the API hands out as it stands: ISO 8601, unless a test is about something else.
    Fixed(String),
}

impl Clock {
    /// The date to write now, such as `2022-10-05T12:42:21Z`.
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
    fn a_date_is_in_whole_seconds_of_utc() {
        let now = Clock::System.now();
        assert_eq!(now.len(), "2022-10-05T12:42:21Z".len(), "{now}");
        assert!(now.ends_with('Z'), "{now}");
    }

    #[test]
    fn a_fixed_clock_stands_still() {
        assert_eq!(
            Clock::Fixed("2022-10-05T12:42:21Z".into()).now(),
            "2022-10-05T12:42:21Z"
        );
    }
}
