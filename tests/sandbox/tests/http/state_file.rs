//! Tests of the state file.

use tw_sandbox::{Error, Sandbox, Secret};

use crate::client::{call, get};

#[test]
fn the_state_file_keeps_the_state_across_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");

    let first = Sandbox::builder()
        .state_file(&file)
        .secret(Secret::new("SEEDED", "one"))
        .start();
    assert!(!file.exists(), "nothing has changed yet");
    let body = r#"{"name":"KEY","value":"two"}"#;
    assert_eq!(
        call(
            &first,
            "POST",
            "/pipeline-secrets?workspaceId=100",
            Some(body)
        )
        .status,
        200
    );
    assert_eq!(
        call(
            &first,
            "PUT",
            "/pipeline-secrets/1001",
            Some(r#"{"value":"three"}"#)
        )
        .status,
        204
    );
    let state = first.state();
    drop(first);

    // The state of the file replaces the seed of the second sandbox.
    let second = Sandbox::builder()
        .state_file(&file)
        .secret(Secret::new("OTHER", "v"))
        .start();
    assert_eq!(second.state(), state);
    assert_eq!(second.secrets(None)[0].value, "three");
    assert_eq!(
        call(
            &second,
            "DELETE",
            "/pipeline-secrets/1002?workspaceId=100",
            None
        )
        .status,
        204
    );
    drop(second);

    let third = Sandbox::builder().state_file(&file).token("new").start();
    assert_eq!(
        get(&third, "/pipeline-secrets?workspaceId=100").json()["totalSize"],
        0
    );
    assert_eq!(third.token(), "new");
}

#[test]
fn a_change_that_cannot_be_saved_is_refused_and_undone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gone").join("state.json");
    let sandbox = Sandbox::builder().state_file(&file).start();
    let answer = call(
        &sandbox,
        "POST",
        "/pipeline-secrets",
        Some(r#"{"name":"KEY","value":"v"}"#),
    );
    assert_eq!(answer.status, 500);
    assert!(
        answer.message().contains("state.json"),
        "{}",
        answer.message()
    );
    assert_eq!(sandbox.secrets(None), []);
}

#[test]
fn an_unreadable_state_file_or_a_taken_port_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    std::fs::write(&file, "not json").unwrap();
    let error = Sandbox::builder()
        .state_file(&file)
        .try_start()
        .unwrap_err();
    assert!(matches!(error, Error::StateUnreadable { .. }), "{error}");

    let running = Sandbox::builder().start();
    let error = Sandbox::builder()
        .port(running.address().port())
        .try_start()
        .unwrap_err();
    assert!(matches!(error, Error::Listen { .. }), "{error}");
}
