//! Fields of every type: what they declare, and the values that they read.

use std::{
    ffi::OsString,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use tw_plugin_api::{Size, Source, prelude::*};

use crate::{
    host::{FakeHost, manifest},
    manifest::nothing,
};

const MOST: i64 = 1000;

/// Take a value of every type
#[derive(Args, Debug, PartialEq)]
struct Typed {
    #[arg(long)]
    tiny: Option<i8>,
    #[arg(long, default = 5, max = 9)]
    byte: u8,
    #[arg(long)]
    wide: Option<u32>,
    #[arg(long, max = MOST)]
    count: Option<u64>,
    #[arg(long)]
    index: Option<usize>,
    #[arg(long, min = -0.5, max = 1.5, default = 0.25)]
    ratio: f64,
    #[arg(long)]
    strict: Option<bool>,
    #[arg(long, min = "1m")]
    keep: Option<Duration>,
    #[arg(long, default = "1.5GB")]
    memory: Size,
    #[arg(long)]
    since: Option<SystemTime>,
    #[arg(long)]
    input: Option<Source>,
    #[arg(long)]
    raw: Option<OsString>,
    #[arg(long)]
    tags: Option<Vec<String>>,
    #[arg(long, default = [1, -2])]
    numbers: Vec<i16>,
    #[arg(long, parse)]
    address: Option<std::net::Ipv4Addr>,
    #[arg(long, parse)]
    ports: Vec<std::num::NonZeroU16>,
    #[arg(long, parse)]
    letters: Option<Vec<char>>,
    #[arg(required)]
    files: Vec<PathBuf>,
}

#[test]
fn a_type_declares_its_kind_and_its_limits() {
    let manifest = manifest(Plugin::new().command(Command::new("typed", nothing::<Typed>)));
    let option = |name: &str, value: &str, more: Value| {
        let mut arg = json!({ "name": name, "kind": "option", "value": value, "long": name });
        for (key, value) in more.as_object().expect("an object") {
            arg[key] = value.clone();
        }
        arg
    };
    let expected = json!([
        option("tiny", "integer", json!({ "min": "-128", "max": "127" })),
        option("byte", "integer", json!({ "default": ["5"], "min": "0", "max": "9" })),
        option("wide", "integer", json!({ "min": "0", "max": "4294967295" })),
        option("count", "integer", json!({ "min": "0", "max": "1000" })),
        option("index", "integer", json!({ "min": "0" })),
        option("ratio", "float", json!({ "default": ["0.25"], "min": "-0.5", "max": "1.5" })),
        option("strict", "boolean", json!({})),
        option("keep", "duration", json!({ "min": "1m" })),
        option("memory", "size", json!({ "default": ["1.5GB"] })),
        option("since", "time", json!({})),
        option("input", "source", json!({})),
        option("raw", "os_text", json!({})),
        option("tags", "text", json!({ "repeated": true })),
        option("numbers", "integer", json!({ "repeated": true, "default": ["1", "-2"], "min": "-32768", "max": "32767" })),
        option("address", "text", json!({})),
        option("ports", "text", json!({ "repeated": true })),
        option("letters", "text", json!({ "repeated": true })),
        { "name": "files", "kind": "positional", "value": "path", "required": true, "repeated": true },
    ]);
    for (arg, expected) in manifest["commands"][0]["args"]
        .as_array()
        .expect("a list")
        .iter()
        .zip(expected.as_array().expect("a list"))
    {
        assert_eq!(arg, expected);
    }
}

fn read(more: Value) -> Result<Typed> {
    let mut arguments =
        json!({ "byte": 5, "ratio": 0.25, "memory": 1, "numbers": [], "files": ["a"] });
    for (key, value) in more.as_object().expect("an object") {
        arguments[key] = value.clone();
    }
    FakeHost::new().during_run(json!({ "arguments": arguments }), |host| {
        host.shared::<Typed>()
    })
}

#[test]
fn a_value_is_read_as_the_type_of_its_field() {
    let typed = read(json!({
        "tiny": -128, "byte": 255, "wide": u32::MAX, "count": i64::MAX, "index": 7, "ratio": 2, "strict": false,
        "keep": 5_400_000, "memory": 10_485_760, "since": -1500, "input": "-", "raw": "r", "tags": ["a", "b"],
        "numbers": [3], "address": "127.0.0.1", "ports": ["80", "443"], "letters": ["x"],
    }))
    .expect("the values have their types");
    let expected = Typed {
        tiny: Some(-128),
        byte: 255,
        wide: Some(u32::MAX),
        count: Some(i64::MAX as u64),
        index: Some(7),
        ratio: 2.0,
        strict: Some(false),
        keep: Some(Duration::from_secs(5400)),
        memory: Size::from_bytes(10 << 20),
        since: SystemTime::UNIX_EPOCH.checked_sub(Duration::from_millis(1500)),
        input: Some(Source::Stdin),
        raw: Some("r".into()),
        tags: Some(vec!["a".to_owned(), "b".to_owned()]),
        numbers: vec![3],
        address: Some([127, 0, 0, 1].into()),
        ports: vec![
            80.try_into().expect("not zero"),
            443.try_into().expect("not zero"),
        ],
        letters: Some(vec!['x']),
        files: vec!["a".into()],
    };
    assert_eq!(typed, expected);
    let least = read(json!({})).expect("the others are optional");
    assert_eq!(
        (least.tags, least.letters, least.strict),
        (None, None, None)
    );
    assert!(least.numbers.is_empty() && least.ports.is_empty());
}

#[test]
fn a_value_that_does_not_fit_its_type_is_refused() {
    for (name, value) in [
        ("tiny", json!(128)),
        ("byte", json!(-1)),
        ("count", json!(-1)),
        ("strict", json!("true")),
        ("keep", json!(-5)),
        ("memory", json!("10MiB")),
        ("since", json!("2d")),
        ("tags", json!([1])),
    ] {
        let error = read(json!({ name: value })).expect_err("another type");
        assert_eq!(error.kind(), ErrorKind::BadRequest, "{name}");
    }
}

#[test]
fn a_text_that_the_plugin_cannot_parse_is_a_usage_error() {
    let error = read(json!({ "address": "here" })).expect_err("no address");
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert_eq!(error.to_string(), "invalid IPv4 address syntax");
    let error = read(json!({ "ports": ["80", "0"] })).expect_err("no port");
    assert_eq!(error.kind(), ErrorKind::Usage);
}

#[test]
fn a_choice_displays_its_word() {
    #[derive(Choice)]
    enum Order {
        MostRecent,
        #[choice(name = "A-Z", alias = "abc")]
        ByName,
    }
    assert_eq!(Order::MostRecent.to_string(), "most-recent");
    assert_eq!(format!("{:>4}|", Order::ByName), " A-Z|");
}
