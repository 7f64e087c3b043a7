//! Typical mistakes: each error says what to do next. The text for people is in the hint of the error in JSON, which a terminal shows too.

use serde_json::Value;
use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::{Answer, Ran, Server, Tw, World};

/// Starts a world in which the user and the workspace `acme/research` have the secret `KEY`.
pub(crate) fn set_up() -> World {
    World::with(
        Sandbox::builder()
            .secret(Secret::new("KEY", "first"))
            .secret(Secret::new("KEY", "first").workspace(100)),
    )
}

/// Splits a command line as a shell does, with single quotes only.
fn split(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for letter in line.chars() {
        let last = words.len() - 1;
        match letter {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            letter => words[last].push(letter),
        }
    }
    words
}

pub(crate) fn command(world: &World, line: &str) -> Tw {
    let words = split(line);
    world.command(words.iter().map(String::as_str))
}

/// Returns the hint of the error that a command line prints as JSON.
#[track_caller]
pub(crate) fn read_hint(tw: Tw) -> (String, Ran) {
    let ran = tw.env("TW_ERROR_FORMAT", "json").run();
    let lines = ran.stderr.lines().map(serde_json::from_str::<Value>);
    let lines: Vec<Value> = lines
        .collect::<Result<_, _>>()
        .unwrap_or_else(|error| panic!("{error}: {ran}"));
    let error = lines.iter().find_map(|line| line.get("error"));
    let error = error.unwrap_or_else(|| panic!("there is no error: {ran}"));
    let hint = error["hint"].as_str().unwrap_or_default().to_owned();
    (hint, ran)
}

/// Asserts that the hint of the error contains a text.
#[track_caller]
pub(crate) fn assert_advised(tw: Tw, advice: &str) -> Ran {
    let (hint, ran) = read_hint(tw);
    assert!(hint.contains(advice), "no hint has {advice:?}: {ran}");
    ran
}

/// Command lines whose run fails, what their errors advise, and the message in a pipe, which is that of the existing CLI.
const FAILURES: &[(&str, &str, &str)] = &[
    (
        "secrets view -n NONE",
        "`tw secrets list --insecure`",
        "Unknown secret 'NONE' at user workspace",
    ),
    (
        "secrets view -n NONE -w acme/research",
        "`tw secrets list -w acme/research --insecure`",
        "Unknown secret 'NONE' at [acme / research] workspace",
    ),
    (
        "secrets view -n NONE -w 'acme / research'",
        "-w 'acme / research'",
        "Unknown secret 'NONE' at [acme / research] workspace",
    ),
    (
        "secrets add -n KEY -v second",
        "`--overwrite`",
        "A secret named 'KEY' already exists",
    ),
    (
        "secrets list -w Acme/Research",
        "did you mean `-w acme/research`?",
        "Workspace 'Research' at organization 'Acme' not found",
    ),
    (
        "secrets list -w acme/reserch",
        "did you mean `-w acme/research`?",
        "Workspace 'reserch' at organization 'acme' not found",
    ),
    (
        "secrets list -w acme/zzz",
        "`tw workspaces list --insecure`",
        "Workspace 'zzz' at organization 'acme' not found",
    ),
    (
        "secrets list -w 77",
        "`tw workspaces list --insecure`",
        "Workspace '77' not found",
    ),
    (
        "secrets list -w research",
        "`tw workspaces list --insecure`",
        "Invalid workspace parameter 'research'. Expected format '<organization_name>/<workspace_name>' or '<workspace_numeric_identifier>'.",
    ),
    (
        "-t another secrets list",
        "the token comes from the option --access-token",
        "Unauthorized. Check your access token, workspace id and tower server url.",
    ),
    (
        "secrets import missing.env",
        "check that the path is right",
        "missing.env can't be read: No such file or directory",
    ),
];

#[test]
fn a_failure_gets_advice_and_keeps_its_bytes_in_a_pipe() {
    let world = set_up();
    for (line, advice, message) in FAILURES {
        assert_advised(command(&world, line), advice);
        command(&world, line).run().fails(message);
    }
}

#[test]
fn a_wrong_variable_is_named() {
    let world = set_up();
    let with = |name: &str, value: &str| {
        let tw = command(&world, "secrets list");
        tw.env(name, value)
    };
    for (name, value) in [
        ("TOWER_WORKSPACE_ID", "77"),
        ("TOWER_WORKSPACE_ID", "acme/none"),
        ("TOWER_WORKSPACE_ID", "none"),
        ("TOWER_ACCESS_TOKEN", "another"),
        ("TOWER_API_ENDPOINT", "https://["),
        ("TOWER_API_ENDPOINT", "https://127.0.0.1:1"),
        ("TOWER_CLI_OUTPUT_FORMAT", "xml"),
        ("HTTPS_PROXY", "nonsense://"),
    ] {
        let endpoint = match name {
            "HTTPS_PROXY" => "https://platform.invalid",
            _ => world.sandbox.url(),
        };
        let tw = command(&world, "secrets list").env("TOWER_API_ENDPOINT", endpoint);
        assert_advised(tw.env(name, value), name);
    }
    let (hint, _) = read_hint(with("TOWER_WORKSPACE_ID", "acme/none").args(["-w", "77"]));
    assert!(!hint.contains("TOWER_WORKSPACE_ID"), "{hint}");
}

#[test]
fn a_rejected_token_names_the_file_that_it_comes_from() {
    let world = set_up();
    let file = world.installation.home().join("token.txt");
    std::fs::write(&file, "wr0ng-token\n").expect("the file can be written");
    let tw = command(&world, "secrets list").without_env("TOWER_ACCESS_TOKEN");
    let advice = format!("the token comes from the file {}", file.display());
    let ran = assert_advised(tw.env("TOWER_ACCESS_TOKEN_FILE", &file), &advice);
    ran.never_shows("wr0ng-token");
}

#[test]
fn a_token_of_another_server_is_not_blamed() {
    let world = set_up();
    let server = Server::start(|_| Answer::status(401));
    let line = format!("api {}/x", server.url());
    let (hint, _) = read_hint(command(&world, &line));
    assert!(!hint.contains("the token comes from"), "{hint}");
}

#[test]
fn a_hint_repeats_the_address_that_was_typed() {
    let world = set_up();
    let line = format!("-u {} secrets view -n NONE -w 100", world.sandbox.url());
    let advice = format!(
        "`tw secrets list -w 100 -u {} --insecure`",
        world.sandbox.url()
    );
    assert_advised(command(&world, &line), &advice);
}

#[test]
fn a_page_or_an_unknown_path_suggests_the_address_of_the_api() {
    for fault in [
        Fault::on("*", "*").status(404).html("<h1>Not Found</h1>"),
        Fault::on("*", "*").status(404).empty(),
        Fault::on("*", "*")
            .status(404)
            .json(r#"{"message": "Page not found"}"#),
        Fault::on("*", "*").status(200).html("<html>Log in</html>"),
        Fault::on("*", "*").status(405).empty(),
    ] {
        let world = World::with(Sandbox::builder().fault(fault));
        let advice = format!("may lack `/api`: `-u {}/api`", world.sandbox.url());
        assert_advised(command(&world, "secrets list"), &advice);
        // The address ends in `/api` already.
        let tw = command(&world, "secrets list");
        let tw = tw.env("TOWER_API_ENDPOINT", format!("{}/api", world.sandbox.url()));
        let (hint, _) = read_hint(tw);
        assert!(!hint.contains("may lack"), "{hint}");
    }
}

#[test]
fn the_name_of_a_host_without_a_scheme_means_https() {
    let world = set_up();
    for tw in [
        command(&world, "-u platform.invalid secrets list"),
        command(&world, "secrets list").env("TOWER_API_ENDPOINT", "platform.invalid"),
    ] {
        let ran = tw.run();
        ran.fails_with("Cannot connect to https://platform.invalid: ");
    }
    // A local server often has plain http, so the user decides.
    for address in ["localhost:8000", "127.0.0.1:8000"] {
        let tw = command(&world, &format!("-u {address} secrets list"));
        let ran = assert_advised(tw, &format!("https://{address}, or http://{address} with"));
        ran.never_shows("Cannot connect");
    }
    world.saw([]);
}

/// Writes the configuration of the user.
pub(crate) fn configure(world: &World, text: &str) {
    let folder = world.installation.home().join(".config/tw");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    std::fs::write(folder.join("config.toml"), text).expect("the file can be written");
}

#[test]
fn hints_name_the_profile_that_an_address_or_a_workspace_comes_from() {
    let world = set_up();
    configure(
        &world,
        "[profile.lab]\nendpoint = \"https://127.0.0.1:1\"\nworkspace = \"acme/none\"\n",
    );
    let line = "--profile lab secrets view -n NONE";
    let tw = command(&world, line).without_env("TOWER_API_ENDPOINT");
    assert_advised(tw, "which comes from profile `lab`");
    assert_advised(
        command(&world, line),
        "the workspace comes from profile `lab`",
    );
    let line = format!("{line} -w 100");
    assert_advised(
        command(&world, &line),
        "`tw secrets list -w 100 --profile lab --insecure`",
    );
}

#[test]
fn a_clock_that_differs_from_the_servers_is_named() {
    let world = set_up();
    for (date, advice) in [
        (
            "Wed, 05 Oct 2022 12:42:21 GMT",
            "check this machine's clock: it is",
        ),
        (
            "Fri, 05 Oct 2096 12:42:21 GMT",
            "minutes behind the server's",
        ),
    ] {
        let server = Server::start(move |_| Answer::status(401).header("Date", date));
        let tw = command(&world, "secrets list");
        assert_advised(tw.env("TOWER_API_ENDPOINT", server.url()), advice);
    }
    let server = Server::start(|_| Answer::status(401));
    let tw = command(&world, "secrets list");
    let (hint, _) = read_hint(tw.env("TOWER_API_ENDPOINT", server.url()));
    assert!(!hint.contains("clock"), "{hint}");
}
