//! Sorts the rows of a table.

use std::cmp::Ordering;

use tw_plugin_protocol::{Column, ColumnKind, Sort};

use crate::{Value, cell};

/// Sorts the rows. The sort is stable. Rows without a value come last in both directions. A column number that the table does not
/// have leaves the order unchanged.
pub(crate) fn sort_rows(rows: &mut [&Value], columns: &[Column], sort: &Sort) {
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

/// The sort key of a row. The variants are listed in ascending order.
enum Key {
    Number(NumberKey),
    Text(String),
    Missing,
}

impl Key {
    fn of(row: &Value, column: &Column, as_text: bool) -> Self {
        let number = match row.pointer(&column.field) {
            None | Some(Value::Null) => return Self::Missing,
            Some(_) if as_text => None,
            Some(value) => NumberKey::of(value, column.kind),
        };
        number.map_or_else(|| Self::Text(cell::render(row, column)), Self::Number)
    }

    fn compare(&self, other: &Self, descending: bool) -> Ordering {
        let ordering = match (self, other) {
            (Self::Missing, Self::Missing) => return Ordering::Equal,
            (Self::Missing, _) => return Ordering::Greater,
            (_, Self::Missing) => return Ordering::Less,
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

/// A number that is compared as an `f64` first and as an integer second.
///
/// An `f64` alone cannot tell identifiers above 2^53 apart. An integer alone cannot order fractions.
struct NumberKey {
    fraction: f64,
    integer: i128,
}

impl NumberKey {
    fn of(value: &Value, kind: ColumnKind) -> Option<Self> {
        if kind == ColumnKind::Date {
            return cell::parse_date(value).map(|date| Self::from_integer(date.as_nanosecond()));
        }
        match value {
            Value::Number(number) => number
                .text()
                .parse()
                .ok()
                .map(Self::from_integer)
                .or_else(|| number.as_f64().map(Self::from_fraction)),
            Value::String(text) if kind != ColumnKind::Text => {
                text.parse().ok().map(Self::from_integer)
            }
            _ => None,
        }
    }

    #[allow(clippy::cast_precision_loss)]
    fn from_integer(integer: i128) -> Self {
        Self {
            fraction: integer as f64,
            integer,
        }
    }

    #[allow(clippy::cast_possible_truncation)]
    fn from_fraction(fraction: f64) -> Self {
        Self {
            // Adding zero turns -0.0 into 0.0, which `total_cmp` would otherwise sort before it.
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

    fn as_array(value: &serde_json::Value) -> Vec<Value> {
        value.as_array().unwrap().iter().map(Value::from).collect()
    }

    fn sort_values(values: serde_json::Value, kind: ColumnKind, sort: Sort) -> serde_json::Value {
        let column = Column {
            kind,
            ..Default::default()
        };
        let values = as_array(&values);
        let mut order: Vec<&Value> = values.iter().collect();
        sort_rows(&mut order, &[column], &sort);
        json!(order)
    }

    #[test]
    fn numbers_sort_by_value_or_by_their_text() {
        let numbers = json!([10, 9, 100]);
        let natural = Sort::default();
        let as_text = Sort {
            as_text: true,
            ..natural
        };
        assert_eq!(
            sort_values(numbers.clone(), ColumnKind::Integer, natural),
            json!([9, 10, 100])
        );
        assert_eq!(
            sort_values(numbers, ColumnKind::Integer, as_text),
            json!([10, 100, 9])
        );
    }

    #[test]
    fn identifiers_beyond_the_precision_of_a_float_sort_exactly() {
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
        assert_eq!(
            sort_values(values, ColumnKind::Text, Sort::default()),
            expected
        );
    }

    #[test]
    fn dates_sort_by_the_instant_in_any_notation() {
        let values = json!(["2022-10-05T12:00:00+05:00", "2022-10-05T08:00:00Z", 0]);
        let expected = json!([0, "2022-10-05T12:00:00+05:00", "2022-10-05T08:00:00Z"]);
        assert_eq!(
            sort_values(values, ColumnKind::Date, Sort::default()),
            expected
        );
    }

    #[test]
    fn integers_in_strings_sort_as_integers() {
        let values = json!(["10", 9, "-3"]);
        assert_eq!(
            sort_values(values, ColumnKind::Integer, Sort::default()),
            json!(["-3", 9, "10"])
        );
    }

    #[test]
    fn integers_in_strings_of_a_text_column_sort_as_text() {
        let values = json!(["9", "10"]);
        assert_eq!(
            sort_values(values, ColumnKind::Text, Sort::default()),
            json!(["10", "9"])
        );
    }

    #[test]
    fn negative_zero_equals_zero() {
        let values = json!([0, -0.0, 0]);
        assert_eq!(
            sort_values(values.clone(), ColumnKind::Integer, Sort::default()),
            values
        );
    }

    #[test]
    fn numbers_come_before_texts() {
        let values = json!(["a", 1, "b", 0]);
        assert_eq!(
            sort_values(values, ColumnKind::Integer, Sort::default()),
            json!([0, 1, "a", "b"])
        );
    }

    #[test]
    fn rows_without_a_value_come_last_in_both_directions() {
        let values = json!([null, "b", 1, null, "a"]);
        let down = Sort {
            descending: true,
            ..Default::default()
        };
        let up = sort_values(values.clone(), ColumnKind::Text, Sort::default());
        assert_eq!(up, json!([1, "a", "b", null, null]));
        assert_eq!(
            sort_values(values, ColumnKind::Text, down),
            json!(["b", "a", 1, null, null])
        );
    }

    #[test]
    fn rows_with_equal_keys_keep_their_order() {
        let values = as_array(&json!([{"k": 1, "n": "a"}, {"k": 0, "n": "b"}, {"k": 1, "n": "c"}]));
        let column = Column {
            field: "/k".into(),
            ..Default::default()
        };
        for (descending, expected) in [(false, ["b", "a", "c"]), (true, ["a", "c", "b"])] {
            let mut order: Vec<&Value> = values.iter().collect();
            sort_rows(
                &mut order,
                std::slice::from_ref(&column),
                &Sort {
                    descending,
                    ..Default::default()
                },
            );
            let names: Vec<&Value> = order.iter().filter_map(|row| row.pointer("/n")).collect();
            assert_eq!(json!(names), json!(expected));
        }
    }

    #[test]
    fn a_column_that_does_not_exist_leaves_the_order_unchanged() {
        let sort = Sort {
            column: u32::MAX,
            ..Default::default()
        };
        assert_eq!(
            sort_values(json!([2, 1]), ColumnKind::Text, sort),
            json!([2, 1])
        );
    }
}
