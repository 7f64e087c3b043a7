//! Adds terminal hyperlinks (OSC 8) from cells to pages of the Platform.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::Value;

/// The characters to escape in a value: all except the unreserved characters of RFC 3986, section 2.3.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The characters to escape in the fixed parts of a URL, which keep their slashes and question marks.
const TEMPLATE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'`');

/// Turns a text into a link to the page that the template names for this row, below the URL `base`.
///
/// Returns the text alone if there is no template or no base, or if the row lacks a value that the template needs.
pub(crate) fn add_link(
    text: String,
    template: Option<&str>,
    row: &Value,
    base: Option<&str>,
) -> String {
    match template
        .zip(base)
        .and_then(|(template, base)| build_url(template, row, base))
    {
        Some(url) if !text.is_empty() => {
            format!("\x1b]8;;{url}\x1b\\{text}{END}")
        }
        _ => text,
    }
}

/// The sequence that ends a link.
pub(crate) const END: &str = "\x1b]8;;\x1b\\";

/// Fills a template such as `/orgs/{/orgName}`: each `{POINTER}` is replaced with the row's value at that JSON pointer.
/// Returns `None` if a value is missing or is not a string or number, and if a brace is not closed.
fn build_url(template: &str, row: &Value, base: &str) -> Option<String> {
    let mut url = utf8_percent_encode(base.trim_end_matches('/'), TEMPLATE).to_string();
    // Without this slash, a template such as `@evil.example` would become part of the host name.
    if !template.starts_with('/') {
        url.push('/');
    }
    let mut rest = template;
    while let Some((before, placeholder)) = rest.split_once('{') {
        let (pointer, after) = placeholder.split_once('}')?;
        url.extend(utf8_percent_encode(before, TEMPLATE));
        url.extend(utf8_percent_encode(
            &path_segment(row.pointer(pointer)?)?,
            VALUE,
        ));
        rest = after;
    }
    url.extend(utf8_percent_encode(rest, TEMPLATE));
    Some(url)
}

/// Returns a value as one segment of a path. `None` if the value is not a string or number, and for `.` and `..`, which would
/// lead to another page.
fn path_segment(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text != "." && text != ".." => Some(text.clone()),
        Value::Number(number) => Some(number.text().to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BASE: &str = "https://cloud.seqera.io";

    fn url_of(template: &str, row: serde_json::Value) -> Option<String> {
        build_url(template, &Value::from(&row), BASE)
    }

    #[test]
    fn a_placeholder_is_replaced_with_the_value_at_its_pointer() {
        let row = json!({"orgName": "Acme", "workspace": {"id": 75}});
        assert_eq!(
            url_of("/orgs/{/orgName}/workspaces/{/workspace/id}/launchpad", row).as_deref(),
            Some("https://cloud.seqera.io/orgs/Acme/workspaces/75/launchpad")
        );
    }

    #[test]
    fn a_value_is_escaped_and_stays_in_its_path_segment() {
        let row = json!({"name": "a/b?c#d e\x1b\\;é"});
        assert_eq!(
            url_of("/x/{/name}", row).as_deref(),
            Some("https://cloud.seqera.io/x/a%2Fb%3Fc%23d%20e%1B%5C%3B%C3%A9")
        );
        for dots in [".", ".."] {
            assert_eq!(url_of("/x/{/name}/y", json!({"name": dots})), None);
        }
    }

    #[test]
    fn a_template_stays_below_the_base_url_and_inside_the_sequence() {
        assert_eq!(
            url_of("@evil.example/\x1b\\\u{9c}", json!({})).as_deref(),
            Some("https://cloud.seqera.io/@evil.example/%1B%5C%C2%9C")
        );
        assert_eq!(
            build_url("/a", &Value::Null, "https://h\x1b\\x/").as_deref(),
            Some("https://h%1B%5Cx/a")
        );
    }

    #[test]
    fn a_template_without_all_its_values_gives_no_link() {
        for template in [
            "/{/absent}",
            "/{/null}",
            "/{/nested}",
            "/{/open",
            "/{absent}",
        ] {
            let row = json!({"null": null, "nested": [1], "open": 1});
            assert_eq!(url_of(template, row), None, "{template}");
        }
    }
}
