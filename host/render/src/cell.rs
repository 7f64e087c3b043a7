//! Renders a value as the text of a table cell.

use jiff::{
    SignedDuration, Timestamp,
    fmt::{
        friendly::{Designator, Direction, SpanPrinter},
        rfc2822::DateTimePrinter,
    },
};
use tw_plugin_protocol::{Column, ColumnKind, Status};

use crate::{
    Value,
    text::{visible, visible_lines},
    value::Number,
};

/// Renders the cell of a row in this column. An absent value gives the empty text. A value that does not fit the column's kind is
/// rendered as [`render_value`] does. Only a text of a column with several lines per cell has line feeds.
pub(crate) fn render(row: &Value, column: &Column) -> String {
    let Some(value) = row.pointer(&column.field) else {
        return String::new();
    };
    let special = match column.kind {
        ColumnKind::Date => parse_date(value).map(format_date),
        ColumnKind::Duration => as_integer(value).map(format_duration),
        ColumnKind::Size => value.as_number().and_then(Number::as_f64).map(format_size),
        _ => None,
    };
    special.unwrap_or_else(|| match value {
        Value::String(text) if column.multiline => render_lines(text),
        other => render_value(other),
    })
}

/// Renders a text of several lines. Line ends at the end of the text add no empty lines to the cell.
fn render_lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    visible_lines(text.trim_end_matches('\n')).into_owned()
}

/// Returns what a value of this row means for the user, as the column says.
pub(crate) fn status(row: &Value, column: &Column) -> Status {
    let status = match row.pointer(&column.field) {
        Some(Value::String(text)) => column.statuses.get(text),
        Some(scalar @ (Value::Bool(_) | Value::Number(_))) => {
            column.statuses.get(&scalar.to_string())
        }
        _ => None,
    };
    status.copied().unwrap_or_default()
}

/// Renders a value regardless of its column: null as the empty text, a list of scalars as its items separated by commas, anything
/// nested deeper as JSON on one line.
pub(crate) fn render_value(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => visible(text).into_owned(),
        Value::Array(items) if !items.iter().any(Value::is_nested) => {
            let items: Vec<String> = items.iter().map(render_value).collect();
            items.join(", ")
        }
        other => visible(&other.to_string()).into_owned(),
    }
}

/// Parses a date: ISO 8601 text with `Z` or an offset, or milliseconds since 1970. Returns `None` for anything else.
pub(crate) fn parse_date(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => Timestamp::from_millisecond(as_integer(other)?).ok(),
    }
}

pub(crate) fn format_unix_ms(unix_ms: i64) -> String {
    match Timestamp::from_millisecond(unix_ms) {
        Ok(date) => format_date(date),
        Err(_) => unix_ms.to_string(),
    }
}

fn format_date(date: Timestamp) -> String {
    // The format of HTTP is ours except for a day with one digit, and takes half the time of `strftime`. HTTP has no years before 0.
    const PRINTER: DateTimePrinter = DateTimePrinter::new();
    match PRINTER.timestamp_to_rfc9110_string(&date) {
        Ok(text) => text.replacen(", 0", ", ", 1),
        Err(_) => date.strftime("%a, %-d %b %Y %H:%M:%S GMT").to_string(),
    }
}

/// The width of a date with its time of day, and of a date alone, on a narrow terminal.
pub(crate) const DATE_AND_TIME: usize = "2022-10-05 12:42".len();
pub(crate) const DATE_ONLY: usize = "2022-10-05".len();

/// Renders the cell of a date so that it takes at most this number of terminal columns, or [`DATE_ONLY`]. `None` if the column has no dates, or if the value
/// is no date.
pub(crate) fn shorten_date(row: &Value, column: &Column, width: usize) -> Option<String> {
    let value = row.pointer(&column.field)?;
    let date = parse_date(value).filter(|_| column.kind == ColumnKind::Date)?;
    let whole = format_date(date);
    Some(match width {
        _ if whole.len() <= width => whole,
        DATE_AND_TIME.. => date.strftime("%Y-%m-%d %H:%M").to_string(),
        _ => date.strftime("%Y-%m-%d").to_string(),
    })
}

/// Formats a duration as hours, minutes and seconds. Milliseconds are shown only below one minute.
fn format_duration(milliseconds: i64) -> String {
    let exact = SignedDuration::from_millis(milliseconds);
    let rounded = if exact.abs() < SignedDuration::from_mins(1) {
        exact
    } else {
        SignedDuration::from_secs(exact.as_secs())
    };
    SpanPrinter::new()
        .designator(Designator::Compact)
        .direction(Direction::Sign)
        .duration_to_string(&rounded)
}

fn format_size(bytes: f64) -> String {
    const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut number = bytes;
    let mut unit = 0;
    // The limits are just below 1024, so that no size is shown as `1024 B` or `1024.0 KiB`.
    while number.abs() >= if unit == 0 { 1023.5 } else { 1023.95 } && unit + 1 < UNITS.len() {
        number /= 1024.0;
        unit += 1;
    }
    let digits = usize::from(unit > 0);
    format!("{number:.digits$} {}", UNITS[unit])
}

/// Returns a number as an integer, rounded if it has a fraction. Some JSON writers print `1500.0` for 1500. `None` if the value
/// is not a number, or is a fraction too large to be exact.
fn as_integer(value: &Value) -> Option<i64> {
    /// 2^53. From here on, an `f64` no longer represents every integer.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let number = value.as_number()?;
    number.text().parse().ok().or_else(|| {
        let number = number.as_f64().filter(|number| number.abs() < EXACT)?;
        #[allow(clippy::cast_possible_truncation)]
        Some(number.round() as i64)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cell(value: serde_json::Value, kind: ColumnKind) -> String {
        render(
            &Value::from(&value),
            &Column {
                kind,
                ..Default::default()
            },
        )
    }

    #[test]
    fn a_date_is_shown_in_gmt_with_an_unpadded_day() {
        let expected = "Wed, 5 Oct 2022 12:42:21 GMT";
        for written in [
            json!("2022-10-05T12:42:21Z"),
            json!("2022-10-05T12:42:21.987654321Z"),
            json!("2022-10-05T14:42:21+02:00"),
            json!("2022-10-05T03:12:21-09:30"),
            json!(1_664_973_741_000_i64),
            json!(1_664_973_741_000.0),
        ] {
            assert_eq!(
                cell(written.clone(), ColumnKind::Date),
                expected,
                "{written}"
            );
        }
    }

    #[test]
    fn a_date_of_any_year_and_day_is_shown() {
        for (unix_ms, expected) in [
            (0, "Thu, 1 Jan 1970 00:00:00 GMT"),
            (1_664_582_400_000, "Sat, 1 Oct 2022 00:00:00 GMT"),
            (1_665_360_000_000, "Mon, 10 Oct 2022 00:00:00 GMT"),
            (-62_198_755_200_000, "Fri, 1 Jan -001 00:00:00 GMT"),
            (253_402_207_200_000, "Thu, 30 Dec 9999 22:00:00 GMT"),
        ] {
            assert_eq!(format_unix_ms(unix_ms), expected);
            let date = Timestamp::from_millisecond(unix_ms).unwrap();
            let same = date.strftime("%a, %-d %b %Y %H:%M:%S GMT");
            assert_eq!(same.to_string(), expected);
        }
    }

    #[test]
    fn a_flat_list_is_shown_as_its_items_and_a_nested_value_as_json() {
        let text = |value| cell(value, ColumnKind::Text);
        assert_eq!(text(json!([])), "");
        assert_eq!(text(json!(["a", 1, true, "b\nc"])), "a, 1, true, b␊c");
        assert_eq!(text(json!(["a", ["b"]])), "[\"a\",[\"b\"]]");
        assert_eq!(text(json!({"a": ["b"]})), "{\"a\":[\"b\"]}");
    }

    #[test]
    fn a_value_that_is_not_a_date_is_shown_unchanged() {
        for text in [
            "",
            "yesterday",
            "2022-10-05",
            "2022-10-05T12:42:21",
            "2022-13-05T12:42:21Z",
        ] {
            assert_eq!(cell(json!(text), ColumnKind::Date), text);
        }
        assert_eq!(cell(json!("soon\x1b[2J"), ColumnKind::Date), "soon␛[2J");
        assert_eq!(
            cell(json!(i64::MAX), ColumnKind::Date),
            "9223372036854775807"
        );
        assert_eq!(cell(json!(null), ColumnKind::Date), "");
    }

    #[test]
    fn a_duration_is_compact_and_shows_milliseconds_only_below_a_minute() {
        for (milliseconds, text) in [
            (0, "0s"),
            (5, "5ms"),
            (1500, "1s 500ms"),
            (61_234, "1m 1s"),
            (3_600_000, "1h"),
            (90_061_001, "25h 1m 1s"),
            (-61_234, "-1m 1s"),
        ] {
            assert_eq!(cell(json!(milliseconds), ColumnKind::Duration), text);
        }
        assert_eq!(cell(json!("2 days"), ColumnKind::Duration), "2 days");
        assert_eq!(
            cell(json!(i64::MIN), ColumnKind::Duration),
            "-2562047788015h 12m 55s"
        );
    }

    #[test]
    fn a_size_is_shown_in_binary_units() {
        for (bytes, text) in [
            (json!(0), "0 B"),
            (json!(1023), "1023 B"),
            (json!(1024), "1.0 KiB"),
            (json!(1023.7), "1.0 KiB"),
            (json!(1_048_166), "1023.6 KiB"),
            (json!(1_048_575), "1.0 MiB"),
            (json!(1_610_612_736), "1.5 GiB"),
            (json!(-2048), "-2.0 KiB"),
            (json!(u64::MAX), "16.0 EiB"),
            (json!("large"), "large"),
        ] {
            assert_eq!(cell(bytes, ColumnKind::Size), text);
        }
    }

    #[test]
    fn a_size_beyond_the_largest_unit_is_shown_in_that_unit() {
        let text = cell(json!(2_f64.powi(80)), ColumnKind::Size);
        assert_eq!(text, "1048576.0 EiB");
    }

    #[test]
    fn a_number_that_a_float_cannot_hold_exactly_is_not_taken_for_an_integer() {
        for (milliseconds, text) in [
            (9_007_199_254_740_991.0, "2501999792h 59m"),
            (9_007_199_254_740_992.0, "9007199254740992.0"),
        ] {
            assert_eq!(cell(json!(milliseconds), ColumnKind::Duration), text);
        }
    }

    #[test]
    fn a_value_of_any_other_column_is_shown_unchanged() {
        for kind in [ColumnKind::Text, ColumnKind::Integer, ColumnKind::Unknown] {
            assert_eq!(cell(json!(-7), kind), "-7");
            assert_eq!(cell(json!(u64::MAX), kind), "18446744073709551615");
            assert_eq!(cell(json!(1.5), kind), "1.5");
            assert_eq!(cell(json!(true), kind), "true");
            assert_eq!(cell(json!({"a": [1, "x\ny"]}), kind), r#"{"a":[1,"x\ny"]}"#);
        }
    }
}
