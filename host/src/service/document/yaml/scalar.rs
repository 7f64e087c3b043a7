//! The meaning of a plain YAML scalar by the core schema of YAML 1.2, in which `yes` and `no` are strings.

use tw_plugin_protocol::NodeValue;

/// Returns the value of a scalar without quotes.
pub(super) fn read_plain(text: &str) -> NodeValue {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => NodeValue::Null,
        "true" | "True" | "TRUE" => NodeValue::Boolean(true),
        "false" | "False" | "FALSE" => NodeValue::Boolean(false),
        _ if is_number(text) => NodeValue::Number(text.to_owned()),
        _ => NodeValue::Text(text.to_owned()),
    }
}

fn is_number(text: &str) -> bool {
    if let Some(digits) = text.strip_prefix("0o") {
        return all(digits, |digit| matches!(digit, b'0'..=b'7'));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return all(digits, |digit| digit.is_ascii_hexdigit());
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    let (mantissa, exponent) = unsigned
        .split_once(['e', 'E'])
        .map_or((unsigned, None), |(m, e)| (m, Some(e)));
    let exponent = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    is_decimal(mantissa) && exponent.is_none_or(is_digits)
}

/// True for `1`, `1.`, `1.5` and `.5`.
fn is_decimal(text: &str) -> bool {
    match text.split_once('.') {
        None => is_digits(text),
        Some((whole, "")) => is_digits(whole),
        Some(("", fraction)) => is_digits(fraction),
        Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
    }
}

fn is_digits(text: &str) -> bool {
    all(text, |digit| digit.is_ascii_digit())
}

fn all(text: &str, is: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(is)
}

#[cfg(test)]
mod tests {
    use tw_plugin_protocol::NodeValue;

    use super::read_plain;

    #[test]
    fn numbers_keep_their_spelling() {
        for text in [
            "0", "-12", "+12", "0123", "0o17", "0xfF", "1.", ".5", "1.50", "6.02e23", "-1E-9",
            "-.inf", ".NaN",
        ] {
            assert!(
                read_plain(text) == NodeValue::Number(text.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_scalar_that_only_looks_like_a_number_is_a_string() {
        for text in [
            "1_000",
            "0x",
            "0o8",
            "1e",
            ".",
            "-",
            "1.2.3",
            "12:30",
            "2026-01-31",
            "-0x1",
            "1e5.0",
            "inf",
        ] {
            assert!(
                read_plain(text) == NodeValue::Text(text.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn only_the_words_of_the_core_schema_are_booleans_and_null() {
        assert!(read_plain("True") == NodeValue::Boolean(true));
        assert!(read_plain("FALSE") == NodeValue::Boolean(false));
        assert!(read_plain("~") == NodeValue::Null);
        for text in ["yes", "no", "on", "off", "y", "tRUE", "nULL"] {
            assert!(
                read_plain(text) == NodeValue::Text(text.to_owned()),
                "{text}"
            );
        }
    }
}
