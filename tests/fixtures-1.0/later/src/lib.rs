//! Two plugins in one: `rich` speaks as a later minor version would, with fields and kinds that nobody knows yet; `poor` leaves out
//! all that has a default.
#![forbid(unsafe_code)]

use tw_plugin_abi::{HostRef, Panic, Reply};

const MANIFEST: &str = r#"{
  "name": "later", "version": "9.9.9", "abi": 1, "protocol": 1, "target": "", "mood": "hopeful", "services": ["http", "telepathy"],
  "commands": [
    { "name": "later", "about": "From the future", "colour": "teal", "subcommands": [
      { "name": "rich", "args": [
        { "name": "when", "long": "when", "kind": "option", "value": "moment", "era": { "from": 1 }, "default": ["now"] }
      ] },
      { "name": "unknown-view" },
      { "name": "poor" },
      { "name": "unknown-method" },
      { "name": "unknown-failure" }
    ] }
  ]
}"#;

fn handler(host: HostRef, method: &str, payload: &[u8], _body: &[u8]) -> Result<Reply, Reply> {
    let reply = |payload: &str, body: &str| Reply::new(payload.as_bytes().to_vec(), body.as_bytes().to_vec());
    if method == "describe" {
        return Ok(reply(MANIFEST, ""));
    }
    let asked = String::from_utf8_lossy(payload);
    let is = |command: &str| asked.contains(&format!("\"{command}\""));
    if is("rich") {
        let view = r#"{"view": {"view": "table", "rows": "/rows", "glow": true,
            "columns": [{"title": "N", "field": "/n", "kind": "imaginary", "tint": 3}]}, "exit_code": 0, "applause": 7}"#;
        return Ok(reply(view, r#"{"rows": [{"n": 1}]}"#));
    }
    if is("unknown-view") {
        return Ok(reply(r#"{"view": {"view": "hologram", "depth": 3}}"#, r#"{"n": 1}"#));
    }
    if is("unknown-method") {
        return match host.call("http.teleport", b"{}", b"") {
            Ok(_) => Ok(reply("{}", r#""it worked""#)),
            Err(failure) => Err(failure),
        };
    }
    if is("unknown-failure") {
        return Err(reply(r#"{"kind": "paradox", "message": "it was never built", "severity": 11}"#, ""));
    }
    Ok(reply("{}", r#"{"n": 1}"#))
}

fn panicked(panic: Panic) -> Reply {
    Reply::new(panic.message.into_bytes(), Vec::new())
}

tw_plugin_abi::export!(handler: handler, panicked: panicked, protocol: 1);
