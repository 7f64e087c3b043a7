//! The address of the API as people type it.

use std::net::Ipv4Addr;

use reqwest::Url;

/// Completes an address that was typed: `api.cloud.seqera.io` becomes `https://api.cloud.seqera.io`, and a slash at the end goes away. An address
/// without a scheme never means plain http.
pub(super) fn complete(typed: &str) -> String {
    let typed = typed.trim();
    let address = match typed.trim_end_matches('/') {
        // The slashes of `https://` are not those at the end of an address.
        scheme if scheme.ends_with(':') => typed,
        address => address,
    };
    match is_host(address) {
        true => format!("https://{address}"),
        false => address.to_owned(),
    }
}

/// Parses the complete address of the API.
///
/// # Errors
/// The reason why the text isn't such an address.
pub(crate) fn parse(address: &str) -> Result<Url, &'static str> {
    let url = Url::parse(address).map_err(|error| explain(address, &error.to_string()))?;
    match () {
        () if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() => {
            Err("it does not begin with https://")
        }
        () if !url.username().is_empty() || url.password().is_some() => {
            Err("it contains a user name or a password")
        }
        () if url.query().is_some() || url.fragment().is_some() => {
            Err("it contains a `?` or a `#`")
        }
        () if url.domain().is_some_and(|name| !is_name(name)) => Err(NO_NAME),
        () => Ok(url),
    }
}

const NO_NAME: &str = "its host is no valid name";

/// Says what is wrong with a text that can't be parsed. `error` is the parser's message.
fn explain(address: &str, error: &str) -> &'static str {
    let is_around = |c: char| "<>\"'`“”‘’".contains(c);
    match error {
        _ if address.is_empty() => "it is empty",
        _ if address.starts_with(is_around) || address.ends_with(is_around) => {
            "it has a quote or a bracket around it"
        }
        "empty host" => "it names no host",
        "invalid port number" => "its port is no number from 0 to 65535",
        "invalid IPv6 address" => "it has no complete IPv6 address in brackets",
        "invalid IPv4 address"
        | "invalid international domain name"
        | "invalid domain character" => NO_NAME,
        _ => "it is not a URL",
    }
}

/// True if a text can be the name of a host. A certificate can't have any other name.
fn is_name(text: &str) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    let mut labels = text.split('.');
    labels.all(|label| {
        let has_hyphen = label.starts_with('-') || label.ends_with('-');
        !label.is_empty() && label.len() <= 63 && !has_hyphen
    })
}

/// True for the name of a host, perhaps with a port and a path, and no scheme. A single word is probably a typing error, and a number is often a local
/// server with plain http.
fn is_host(address: &str) -> bool {
    let has_scheme =
        address.contains("://") || address.starts_with("http:") || address.starts_with("https:");
    let host = address.split('/').next().unwrap_or_default();
    let name = host.rsplit('@').next().unwrap_or_default();
    let name = name.split(':').next().unwrap_or_default();
    let is_allowed = |c: char| c.is_alphanumeric() || ".-_:@".contains(c);
    let is_number = name.parse::<Ipv4Addr>().is_ok();
    !has_scheme && name.contains('.') && !is_number && host.chars().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_scheme_is_encrypted() {
        for (typed, completed) in [
            ("api.cloud.seqera.io", "https://api.cloud.seqera.io"),
            ("api.cloud.seqera.io/", "https://api.cloud.seqera.io"),
            (" host.example:8443/api ", "https://host.example:8443/api"),
            ("user:pw@host.example", "https://user:pw@host.example"),
        ] {
            assert_eq!(complete(typed), completed, "{typed}");
        }
    }

    #[test]
    fn each_fault_of_an_address_is_named() {
        for (address, reason) in [
            ("", "it is empty"),
            ("https://", "it names no host"),
            ("https://h:99999", "its port is no number from 0 to 65535"),
            ("https://h:x", "its port is no number from 0 to 65535"),
            (
                "https://[::1",
                "it has no complete IPv6 address in brackets",
            ),
            ("https://h%20x", NO_NAME),
            ("https://a..b", NO_NAME),
            ("https://-", NO_NAME),
            ("<http://h>", "it has a quote or a bracket around it"),
            ("“https://h”", "it has a quote or a bracket around it"),
            ("ftp://h", "it does not begin with https://"),
            ("nowhere", "it is not a URL"),
        ] {
            assert_eq!(parse(&complete(address)), Err(reason), "{address}");
        }
        for address in [
            "https://h.example.",
            "https://a_b.example/api",
            "https://[::1]:8000",
            "http://127.0.0.1",
        ] {
            assert!(parse(&complete(address)).is_ok(), "{address}");
        }
    }

    #[test]
    fn any_other_text_stays_as_it_is() {
        for typed in [
            "",
            "http://host.example",
            "https://host.example/api",
            "ftp://host.example",
            "http:/host.example",
            "https:host.example",
            "production",
            "localhost:8000",
            "127.0.0.1:8000",
            "[::1]:8000",
            "/api",
            "https://",
            "two words.example",
        ] {
            assert_eq!(complete(typed), typed, "{typed}");
        }
    }
}
