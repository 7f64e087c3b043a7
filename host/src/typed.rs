//! Values with a type: how a text becomes a number, a duration, a size or a time, and the range that it must be in.

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp, civil::Date, tz::TimeZone};
use tw_plugin_protocol::{Arg, PossibleValue, ValueKind};

/// A value that has an order. Durations and times are in milliseconds, sizes in bytes.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) enum Number {
    Integer(i64),
    Float(f64),
}

/// The type of an argument whose values are numbers.
#[derive(Debug, Clone)]
pub(crate) struct Typed {
    kind: ValueKind,
    min: Option<Limit>,
    max: Option<Limit>,
}

/// An end of a range.
#[derive(Debug, Clone)]
struct Limit {
    /// The limit as the plugin declares it, which help shows.
    text: String,
    number: Number,
}

impl Limit {
    /// Parses a limit. `None` if there is none.
    fn parse(kind: ValueKind, text: &str) -> Result<Option<Self>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        if let Some(number) = parse(kind, text) {
            let text = text.to_owned();
            return Ok(Some(Self { text, number }));
        }
        let whole = text
            .parse()
            .ok()
            .filter(|number: &f64| number.fract() == 0.0);
        match whole.filter(|_| kind == ValueKind::Integer) {
            // Some writers of JSON spell large integers so. The conversion saturates.
            Some(number) => {
                let number = number as i64;
                Ok(Some(Self {
                    text: number.to_string(),
                    number: Number::Integer(number),
                }))
            }
            None => Err(format!("its limit `{text}` is not {}", example(kind))),
        }
    }
}

impl Typed {
    /// Returns the type of an argument. `None` if its values are no numbers, or are chosen from a list.
    ///
    /// # Errors
    /// If a limit is not a value of the type, or if the range is empty.
    pub(crate) fn of(arg: &Arg) -> Result<Option<Self>, String> {
        let kind = arg.value;
        if !has_numbers(arg) {
            // Only a newer host knows the limits of an unknown type.
            return match kind == ValueKind::Unknown || arg.min.is_empty() && arg.max.is_empty() {
                true => Ok(None),
                false => Err("it has a range, but its values are no numbers".to_owned()),
            };
        }
        let (min, max) = (Limit::parse(kind, &arg.min)?, Limit::parse(kind, &arg.max)?);
        if let (Some(min), Some(max)) = (&min, &max)
            && min.number > max.number
        {
            return Err("its range is empty".to_owned());
        }
        Ok(Some(Self { kind, min, max }))
    }

    /// Parses a value.
    ///
    /// # Errors
    /// If the text is not of the type, or if the value is outside of the range. The error names the expected form.
    pub(crate) fn parse(&self, text: &str) -> Result<Number, String> {
        let Some(number) = parse(self.kind, text) else {
            let comma = match (self.kind, &self.min, &self.max) {
                (_, None, None) | (ValueKind::Integer | ValueKind::Float, ..) => "",
                _ => ",",
            };
            return Err(format!(
                "expected {}{comma}{}",
                example(self.kind),
                self.describe_range()
            ));
        };
        let is_in_range = self.min.as_ref().is_none_or(|min| min.number <= number)
            && self.max.as_ref().is_none_or(|max| number <= max.number);
        match is_in_range {
            true => Ok(number),
            false => Err(format!(
                "expected {}{}",
                noun(self.kind),
                self.describe_range()
            )),
        }
    }

    /// Returns the range as the end of a message.
    fn describe_range(&self) -> String {
        match (&self.min, &self.max) {
            (None, None) => String::new(),
            (Some(min), None) => format!(" from {}", min.text),
            (None, Some(max)) => format!(" up to {}", max.text),
            (Some(min), Some(max)) => format!(" from {} to {}", min.text, max.text),
        }
    }

    /// Returns what help shows of the type: the units, and the range. The limits of 32-bit integers are left out, because nobody comes near them.
    pub(crate) fn notes(&self) -> Vec<String> {
        let is_shown = |limit: &&Limit| {
            let is_of_type = |number: i64| limit.number == Number::Integer(number);
            self.kind != ValueKind::Integer
                || ![i32::MIN.into(), i32::MAX.into(), u32::MAX.into()]
                    .into_iter()
                    .any(is_of_type)
        };
        let min = self.min.as_ref().filter(is_shown);
        let max = self.max.as_ref().filter(is_shown);
        let range = match (min, max) {
            (None, None) => None,
            (Some(min), None) => Some(format!("[range: {} or more]", min.text)),
            (None, Some(max)) => Some(format!("[range: up to {}]", max.text)),
            (Some(min), Some(max)) => Some(format!("[range: {} to {}]", min.text, max.text)),
        };
        let units = match self.kind {
            ValueKind::Duration => Some("[units: ms, s, m, h, d, w]"),
            ValueKind::Size => Some("[units: B, kB, KiB, MB, MiB, GB, GiB, TB, TiB]"),
            ValueKind::Time => Some("[time: RFC 3339, a date, or an age such as 2d]"),
            _ => None,
        };
        units.map(str::to_owned).into_iter().chain(range).collect()
    }
}

/// Finds the possible value that a text names, by its name or an alias. `None` if there is none.
pub(crate) fn find_possible<'a>(argument: &'a Arg, text: &str) -> Option<&'a PossibleValue> {
    let is_typed =
        |name: &String| name == text || argument.ignore_case && name.eq_ignore_ascii_case(text);
    let mut possible = argument.possible.iter();
    possible.find(|value| is_typed(&value.name) || value.aliases.iter().any(is_typed))
}

/// True if the values of an argument are parsed as a [`Number`].
pub(crate) fn has_numbers(arg: &Arg) -> bool {
    let is_number = matches!(
        arg.value,
        ValueKind::Integer
            | ValueKind::Float
            | ValueKind::Duration
            | ValueKind::Size
            | ValueKind::Time
    );
    is_number && arg.possible.is_empty()
}

/// Returns the noun of the type.
pub(crate) fn noun(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Integer => "an integer",
        ValueKind::Duration => "a duration",
        ValueKind::Size => "a size",
        ValueKind::Time => "a time",
        _ => "a number",
    }
}

/// Returns the noun of the type with an example, for a value that can't be parsed.
pub(crate) fn example(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Duration => "a duration such as 90d, 1h30m or 500ms",
        ValueKind::Size => "a size such as 10MiB, 1.5GB or 4096",
        ValueKind::Time => {
            "a time such as 2026-01-31T12:00:00Z or 2026-01-31, or an age such as 2d"
        }
        ValueKind::Integer => "a 64-bit integer",
        _ => noun(kind),
    }
}

fn parse(kind: ValueKind, text: &str) -> Option<Number> {
    match kind {
        ValueKind::Integer => text.parse().ok().map(Number::Integer),
        // JSON has neither infinite numbers nor NaN.
        ValueKind::Float => text
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
            .map(Number::Float),
        ValueKind::Duration => parse_duration(text).map(Number::Integer),
        ValueKind::Size => parse_size(text).map(Number::Integer),
        ValueKind::Time => parse_time(text).map(Number::Integer),
        _ => None,
    }
}

/// Parses a duration, and returns its milliseconds. A day has 24 hours.
fn parse_duration(text: &str) -> Option<i64> {
    // jiff also reads ISO 8601, signs and words such as `ago`, which help doesn't promise.
    let is_plain = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase() || byte == b'.';
    if !text.bytes().all(is_plain) {
        return None;
    }
    let span: Span = text.parse().ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    let whole = duration.subsec_nanos() % 1_000_000 == 0;
    let ms = i64::try_from(duration.as_millis()).ok()?;
    (whole && ms >= 0).then_some(ms)
}

/// The units of sizes. Upper and lower case are the same, because nobody means bits.
const UNITS: [(&str, i64); 10] = [
    ("", 1),
    ("b", 1),
    ("kb", 1_000),
    ("kib", 1 << 10),
    ("mb", 1_000_000),
    ("mib", 1 << 20),
    ("gb", 1_000_000_000),
    ("gib", 1 << 30),
    ("tb", 1_000_000_000_000),
    ("tib", 1 << 40),
];

/// Parses a size, and returns its bytes. A part of a byte is rounded.
fn parse_size(text: &str) -> Option<i64> {
    let is_digit = |letter: char| letter.is_ascii_digit() || letter == '.';
    let (number, unit) = text.split_at(text.find(|c| !is_digit(c)).unwrap_or(text.len()));
    let mut units = UNITS.iter();
    let (_, factor) = units.find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    if let Ok(number) = number.parse::<i64>() {
        return number.checked_mul(*factor);
    }
    let bytes = number.parse::<f64>().ok()? * *factor as f64;
    // The numbers below 2^63 are those that `i64` has.
    (bytes < i64::MAX as f64).then(|| bytes.round() as i64)
}

/// Parses a time, and returns its milliseconds since 1970. A date is its midnight in UTC, and a duration is that long ago.
pub(crate) fn parse_time(text: &str) -> Option<i64> {
    let time = match text.parse::<Timestamp>() {
        Ok(time) => time,
        Err(_) => match parse_duration(text) {
            Some(ms) => Timestamp::now()
                .checked_sub(SignedDuration::from_millis(ms))
                .ok()?,
            None => {
                // jiff also reads the date of a time without an offset, whose zone is not known.
                let date: Date = text.parse().ok().filter(|_| text.len() == 10)?;
                date.to_zoned(TimeZone::UTC).ok()?.timestamp()
            }
        },
    };
    Some(time.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_a_number_and_a_unit_for_each_part() {
        for (text, ms) in [
            ("90d", 7_776_000_000),
            ("1h30m", 5_400_000),
            ("500ms", 500),
            ("2w", 1_209_600_000),
            ("1.5h", 5_400_000),
            ("0s", 0),
        ] {
            assert_eq!(parse_duration(text), Some(ms), "{text}");
        }
        for text in [
            "",
            "90",
            "d",
            "-1d",
            "1 d",
            "P1D",
            "2 days ago",
            "1y",
            "1mo",
            "5us",
            "1.5d",
            "1h30",
            "é",
            "999999999999999999d",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn a_size_has_decimal_and_binary_units() {
        for (text, bytes) in [
            ("4096", 4096),
            ("10MiB", 10 << 20),
            ("1.5GB", 1_500_000_000),
            ("1kb", 1000),
            ("0.5KIB", 512),
            ("0B", 0),
            ("9223372036854775807", i64::MAX),
        ] {
            assert_eq!(parse_size(text), Some(bytes), "{text}");
        }
        for text in [
            "",
            "MiB",
            ".",
            "10M",
            "10 MB",
            "-1",
            "1e3",
            "1.2.3MB",
            "9223372036854775808",
            "1PB",
            "9000000000000GB",
            "é",
        ] {
            assert_eq!(parse_size(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_is_absolute_or_an_age() {
        for (text, ms) in [
            ("1970-01-01T00:00:01Z", 1000),
            ("1970-01-01T01:00:00.5+01:00", 500),
            ("1970-01-02", 86_400_000),
            ("1969-12-31T23:59:59Z", -1000),
        ] {
            assert_eq!(parse_time(text), Some(ms), "{text}");
        }
        let age = |text| parse_time(text).map(|ms| Timestamp::now().as_millisecond() - ms);
        let two_days = age("2d").expect("an age");
        assert!((172_800_000..172_860_000).contains(&two_days), "{two_days}");
        for text in [
            "",
            "yesterday",
            "2026-01-31T12:00:00",
            "2026-13-01",
            "2026-01-31 ",
            "12:00",
            "1700000000",
            "-2d",
            "9999999w",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }
}
