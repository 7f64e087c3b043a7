//! Hyperlinks (OSC 8) from a cell to a page of the Platform.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// All that may not stand for itself where a value is put into an address.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What may not stand for itself anywhere in an address.
const TEMPLATE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'`');

/// The text as a link to the page that the template names for this row, below the web address `base`.
///
/// Without a template, or when the page can't be told (a value is missing or isn't a text or a number), it is the text alone.
pub(crate) fn linked(
    text: String,
    template: Option<&str>,
    row: &Value,
    base: Option<&str>,
) -> String {
    match template
        .zip(base)
        .and_then(|(template, base)| address(template, row, base))
    {
        Some(address) if !text.is_empty() => {
            format!("\x1b]8;;{address}\x1b\\{text}{END}")
        }
        _ => text,
    }
}

/// The end of a link.
pub(crate) const END: &str = "\x1b]8;;\x1b\\";

fn address(template: &str, row: &Value, base: &str) -> Option<String> {
    let mut address = utf8_percent_encode(base.trim_end_matches('/'), TEMPLATE).to_string();
    // A link stays on the Platform: whatever follows the base is a path.
    if !template.starts_with('/') {
        address.push('/');
    }
    let mut rest = template;
    while let Some((before, placeholder)) = rest.split_once('{') {
        let (pointer, after) = placeholder.split_once('}')?;
        address.extend(utf8_percent_encode(before, TEMPLATE));
        address.extend(utf8_percent_encode(&value(row.pointer(pointer)?)?, VALUE));
        rest = after;
    }
    address.extend(utf8_percent_encode(rest, TEMPLATE));
    Some(address)
}

/// A value as a segment of a path; dots alone would lead to another page.
fn value(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text != "." && text != ".." => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BASE: &str = "https://cloud.seqera.io";

    fn address_of(template: &str, row: Value) -> Option<String> {
        address(template, &row, BASE)
    }

    #[test]
    fn a_placeholder_is_the_value_that_its_pointer_names() {
        let row = json!({"orgName": "Acme", "workspace": {"id": 75}});
        assert_eq!(
            address_of("/orgs/{/orgName}/workspaces/{/workspace/id}/launchpad", row).as_deref(),
            Some("https://cloud.seqera.io/orgs/Acme/workspaces/75/launchpad")
        );
    }

    #[test]
    fn a_value_is_encoded_and_can_not_leave_its_segment() {
        let row = json!({"name": "a/b?c#d e\x1b\\;é"});
        assert_eq!(
            address_of("/x/{/name}", row).as_deref(),
            Some("https://cloud.seqera.io/x/a%2Fb%3Fc%23d%20e%1B%5C%3B%C3%A9")
        );
        assert_eq!(address_of("/x/{/name}/y", json!({"name": ".."})), None);
    }

    #[test]
    fn a_template_can_not_leave_the_platform_or_end_the_sequence() {
        assert_eq!(
            address_of("@evil.example/\x1b\\\u{9c}", json!({})).as_deref(),
            Some("https://cloud.seqera.io/@evil.example/%1B%5C%C2%9C")
        );
        assert_eq!(
            address("/a", &json!({}), "https://h\x1b\\x/").as_deref(),
            Some("https://h%1B%5Cx/a")
        );
    }

    #[test]
    fn there_is_no_link_where_the_page_can_not_be_told() {
        for template in [
            "/{/absent}",
            "/{/null}",
            "/{/nested}",
            "/{/open",
            "/{absent}",
        ] {
            let row = json!({"null": null, "nested": [1], "open": 1});
            assert_eq!(address_of(template, row), None, "{template}");
        }
    }
}
