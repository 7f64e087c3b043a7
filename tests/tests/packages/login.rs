//! Docker's credentials: its configuration file, and its credential helpers.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{docker::BASIC, given::Given};

/// Writes docker's configuration into a folder, and returns the folder.
pub(crate) fn write_docker_config(given: &Given, text: &str) -> PathBuf {
    let folder = given.work().join("docker");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.json"), text).unwrap();
    folder
}

/// Stores credentials for this host in docker's configuration.
pub(crate) fn log_in(given: Given, host: &str) -> Given {
    let text = format!(r#"{{"auths":{{"{host}":{{"auth":"{BASIC}"}}}}}}"#);
    let folder = write_docker_config(&given, &text);
    given.env("DOCKER_CONFIG", folder.display().to_string())
}

/// Writes an executable script.
pub(crate) fn write_script(path: &Path, script: &str) {
    let draft = path.with_extension("draft");
    fs::write(&draft, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&draft, fs::Permissions::from_mode(0o755)).unwrap();
    // Another process copies: a script that any thread of this process has open for writing can't be started (ETXTBSY).
    let copied = Command::new("cp").arg(&draft).arg(path).status();
    assert!(copied.is_ok_and(|status| status.success()));
}

/// Installs a credential helper on PATH, for this registry or for all registries, which runs this script.
pub(crate) fn install_helper(given: Given, host: &str, everywhere: bool, script: &str) -> Given {
    let folder = given.work().join("helpers");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("docker-credential-vault");
    write_script(&path, &format!("read host\n{script}"));
    let text = match everywhere {
        // `docker login` writes this if a credential store for all registries is configured.
        true => format!(r#"{{"auths":{{"{host}":{{}}}},"credsStore":"vault"}}"#),
        false => format!(r#"{{"credHelpers":{{"{host}":"vault"}}}}"#),
    };
    let config = write_docker_config(&given, &text);
    given
        .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
        .env("DOCKER_CONFIG", config.display().to_string())
}
