//! Registration: the manifest contains what a plugin declares.

use serde_json::{Value, json};
use tw_plugin_api::{Arg, Args, Values, prelude::*};

use crate::host::manifest;

pub(crate) fn nothing<A: Args>(_: A, _: &Host) -> Result<Output> {
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
        Service::System,
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
    assert_eq!(names.len(), 9);
    for name in &names {
        assert!(services.contains(name), "no method belongs to `{name}`");
    }
    for service in services {
        let is_granted = tw_plugin_protocol::GRANTED.contains(&service);
        assert!(names.contains(&service) != is_granted, "{service}");
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
    let manifest = manifest(Plugin::new().group(group));
    assert_eq!(manifest["commands"][0]["shared"], workspace_option());
}

#[test]
fn a_command_without_a_group_can_have_the_workspace_option() {
    let command = Command::new("feed", nothing::<()>).workspace_option();
    assert_eq!(args_of(command), workspace_option());
}

fn workspace_option() -> Value {
    json!([{
        "name": "workspace",
        "kind": "option",
        "value": "workspace",
        "short": "w",
        "long": "workspace",
        "help": "Workspace numeric identifier or reference (OrganizationName/WorkspaceName)",
        "env": "TOWER_WORKSPACE_ID",
    }])
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
        json!({ "name": "n", "kind": "option", "value": "integer", "min": "-1", "max": "9" })
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

#[test]
fn each_type_of_value_is_declared_by_its_name() {
    let kind = |arg: Arg| declaration(arg)["value"].clone();
    assert_eq!(kind(Arg::option("a").integer()), "integer");
    assert_eq!(kind(Arg::option("a").float()), "float");
    assert_eq!(kind(Arg::option("a").os_text()), "os_text");
    assert_eq!(kind(Arg::option("a").boolean()), "boolean");
    assert_eq!(kind(Arg::option("a").duration()), "duration");
    assert_eq!(kind(Arg::option("a").size()), "size");
    assert_eq!(kind(Arg::option("a").time()), "time");
    assert_eq!(kind(Arg::option("a").source()), "source");
    assert_eq!(kind(Arg::option("a").file()), "file");
    assert_eq!(kind(Arg::option("a").folder()), "folder");
    assert_eq!(
        declaration(Arg::option("a").size().range("1MiB", "5GB")),
        json!({ "name": "a", "kind": "option", "value": "size", "min": "1MiB", "max": "5GB" })
    );
    let choice = Arg::option("a").possible_alias("no value before it");
    assert_eq!(
        declaration(choice.possible("b", "").possible_alias("c"))["possible"],
        json!([{ "name": "b", "aliases": ["c"] }])
    );
}
