//! Request bodies that come from a reader.

use std::io::{Cursor, Read};

use serde_json::json;
use tw_plugin_api::prelude::*;

use crate::host::FakeHost;

/// A host that takes pieces as long as `more` says so, and then answers.
fn make_host(more: &[bool]) -> FakeHost {
    let host = FakeHost::new().reply("http.upload_begin", json!({ "stream": 5 }));
    let host = more.iter().fold(host, |host, more| {
        host.reply("http.upload_write", json!({ "more": more }))
    });
    host.reply_with_body("http.upload_end", json!({ "status": 201 }), b"made")
}

#[test]
fn a_reader_is_sent_in_pieces_of_64_kib() {
    let host = make_host(&[true, true]);
    let response = host
        .with(|host| {
            let reader = Cursor::new(vec![7; 65_537]);
            let request = host.http().put("/blob");
            request.upload(reader, "text/csv").length(65_537).send()
        })
        .unwrap();
    assert_eq!((response.status(), response.bytes()), (201, &b"made"[..]));
    let calls = host.calls();
    let headers = json!([{ "name": "content-type", "value": "text/csv" }]);
    let request = json!({ "method": "PUT", "url": "/blob", "headers": headers });
    assert_eq!(
        calls[0].message,
        json!({ "request": request, "length": 65_537 })
    );
    let sizes: Vec<usize> = calls[1..3].iter().map(|call| call.body.len()).collect();
    assert_eq!(sizes, [65_536, 1]);
    assert_eq!(calls[3].method, "http.upload_end");
}

#[test]
fn a_reader_is_not_read_further_than_the_host_takes() {
    let host = make_host(&[true, false]);
    host.with(|host| {
        let endless = std::io::repeat(0);
        host.http().put("/blob").upload(endless, "a/b").send()
    })
    .unwrap();
    let calls = host.calls().into_iter().map(|call| call.method);
    let writes = calls.filter(|method| method == "http.upload_write");
    assert_eq!(writes.count(), 2);
}

#[test]
fn an_upload_whose_reader_fails_is_closed_and_never_ended() {
    struct Dry;
    impl Read for Dry {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the source is dry"))
        }
    }
    let host = make_host(&[true]);
    let failure = host
        .with(|host| {
            let reader = Cursor::new(vec![7; 65_536]).chain(Dry);
            host.http().put("/blob?a=b").upload(reader, "a/b").send()
        })
        .unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::Input);
    assert_eq!(
        failure.to_string(),
        "the body of PUT /blob can't be read: the source is dry"
    );
    let methods: Vec<String> = host.calls().into_iter().map(|call| call.method).collect();
    assert_eq!(
        methods,
        ["http.upload_begin", "http.upload_write", "http.close"]
    );
}

#[test]
fn an_upload_replaces_another_body() {
    let host = make_host(&[]);
    host.with(|host| {
        let request = host.http().put("/blob").json(&json!({ "a": 1 }));
        request.upload(std::io::empty(), "a/b").send()
    })
    .unwrap();
    let begin = host.calls().remove(0);
    assert_eq!(begin.message["request"]["body"], json!(null));
    assert!(begin.body.is_empty());
}
