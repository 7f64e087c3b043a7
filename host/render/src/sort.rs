//! The order of a table's rows.

use std::cmp::Ordering;

use serde_json::Value;
use tw_plugin_protocol::{Column, ColumnKind, Sort};

use crate::cell;

/// Puts the rows in order; rows that compare alike keep theirs. Rows without a value come last, whichever way it goes. A sort by
/// a column that isn't there changes nothing.
pub(crate) fn rows(rows: &mut [&Value], columns: &[Column], sort: &Sort) {
    let Some(column) = usize::try_from(sort.column)
        .ok()
        .and_then(|at| columns.get(at))
    else {
        return;
    };
    let mut keyed: Vec<(Key, &Value)> = rows
        .iter()
        .map(|row| (Key::of(row, column, sort.as_text), *row))
        .collect();
    keyed.sort_by(|(left, _), (right, _)| left.compare(right, sort.descending));
    for (place, (_, row)) in rows.iter_mut().zip(keyed) {
        *place = row;
    }
}

/// What a row is ordered by: numbers before texts before nothing.
enum Key {
    Number(Number),
    Text(String),
    Nothing,
}

impl Key {
    fn of(row: &Value, column: &Column, as_text: bool) -> Self {
        let number = match row.pointer(&column.field) {
            None | Some(Value::Null) => return Self::Nothing,
            Some(_) if as_text => None,
            Some(value) => Number::of(value, column.kind),
        };
        number.map_or_else(|| Self::Text(cell::shown(row, column)), Self::Number)
    }

    fn compare(&self, other: &Self, descending: bool) -> Ordering {
        let ordering = match (self, other) {
            (Self::Nothing, Self::Nothing) => return Ordering::Equal,
            (Self::Nothing, _) => return Ordering::Greater,
            (_, Self::Nothing) => return Ordering::Less,
            (Self::Number(left), Self::Number(right)) => left.compare(right),
            (Self::Text(left), Self::Text(right)) => left.cmp(right),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        };
        if descending {
            ordering.reverse()
        } else {
            ordering
        }
    }
}

/// A number, compared as a fraction first and, where that can't tell them apart, as an integer: so large identifiers keep
/// their exact order, and the order of integers among fractions is still a total one.
struct Number {
    fraction: f64,
    integer: i128,
}

impl Number {
    fn of(value: &Value, kind: ColumnKind) -> Option<Self> {
        if kind == ColumnKind::Date {
            return cell::moment(value).map(|moment| Self::integer(moment.as_nanosecond()));
        }
        match value {
            Value::Number(number) => number
                .as_i64()
                .map(i128::from)
                .or_else(|| number.as_u64().map(i128::from))
                .map(Self::integer)
                .or_else(|| number.as_f64().map(Self::fraction)),
            Value::String(text) if kind != ColumnKind::Text => text.parse().ok().map(Self::integer),
            _ => None,
        }
    }

    #[allow(clippy::cast_precision_loss)]
    fn integer(integer: i128) -> Self {
        Self {
            fraction: integer as f64,
            integer,
        }
    }

    #[allow(clippy::cast_possible_truncation)]
    fn fraction(fraction: f64) -> Self {
        // -0.0 is 0.
        Self {
            fraction: fraction + 0.0,
            integer: fraction as i128,
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.fraction
            .total_cmp(&other.fraction)
            .then(self.integer.cmp(&other.integer))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sorted(values: Value, kind: ColumnKind, sort: Sort) -> Value {
        let column = Column {
            kind,
            ..Default::default()
        };
        let mut order: Vec<&Value> = values.as_array().unwrap().iter().collect();
        rows(&mut order, &[column], &sort);
        json!(order)
    }

    #[test]
    fn numbers_are_ordered_by_what_they_are_or_by_what_is_shown() {
        let numbers = json!([10, 9, 100]);
        let natural = Sort::default();
        let as_text = Sort {
            as_text: true,
            ..natural
        };
        assert_eq!(
            sorted(numbers.clone(), ColumnKind::Integer, natural),
            json!([9, 10, 100])
        );
        assert_eq!(
            sorted(numbers, ColumnKind::Integer, as_text),
            json!([10, 100, 9])
        );
    }

    #[test]
    fn large_identifiers_keep_their_exact_order() {
        let values = json!([
            9007199254740993_i64,
            9007199254740992_i64,
            u64::MAX,
            0.5,
            -1
        ]);
        let expected = json!([
            -1,
            0.5,
            9007199254740992_i64,
            9007199254740993_i64,
            u64::MAX
        ]);
        assert_eq!(sorted(values, ColumnKind::Text, Sort::default()), expected);
    }

    #[test]
    fn dates_are_ordered_by_the_moment_however_they_are_written() {
        let values = json!(["2022-10-05T12:00:00+05:00", "2022-10-05T08:00:00Z", 0]);
        let expected = json!([0, "2022-10-05T12:00:00+05:00", "2022-10-05T08:00:00Z"]);
        assert_eq!(sorted(values, ColumnKind::Date, Sort::default()), expected);
    }

    #[test]
    fn integers_in_quotes_are_ordered_as_integers() {
        let values = json!(["10", 9, "-3"]);
        assert_eq!(
            sorted(values, ColumnKind::Integer, Sort::default()),
            json!(["-3", 9, "10"])
        );
    }

    #[test]
    fn rows_without_a_value_come_last_both_ways() {
        let values = json!([null, "b", 1, null, "a"]);
        let down = Sort {
            descending: true,
            ..Default::default()
        };
        let up = sorted(values.clone(), ColumnKind::Text, Sort::default());
        assert_eq!(up, json!([1, "a", "b", null, null]));
        assert_eq!(
            sorted(values, ColumnKind::Text, down),
            json!(["b", "a", 1, null, null])
        );
    }

    #[test]
    fn rows_that_compare_alike_keep_their_order() {
        let values = json!([{"k": 1, "n": "a"}, {"k": 0, "n": "b"}, {"k": 1, "n": "c"}]);
        let column = Column {
            field: "/k".into(),
            ..Default::default()
        };
        for (descending, expected) in [(false, ["b", "a", "c"]), (true, ["a", "c", "b"])] {
            let mut order: Vec<&Value> = values.as_array().unwrap().iter().collect();
            rows(
                &mut order,
                std::slice::from_ref(&column),
                &Sort {
                    descending,
                    ..Default::default()
                },
            );
            let names: Vec<&Value> = order.iter().map(|row| &row["n"]).collect();
            assert_eq!(json!(names), json!(expected));
        }
    }

    #[test]
    fn a_column_that_is_not_there_changes_nothing() {
        let sort = Sort {
            column: u32::MAX,
            ..Default::default()
        };
        assert_eq!(sorted(json!([2, 1]), ColumnKind::Text, sort), json!([2, 1]));
    }
}
