//! Plain words for the errors of parsers. A plugin that parses a value with `FromStr` shows what the standard library or a crate says, which is meant
//! for programmers.

/// The ends of messages, and the words that replace them.
const PLAIN: &[(&str, &str)] = &[
    ("invalid digit found in string", "expected a whole number"),
    (
        "cannot parse integer from empty string",
        "expected a whole number",
    ),
    (
        "number too large to fit in target type",
        "the number is too large",
    ),
    (
        "number too small to fit in target type",
        "the number is too small",
    ),
    (
        "number would be zero for non-zero type",
        "the number must not be 0",
    ),
    ("invalid float literal", "expected a number"),
    ("cannot parse float from empty string", "expected a number"),
    (
        "provided string was not `true` or `false`",
        "expected true or false",
    ),
    (
        "cannot parse char from empty string",
        "expected one character",
    ),
    ("too many characters in string", "expected one character"),
    ("invalid IP address syntax", "expected an IP address"),
    ("invalid IPv4 address syntax", "expected an IPv4 address"),
    ("invalid IPv6 address syntax", "expected an IPv6 address"),
    (
        "invalid socket address syntax",
        "expected an address and a port such as 127.0.0.1:8000",
    ),
    (
        "relative URL without a base",
        "expected a URL such as https://host",
    ),
    ("empty host", "expected a URL such as https://host"),
    (
        "invalid port number",
        "the port is not a number up to 65535",
    ),
];

/// Returns a message without the words of a parser at its end.
pub(super) fn without_internals(message: String) -> String {
    let known = PLAIN.iter().find_map(|(internal, plain)| {
        let rest = message.strip_suffix(internal)?;
        let is_whole = rest.is_empty() || rest.ends_with(": ");
        is_whole.then(|| format!("{rest}{plain}"))
    });
    known.unwrap_or(message)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, SocketAddr};

    use super::*;

    #[test]
    fn the_words_of_the_standard_library_are_replaced() {
        let errors = [
            "x".parse::<u8>()
                .map(drop)
                .map_err(|error| error.to_string()),
            "".parse::<u8>()
                .map(drop)
                .map_err(|error| error.to_string()),
            "300"
                .parse::<u8>()
                .map(drop)
                .map_err(|error| error.to_string()),
            "-300"
                .parse::<i8>()
                .map(drop)
                .map_err(|error| error.to_string()),
            "x".parse::<f64>()
                .map(drop)
                .map_err(|error| error.to_string()),
            "".parse::<f64>()
                .map(drop)
                .map_err(|error| error.to_string()),
            "x".parse::<bool>()
                .map(drop)
                .map_err(|error| error.to_string()),
            "xy".parse::<char>()
                .map(drop)
                .map_err(|error| error.to_string()),
            "x".parse::<IpAddr>()
                .map(drop)
                .map_err(|error| error.to_string()),
            "x".parse::<SocketAddr>()
                .map(drop)
                .map_err(|error| error.to_string()),
            reqwest::Url::parse("x")
                .map(drop)
                .map_err(|error| error.to_string()),
            reqwest::Url::parse("https://")
                .map(drop)
                .map_err(|error| error.to_string()),
            reqwest::Url::parse("https://x:y")
                .map(drop)
                .map_err(|error| error.to_string()),
        ];
        for error in errors {
            let error = error.expect_err("the text is wrong");
            let plain = without_internals(format!("Invalid setting `x`: {error}"));
            assert!(!plain.contains(&error), "{plain}");
            assert!(plain.starts_with("Invalid setting `x`: "), "{plain}");
        }
    }

    #[test]
    fn a_message_that_only_ends_alike_stays() {
        let message = "the socket has an invalid port number";
        assert_eq!(without_internals(message.to_owned()), message);
    }
}
