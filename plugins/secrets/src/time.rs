//! Lengths of time as people type them, and moments as the API writes them, in seconds.

use std::time::SystemTime;

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    // A clock that stands before 1970 is one on which nothing is long ago.
    since.map_or(0, |since| since.as_secs().cast_signed())
}

/// `90d`, `12w`, `36h`.
pub(crate) fn length(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let hours = match unit {
        "h" => 1,
        "d" => 24,
        "w" => 7 * 24,
        _ => return None,
    };
    let number: u32 = number.parse().ok()?;
    Some(i64::from(number) * hours * 3600)
}

/// Seconds since 1970 of an ISO 8601 moment in UTC, `2022-10-05T12:42:21Z`, fractions left out; none of any other text.
pub(crate) fn moment(text: &str) -> Option<i64> {
    let (whole, fraction) = text.strip_suffix('Z')?.split_at_checked(19)?;
    if !(fraction.is_empty() || fraction.starts_with('.')) {
        return None;
    }
    let form = whole.bytes().zip(*b"0000-00-00T00:00:00");
    for (byte, form) in form {
        if byte != form && !(form == b'0' && byte.is_ascii_digit()) {
            return None;
        }
    }
    let number = |from, to| -> Option<i64> { whole.get(from..to)?.parse().ok() };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    // Years begin in March here, so that a leap day is a year's last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + day
        - 1;
    // From the 1st of March of the year 0.
    Some((days - 719_468) * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        assert_eq!(length("90d"), Some(90 * 86_400));
        assert_eq!(length("1w"), Some(7 * 86_400));
        assert_eq!(length("36h"), Some(36 * 3600));
        for text in [
            "",
            "d",
            "90",
            "90m",
            "-1d",
            "1.5d",
            "90 d",
            "9999999999d",
            "é",
        ] {
            assert_eq!(length(text), None, "{text}");
        }
    }

    #[test]
    fn moments() {
        assert_eq!(moment("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(moment("2000-02-29T12:00:00Z"), Some(951_825_600));
        assert_eq!(moment("2022-10-05T12:42:21.000Z"), Some(1_664_973_741));
        for text in [
            "",
            "2022-10-05",
            "2022-10-05T12:42:21",
            "yesterday",
            "2022-10T1:1:1Z",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
