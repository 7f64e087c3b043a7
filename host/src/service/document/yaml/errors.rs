//! What the YAML parser refuses, in our own wording.

use saphyr_parser::ScanError;

use super::super::TOO_DEEP;

/// The reason for an error of the parser's, which itself can hold text of the document.
pub(super) fn reason(error: &ScanError) -> &'static str {
    REASONS
        .iter()
        .find(|(theirs, _)| error.info().contains(theirs))
        .map_or("this is not valid YAML", |(_, ours)| ours)
}

/// Our wording for what stands in the parser's messages, which it doesn't give as values. The first that fits counts.
#[rustfmt::skip]
const REASONS: &[(&str, &str)] = &[
    ("unexpected character", "a text that begins with this character needs quotes"),
    ("indentation in quoted", "a quote is not closed, or its lines are not indented"),
    ("document indicator", "a quote is not closed"),
    ("tabs ", "a tab stands where only spaces may"),
    (" tab", "a tab stands where only spaces may"),
    ("byte order mark", "a byte order mark stands inside the document"),
    ("unknown anchor", "an alias has no anchor before it"),
    ("unexpected end of stream", "a quote is not closed"),
    ("invalid trailing content after double-quoted", "there is text after the closing quote"),
    ("unknown escape", "an escape is none that YAML has"),
    ("hexadecimal number", "an escape is none that YAML has"),
    ("Unicode character escape", "an escape is none that YAML has"),
    ("block scalar", "a block of text is not introduced or indented as YAML wants"),
    ("flow sequence", "a `,` or `]` is missing"),
    ("flow mapping, did not find", "a `,` or `}` is missing"),
    ("misplaced bracket", "a bracket stands where none may"),
    ("recursion limit", TOO_DEEP),
    ("indentation", "a line is not indented as what stands around it"),
    ("simple key expect", "a key is not followed by `:`"),
    ("mapping values are not allowed", "a `:` stands where none may"),
    ("illegal placement of ':'", "a `:` stands where none may"),
    ("expected key", "a key is expected"),
    ("expected '-'", "a `-` is expected"),
    ("directive", "a directive is not written as YAML wants"),
    (" tag", "a tag is not written as YAML wants"),
    ("handle wasn't declared", "a tag is not written as YAML wants"),
];

#[cfg(test)]
mod tests {
    use super::super::super::DocumentFormat::Yaml;
    use super::super::super::tests::refused;

    #[test]
    fn an_error_says_where_and_what() {
        for (text, error) in [
            (
                "a: 1\nb: c: d\n",
                "line 2, column 5: a `:` stands where none may",
            ),
            ("a: 'x", "line 1, column 4: a quote is not closed"),
            (
                "a: \"x\nb: y",
                "line 1, column 4: a quote is not closed, or its lines are not indented",
            ),
            (
                "a: %x",
                "line 1, column 4: a text that begins with this character needs quotes",
            ),
            ("a: {b: c", "line 1, column 9: a `,` or `}` is missing"),
            (
                "a: \"x\" y",
                "line 1, column 8: there is text after the closing quote",
            ),
            (
                "a: x\n\tb: y",
                "line 1, column 4: a tab stands where only spaces may",
            ),
        ] {
            assert_eq!(refused(text, Yaml), error, "{text}");
        }
    }
}
