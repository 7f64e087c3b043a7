//! Another local user: programs on PATH that somebody else could have written don't run.

use std::{fs, path::PathBuf};

use crate::{
    docker::Docker,
    given::{FIRST, Given},
    login::install_helper,
    ways::{WAYS, can_give_away, set_mode},
};

#[test]
fn an_executable_that_a_stranger_could_have_written_does_not_run() {
    if !can_give_away() {
        return;
    }
    for way in WAYS {
        let given = Given::new();
        let folder = given.work().join("bin");
        fs::create_dir_all(&folder).unwrap();
        let program = folder.join("tw-say");
        fs::write(&program, "#!/bin/sh\necho said\n").unwrap();
        set_mode(&program, 0o755);
        let given = given.env("PATH", format!("{}:/usr/bin:/bin", folder.display()));
        given.tw(["say"]).exits(0).prints("said\n");
        let reason = way.open(&folder);
        given
            .tw(["say"])
            .exits(1)
            .prints("")
            .says_with(&format!("the executable isn't safe: {reason}"));
        let listed = given.tw(["plugin", "list", "--external"]).exits(0);
        assert!(listed.stdout.contains("forbidden"), "{listed}");
    }
}

/// Starts a registry that requires a login, and installs a credential helper that makes a file and fails. Returns the path of the file too. `None` if there is
/// no registry to start.
fn set_up_vault() -> Option<(Given, Docker, PathBuf)> {
    let given = Given::trusting();
    let docker = Docker::locked(&given)?;
    let asked = given.work().join("asked");
    let script = format!("touch '{}'; exit 1", asked.display());
    let given = install_helper(given, docker.host(), false, &script);
    Some((given, docker, asked))
}

#[test]
fn a_configuration_of_docker_that_a_stranger_could_have_written_names_no_program() {
    if !can_give_away() {
        return;
    }
    for way in WAYS {
        let Some((given, docker, asked)) = set_up_vault() else {
            return;
        };
        let install = |given: &Given| {
            let place = docker.tagged(1, FIRST);
            given.tw(["plugin", "install", "--yes", &place])
        };
        install(&given).fails_with("the credential helper `docker-credential-vault` failed");
        fs::remove_file(&asked).unwrap();
        let reason = way.open(&given.work().join("helpers"));
        install(&given)
            .fails_with(&format!("isn't safe: {reason}"))
            .says_with("the credential helper");
        let reason = way.open(&given.work().join("docker"));
        install(&given)
            .fails_with(&format!("isn't safe: {reason}"))
            .says_with("docker's configuration");
        let config = given.work().join("docker-2");
        fs::create_dir(&config).unwrap();
        let text = r#"{"credsStore":"../evil"}"#;
        fs::write(config.join("config.json"), text).unwrap();
        let given = given.env("DOCKER_CONFIG", config.display().to_string());
        install(&given).fails_with("names a program `docker-credential-../evil`");
        assert!(!asked.exists());
    }
}

#[test]
fn a_file_of_podman_that_a_stranger_could_have_written_names_no_program() {
    if !can_give_away() {
        return;
    }
    for way in WAYS {
        let Some((given, docker, asked)) = set_up_vault() else {
            return;
        };
        let folder = given.work().join("docker");
        let file = folder.join("config.json").display().to_string();
        let given = given
            .env("REGISTRY_AUTH_FILE", file)
            .env("DOCKER_CONFIG", "/nowhere");
        let reason = way.open(&folder);
        let place = docker.tagged(1, FIRST);
        given
            .tw(["plugin", "install", "--yes", &place])
            .fails_with(&format!("isn't safe: {reason}"))
            .says_with("podman's configuration");
        assert!(!asked.exists());
    }
}
