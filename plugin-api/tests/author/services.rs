//! The smaller services: what the host is asked, and what the plugin gets.

use std::{path::PathBuf, time::Duration};

use serde_json::{Value, json};
use tw_plugin_api::{NodeValue, Source, prelude::*};

use crate::host::{FakeHost, Recorded, manifest};

fn failure(kind: &str) -> Value {
    json!({ "kind": kind, "message": "it failed" })
}

/// Returns the methods and the messages of all calls.
fn calls(host: &FakeHost) -> Vec<(String, Value)> {
    host.calls()
        .into_iter()
        .map(|call| (call.method, call.message))
        .collect()
}

#[test]
fn whoami_returns_the_user() {
    let user = json!({ "id": 7, "name": "ada", "email": "ada@example.com" });
    let user = FakeHost::new()
        .reply("auth.whoami", user)
        .with(|host| host.auth().whoami())
        .unwrap();
    assert_eq!((user.id(), user.name()), (7, "ada"));
    assert_eq!(user.email(), Some("ada@example.com"));
}

#[test]
fn the_token_is_the_body_of_the_reply() {
    let token = |body: &[u8]| {
        let host = FakeHost::new().reply_with_body("token.get", json!({}), body);
        host.with(|host| host.auth().token())
    };
    assert_eq!(token(b"t0ken").unwrap().expose(), "t0ken");
    let error = token(b"\xff").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoToken);
    assert_eq!(error.to_string(), "the access token is not UTF-8");
}

#[test]
fn a_workspace_has_the_parts_that_the_host_found() {
    let full = json!({
        "id": 100, "reference": "[acme / research]", "name": "research", "organization_id": 10, "organization": "acme",
    });
    let workspace = FakeHost::new()
        .reply("workspace.resolve", full)
        .with(Host::workspace)
        .unwrap();
    assert_eq!(
        (workspace.id(), workspace.name()),
        (Some(100), Some("research"))
    );
    assert_eq!(
        (workspace.organization_id(), workspace.organization()),
        (Some(10), Some("acme"))
    );
    assert_eq!(workspace.reference(), "[acme / research]");

    let user = Workspace::user();
    assert_eq!(
        (user.id(), user.name(), user.reference()),
        (None, None, "user")
    );
    assert_eq!((user.organization_id(), user.organization()), (None, None));
}

#[derive(Config)]
struct Limits {
    /// A limit
    #[config(default = 5)]
    max_rows: u32,
    name: Option<String>,
    #[config(parse)]
    address: Option<std::net::IpAddr>,
}

#[test]
fn settings_are_read_as_the_fields_of_their_type() {
    let read = |values: Value| {
        let host = FakeHost::new().reply("config.section", json!({ "values": values }));
        let read = host.with(Host::config::<Limits>);
        (read, host.calls()[0].message.clone())
    };
    let (read_all, request) = read(json!({ "max-rows": 5, "name": "x", "address": "::1" }));
    let limits = read_all.unwrap();
    assert_eq!((limits.max_rows, limits.name.as_deref()), (5, Some("x")));
    assert!(limits.address.is_some_and(|address| address.is_loopback()));
    assert_eq!(request["settings"][0]["name"], "max-rows");
    assert_eq!(request["settings"][0]["default"], json!(["5"]));
    let (failed, _) = read(json!({ "max-rows": 5, "address": "a house" }));
    let error = failed.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Usage);
    let message = "Invalid setting `address`: invalid IP address syntax";
    assert_eq!(error.to_string(), message);
}

#[test]
fn settings_are_in_the_manifest() {
    let manifest = manifest(Plugin::new().config::<Limits>());
    let names = manifest["settings"].as_array().unwrap().iter();
    let names: Vec<&Value> = names.map(|setting| &setting["name"]).collect();
    assert_eq!(names, ["max-rows", "name", "address"]);
    assert_eq!(manifest["settings"][0]["help"], "A limit");
}

#[test]
fn bytes_come_from_a_file_or_from_standard_input() {
    let host = FakeHost::new()
        .reply_with_body("input.read", json!({ "utf8": false }), b"\xff\x00")
        .reply_with_body("input.read", json!({ "utf8": true }), b"s3cret");
    let (bytes, secret) = host.with(|host| {
        let file = Source::from_argument("pets.bin");
        let bytes = host.input().bytes(&file, 10).unwrap();
        (bytes, host.input().secret_bytes(&Source::Stdin, 0).unwrap())
    });
    assert_eq!((bytes, secret), (b"\xff\x00".to_vec(), b"s3cret".to_vec()));
    let read = |message| ("input.read".to_owned(), message);
    let file = json!({ "from": "file", "path": "pets.bin" });
    assert_eq!(
        calls(&host),
        [
            read(json!({ "source": file, "max": 10, "sensitive": false })),
            read(json!({ "source": { "from": "stdin" }, "max": 0, "sensitive": true })),
        ]
    );
}

#[cfg(unix)]
#[test]
fn a_path_that_is_not_utf8_keeps_its_bytes() {
    use std::os::unix::ffi::OsStringExt;
    let path = PathBuf::from(std::ffi::OsString::from_vec(b"a\xff".to_vec()));
    let host = FakeHost::new();
    host.with(move |host| host.input().bytes(&Source::File(path.clone()), 0))
        .unwrap();
    let path = &host.calls()[0].message["source"]["path"];
    assert_eq!(*path, json!({ "bytes": [97, 255] }));
}

#[test]
fn documents_come_parsed_with_their_lines() {
    let document = json!({
        "format": "json",
        "root": { "line": 1, "value": { "map": [
            { "key": "a", "line": 2, "value": { "line": 2, "value": { "text": "x" } } },
        ] } },
    });
    let reply = |host: FakeHost| host.reply("input.document", document.clone());
    let host = reply(reply(reply(FakeHost::new())));
    let document = host.with(|host| {
        let file = Source::File("a.json".into());
        host.input().secret_document(&file, None).unwrap();
        host.input().document_in("{}", "json").unwrap();
        host.input().document(&Source::Stdin, Some("yaml")).unwrap()
    });
    assert_eq!(document.format(), "json");
    let NodeValue::Map(entries) = document.into_root().value else {
        panic!("the root is a map");
    };
    assert_eq!((entries[0].key.as_str(), entries[0].value.line), ("a", 2));
    let call = |message, body: &[u8]| Recorded {
        method: "input.document".to_owned(),
        message,
        body: body.to_vec(),
    };
    let file = json!({ "from": "file", "path": "a.json" });
    assert_eq!(
        host.calls(),
        [
            call(json!({ "source": file, "sensitive": true }), b""),
            call(
                json!({ "source": { "from": "body" }, "format": "json", "sensitive": false }),
                b"{}"
            ),
            call(
                json!({ "source": { "from": "stdin" }, "format": "yaml", "sensitive": false }),
                b""
            ),
        ]
    );
}

#[test]
fn questions_are_asked_with_their_defaults() {
    let host = FakeHost::new()
        .reply("prompt.interactive", json!({ "interactive": true }))
        .reply("prompt.text", json!({ "text": "Rex" }))
        .reply_with_body("prompt.password", json!({}), b"s3cret")
        .reply("prompt.confirm", json!({ "yes": true }));
    host.with(|host| {
        let prompt = host.prompt();
        assert!(prompt.is_interactive().unwrap());
        assert!(!prompt.is_interactive().unwrap());
        assert_eq!(prompt.text("Name?", Some("Ada")).unwrap(), "Rex");
        assert_eq!(
            prompt.secret("Value?", Some("Again?")).unwrap().expose(),
            "s3cret"
        );
        assert!(prompt.confirm("Sure?", false).unwrap());
        assert!(!prompt.confirm("Sure?", true).unwrap());
    });
    let call = |method: &str, message| (method.to_owned(), message);
    assert_eq!(
        calls(&host),
        [
            call("prompt.interactive", json!({})),
            call("prompt.interactive", json!({})),
            call(
                "prompt.text",
                json!({ "message": "Name?", "default": "Ada" })
            ),
            call(
                "prompt.password",
                json!({ "message": "Value?", "again": "Again?" })
            ),
            call(
                "prompt.confirm",
                json!({ "message": "Sure?", "default": false })
            ),
            call(
                "prompt.confirm",
                json!({ "message": "Sure?", "default": true })
            ),
        ]
    );
}

#[test]
fn a_typed_secret_that_is_not_utf8_is_refused() {
    let host = FakeHost::new().reply_with_body("prompt.password", json!({}), b"\xff");
    let error = host
        .with(|host| host.prompt().secret("Value?", None))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert_eq!(error.to_string(), "the typed text is not UTF-8");
}

#[test]
fn a_progress_display_ends_when_it_is_dropped() {
    let host = FakeHost::new().reply("progress.start", json!({ "progress": 4 }));
    host.with(|host| {
        let progress = host.progress("Feeding", Some(2));
        progress.done(1);
        progress.step(2, "Rex");
    });
    let call = |method: &str, message| (method.to_owned(), message);
    assert_eq!(
        calls(&host),
        [
            call("progress.start", json!({ "label": "Feeding", "total": 2 })),
            call("progress.update", json!({ "progress": 4, "done": 1 })),
            call(
                "progress.update",
                json!({ "progress": 4, "done": 2, "label": "Rex" })
            ),
            call("progress.finish", json!({ "progress": 4 })),
        ]
    );
}

#[test]
fn work_continues_without_a_progress_display() {
    let host = FakeHost::new().fail("progress.start", failure("refused"));
    host.with(|host| host.progress("Feeding", None).done(1));
    assert_eq!(
        calls(&host),
        [("progress.start".to_owned(), json!({ "label": "Feeding" }))]
    );
}

#[test]
fn lines_of_the_log_have_their_levels() {
    let host = FakeHost::new().fail("log.write", failure("closed"));
    host.with(|host| {
        host.log().warning("w");
        host.log().info("i");
        host.log().debug("d");
    });
    let line = |level: &str, message: &str| {
        (
            "log.write".to_owned(),
            json!({ "level": level, "message": message }),
        )
    };
    assert_eq!(
        calls(&host),
        [line("warning", "w"), line("info", "i"), line("debug", "d")]
    );
}

#[test]
fn the_clock_tells_the_time_and_waits_in_milliseconds() {
    let time = json!({ "unix_ms": 1500, "iso": "1970-01-01T00:00:01.500Z" });
    let host = FakeHost::new().reply("clock.now", time);
    let time = host.with(Host::now).unwrap();
    assert_eq!(
        (time.unix_ms(), time.iso()),
        (1500, "1970-01-01T00:00:01.500Z")
    );
    host.calls();
    host.with(|host| {
        host.sleep(Duration::from_micros(2500)).unwrap();
        host.sleep(Duration::MAX).unwrap();
    });
    let sleep = |ms: u64| ("clock.sleep".to_owned(), json!({ "ms": ms }));
    assert_eq!(calls(&host), [sleep(2), sleep(u64::MAX)]);
    let host = FakeHost::new().fail("clock.sleep", failure("cancelled"));
    let error = host.with(|host| host.sleep(Duration::ZERO)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

#[test]
fn a_run_is_cancelled_if_the_host_says_so_or_refuses_because_of_it() {
    let reply = |yes: bool| FakeHost::new().reply("cancel.status", json!({ "cancelled": yes }));
    assert!(reply(true).with(Host::is_cancelled));
    assert!(!reply(false).with(Host::is_cancelled));
    let fail = |kind: &str| FakeHost::new().fail("cancel.status", failure(kind));
    assert!(fail("cancelled").with(Host::is_cancelled));
    assert!(fail("closed").with(Host::is_cancelled));
    assert!(!fail("refused").with(Host::is_cancelled));
}
