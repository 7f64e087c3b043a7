//! `-H`.

use super::{assert_refused, send, serve_nothing};

#[test]
fn headers_are_sent_as_typed() {
    let world = serve_nothing();
    let line = ["/pets", "-H", "Accept: text/csv", "-H", "X-Time:12:30"];
    let request = send(&world, &line);
    assert_eq!(request.header("accept"), Some("text/csv"));
    assert_eq!(request.header("x-time"), Some("12:30"));
}

#[test]
fn a_typed_content_type_takes_precedence() {
    let world = serve_nothing();
    let line = ["/pets", "--input", "-", "-H", "Content-Type: text/csv"];
    let request = send(&world, &line);
    assert_eq!(request.header("content-type"), Some("text/csv"));
}

#[test]
fn a_header_that_tw_sets_is_refused_without_its_value() {
    let world = serve_nothing();
    for name in [
        "Authorization",
        "host",
        "Content-Length",
        "Connection",
        "TE",
    ] {
        let message = format!("invalid value for '--header': only tw sets the header '{name}'");
        let header = format!("{name}: s3cret-value");
        assert_refused(&world, &["/pets", "-H", &header], &message);
    }
}

#[test]
fn a_malformed_header_is_a_usage_error() {
    let world = serve_nothing();
    let message = "invalid value for '--header': expected 'Name: value'";
    assert_refused(&world, &["/pets", "-H", "s3cret-value"], message);
    let message = "the header `X Y` is not valid in HTTP";
    assert_refused(&world, &["/pets", "-H", "X Y: s3cret-value"], message);
    let message = "the header `X` is not valid in HTTP";
    assert_refused(&world, &["/pets", "-H", "X: a\nHost: b"], message);
}
