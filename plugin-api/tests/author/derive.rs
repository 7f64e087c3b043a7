//! The derives: what they declare, and how they read values.

use std::path::PathBuf;

use serde_json::{Value, json};
use tw_plugin_api::prelude::*;

use crate::{
    host::{FakeHost, manifest},
    manifest::nothing,
};

/// A color
#[derive(Choice, Debug, PartialEq)]
enum Color {
    /// Like fire.
    Red,
    /// Like the deep sea
    DarkBlue,
    #[choice(name = "PURPLE", alias = "mauve", alias = "lilac")]
    Violet,
}

/// Show every kind of argument.
///
/// The first paragraph of the details.
///
/// The second one.
#[derive(Args)]
#[args(exactly_one_of(first_name, id))]
struct Kinds {
    /// A positional
    #[arg(value_name = "WORD")]
    first: String,
    /// A first name
    /// on two lines...
    ///
    /// More about names.
    #[arg(short, long, alias = "name", env = "NAME")]
    first_name: Option<String>,
    #[arg(short = 'x', long = "identifier", min = 1)]
    id: Option<i64>,
    #[arg(
        long,
        max = 9,
        default = 3,
        conflicts = "first_name",
        requires = ["some_flag", "id"]
    )]
    count: i64,
    #[arg(long)]
    some_flag: bool,
    #[arg(long, ignore_case)]
    color: Option<Color>,
    #[arg(long, delimiter = ',')]
    files: Vec<PathBuf>,
    #[arg(long)]
    password: Secret,
    #[arg(long, sensitive, hidden)]
    pin: Option<i64>,
    #[arg(long, workspace)]
    other: Option<String>,
    #[arg(flatten)]
    more: More,
    r#type: Option<String>,
    #[arg(trailing)]
    rest: Vec<String>,
}

/// Not used, because the command has its own line of help
#[derive(Args)]
#[args(exactly_one_of(up, down))]
struct More {
    #[arg(long)]
    up: Option<String>,
    #[arg(long)]
    down: Option<String>,
}

#[test]
fn the_derive_declares_what_the_struct_says() {
    let manifest = manifest(Plugin::new().command(Command::new("kinds", nothing::<Kinds>)));
    let command = &manifest["commands"][0];
    assert_eq!(command["about"], "Show every kind of argument");
    assert_eq!(
        command["details"],
        "The first paragraph of the details.\n\nThe second one."
    );
    assert_eq!(
        command["exactly_one_of"],
        json!([["first-name", "id"], ["up", "down"]])
    );
    let colors = json!([
        { "name": "red", "help": "Like fire" },
        { "name": "dark-blue", "help": "Like the deep sea" },
        { "name": "PURPLE", "aliases": ["mauve", "lilac"] },
    ]);
    assert_eq!(
        command["args"],
        json!([
            { "name": "first", "kind": "positional", "value": "text", "value_name": "WORD", "help": "A positional", "required": true },
            { "name": "first-name", "kind": "option", "value": "text", "short": "f", "long": "first-name", "aliases": ["name"],
              "help": "A first name on two lines...", "details": "More about names.", "env": "NAME" },
            { "name": "id", "kind": "option", "value": "integer", "short": "x", "long": "identifier", "min": "1" },
            { "name": "count", "kind": "option", "value": "integer", "long": "count", "default": ["3"], "max": "9",
              "conflicts": ["first-name"], "requires": ["some-flag", "id"] },
            { "name": "some-flag", "kind": "flag", "value": "text", "long": "some-flag" },
            { "name": "color", "kind": "option", "value": "text", "long": "color", "possible": colors, "ignore_case": true },
            { "name": "files", "kind": "option", "value": "path", "long": "files", "repeated": true, "delimiter": "," },
            { "name": "password", "kind": "option", "value": "text", "long": "password", "required": true, "sensitive": true },
            { "name": "pin", "kind": "option", "value": "integer", "long": "pin", "hidden": true, "sensitive": true },
            { "name": "other", "kind": "option", "value": "workspace", "long": "other" },
            { "name": "up", "kind": "option", "value": "text", "long": "up" },
            { "name": "down", "kind": "option", "value": "text", "long": "down" },
            { "name": "type", "kind": "positional", "value": "text" },
            { "name": "rest", "kind": "positional", "value": "text", "repeated": true, "trailing": true },
        ])
    );
}

#[test]
fn the_derive_reads_the_values_of_every_field() {
    let host = FakeHost::new();
    let kinds = |arguments: Value| {
        let read = |host: &Host| host.shared::<Kinds>();
        host.during_run(json!({ "arguments": arguments }), read)
    };
    let all = kinds(json!({
        "first": "word", "first-name": "Ada", "id": 7, "count": -3, "some-flag": true, "color": "PURPLE",
        "files": ["a", "b"], "password": "s3cret", "pin": 9, "other": "acme/research", "up": "u", "down": "d",
        "type": "t", "rest": ["--x"],
    }))
    .expect("all values have their types");
    assert_eq!(
        (all.first.as_str(), all.first_name.as_deref()),
        ("word", Some("Ada"))
    );
    assert_eq!((all.id, all.count, all.some_flag), (Some(7), -3, true));
    assert_eq!(all.color, Some(Color::Violet));
    assert_eq!(all.files, [PathBuf::from("a"), PathBuf::from("b")]);
    assert_eq!((all.password.expose(), all.pin), ("s3cret", Some(9)));
    assert_eq!(
        (all.more.up.as_deref(), all.more.down.as_deref()),
        (Some("u"), Some("d"))
    );
    assert_eq!(
        (all.r#type.as_deref(), all.other.as_deref()),
        (Some("t"), Some("acme/research"))
    );
    assert_eq!(all.rest, ["--x"]);

    let least = kinds(json!({ "first": "word", "count": 3, "password": "s3cret", "rest": "one" }))
        .expect("the other fields are optional");
    assert_eq!(
        (least.first_name, least.id, least.some_flag),
        (None, None, false)
    );
    assert_eq!((least.color, least.files), (None, Vec::new()));
    assert_eq!(least.rest, ["one"]);

    for (wrong, name) in [
        (json!({ "count": 3, "password": "s3cret" }), "first"),
        (
            json!({ "first": 1, "count": 3, "password": "s3cret" }),
            "first",
        ),
        (
            json!({ "first": "word", "count": "3", "password": "s3cret" }),
            "count",
        ),
        (
            json!({ "first": "word", "count": 3, "password": "s3cret", "color": "green" }),
            "color",
        ),
        (
            json!({ "first": "word", "count": 3, "password": "s3cret", "some-flag": "yes" }),
            "some-flag",
        ),
        (
            json!({ "first": "word", "count": 3, "password": "s3cret", "files": [1] }),
            "files",
        ),
    ] {
        let error = kinds(wrong).err().expect("a value has another type");
        assert_eq!(error.kind(), ErrorKind::BadRequest);
        assert_eq!(
            error.to_string(),
            format!("the value of the argument `{name}` is not of the type that was declared")
        );
    }
}
