//! The address of the API as people type it.

use std::net::Ipv4Addr;

use reqwest::Url;

/// Completes an address that was typed: `api.cloud.seqera.io` becomes `https://api.cloud.seqera.io`, and a slash at the end goes away. An address
/// without a scheme never means plain http.
pub(super) fn complete(typed: &str) -> String {
    let address = typed.trim().trim_end_matches('/');
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
    let url = Url::parse(address).map_err(|_| "it is not a URL")?;
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
        () => Ok(url),
    }
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
            "two words.example",
        ] {
            assert_eq!(complete(typed), typed, "{typed}");
        }
    }
}
