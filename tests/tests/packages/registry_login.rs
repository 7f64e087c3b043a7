//! Registries that require a login: the sources of the credentials, and that the password is never shown or stored.

use std::{fs, path::Path};

use tw_tests::Ran;

use crate::{
    docker::{BASIC, Docker, PASSWORD, USER},
    given::{FIRST, Given, SECOND},
    login::{install_helper, write_docker_config},
};

fn set_up() -> Option<(Given, Docker)> {
    let given = Given::trusting();
    let docker = Docker::locked(&given)?;
    Some((given, docker))
}

/// Asserts that neither stream contains the password, in plain text or in base64.
#[track_caller]
fn assert_hides_password(ran: Ran) -> Ran {
    ran.never_shows(PASSWORD).never_shows(BASIC)
}

/// Publishes a fruit with a password on standard input.
#[track_caller]
fn publish_with_password(given: &Given, docker: &Docker, version: &str) {
    let package = given.package(1, version, Some("acme"));
    let (place, package) = (docker.tagged(1, version), package.display().to_string());
    let line = ["-v", "plugin", "publish", "--username", USER];
    let rest = ["--password-stdin", &place, &package];
    let command = given.command(line.into_iter().chain(rest));
    assert_hides_password(command.input(format!("{PASSWORD}\n")).run()).exits(0);
}

/// True if a file below this folder contains this text.
fn folder_contains(folder: &Path, text: &str) -> bool {
    let entries = fs::read_dir(folder).unwrap().flatten();
    entries.map(|entry| entry.path()).any(|path| {
        if path.is_dir() {
            return folder_contains(&path, text);
        }
        let content = fs::read(path).unwrap_or_default();
        content
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    })
}

#[test]
fn a_missing_login_is_answered_with_the_docker_login_command() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    let place = docker.tagged(1, FIRST);
    let package = given.package(1, FIRST, Some("acme")).display().to_string();
    let refused = format!("the registry {} refused the login", docker.host());
    for line in [
        ["plugin", "publish", &place, &package],
        ["plugin", "install", "--yes", &place],
    ] {
        given.tw(line).fails_with(&refused);
        given
            .tw(line)
            .fails_with(&format!("`docker login {}`", docker.host()));
    }
    given.has_no(1);
}

#[test]
fn a_wrong_password_is_reported_without_showing_it() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    let place = docker.tagged(1, FIRST);
    let package = given.package(1, FIRST, Some("acme")).display().to_string();
    let line = ["-v", "plugin", "publish", "--username", USER];
    let rest = ["--password-stdin", &place, &package];
    given
        .command(line.into_iter().chain(rest))
        .input("battery-staple\n")
        .run()
        .never_shows("battery-staple")
        .fails_with("refused the login");
}

#[test]
fn a_password_from_standard_input_is_used_and_not_stored() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    publish_with_password(&given, &docker, FIRST);
    assert!(!folder_contains(&given.installation.home(), PASSWORD));
    assert!(!folder_contains(&given.installation.home(), BASIC));
}

#[test]
fn the_options_username_and_password_stdin_need_each_other() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    let place = docker.tagged(1, FIRST);
    let package = given.package(1, FIRST, Some("acme")).display().to_string();
    given
        .tw(["plugin", "publish", "--username", USER, &place, &package])
        .rejects("--password-stdin");
    given
        .tw(["plugin", "publish", "--password-stdin", &place, &package])
        .rejects("--username");
}

#[test]
fn install_and_upgrade_use_dockers_credentials() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    publish_with_password(&given, &docker, FIRST);
    let text = format!(
        r#"{{"auths":{{"{}":{{"auth":"{BASIC}"}}}}}}"#,
        docker.host()
    );
    let folder = write_docker_config(&given, &text);
    let given = given.env("DOCKER_CONFIG", folder.display().to_string());
    let place = docker.tagged(1, FIRST);
    assert_hides_password(given.tw(["-v", "plugin", "install", "--yes", &place])).exits(0);
    given.runs(1, FIRST);
    publish_with_password(&given, &docker, SECOND);
    assert_hides_password(given.tw(["-v", "plugin", "upgrade", "--yes", "--all"])).exits(0);
    given.runs(1, SECOND);
    assert!(!folder_contains(&given.installation.home(), BASIC));
}

#[test]
fn dockers_credentials_are_found_in_the_home_folder() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    publish_with_password(&given, &docker, FIRST);
    let text = format!(
        r#"{{"auths":{{"{}":{{"auth":"{BASIC}"}}}}}}"#,
        docker.host()
    );
    let folder = write_docker_config(&given, &text);
    fs::rename(folder, given.installation.home().join(".docker")).unwrap();
    let place = docker.tagged(1, FIRST);
    assert_hides_password(given.tw(["plugin", "install", "--yes", &place])).exits(0);
    given.runs(1, FIRST);
}

#[test]
fn credentials_for_another_registry_are_not_sent() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    publish_with_password(&given, &docker, FIRST);
    let text = format!(r#"{{"auths":{{"other.invalid":{{"auth":"{BASIC}"}}}}}}"#);
    let folder = write_docker_config(&given, &text);
    let given = given.env("DOCKER_CONFIG", folder.display().to_string());
    let place = docker.tagged(1, FIRST);
    assert_hides_password(given.tw(["plugin", "install", "--yes", &place]))
        .fails_with("refused the login");
    given.has_no(1);
}

/// Asserts that the credential helper is asked for this registry and that its credentials are used.
fn assert_helper_is_asked(everywhere: bool) {
    let Some((given, docker)) = set_up() else {
        return;
    };
    publish_with_password(&given, &docker, FIRST);
    let script = format!(
        r#"[ "$1" = get ] && echo "{{\"ServerURL\":\"$host\",\"Username\":\"{USER}\",\"Secret\":\"{PASSWORD}\"}}"
echo "$host" > "$HOME/asked""#
    );
    let given = install_helper(given, docker.host(), everywhere, &script);
    let place = docker.tagged(1, FIRST);
    assert_hides_password(given.tw(["-v", "plugin", "install", "--yes", &place])).exits(0);
    given.runs(1, FIRST);
    let asked = fs::read_to_string(given.installation.home().join("asked")).unwrap();
    assert_eq!(asked.trim(), docker.host());
    assert!(!folder_contains(&given.installation.home(), PASSWORD));
}

#[test]
fn a_credential_helper_of_this_registry_is_asked() {
    assert_helper_is_asked(false);
}

#[test]
fn a_credential_helper_of_all_registries_is_asked() {
    assert_helper_is_asked(true);
}

#[test]
fn a_credential_helper_without_credentials_counts_as_a_missing_login() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    let script = "echo 'credentials not found in native keychain'\nexit 1";
    let given = install_helper(given, docker.host(), false, script);
    let place = docker.tagged(1, FIRST);
    given
        .tw(["plugin", "install", "--yes", &place])
        .fails_with("refused the login");
}

#[test]
fn a_failing_credential_helper_is_named_without_its_output() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    let script = format!("echo 'broken, near {PASSWORD}'\necho '{PASSWORD}' >&2\nexit 1");
    let given = install_helper(given, docker.host(), false, &script);
    let place = docker.tagged(1, FIRST);
    assert_hides_password(given.tw(["-v", "plugin", "install", "--yes", &place]))
        .fails_with("the credential helper `docker-credential-vault` failed");
}

#[test]
fn a_damaged_docker_configuration_is_named_without_its_content() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    let text = format!(r#"{{"auths":{{"{}":{{"auth":"{BASIC}"#, docker.host());
    let folder = write_docker_config(&given, &text);
    let given = given.env("DOCKER_CONFIG", folder.display().to_string());
    let place = docker.tagged(1, FIRST);
    assert_hides_password(given.tw(["-v", "plugin", "install", "--yes", &place]))
        .fails_with("docker's configuration has no usable credentials");
}
