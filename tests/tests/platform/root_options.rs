//! The root options: before and after the command, their environment variables, and short forms that a command overrides.

use tw_sandbox::Sandbox;
use tw_tests::World;

use crate::{list_stored, start_with_secret};

const EMPTY: &str = "\n  Secrets at user workspace:\n\n    No secrets found\n";
const EMPTY_JSON: &str = "{\n  \"workspaceRef\": \"user\",\n  \"secrets\": []\n}\n";

/// Runs a command line whose words are separated by blanks.
fn tw(world: &World, line: &str) -> tw_tests::Ran {
    world.tw(line.split(' '))
}

#[test]
fn output_is_accepted_at_every_level() {
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
fn the_last_output_option_wins() {
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
fn the_output_format_ignores_case() {
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
fn output_wins_over_its_environment_variable() {
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
        .rejects("TOWER_CLI_OUTPUT_FORMAT")
        .says_with("'xml'");
    world.saw([]);
}

#[test]
fn an_unknown_or_missing_output_format_is_a_usage_error() {
    let world = World::new();
    for line in [
        "-o xml secrets list",
        "secrets list --output=xml",
        "secrets list -o",
    ] {
        tw(&world, line).rejects("--output");
    }
    world.saw([]);
}

#[test]
fn token_and_url_options_win_over_the_environment_at_every_level() {
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
fn options_are_enough_without_environment_variables() {
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
fn v_is_verbose_except_after_add_and_update() {
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
    tw(&world, "secrets add --verbose=2 -n FOUR -v x")
        .exits(0)
        .says_with(r#">   {"name":"FOUR","value":"[redacted]"}"#);
    tw(&world, "secrets update -n ONE -v other --verbose")
        .exits(0)
        .says_with("PUT");
    assert_eq!(
        list_stored(&world),
        [
            "1001 ONE=other",
            "1002 TWO=x",
            "1003 THREE=x",
            "1004 FOUR=x"
        ]
    );
}

#[test]
fn bodies_are_shown_only_with_a_doubled_v_or_the_value_2() {
    let world = World::new();
    let body = r#"<   {"totalSize":0,"pipelineSecrets":[]}"#;
    for line in [
        "-vv secrets list",
        "--verbose=2 secrets list",
        "-v=2 secrets list",
        "secrets -v -v list",
        "secrets list -vvo json",
        "-v secrets list --verbose=2",
    ] {
        tw(&world, line).exits(0).says_with(body);
    }
    for line in [
        "-v secrets list",
        "--verbose=1 secrets list",
        "-v secrets list -v",
        "secrets list --verbose",
    ] {
        let ran = tw(&world, line).exits(0).says_with("GET");
        ran.never_shows("<   {");
    }
}

#[test]
fn another_value_of_verbose_is_refused() {
    let world = World::new();
    for line in ["--verbose=3 secrets list", "secrets list --verbose=yes"] {
        tw(&world, line).exits(2).says_with("expected 1 or 2");
    }
    world.saw([]);
}

#[test]
fn verbose_does_not_change_standard_output() {
    let world = start_with_secret();
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
fn version_and_help_go_to_standard_output() {
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
fn a_missing_command_prints_the_usage_on_standard_error() {
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
fn a_token_may_end_in_blanks_and_a_line_feed() {
    let world = crate::start_with_secret();
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
