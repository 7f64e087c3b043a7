//! Durations as people type them.

use jiff::SignedDuration;

/// Parses a whole number of hours, days or weeks: `36h`, `90d`, `12w`. Returns `None` for any other text.
pub(crate) fn parse(text: &str) -> Option<SignedDuration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let hours = match unit {
        "h" => 1,
        "d" => 24,
        "w" => 7 * 24,
        _ => return None,
    };
    let number: u32 = number.parse().ok()?;
    Some(SignedDuration::from_hours(i64::from(number) * hours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_of_hours_days_or_weeks_is_a_duration() {
        assert_eq!(parse("36h"), Some(SignedDuration::from_hours(36)));
        assert_eq!(parse("90d"), Some(SignedDuration::from_hours(90 * 24)));
        assert_eq!(parse("1w"), Some(SignedDuration::from_hours(7 * 24)));
        assert_eq!(
            parse("4294967295w").map(|it| it.as_hours()),
            Some(4_294_967_295 * 168)
        );
    }

    #[test]
    fn no_other_text_is_a_duration() {
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
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
