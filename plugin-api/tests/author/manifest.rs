//! Registration: the manifest contains what a plugin declares.

use std::path::PathBuf;

use serde_json::{Value, json};
use tw_plugin_api::{Arg, Args, Values, prelude::*};

use crate::host::{FakeHost, manifest};

fn nothing<A: Args>(_: A, _: &Host) -> Result<Output> {
    Ok(Output::none())
}

/// Returns the declarations of the arguments of `command`.
fn args_of(command: Command) -> Value {
    manifest(Plugin::new().command(command))["commands"][0]["args"].clone()
}

/// Returns the declaration of one argument.
fn declaration(arg: Arg) -> Value {
    args_of(Command::new("x", nothing::<Values>).arg(arg))[0].clone()
}

#[test]
fn a_manifest_has_the_data_of_the_package() {
    let target = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    assert_eq!(
        manifest(Plugin::new()),
        json!({
            "name": "pets",
            "version": "1.2.3",
            "description": "Manages pets",
            "vendor": "Ada <ada@example.com>, Bob",
            "license": "Apache-2.0",
            "homepage": "https://example.com/pets",
            "abi": 1,
            "protocol": 1,
            "target": target,
            "commands": [],
        })
    );
}

#[test]
fn a_manifest_lists_the_declared_services_by_their_names() {
    let all = [
        Service::Http,
        Service::Auth,
        Service::Token,
        Service::Workspace,
        Service::Config,
        Service::Input,
        Service::Prompt,
        Service::Output,
        Service::Progress,
        Service::Log,
        Service::Clock,
        Service::Cancel,
    ];
    let plugin = Plugin::new().uses([Service::Http]).uses(all);
    let names = manifest(plugin)["services"].clone();
    let services: Vec<&str> = tw_plugin_protocol::METHODS
        .iter()
        .filter_map(|method| method.split_once('.'))
        .map(|(service, _)| service)
        .collect();
    let names: Vec<&str> = names
        .as_array()
        .expect("the services are a list")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(names[0], "http");
    assert_eq!(names.len(), 13);
    for name in &names {
        assert!(services.contains(name), "no method belongs to `{name}`");
    }
    for service in services {
        assert!(names.contains(&service), "`{service}` can't be declared");
    }
}

#[test]
fn commands_and_groups_are_declared_with_their_help() {
    let plugin = Plugin::new()
        .group(
            Group::new("pets", "Manage pets")
                .details("Pets are animals.")
                .alias("animals")
                .hidden()
                .shared_arg(Arg::flag("quiet").long("quiet"))
                .command(Command::new("list", nothing::<()>).about("List pets"))
                .group(Group::new("toys", "Manage toys")),
        )
        .command(
            Command::new("feed", nothing::<()>)
                .about("Feed all pets")
                .details("With fresh food.")
                .alias("nourish")
                .example("tw feed", "feed all")
                .exactly_one_of(["a", "b"])
                .exactly_one_of(["c"])
                .hidden(),
        );
    assert_eq!(
        manifest(plugin)["commands"],
        json!([
            {
                "name": "feed",
                "aliases": ["nourish"],
                "about": "Feed all pets",
                "details": "With fresh food.",
                "exactly_one_of": [["a", "b"], ["c"]],
                "examples": [{ "command": "tw feed", "about": "feed all" }],
                "hidden": true,
            },
            {
                "name": "pets",
                "aliases": ["animals"],
                "about": "Manage pets",
                "details": "Pets are animals.",
                "shared": [{ "name": "quiet", "kind": "flag", "value": "text", "long": "quiet" }],
                "subcommands": [
                    { "name": "list", "about": "List pets" },
                    { "name": "toys", "about": "Manage toys" },
                ],
                "hidden": true,
            },
        ])
    );
}

#[test]
fn a_command_without_arguments_declares_only_its_name() {
    for command in [
        Command::new("feed", nothing::<()>),
        Command::new("feed", nothing::<Values>),
    ] {
        let manifest = manifest(Plugin::new().command(command));
        assert_eq!(manifest["commands"], json!([{ "name": "feed" }]));
    }
}

#[test]
fn the_workspace_option_is_shared_by_the_commands_of_a_group() {
    let group = Group::new("pets", "Manage pets").workspace_option();
    assert_eq!(
        manifest(Plugin::new().group(group))["commands"][0]["shared"],
        json!([{
            "name": "workspace",
            "kind": "option",
            "value": "workspace",
            "short": "w",
            "long": "workspace",
            "help": "Workspace numeric identifier or reference (OrganizationName/WorkspaceName)",
            "env": "TOWER_WORKSPACE_ID",
        }])
    );
}

#[test]
fn each_method_of_a_declaration_sets_its_field() {
    assert_eq!(Arg::option("mode").name(), "mode");
    let full = Arg::option("mode")
        .short('m')
        .long("mode")
        .alias("manner")
        .alias("way")
        .value_name("MODE")
        .help("How to do it")
        .details("In detail.")
        .required()
        .delimiter(';')
        .env("MODE")
        .possible("fast", "quickly")
        .possible("slow", "slowly")
        .ignore_case()
        .conflicts("quiet")
        .requires("user")
        .hidden()
        .sensitive();
    assert_eq!(
        declaration(full),
        json!({
            "name": "mode",
            "kind": "option",
            "value": "text",
            "short": "m",
            "long": "mode",
            "aliases": ["manner", "way"],
            "value_name": "MODE",
            "help": "How to do it",
            "details": "In detail.",
            "required": true,
            "repeated": true,
            "delimiter": ";",
            "env": "MODE",
            "possible": [{ "name": "fast", "help": "quickly" }, { "name": "slow", "help": "slowly" }],
            "ignore_case": true,
            "conflicts": ["quiet"],
            "requires": ["user"],
            "hidden": true,
            "sensitive": true,
        })
    );
    assert_eq!(
        declaration(Arg::option("n").integer().range(-1, 9)),
        json!({ "name": "n", "kind": "option", "value": "integer", "min": -1, "max": 9 })
    );
    assert_eq!(
        declaration(Arg::positional("file").path().repeated()),
        json!({ "name": "file", "kind": "positional", "value": "path", "repeated": true })
    );
    assert_eq!(
        declaration(Arg::positional("rest").trailing()),
        json!({ "name": "rest", "kind": "positional", "value": "text", "repeated": true, "trailing": true })
    );
    assert_eq!(
        declaration(Arg::flag("w").workspace()),
        json!({ "name": "w", "kind": "flag", "value": "workspace" })
    );
}

#[test]
fn an_argument_with_a_default_is_optional() {
    let expected = json!({ "name": "n", "kind": "option", "value": "text", "default": ["1", "2"] });
    let option = || Arg::option("n");
    let before = option().required().default_value("1").default_value("2");
    let after = option().default_value("1").default_value("2").required();
    assert_eq!(declaration(before), expected);
    assert_eq!(declaration(after), expected);
}

/// A color
#[derive(Choice, Debug, PartialEq)]
enum Color {
    /// Like fire.
    Red,
    /// Like the deep sea
    DarkBlue,
    #[choice(name = "PURPLE")]
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
        default = "3",
        conflicts = "first_name",
        requires = "some_flag"
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
        { "name": "PURPLE" },
    ]);
    assert_eq!(
        command["args"],
        json!([
            { "name": "first", "kind": "positional", "value": "text", "value_name": "WORD", "help": "A positional", "required": true },
            { "name": "first-name", "kind": "option", "value": "text", "short": "f", "long": "first-name", "aliases": ["name"],
              "help": "A first name on two lines...", "details": "More about names.", "env": "NAME" },
            { "name": "id", "kind": "option", "value": "integer", "short": "x", "long": "identifier", "min": 1, "max": i64::MAX },
            { "name": "count", "kind": "option", "value": "integer", "long": "count", "default": ["3"], "min": i64::MIN, "max": 9,
              "conflicts": ["first-name"], "requires": ["some-flag"] },
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
