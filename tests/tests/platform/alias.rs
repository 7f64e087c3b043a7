//! Aliases: the user's own names for command lines.

use tw_tests::{Ran, World};

use crate::{start_with_secret, start_with_workspace_secret};

const CONFIGURATION: &str = ".config/tw/config.toml";

fn configure(world: &World, text: &str) {
    let file = world.installation.home().join(CONFIGURATION);
    std::fs::create_dir_all(file.parent().expect("the file is in a folder"))
        .expect("the folder can be made");
    std::fs::write(file, text).expect("the file can be written");
}

fn read_configuration(world: &World) -> String {
    std::fs::read_to_string(world.installation.home().join(CONFIGURATION)).unwrap_or_default()
}

/// Runs a command line whose words are separated by blanks.
fn tw(world: &World, line: &str) -> Ran {
    world.tw(line.split(' '))
}

#[test]
fn an_alias_runs_its_command_with_the_arguments_that_follow() {
    let world = start_with_workspace_secret();
    tw(&world, "alias set ls secrets list")
        .exits(0)
        .prints("\n  `tw ls` is `tw secrets list` now\n\n");
    for (line, instead) in [
        ("ls", "secrets list"),
        ("ls -w acme/research", "secrets list -w acme/research"),
        ("-o json ls", "-o json secrets list"),
        ("ls -o names -w 100", "secrets list -o names -w 100"),
        ("ls --help", "secrets list --help"),
    ] {
        let expected = tw(&world, instead).exits(0).stdout;
        tw(&world, line).exits(0).prints(&expected).says("");
    }
    tw(&world, "ls --nothing").rejects("--nothing");
}

#[test]
fn a_placeholder_stands_for_an_argument() {
    let world = start_with_workspace_secret();
    world
        .tw(["alias", "set", "get", "secrets view -n $1 -w acme/research"])
        .exits(0);
    let expected = tw(&world, "secrets view -n KEY -w acme/research -o json")
        .exits(0)
        .stdout;
    tw(&world, "get KEY -o json").exits(0).prints(&expected);
    tw(&world, "get").rejects("The alias `get` needs an argument for $1");
    // Words with blanks stay words.
    world
        .tw(["get", "TWO WORDS"])
        .fails("Unknown secret 'TWO WORDS' at [acme / research] workspace");
}

#[test]
fn aliases_are_listed_and_deleted_and_comments_stay() {
    let world = World::new();
    configure(&world, "# mine\n[alias]\n# short\nls = \"secrets list\"\n");
    tw(&world, "alias set ws workspaces list").exits(0);
    let list = tw(&world, "alias list -o json").exits(0).json();
    assert_eq!(
        list,
        serde_json::json!({ "aliases": [
            { "name": "ls", "command": "secrets list" },
            { "name": "ws", "command": "workspaces list" },
        ] })
    );
    let help = tw(&world, "help").exits(0).stdout;
    assert!(help.contains("Aliases:\n  ls, ws\n"), "{help}");
    tw(&world, "alias delete ws").exits(0);
    assert_eq!(
        read_configuration(&world),
        "# mine\n[alias]\n# short\nls = \"secrets list\"\n"
    );
    tw(&world, "ws").rejects("unrecognized subcommand 'ws'");
    tw(&world, "alias delete ws").fails_with("There is no alias `ws`");
}

#[test]
fn an_alias_never_replaces_a_command() {
    let world = start_with_secret();
    for name in ["secrets", "plugin", "help", "completion", "alias", "api"] {
        let line = format!("alias set {name} workspaces list");
        tw(&world, &line).rejects(name);
    }
    // The file can have such an alias too.
    configure(&world, "[alias]\nsecrets = \"workspaces list\"\n");
    let list = tw(&world, "secrets list").exits(0).stdout;
    assert!(list.contains("KEY"), "{list}");
}

#[test]
fn an_alias_can_not_name_an_alias_or_a_program() {
    let world = World::new();
    tw(&world, "alias set ls secrets list").exits(0);
    for (line, reason) in [
        ("alias set again ls", "which is no command"),
        ("alias set loop loop", "which is no command"),
        ("alias set no nothing list", "which is no command"),
        ("alias set sh !echo", "not of the shell"),
        (
            "alias set a/b secrets list",
            "can't be the name of an alias",
        ),
        ("alias set open 'secrets", "open quote"),
        ("alias set any $1", "which is no command"),
    ] {
        tw(&world, line).rejects(reason);
    }
    configure(
        &world,
        "[alias]\na = \"b\"\nb = \"secrets list\"\nself = \"self\"\n",
    );
    tw(&world, "a").rejects("The alias `a` names the alias `b`");
    tw(&world, "self").rejects("The alias `self` names the alias `self`");
    world.saw([]);
}

#[test]
fn other_commands_read_no_alias() {
    // A broken configuration would be an error.
    let world = World::new();
    configure(&world, "[alias\n");
    tw(&world, "help").exits(0);
    tw(&world, "--help").exits(0);
    tw(&world, "ls").fails_with("Cannot read the configuration");
}
