//! Every command of `secrets` beside every fault of a server: never a wrong success, never a lost secret, never a value shown.

use std::{fs, time::Duration};

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::World;

use crate::file::write;

const TOKEN: &str = "SENTINEL-token";
const VALUE: &str = "SENTINEL-value";

/// What a command may do to `KEY` where its outcome is unknown.
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

/// What becomes of every request of this method.
fn faults(method: &str) -> Vec<Fault> {
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
    // A change that is answered with 204 has no answer that could be spoiled.
    if ["*", "GET", "POST"].contains(&method) {
        faults.extend([
            any().truncate(),
            any().oversized(64 << 20),
            any().slow_drip(1, Duration::from_secs(2)),
        ]);
    }
    faults
}

/// A server with `KEY=first` that fails like this, soon given up on, and files that name `NEW`, `KEY` and `OTHER`.
fn broken(fault: &Fault) -> World {
    let world = World::with(
        Sandbox::builder()
            .token(TOKEN)
            .secret(Secret::new("KEY", "first"))
            .fault(fault.clone()),
    );
    let home = world.installation.home();
    let config = home.join(".config/tw");
    fs::create_dir_all(&config).expect("the folder can be made");
    let network = "[http]\nread-timeout = 0.5\nretries = 0\n";
    fs::write(config.join("config.toml"), network).expect("the folder can be written");
    write(&world, "new.env", format!("NEW={VALUE}\n"));
    write(&world, "key.env", format!("KEY={VALUE}\n"));
    write(&world, "other.env", format!("OTHER={VALUE}\n"));
    world
}

#[track_caller]
fn leaves_no_core(world: &World) {
    let home = world.installation.home();
    for folder in [&home, &home.join(".cache/tw")] {
        let names = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
        assert_eq!(names.find(|name| name.starts_with("core")), None);
    }
}

#[track_caller]
fn fails_well(fault: &Fault, command: &[&str], may: May) {
    let world = broken(fault);
    let line = [&["secrets"], command, &["--verbose"]].concat();
    let ran = world.tw(line).fails_with("").never_shows("SENTINEL");
    // A lost connection is told twice, as it always was: what happened, and what to look at.
    let errors = ran.stderr.replace("\n ERROR: Connection error. ", "");
    assert_eq!(errors.matches("\n ERROR: ").count(), 1, "{fault:?}: {ran}");
    let secrets = world.sandbox.secrets(None);
    match secrets.iter().find(|secret| secret.name == "KEY") {
        Some(key) if key.value == "first" => {}
        Some(key) => assert!(may == May::Change && key.value == VALUE, "{fault:?}: {ran}"),
        None => assert!(may == May::Remove, "{fault:?}: the secret is lost: {ran}"),
    }
    // What was done, or may have been, is never called failed.
    let was_done = secrets.is_empty() || secrets.iter().any(|secret| secret.value == VALUE);
    let answered = [
        "status 5",
        "not JSON",
        "not of the expected form",
        "more than",
    ];
    let is_told = ran.stderr.contains("its outcome is unknown")
        || answered.iter().any(|text| ran.stderr.contains(text));
    assert!(!was_done || is_told, "{fault:?}: {ran}");
    leaves_no_core(&world);
}

/// In front of the server stands a proxy that refuses, one that wants credentials, or one at which nobody listens.
#[test]
fn every_command_behind_a_proxy_that_refuses() {
    let none = broken(&Fault::on("*", "/nothing").empty());
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        format!("http://{address}")
    };
    let refuses = |status| {
        let refusal = Fault::on("*", "*").status(status).html("<h1>No</h1>");
        Sandbox::builder().fault(refusal).start()
    };
    let proxies = [403, 407, 502].map(refuses);
    let urls = proxies.iter().map(Sandbox::url).chain([closed.as_str()]);
    for url in urls {
        for (command, _) in COMMANDS {
            let line = [&["secrets"], command, &["--verbose", "--retries", "0"]].concat();
            let proxied = none
                .command(line)
                .env("HTTP_PROXY", url)
                .env("http_proxy", url);
            let ran = proxied.run().fails_with("").never_shows("SENTINEL");
            let errors = ran.stderr.replace("\n ERROR: Connection error. ", "");
            assert_eq!(errors.matches("\n ERROR: ").count(), 1, "{url}: {ran}");
        }
    }
    none.saw([]);
    leaves_no_core(&none);
}

/// A file whose list is read and whose changes fail: what is called done is done, and what is called failed isn't.
#[track_caller]
fn tells_the_truth(fault: &Fault, command: &[&str]) {
    let world = broken(fault);
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
    let steps = value["secrets"].as_array().expect("a list");
    for step in steps {
        let truly = match step["outcome"].as_str() {
            Some("done") => is_done(step),
            Some("failed" | "not sent") => !is_done(step),
            Some("unknown") => true,
            _ => false,
        };
        assert!(truly, "{fault:?}: {ran}");
    }
    let all = steps.iter().all(|step| step["outcome"] == "done");
    let errors = ran.stderr.matches(" secrets are done; ").count();
    leaves_no_core(&world);
    assert_eq!(errors, usize::from(!all), "{fault:?}: {ran}");
    ran.exits(i32::from(!all));
}

#[test]
fn a_file_when_only_the_changes_fail() {
    for (method, command) in [
        ("POST", &["import", "new.env"][..]),
        ("PUT", &["import", "key.env"]),
        ("POST", &["sync", "other.env", "--prune", "--yes"]),
        ("DELETE", &["sync", "other.env", "--prune", "--yes"]),
    ] {
        for fault in faults(method) {
            tells_the_truth(&fault, command);
        }
        let told = format!(r#"{{"message": "no {TOKEN} and no {VALUE}"}}"#);
        tells_the_truth(&Fault::on(method, "*").status(300).json(&told), command);
        tells_the_truth(&Fault::on(method, "*").status(504).processed(), command);
    }
}

#[track_caller]
fn all_fail_well(method: &str, are_meant: impl Fn(&[&str]) -> bool) {
    for fault in faults(method) {
        for (command, may) in COMMANDS {
            if are_meant(command) {
                fails_well(&fault, command, may);
            }
        }
    }
}

#[test]
fn every_command_when_everything_fails() {
    all_fail_well("*", |_| true);
}

#[test]
fn adding_when_only_the_change_fails() {
    all_fail_well("POST", |command| command.contains(&"NEW"));
}

#[test]
fn updating_when_only_the_change_fails() {
    all_fail_well("PUT", |command| {
        command[0] == "update" || command.contains(&"--overwrite")
    });
}

#[test]
fn deleting_when_only_the_change_fails() {
    all_fail_well("DELETE", |command| command[0] == "delete");
}
