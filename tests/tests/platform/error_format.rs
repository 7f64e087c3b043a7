//! `--error-format json`: each line of standard error is a JSON object, and a failure is exactly one of them.

use serde_json::{Value, json};
use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::{Ran, World};

use crate::start_with_secret;

/// Runs a command line whose words are separated by blanks, with errors as JSON.
fn run(world: &World, line: &str) -> Ran {
    world
        .command(line.split(' ').filter(|word| !word.is_empty()))
        .env("TW_ERROR_FORMAT", "json")
        .run()
}

/// Returns the objects on standard error, each with its key.
#[track_caller]
fn read_lines(ran: &Ran) -> Vec<(String, Value)> {
    let read = |line: &str| {
        let object: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}: {ran}"));
        let object = object.as_object().expect("a line is an object");
        assert_eq!(object.len(), 1, "{ran}");
        let (key, value) = object.iter().next().expect("an object has a key");
        (key.clone(), value.clone())
    };
    ran.stderr.lines().map(read).collect()
}

/// Returns the only error on standard error.
#[track_caller]
fn read_error(ran: &Ran) -> Value {
    let mut lines = read_lines(ran);
    lines.retain(|(key, _)| key == "error");
    let [(_, error)] = lines.as_slice() else {
        panic!("there is not exactly one error: {ran}");
    };
    let has_text = |key: &str| error[key].is_string();
    assert!(has_text("message") && has_text("kind"), "{ran}");
    error.clone()
}

/// Asserts the exit code and the code of the error, and that standard output is empty.
#[track_caller]
fn assert_fails(ran: Ran, exit: i32, code: &str) -> Value {
    let ran = ran.exits(exit).prints("");
    let error = read_error(&ran);
    assert_eq!(error["code"], code, "{ran}");
    error
}

#[test]
fn a_failure_of_the_api_names_the_call() {
    let world = World::with(
        Sandbox::builder()
            .secret(Secret::new("KEY", "first"))
            .fault(Fault::on("GET", "/pipeline-secrets").status(500).empty()),
    );
    let ran = run(&world, "--retries 0 secrets list");
    assert_eq!(
        assert_fails(ran, 1, "server-error"),
        json!({
            "code": "server-error",
            "kind": "http",
            "message": "The server answered GET /pipeline-secrets with status 500",
            "hint": "the server has a problem: try again later; `-v` shows the calls",
            "status": 500,
            "request": "GET /pipeline-secrets",
            "server": world.sandbox.url(),
            "retryable": false,
            "plugin": "secrets",
        })
    );
}

#[cfg(unix)]
#[test]
fn a_command_that_is_interrupted_prints_one_error() {
    for (line, path) in [("whoami", "/user-info"), ("doctor", "/service-info")] {
        let slow = Fault::on("GET", path).delay(std::time::Duration::from_secs(3600));
        let world = World::with(Sandbox::builder().fault(slow));
        let tw = world.command([line]).env("TW_ERROR_FORMAT", "json");
        let running = tw.start();
        let limit = std::time::Duration::from_secs(60);
        let came = world.sandbox.wait_for_hits("GET", path, 1, limit);
        assert!(came, "the server never saw the request");
        tw_tests::interrupt(running.id());
        assert_fails(running.ends(), 130, "interrupted");
    }
}

#[test]
fn a_script_can_tell_an_expired_token_from_a_missing_secret() {
    let world = start_with_secret();
    let error = assert_fails(run(&world, "secrets view -n NONE"), 1, "secret-not-found");
    assert_eq!(error["plugin"], "secrets");
    assert_eq!(error["kind"], "not_found");
    let ran = run(&world, "-t another secrets view -n NONE");
    let error = assert_fails(ran, 1, "unauthorized");
    assert_eq!(error["status"], 401);
    assert_eq!(error["request"], "GET /pipeline-secrets");
}

#[test]
fn each_failure_of_the_api_has_its_code() {
    for (status, code, retryable) in [
        (400, "request-rejected", false),
        (401, "unauthorized", false),
        (403, "forbidden", false),
        (404, "not-found", false),
        (409, "conflict", false),
        (429, "rate-limited", true),
        (500, "server-error", false),
        (503, "server-error", true),
    ] {
        let fault = Fault::on("*", "*").status(status).empty();
        let world = World::with(Sandbox::builder().fault(fault));
        let ran = run(&world, "--retries 0 secrets list -w 100");
        let error = assert_fails(ran, 1, code);
        assert_eq!(error["status"], status);
        assert_eq!(error["request"], "GET /user-info");
        assert_eq!(error["retryable"], retryable, "{status}");
    }
}

#[test]
fn a_change_that_must_not_be_sent_twice_is_not_retryable() {
    let world = World::with(
        Sandbox::builder().fault(Fault::on("POST", "/pipeline-secrets").status(503).empty()),
    );
    let ran = run(&world, "secrets add -n NEW -v x");
    assert_eq!(
        assert_fails(ran, 1, "server-error")["retryable"],
        json!(false)
    );
}

#[test]
fn a_plugin_and_the_host_name_their_failures() {
    let world = start_with_secret();
    for (line, exit, code) in [
        ("secrets add -n KEY -v x", 1, "secret-exists"),
        ("secrets add -n a-b -v x", 2, "invalid-name"),
        ("secrets list --columns nope", 2, "invalid-value"),
        ("profile list --columns nope", 2, "invalid-value"),
        ("secrets view -n NONE", 1, "secret-not-found"),
        ("secrets delete -i 77", 1, "secret-not-found"),
        ("secrets list -w acme/none", 1, "workspace-not-found"),
        ("secrets list -w 77", 1, "workspace-not-found"),
        ("secrets list -w none", 1, "invalid-workspace"),
        ("-u http://127.0.0.1:1 secrets list", 1, "network"),
        ("-u https://[ secrets list", 1, "invalid-endpoint"),
        ("secrets import missing.env", 1, "input"),
        ("plugin info none", 1, "not-found"),
        ("plugin remove secrets", 1, "denied"),
        ("secrets add -n NEW", 2, "not-interactive"),
        ("secrets delete -n KEY --confirm", 2, "not-interactive"),
        ("api DELETE /pipeline-secrets/1001", 2, "not-interactive"),
    ] {
        assert_fails(run(&world, line), exit, code);
    }
    let without_token = world
        .command(["secrets", "list"])
        .without_env("TOWER_ACCESS_TOKEN")
        .env("TW_ERROR_FORMAT", "json")
        .run();
    assert_fails(without_token, 1, "no-token");
    let insecure = world
        .installation
        .command(["-u", "http://127.0.0.1:1", "-t", "x", "secrets", "list"])
        .env("TW_ERROR_FORMAT", "json")
        .run();
    assert_fails(insecure, 1, "insecure-endpoint");
}

#[test]
fn a_wrong_command_line_is_an_error_in_json() {
    let world = World::new();
    for (line, exit, code) in [
        ("", 255, "missing-command"),
        ("secrets", 1, "missing-command"),
        ("nothing", 2, "unknown-command"),
        ("secrets lst", 2, "unknown-command"),
        ("--nothing secrets list", 2, "unknown-option"),
        ("secrets list --nothing", 2, "unknown-option"),
        ("secrets list word", 2, "unexpected-argument"),
        ("secrets add", 2, "missing-argument"),
        ("secrets view", 2, "missing-argument"),
        ("secrets view -n A -i 5", 2, "conflicting-options"),
        ("secrets view -i five", 2, "invalid-value"),
        ("-o xml secrets list", 2, "invalid-value"),
        ("secrets list --unused-for ever", 2, "invalid-value"),
        ("completion none", 2, "invalid-value"),
        ("secrets list --columns ,", 2, "invalid-value"),
        ("secrets add -n KEY --value-env NOPE", 2, "invalid-value"),
        ("api GET", 2, "missing-argument"),
        ("api -f x /x", 2, "invalid-value"),
        ("api -H x /x", 2, "invalid-value"),
        ("profile set x output=xml", 2, "invalid-value"),
        ("profile set x http.rate=fast", 2, "invalid-value"),
        ("profile set x token=abc", 2, "invalid-value"),
        ("profile set x/y output=csv", 2, "invalid-value"),
        ("alias set a/b info", 2, "invalid-value"),
        ("secrets list --jq .[", 2, "invalid-value"),
        ("secrets list --jq . --columns id", 2, "conflicting-options"),
    ] {
        let error = assert_fails(run(&world, line), exit, code);
        assert_eq!(error["kind"], "usage", "{line}");
        let message = error["message"].as_str().expect("there is a message");
        assert!(!message.contains('\n'), "{message}");
        assert!(!message.starts_with("error"), "{message}");
    }
    let error = assert_fails(run(&world, "secrets lst"), 2, "unknown-command");
    assert_eq!(error["message"], "unrecognized subcommand 'lst'");
    assert_eq!(error["hint"], "a similar subcommand exists: 'list'");
    world.saw([]);
}

#[test]
fn a_broken_configuration_and_an_unknown_profile_have_their_codes() {
    let world = World::new();
    let ran = run(&world, "--profile none secrets list");
    assert_fails(ran, 2, "profile-not-found");
    let folder = world.installation.home().join(".config/tw");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    std::fs::write(folder.join("config.toml"), "[htpp]\n").expect("the file can be written");
    assert_fails(run(&world, "secrets list"), 1, "configuration");
}

#[test]
fn a_wrong_variable_has_its_code() {
    let world = World::new();
    for name in ["TW_LOG", "TOWER_CLI_OUTPUT_FORMAT"] {
        let tw = world.command(["secrets", "list", "--error-format", "json"]);
        assert_fails(tw.env(name, "nonsense").run(), 2, "invalid-variable");
    }
    // Services find a wrong proxy, for a command of the host and for a plugin.
    for line in ["whoami", "secrets list"] {
        let tw = world.command(line.split(' ').chain(["--error-format", "json"]));
        let ran = tw.env("HTTP_PROXY", "ftp://x").run();
        assert_fails(ran, 2, "invalid-variable");
    }
}

#[test]
fn a_result_that_reports_a_failure_comes_with_one_error() {
    let world = World::new();
    let folder = world.installation.home().join(".config/tw");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let configuration = folder.join("config.toml");
    let configure = |text: &str| {
        std::fs::write(&configuration, text).expect("the file can be written");
    };
    configure("");
    for (line, text, code) in [
        ("info -t wrong", "", "unauthorized"),
        ("info -u http://127.0.0.1:1 --retries 0", "", "network"),
        ("token status -t wrong", "", "unauthorized"),
        ("doctor -t wrong", "", "failure"),
        ("config check", "[htpp]\n", "configuration"),
        ("config check --profile none", "", "profile-not-found"),
    ] {
        configure(text);
        let ran = run(&world, line).exits(1);
        assert_eq!(read_error(&ran)["code"], code, "{ran}");
        assert!(!ran.stdout.is_empty(), "{ran}");
        // People see the failure in the result.
        let ran = world.tw(line.split(' ')).exits(1).says("");
        assert!(!ran.stdout.is_empty(), "{ran}");
    }
    configure("");
    for line in ["info", "token status", "config check"] {
        run(&world, line).exits(0).says("");
    }
}

#[test]
#[cfg(unix)]
fn a_file_that_others_can_write_has_its_code() {
    use std::os::unix::fs::PermissionsExt;

    let world = World::new();
    let file = world.installation.home().join("token");
    std::fs::write(&file, "a-token\n").expect("the file can be written");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).expect("it is ours");
    let tw = world.command(["secrets", "list", "--error-format", "json"]);
    let tw = tw.without_env("TOWER_ACCESS_TOKEN");
    assert_fails(
        tw.env("TOWER_ACCESS_TOKEN_FILE", &file).run(),
        1,
        "unsafe-file",
    );
}

#[test]
fn a_damaged_plugin_is_a_warning_in_json_too() {
    let world = World::new();
    world.installation.add_bytes("text", b"not a library");
    for line in ["nothing", "secrets", ""] {
        let ran = run(&world, line);
        read_error(&ran);
        let lines = read_lines(&ran);
        let warning = lines.iter().find(|(key, _)| key == "warning");
        let (_, warning) = warning.unwrap_or_else(|| panic!("there is no warning: {ran}"));
        let expected = "1 plugin can't be used; `tw plugin list` says why";
        assert_eq!(warning["message"], expected, "{ran}");
    }
}

#[test]
fn the_option_works_at_every_place_and_wins_over_the_variable() {
    let world = World::new();
    for line in [
        "--error-format json secrets view -n NONE",
        "--error-format=JSON secrets view -n NONE",
        "secrets --error-format=json view -n NONE",
        "secrets view -n NONE --error-format json",
        "--error-format console secrets view -n NONE --error-format json",
    ] {
        assert_fails(world.tw(line.split(' ')), 1, "secret-not-found");
        let tw = world.command(line.split(' '));
        let ran = tw.env("TW_ERROR_FORMAT", "console").run();
        assert_fails(ran, 1, "secret-not-found");
    }
    run(&world, "secrets view -n NONE --error-format console")
        .fails("Unknown secret 'NONE' at user workspace");
    let ran = world.tw(["--error-format", "json", "secrets", "list", "--nothing"]);
    assert_fails(ran, 2, "unknown-option");
}

#[test]
fn json_output_alone_leaves_errors_as_they_are() {
    let world = World::new();
    world
        .tw(["-o", "json", "secrets", "view", "-n", "NONE"])
        .fails("Unknown secret 'NONE' at user workspace");
}

#[test]
fn an_unknown_format_of_errors_is_refused() {
    let world = World::new();
    world
        .tw(["--error-format", "xml", "secrets", "list"])
        .rejects("--error-format")
        .says_with("console or json");
    world
        .command(["secrets", "list"])
        .env("TW_ERROR_FORMAT", "xml")
        .run()
        .rejects("TW_ERROR_FORMAT")
        .says_with("console or json");
    world.saw([]);
}

#[test]
fn what_looks_like_the_option_can_be_a_value_of_another_option() {
    let world = World::new();
    world
        .tw(["secrets", "add", "-n", "a-b", "-v", "--error-format=json"])
        .rejects("error: ");
}

#[test]
fn warnings_and_the_log_are_lines_of_json_too() {
    let world = World::new();
    let file = world.installation.home().join("secrets.env");
    std::fs::write(&file, "A1=${B}\n").expect("the file can be written");
    let ran = run(&world, "-v secrets import secrets.env").exits(0);
    let lines = read_lines(&ran);
    let warning = lines.iter().find(|(key, _)| key == "warning");
    let (_, warning) = warning.unwrap_or_else(|| panic!("there is no warning: {ran}"));
    assert_eq!(warning["plugin"], "secrets");
    let mut logs = lines.iter().filter(|(key, _)| key == "log");
    assert!(logs.any(|(_, log)| log["message"].to_string().contains("POST")));
    assert!(lines.iter().all(|(key, _)| key != "error"));
}

#[test]
fn an_error_in_json_never_has_a_secret() {
    let world = World::with(
        Sandbox::builder().fault(
            Fault::on("POST", "/pipeline-secrets")
                .status(400)
                .json(r#"{"message": "bad value s3cr3t-value of token-of-the-user"}"#),
        ),
    );
    let line = "-t token-of-the-user secrets add -n NEW -v s3cr3t-value";
    let ran = run(&world, line);
    read_error(&ran);
    ran.never_shows("s3cr3t-value")
        .never_shows("token-of-the-user");
    for line in [
        "secrets add -n NEW -v s3cr3t word-of-a-value",
        "secrets add -n NEW word-of-a-value",
    ] {
        let ran = run(&world, line).never_shows("word-of-a-value");
        assert_fails(ran, 2, "unexpected-argument");
    }
}
