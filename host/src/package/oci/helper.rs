//! Credential helpers: programs `docker-credential-NAME` that have the credentials for registries.

use std::{
    io::{Read, Write},
    path::PathBuf,
    process::{Command, Stdio},
};

use serde::Deserialize;
use tw_render::text::visible;
use zeroize::Zeroizing;

use super::docker::{Credentials, Unusable};
use crate::{
    error::{Error, ErrorKind},
    files::{MAX_TEXT, show_path},
    owners,
    process::variable,
};

/// The beginning of what a helper prints if it has no credentials for the registry.
const NONE: &str = "credentials not found";

/// Asks a helper for the credentials that it has under a key. `None` if it has none.
///
/// # Errors
/// The helper can't be run or fails, or somebody else could have written it.
pub(super) fn ask(name: &str, key: &str) -> Result<Option<Credentials>, Unusable> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        username: String,
        secret: String,
    }
    let program = format!("docker-credential-{name}");
    let helper = format!("the credential helper `{}`", visible(&program));
    let path = find(name, &program)?
        .ok_or_else(|| Unusable::Skipped(format!("{helper} is not on PATH")))?;
    let answer =
        run(&path, key).map_err(|error| Unusable::Skipped(format!("{helper} failed ({error})")))?;
    let failed = || Unusable::Skipped(format!("{helper} failed"));
    match answer {
        // A helper's other output may contain secrets, so it is not shown.
        (false, output) => match String::from_utf8_lossy(&output).contains(NONE) {
            true => Ok(None),
            false => Err(failed()),
        },
        (true, output) => {
            let answer: Answer = serde_json::from_slice(&output).map_err(|_| failed())?;
            Ok(Credentials::new(
                answer.username,
                Zeroizing::new(answer.secret),
            ))
        }
    }
}

/// Finds the program of a helper on PATH. `None` if there is none.
///
/// # Errors
/// The name is not that of a program, or others than root and this user could have written the program.
fn find(name: &str, program: &str) -> Result<Option<PathBuf>, Unusable> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if !name.bytes().all(is_plain) {
        let message = format!(
            "docker's configuration names a program `{}`",
            visible(program)
        );
        let error = Error::new(ErrorKind::Refused, message);
        return Err(Unusable::Refused(error.hint(
            "correct the names of credential helpers in docker's config.json",
        )));
    }
    let path = variable("PATH").unwrap_or_default();
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    let mut places = std::env::split_paths(&path).map(|folder| folder.join(&file));
    // A relative folder on PATH depends on the working directory, which anybody may have filled.
    let Some(place) = places.find(|place| place.is_absolute() && place.is_file()) else {
        return Ok(None);
    };
    owners::check_own(&place).map_err(|distrust| {
        let what = format!("the credential helper {}", show_path(&place));
        Unusable::Refused(distrust.explain(&what, "install it again"))
    })?;
    Ok(Some(place))
}

/// Runs a helper. Returns whether it succeeded, and its output.
fn run(path: &PathBuf, key: &str) -> std::io::Result<(bool, Zeroizing<Vec<u8>>)> {
    let mut process = Command::new(path)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut input) = process.stdin.take() {
        // A helper that doesn't read the key decides for itself.
        let _ = input.write_all(key.as_bytes());
    }
    let mut output = Zeroizing::new(Vec::new());
    if let Some(stdout) = process.stdout.take() {
        stdout.take(MAX_TEXT).read_to_end(&mut output)?;
    }
    Ok((process.wait()?.success(), output))
}
