//! Every command of `secrets` with every fault of a server: no false success, no lost secret, and no value or token in the output.

use std::{fs, time::Duration};

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::World;

use crate::file::write;

const TOKEN: &str = "SENTINEL-token";
const VALUE: &str = "SENTINEL-value";

/// The change to `KEY` that a command may have made if its outcome is unknown.
#[derive(Clone, Copy, PartialEq)]
enum May {
    Nothing,
    Change,
    Remove,
}

const COMMANDS: [(&[&str], May); 11] = [
    (&["list"], May::Nothing),
    (&["view", "-n", "KEY"], May::Nothing),
    (&["view", "-i", "1001"], May::Nothing),
    (&["add", "-n", "NEW", "-v", VALUE], May::Nothing),
    (
        &["add", "-n", "KEY", "-v", VALUE, "--overwrite"],
        May::Change,
    ),
    (&["update", "-n", "KEY", "-v", VALUE], May::Change),
    (&["delete", "-n", "KEY"], May::Remove),
    (&["export"], May::Nothing),
    (&["import", "new.env"], May::Nothing),
    (&["import", "key.env"], May::Change),
    (&["sync", "other.env", "--prune", "--yes"], May::Remove),
];

/// Lists the faults for requests of this method.
fn list_faults(method: &str) -> Vec<Fault> {
    let any = || Fault::on(method, "*");
    let statuses = [
        300, 304, 400, 401, 403, 404, 405, 409, 413, 418, 429, 500, 501, 502, 503, 504, 599,
    ];
    let mut faults: Vec<Fault> = statuses
        .into_iter()
        .flat_map(|status| {
            [
                any().status(status).empty(),
                any().status(status).html("<h1>No</h1>"),
            ]
        })
        .collect();
    faults.extend([
        any().echo(),
        any()
            .status(300)
            .json(&format!(r#"{{"message": "no {TOKEN}"}}"#)),
        any().reset_before(),
        any().reset_after(),
        any().status(200).html("<h1>Log in first</h1>"),
        any().not_json(),
        any().redirect("/pipeline-secrets", 302),
        any().redirect("http://other.invalid/", 307),
        any().delay(Duration::from_secs(2)),
        any().status(200).json("[]"),
    ]);
    // A successful PUT or DELETE has status 204 and no body that a fault could damage.
    if ["*", "GET", "POST"].contains(&method) {
        faults.extend([
            any().truncate(),
            any().oversized(64 << 20),
            any().slow_drip(1, Duration::from_secs(2)),
        ]);
    }
    faults
}

/// Starts a world with `KEY=first`, this fault, short time limits, no retries, and files that name `NEW`, `KEY` and `OTHER`.
fn start_with_fault(fault: &Fault) -> World {
    let world = World::with(
        Sandbox::builder()
            .token(TOKEN)
            .secret(Secret::new("KEY", "first"))
            .fault(fault.clone()),
    );
    let home = world.installation.home();
    let config = home.join(".config/tw");
    fs::create_dir_all(&config).expect("the folder can be created");
    let network = "[http]\nread-timeout = 0.5\nretries = 0\n";
    fs::write(config.join("config.toml"), network).expect("the folder can be written");
    write(&world, "new.env", format!("NEW={VALUE}\n"));
    write(&world, "key.env", format!("KEY={VALUE}\n"));
    write(&world, "other.env", format!("OTHER={VALUE}\n"));
    world
}

/// Asserts that no process dumped core into the home or into the cache.
#[track_caller]
fn assert_no_core(world: &World) {
    let home = world.installation.home();
    for folder in [&home, &home.join(".cache/tw")] {
        let names = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
        assert_eq!(names.find(|name| name.starts_with("core")), None);
    }
}

/// Asserts that a command exits with 1, prints one error and no result, shows neither token nor value, and changes `KEY` only as `may` allows.
#[track_caller]
fn assert_fails_cleanly(fault: &Fault, command: &[&str], may: May) {
    let world = start_with_fault(fault);
    let line = [&["secrets"], command, &["--verbose"]].concat();
    let ran = world.tw(line).fails_with("").never_shows("SENTINEL");
    // As in the existing CLI, a lost connection has two errors: the cause, and the command that checks the connection.
    let errors = ran.stderr.replace("\n ERROR: Connection error. ", "");
    assert_eq!(errors.matches("\n ERROR: ").count(), 1, "{fault:?}: {ran}");
    let secrets = world.sandbox.secrets(None);
    match secrets.iter().find(|secret| secret.name == "KEY") {
        Some(key) if key.value == "first" => {}
        Some(key) => assert!(may == May::Change && key.value == VALUE, "{fault:?}: {ran}"),
        None => assert!(may == May::Remove, "{fault:?}: the secret is lost: {ran}"),
    }
    // If a change was made, the error says that the outcome is unknown or describes the response.
    let was_done = secrets.is_empty() || secrets.iter().any(|secret| secret.value == VALUE);
    let responses = [
        "status 5",
        "not JSON",
        "not of the expected form",
        "more than",
    ];
    let is_reported = ran.stderr.contains("its outcome is unknown")
        || responses.iter().any(|text| ran.stderr.contains(text));
    assert!(!was_done || is_reported, "{fault:?}: {ran}");
    assert_no_core(&world);
}

#[test]
fn every_command_fails_cleanly_behind_a_proxy_that_refuses() {
    let world = start_with_fault(&Fault::on("*", "/nothing").empty());
    let unreachable = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        format!("http://{address}")
    };
    let refuses = |status| {
        let refusal = Fault::on("*", "*").status(status).html("<h1>No</h1>");
        Sandbox::builder().fault(refusal).start()
    };
    let proxies = [403, 407, 502].map(refuses);
    let urls = proxies
        .iter()
        .map(Sandbox::url)
        .chain([unreachable.as_str()]);
    for url in urls {
        for (command, _) in COMMANDS {
            let line = [&["secrets"], command, &["--verbose", "--retries", "0"]].concat();
            let proxied = world
                .command(line)
                .env("HTTP_PROXY", url)
                .env("http_proxy", url);
            let ran = proxied.run().fails_with("").never_shows("SENTINEL");
            let errors = ran.stderr.replace("\n ERROR: Connection error. ", "");
            assert_eq!(errors.matches("\n ERROR: ").count(), 1, "{url}: {ran}");
        }
    }
    world.saw([]);
    assert_no_core(&world);
}

/// Asserts that each outcome that a command reports for a file agrees with the secrets that the server has.
#[track_caller]
fn assert_reports_true_outcomes(fault: &Fault, command: &[&str]) {
    let world = start_with_fault(fault);
    let line = [&["secrets"], command, &["--verbose", "-o", "json"]].concat();
    let ran = world.tw(line).never_shows("SENTINEL");
    let secrets = world.sandbox.secrets(None);
    let is_done = |step: &serde_json::Value| {
        let there = secrets
            .iter()
            .find(|secret| step["name"] == secret.name.as_str());
        match step["action"].as_str() {
            Some("delete") => there.is_none(),
            _ => there.is_some_and(|secret| secret.value == VALUE),
        }
    };
    let value = ran.json();
    let steps = value["secrets"].as_array().expect("`secrets` is an array");
    for step in steps {
        let is_true = match step["outcome"].as_str() {
            Some("done") => is_done(step),
            Some("failed" | "not sent") => !is_done(step),
            Some("unknown") => true,
            _ => false,
        };
        assert!(is_true, "{fault:?}: {ran}");
    }
    let all = steps.iter().all(|step| step["outcome"] == "done");
    let errors = ran.stderr.matches(" secrets are done; ").count();
    assert_no_core(&world);
    assert_eq!(errors, usize::from(!all), "{fault:?}: {ran}");
    ran.exits(i32::from(!all));
}

#[test]
fn import_and_sync_report_true_outcomes_if_the_changes_fail() {
    for (method, command) in [
        ("POST", &["import", "new.env"][..]),
        ("PUT", &["import", "key.env"]),
        ("POST", &["sync", "other.env", "--prune", "--yes"]),
        ("DELETE", &["sync", "other.env", "--prune", "--yes"]),
    ] {
        for fault in list_faults(method) {
            assert_reports_true_outcomes(&fault, command);
        }
        let message = format!(r#"{{"message": "no {TOKEN} and no {VALUE}"}}"#);
        assert_reports_true_outcomes(&Fault::on(method, "*").status(300).json(&message), command);
        assert_reports_true_outcomes(&Fault::on(method, "*").status(504).processed(), command);
    }
}

/// Asserts that the selected commands fail cleanly with every fault of this method's requests.
#[track_caller]
fn assert_all_fail_cleanly(method: &str, is_selected: impl Fn(&[&str]) -> bool) {
    for fault in list_faults(method) {
        for (command, may) in COMMANDS {
            if is_selected(command) {
                assert_fails_cleanly(&fault, command, may);
            }
        }
    }
}

#[test]
fn every_command_fails_cleanly_if_every_request_fails() {
    assert_all_fail_cleanly("*", |_| true);
}

#[test]
fn add_fails_cleanly_if_the_create_fails() {
    assert_all_fail_cleanly("POST", |command| command.contains(&"NEW"));
}

#[test]
fn update_and_overwrite_fail_cleanly_if_the_update_fails() {
    assert_all_fail_cleanly("PUT", |command| {
        command[0] == "update" || command.contains(&"--overwrite")
    });
}

#[test]
fn delete_fails_cleanly_if_the_delete_fails() {
    assert_all_fail_cleanly("DELETE", |command| command[0] == "delete");
}
