//! Responses that are read in pieces.

use serde_json::json;
use tw_plugin_api::{Stream, prelude::*};

use crate::host::FakeHost;

#[test]
fn a_stream_skips_empty_pieces_and_is_not_closed_after_its_end() {
    let head = json!({ "stream": 3, "response": {
        "status": 206, "headers": [{ "name": "x-one", "value": "1" }],
    } });
    let host = FakeHost::new()
        .reply("http.open", head)
        .reply_with_body("http.read", json!({ "end": false }), b"one")
        .reply_with_body("http.read", json!({ "end": false }), b"")
        .reply_with_body("http.read", json!({ "end": true }), b"two");
    host.with(|host| {
        let mut stream = host.http().get("/large").open().unwrap();
        assert_eq!((stream.status(), stream.header("X-One")), (206, Some("1")));
        assert_eq!(stream.header("x-two"), None);
        assert_eq!(stream.read().unwrap().as_deref(), Some(&b"one"[..]));
        assert_eq!(stream.read().unwrap().as_deref(), Some(&b"two"[..]));
        assert_eq!(stream.read().unwrap(), None);
    });
    let calls = host.calls();
    let methods: Vec<&str> = calls.iter().map(|call| call.method.as_str()).collect();
    assert_eq!(
        methods,
        ["http.open", "http.read", "http.read", "http.read"]
    );
    assert_eq!(calls[1].message, json!({ "stream": 3, "max": 0 }));
}

#[test]
fn a_stream_that_is_dropped_early_is_closed() {
    let host = FakeHost::new().reply("http.open", json!({ "stream": 3 }));
    host.with(|host| host.http().get("/large").open().map(drop))
        .unwrap();
    let last = host.calls().pop().unwrap();
    assert_eq!(
        (last.method.as_str(), last.message),
        ("http.close", json!({ "stream": 3 }))
    );
}

/// Opens a response with this status whose body is `pieces`, and returns the result of `work` with it.
fn with_stream<T: Send + 'static>(
    status: u16,
    pieces: &[&str],
    work: impl for<'a> Fn(Stream<'a>) -> T + Send + Sync + 'static,
) -> T {
    let head = json!({ "status": status, "version": "HTTP/2.0", "headers": [
        { "name": "x-one", "value": "1" }, { "name": "x-one", "value": "2" },
    ] });
    let head = json!({ "stream": 3, "response": head });
    let mut host = FakeHost::new().reply("http.open", head);
    for piece in pieces {
        host = host.reply_with_body("http.read", json!({ "end": false }), piece.as_bytes());
    }
    let host = host.reply("http.read", json!({ "end": true }));
    host.with(move |host| work(host.http().get("/pets?name=x").open().unwrap()))
}

#[test]
fn a_stream_has_the_version_and_all_headers_of_the_response() {
    with_stream(200, &[], |stream| {
        let headers: Vec<_> = stream.headers().collect();
        assert_eq!(headers, [("x-one", "1"), ("x-one", "2")]);
        assert_eq!((stream.version(), stream.is_success()), ("HTTP/2.0", true));
    });
}

#[test]
fn a_stream_with_a_successful_status_is_ok_and_still_readable() {
    let piece = with_stream(206, &["one"], |stream| stream.ok()?.read());
    assert_eq!(piece.unwrap().as_deref(), Some(&b"one"[..]));
}

#[test]
fn a_stream_with_a_failed_status_becomes_the_error_of_its_answer() {
    let pieces = [r#"{"message": "#, r#""Not yours"}"#];
    let error = with_stream(403, &pieces, |stream| stream.ok().map(drop)).unwrap_err();
    assert_eq!(
        (error.status(), error.to_string().as_str()),
        (Some(403), "Not yours")
    );
    let error = with_stream(500, &[], |stream| stream.ok().map(drop)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "The server answered GET /pets with status 500"
    );
}

#[test]
fn the_rest_of_a_stream_can_be_read_as_a_whole_response() {
    let response = with_stream(404, &["one", "two"], |mut stream| {
        stream.read()?;
        stream.into_response()
    });
    let response = response.unwrap();
    assert_eq!((response.status(), response.bytes()), (404, &b"two"[..]));
    assert!(!response.is_success());
    assert_eq!(response.version(), "HTTP/2.0");
    assert_eq!(response.header("x-one"), Some("1"));
}

#[test]
fn the_rest_of_a_stream_is_held_in_memory_up_to_a_limit() {
    let large = "x".repeat(17 << 20);
    let error = with_stream(200, &[&large, &large], |stream| stream.into_response()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(
        error.to_string(),
        "The server's answer to GET /pets has more than 33554432 bytes"
    );
}
