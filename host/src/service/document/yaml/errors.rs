//! Our wording for the errors of the YAML parser.

use saphyr_parser::ScanError;

use super::super::TOO_DEEP;

/// Returns the reason for a parser's error, whose own message can quote the document.
pub(super) fn explain(error: &ScanError) -> &'static str {
    REASONS
        .iter()
        .find(|(theirs, _)| error.info().contains(theirs))
        .map_or("this is not valid YAML", |(_, ours)| ours)
}

/// Our wording for the parser's messages, by a part of each. The first match counts. The parser doesn't export the kinds of its errors.
#[rustfmt::skip]
const REASONS: &[(&str, &str)] = &[
    ("unexpected character", "a string that begins with this character needs quotes"),
    ("indentation in quoted", "a quote is not closed, or its lines are not indented"),
    ("document indicator", "a quote is not closed"),
    ("tabs ", "a tab is used where only spaces are allowed"),
    (" tab", "a tab is used where only spaces are allowed"),
    ("byte order mark", "there is a byte order mark inside the document"),
    ("unknown anchor", "an alias has no anchor before it"),
    ("unexpected end of stream", "a quote is not closed"),
    ("invalid trailing content after double-quoted", "there is text after the closing quote"),
    ("unknown escape", "YAML has no such escape sequence"),
    ("hexadecimal number", "YAML has no such escape sequence"),
    ("Unicode character escape", "YAML has no such escape sequence"),
    ("block scalar", "a block scalar has an invalid header or indentation"),
    ("flow sequence", "a `,` or `]` is missing"),
    ("flow mapping, did not find", "a `,` or `}` is missing"),
    ("misplaced bracket", "a bracket is not allowed here"),
    ("recursion limit", TOO_DEEP),
    ("indentation", "the indentation does not match the surrounding lines"),
    ("simple key expect", "a key is not followed by `:`"),
    ("mapping values are not allowed", "a `:` is not allowed here"),
    ("illegal placement of ':'", "a `:` is not allowed here"),
    ("expected key", "a key is expected"),
    ("expected '-'", "a `-` is expected"),
    ("directive", "a directive is not valid"),
    (" tag", "a tag is not valid"),
    ("handle wasn't declared", "a tag is not valid"),
];

#[cfg(test)]
mod tests {
    use super::super::super::DocumentFormat::Yaml;
    use super::super::super::tests::error_of;

    #[test]
    fn an_error_has_a_place_and_a_reason() {
        for (text, error) in [
            (
                "a: 1\nb: c: d\n",
                "line 2, column 5: a `:` is not allowed here",
            ),
            ("a: 'x", "line 1, column 4: a quote is not closed"),
            (
                "a: \"x\nb: y",
                "line 1, column 4: a quote is not closed, or its lines are not indented",
            ),
            (
                "a: %x",
                "line 1, column 4: a string that begins with this character needs quotes",
            ),
            ("a: {b: c", "line 1, column 9: a `,` or `}` is missing"),
            (
                "a: \"x\" y",
                "line 1, column 8: there is text after the closing quote",
            ),
            (
                "a: x\n\tb: y",
                "line 1, column 4: a tab is used where only spaces are allowed",
            ),
        ] {
            assert_eq!(error_of(text, Yaml), error, "{text}");
        }
    }
}
