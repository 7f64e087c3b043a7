//! A plugin in a process of its own: the two functions are carried over a socket, and every answer is that of the same library in the process of
//! its host.

use std::{path::Path, process::Command};

use serde_json::{Value, json};
use tw_tests::fixture;

/// Runs the test host with the puppet and these variables, and returns what it reports: the answers of the plugin, the calls that reached the host,
/// and whether the host's process has mapped the library.
#[track_caller]
fn drive(mode: &str, variables: &[(&str, &str)]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_process-host"));
    command
        .env_clear()
        .envs(variables.iter().copied())
        .arg(mode)
        .arg(fixture("tw-plugin-puppet"));
    let report = crate::c::run(&mut command);
    serde_json::from_str(&report).expect("the report is JSON")
}

#[test]
fn a_plugin_in_a_process_of_its_own_answers_as_in_the_process_of_its_host() {
    assert!(Path::new("/proc/self/maps").exists());
    let large = format!("\"{}\"", "x".repeat(3 << 20));
    let manifest = json!({ "name": "puppet", "version": "1.0.0" }).to_string();
    let cases: [&[(&str, &str)]; 6] = [
        &[("TW_PUPPET_MANIFEST", &manifest), ("TW_PUPPET_VALUE", "7")],
        &[
            ("TW_PUPPET_MANIFEST", "not JSON \u{e9}"),
            ("TW_PUPPET_OUTCOME", ""),
        ],
        &[("TW_PUPPET_FAILURE", "{\"message\":\"no\"}")],
        &[("TW_PUPPET_FAILURE", "")],
        // The host refuses methods that begin with `no`.
        &[(
            "TW_PUPPET_CALLS",
            "clock.now\nnothing\necho {\"a\":[1]}\necho \"\u{e9}\"",
        )],
        &[
            ("TW_PUPPET_CALLS", "echo 1"),
            ("TW_PUPPET_OUTCOME", &large[..100_000]),
        ],
    ];
    for case in cases {
        let inside = drive("inside", case);
        let own = drive("own-process", case);
        assert_eq!(inside["mapped"], true);
        assert_eq!(own["mapped"], false);
        for part in ["answers", "calls"] {
            assert_eq!(inside[part], own[part], "{part} of {:?}", case[0].0);
        }
    }
    // The comparison above would also hold for two hosts that do nothing.
    let report = drive("own-process", cases[4]);
    let calls = report["calls"].as_array().expect("a list of calls");
    assert_eq!(calls.len(), 8, "four calls in each of two runs: {report:#}");
    assert_eq!(calls[2], json!([1, "echo", "{\"a\":[1]}"]));
    assert_eq!(calls[6], json!([2, "echo", "{\"a\":[1]}"]));
    let value = &report["answers"][1];
    assert_eq!(value["failed"], false);
    assert_eq!(value["payload"], "{}");
    let value: Value = serde_json::from_str(value["body"].as_str().expect("a text")).expect("JSON");
    assert_eq!(value[1], json!({ "failed": { "refused": "nothing" } }));
    assert_eq!(value[2], json!({ "ok": { "a": [1] } }));
}
