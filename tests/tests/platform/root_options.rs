//! The root options: before the command and after it, over the environment, and where a letter means something else.

use tw_sandbox::Sandbox;
use tw_tests::World;

use crate::{one_secret, stored};

const EMPTY: &str = "\n  Secrets at user workspace:\n\n    No secrets found\n";
const EMPTY_JSON: &str = "{\n  \"workspaceRef\": \"user\",\n  \"secrets\": []\n}\n";

/// Runs the line, whose words stand between blanks.
fn tw(world: &World, line: &str) -> tw_tests::Ran {
    world.tw(line.split(' '))
}

#[test]
fn the_format_stands_anywhere() {
    let world = World::new();
    for line in [
        "-o json secrets list",
        "-ojson secrets list",
        "--output json secrets list",
        "--output=json secrets list",
        "secrets -o json list",
        "secrets list -o json",
        "secrets list --output=json",
    ] {
        tw(&world, line).exits(0).says("").prints(EMPTY_JSON);
    }
}

#[test]
fn of_several_formats_the_last_wins() {
    let world = World::new();
    for (line, expected) in [
        ("-o json secrets list -o json", EMPTY_JSON),
        ("-o console secrets list -o json", EMPTY_JSON),
        ("-o json -o console secrets list", EMPTY),
        ("-o json secrets list -o console", EMPTY),
        ("secrets list -o console -o json", EMPTY_JSON),
        ("-o json secrets -o console list", EMPTY),
        ("-o json secrets -o console list -o json", EMPTY_JSON),
    ] {
        tw(&world, line).exits(0).says("").prints(expected);
    }
}

#[test]
fn a_format_is_written_in_any_case() {
    let world = World::new();
    for format in ["JSON", "Json", "jSoN"] {
        world
            .tw(["-o", format, "secrets", "list"])
            .exits(0)
            .prints(EMPTY_JSON);
        let environment = world
            .command(["secrets", "list"])
            .env("TOWER_CLI_OUTPUT_FORMAT", format);
        environment.run().exits(0).says("").prints(EMPTY_JSON);
    }
    world
        .tw(["secrets", "list", "-o", "CONSOLE"])
        .exits(0)
        .prints(EMPTY);
}

#[test]
fn the_format_of_the_environment() {
    let world = World::new();
    let with = |value: &str, line: [&str; 4]| {
        let line = line.into_iter().filter(|word| !word.is_empty());
        world
            .command(line)
            .env("TOWER_CLI_OUTPUT_FORMAT", value)
            .run()
    };
    with("json", ["secrets", "list", "-o", "console"])
        .exits(0)
        .prints(EMPTY);
    with("", ["secrets", "list", "", ""]).exits(0).prints(EMPTY);
    with("xml", ["secrets", "list", "-o", "json"])
        .exits(0)
        .prints(EMPTY_JSON);
    world.sandbox.clear_requests();
    with("xml", ["secrets", "list", "", ""])
        .misused("TOWER_CLI_OUTPUT_FORMAT")
        .says_with("'xml'");
    world.saw([]);
}

#[test]
fn a_format_that_there_is_not() {
    let world = World::new();
    for line in [
        "-o xml secrets list",
        "secrets list --output=xml",
        "secrets list -o",
    ] {
        tw(&world, line).misused("--output");
    }
    world.saw([]);
}

#[test]
fn token_and_address_beat_the_environment_wherever_they_stand() {
    let world = World::with(Sandbox::builder().token("right"));
    let url = world.sandbox.url();
    for line in [
        format!("-t right -u {url} secrets list"),
        format!("--access-token right --url {url} secrets list"),
        format!("secrets list -t right -u {url}"),
        format!("secrets -tright list --url={url}"),
        format!("-t wrong -u http://127.0.0.1:1 secrets list --access-token=right -u {url}"),
    ] {
        let tw = world
            .command(line.split(' '))
            .env("TOWER_ACCESS_TOKEN", "wrong");
        tw.env("TOWER_API_ENDPOINT", "http://127.0.0.1:1")
            .run()
            .exits(0)
            .says("")
            .prints(EMPTY);
    }
}

#[test]
fn without_an_environment_at_all() {
    let world = World::new();
    let tw = world.installation.command([
        "secrets",
        "list",
        "--insecure",
        "-u",
        world.sandbox.url(),
        "-t",
        world.sandbox.token(),
    ]);
    tw.run().exits(0).says("").prints(EMPTY);
}

#[test]
fn v_is_verbose_but_where_a_value_is_meant() {
    let world = World::new();
    for line in [
        "-v secrets list",
        "--verbose secrets list",
        "secrets -v list",
        "secrets list -v",
        "secrets list --verbose",
    ] {
        let ran = tw(&world, line).exits(0).prints(EMPTY);
        ran.says_with("GET")
            .says_with("/pipeline-secrets")
            .says_with("200");
    }
    tw(&world, "secrets add -n ONE -v verbose")
        .exits(0)
        .says("");
    tw(&world, "secrets add --verbose -n TWO -v x")
        .exits(0)
        .says_with("POST");
    tw(&world, "-v secrets add -n THREE -v x")
        .exits(0)
        .says_with("POST");
    tw(&world, "secrets update -n ONE -v other --verbose")
        .exits(0)
        .says_with("PUT");
    assert_eq!(
        stored(&world),
        ["1001 ONE=other", "1002 TWO=x", "1003 THREE=x"]
    );
}

#[test]
fn verbose_leaves_the_result_alone() {
    let world = one_secret();
    let quiet = world
        .tw(["secrets", "view", "-n", "KEY", "-o", "json"])
        .exits(0)
        .says("")
        .stdout;
    world
        .tw(["-v", "secrets", "view", "-n", "KEY", "-o", "json"])
        .exits(0)
        .prints(&quiet);
}

#[test]
fn flags_may_be_repeated() {
    let world = World::new();
    tw(&world, "--insecure -v -v secrets list --insecure --verbose")
        .exits(0)
        .prints(EMPTY);
}

#[test]
fn version_and_help() {
    let world = World::new();
    for line in ["--version", "-V"] {
        let version = world
            .installation
            .command([line])
            .run()
            .exits(0)
            .says("")
            .stdout;
        assert!(
            version.starts_with("tw ") && version.ends_with('\n'),
            "{version:?}"
        );
    }
    for line in [
        "--help",
        "-h",
        "secrets --help",
        "secrets add -h",
        "help secrets",
    ] {
        world
            .installation
            .command(line.split(' '))
            .run()
            .exits(0)
            .says("")
            .prints_with("Usage: ");
    }
    world.saw([]);
}

#[test]
fn without_a_command_the_usage_goes_to_standard_error() {
    let world = World::new();
    world
        .installation
        .command([])
        .run()
        .exits(255)
        .prints("")
        .says_with("Usage: tw")
        .says_with("secrets");
    for group in ["secrets", "workspaces", "organizations"] {
        world
            .tw([group])
            .exits(1)
            .prints("")
            .says_with(&format!("Usage: tw {group}"))
            .says_with("list");
    }
    world.saw([]);
}

#[test]
fn a_token_from_a_file_may_have_its_line_end() {
    let world = crate::one_secret();
    for end in ["\n", "\r\n", " "] {
        let token = format!("{}{end}", world.sandbox.token());
        let list = world.command(["secrets", "list"]);
        list.env("TOWER_ACCESS_TOKEN", &token).run().exits(0);
        world.tw(["-t", &token, "secrets", "list"]).exits(0);
    }
    let blank = world.command(["secrets", "list"]);
    blank
        .env("TOWER_ACCESS_TOKEN", " \n")
        .run()
        .fails_with("Missing TOWER_ACCESS_TOKEN");
}
