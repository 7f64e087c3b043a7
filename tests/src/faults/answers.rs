//! The answers of the fault server that are wrong in some way.

use std::{io::Write, sync::LazyLock, time::Duration};

use flate2::{Compression, write::GzEncoder};

use super::{Fault, Then};
use crate::server::Asked;

/// Returns an answer that keeps the rules of HTTP, with these additional header lines.
pub(super) fn answer(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = match status {
        204 => String::new(),
        _ => format!("Content-Length: {}\r\n", body.len()),
    };
    let head =
        format!("HTTP/1.1 {status} x\r\nContent-Type: application/json\r\n{length}{headers}\r\n");
    [head.as_bytes(), body].concat()
}

/// Returns an answer that repeats the request in its headers and in its body.
pub(super) fn echo(status: u16, request: &Asked) -> Vec<u8> {
    let token = request.headers.get("authorization");
    let token = token.map(String::as_str).unwrap_or_default();
    let body = String::from_utf8_lossy(&request.body);
    let hex: String = request
        .body
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    let message = format!("{token} said {body} or {hex}");
    let message = serde_json::json!({ "message": message }).to_string();
    let line: String = body.chars().filter(|letter| !letter.is_control()).collect();
    answer(
        status,
        &format!("X-Token: {token}\r\nX-Body: {line}\r\n"),
        message.as_bytes(),
    )
}

fn chunked(chunks: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}").into_bytes()
}

fn gzip(write: impl FnOnce(&mut GzEncoder<Vec<u8>>) -> std::io::Result<()>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    write(&mut encoder).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

/// Compresses the same text many times in a row.
fn gzip_repeated(begin: &str, text: &str, times: usize) -> Vec<u8> {
    gzip(|encoder| {
        encoder.write_all(begin.as_bytes())?;
        let block = text.repeat(1000);
        (0..times / 1000).try_for_each(|_| encoder.write_all(block.as_bytes()))
    })
}

fn list(secrets: &str) -> Vec<u8> {
    answer(
        200,
        "",
        format!("{{\"pipelineSecrets\":[{secrets}]}}").as_bytes(),
    )
}

/// Wrong answers, each with its name.
pub static ANSWERS: LazyLock<Vec<(&'static str, Fault)>> = LazyLock::new(|| {
    use Then::{Again, Close, Drip, Keep, Repeat, Reset, Wait};
    let raw = |bytes: &[u8], then| Fault::Raw(bytes.to_vec(), then);
    let status = |status, headers: &str, body: &str| {
        Fault::Raw(answer(status, headers, body.as_bytes()), Keep)
    };
    let with_list = |secrets: &str| Fault::Raw(list(secrets), Keep);
    let packed = |bytes: &[u8]| Fault::Raw(answer(200, "Content-Encoding: gzip\r\n", bytes), Keep);
    vec![
        // Connections.
        ("close without an answer", Fault::Close),
        ("reset without an answer", Fault::Reset),
        ("close after the work", raw(b"", Close)),
        ("reset after the work", raw(b"", Reset)),
        ("silence", raw(b"", Wait)),
        ("a close after each answer that nothing announces", Fault::Mangled(|body| answer(200, "", body), Close)),
        ("a reset after each answer", Fault::Mangled(|body| answer(200, "", body), Reset)),
        // Heads.
        ("half a status line", raw(b"HTTP/1.1 20", Close)),
        ("another protocol", raw(b"SSH-2.0-OpenSSH_9.9\r\n", Close)),
        ("no version", raw(b"200 fine\r\n\r\n", Close)),
        ("a status that is no number", raw(b"HTTP/1.1 abc x\r\n\r\n", Close)),
        ("a head without an end", raw(b"HTTP/1.1 200 x\r\nA: b\r\n", Close)),
        ("endless headers", raw(b"A: b\r\n", Repeat)),
        ("an endless head", raw(b"HTTP/1.1 200 x\r\nContent-Length: 2\r\nA: ", Drip(Duration::from_millis(100)))),
        ("a huge header", status(200, &format!("A: {}\r\n", "b".repeat(1 << 20)), "{}")),
        ("thousands of headers", status(200, &"A: b\r\n".repeat(10_000), "{}")),
        ("a header with a control character", status(200, "A: \u{1b}[31m\r\n", "{}")),
        ("endless interim answers", raw(b"HTTP/1.1 100 Continue\r\n\r\n", Again(Duration::from_millis(50)))),
        ("another protocol that nobody asked for", raw(b"HTTP/1.1 101 x\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", Wait)),
        // Lengths.
        ("a length that is too large", Fault::Mangled(|body| {
            let mut bytes = answer(200, "", &[body, b"    "].concat());
            bytes.truncate(bytes.len() - 4);
            bytes
        }, Close)),
        ("a length that is too small", raw(b"HTTP/1.1 200 x\r\nContent-Length: 2\r\n\r\n{}{\"a\":1}", Keep)),
        ("two lengths", raw(b"HTTP/1.1 200 x\r\nContent-Length: 2\r\nContent-Length: 20\r\n\r\n{}", Wait)),
        ("a negative length", raw(b"HTTP/1.1 200 x\r\nContent-Length: -1\r\n\r\n{}", Close)),
        ("a length beyond all memory", raw(b"HTTP/1.1 200 x\r\nContent-Length: 18446744073709551615\r\n\r\n{", Close)),
        ("an answer to a request that was never sent", raw(b"HTTP/1.1 200 x\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 x\r\nContent-Length: 2\r\n\r\n{}", Keep)),
        // Chunks.
        ("a chunk whose size is no number", raw(&chunked("zz\r\n{}\r\n0\r\n\r\n"), Close)),
        ("a chunk that is too large", raw(&chunked("ffffffffffffffff\r\n{}"), Close)),
        ("a chunk that is longer than its size", raw(&chunked("1\r\n{}\r\n0\r\n\r\n"), Close)),
        ("chunks without an end", raw(&chunked("2\r\n{}\r\n"), Close)),
        ("endless chunks", raw(&chunked("2\r\n  \r\n"), Repeat)),
        // Bodies.
        ("a body that drips", raw(b"HTTP/1.1 200 x\r\nContent-Length: 10000\r\n\r\n{", Drip(Duration::from_millis(100)))),
        ("an endless body", raw(&[&b"HTTP/1.1 200 x\r\n\r\n"[..], &[b' '; 65_536]].concat(), Repeat)),
        ("no body", status(200, "", "")),
        ("null", status(200, "", "null")),
        ("another list", status(200, "", "[1,2,3]")),
        ("deep lists", status(200, "", &"[".repeat(100_000))),
        ("a page", status(200, "", "<html><title>Sign in</title></html>")),
        ("a byte that is no text", Fault::Raw(answer(200, "", b"{\"a\":\"\xff\"}"), Keep)),
        ("half an answer in gzip", packed(&gzip(|to| to.write_all(b"{\"pipelineSecrets\":[]}"))[..15])),
        ("no gzip", packed(b"{\"pipelineSecrets\":[]}")),
        ("a bomb in gzip", packed(&gzip_repeated("{\"a\":\"", "aaaaaaaaaa", 10_000_000))),
        ("millions of entries in gzip", packed(&gzip_repeated("{\"pipelineSecrets\":[", "{\"name\":\"a\"},", 2_500_000))),
        // Statuses.
        ("a redirect to itself", status(302, "Location: /pipeline-secrets\r\n", "")),
        ("a redirect to another server", status(307, "Location: {other}/pipeline-secrets?key=SENTINEL\r\n", "")),
        ("a redirect to nowhere", status(302, "Location: http://[\r\n", "")),
        ("always 429", status(429, "", "")),
        ("503, try again in a thousand years", status(503, "Retry-After: 31536000000\r\n", "")),
        ("a long message", status(500, "", &format!("{{\"message\":\"an answer: {}\"}}", "x".repeat(60_000)))),
        ("a message with control characters", status(500, "", r#"{"message":"an answer: \u001b]0;title\u0007\u001b[2J"}"#)),
        ("a message of backslashes", status(500, "", &"\\".repeat(60_000))),
        ("304", status(304, "", "")),
        ("the request as a failure", Fault::Echo(500)),
        ("the request as an answer", Fault::Echo(200)),
        // Lists.
        ("an ID twice", with_list(r#"{"id":1001,"name":"KEY"},{"id":1001,"name":"OTHER"}"#)),
        ("a name twice", with_list(r#"{"id":1001,"name":"KEY"},{"id":1002,"name":"KEY"}"#)),
        ("a list that is longer than itself", status(200, "", r#"{"pipelineSecrets":[],"totalSize":7}"#)),
        ("an ID that is a text", with_list(r#"{"id":"1001","name":"KEY"}"#)),
        ("an ID beyond all numbers", with_list(r#"{"id":99999999999999999999,"name":"KEY"}"#)),
        ("a name that is null", with_list(r#"{"id":1001,"name":null}"#)),
    ]
});
