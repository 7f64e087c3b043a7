//! The credentials for a registry: those of the command line, or docker's.

use std::{collections::BTreeMap, path::PathBuf};

use docker_credential::{CredentialRetrievalError, DockerCredential};
use serde::Deserialize;
use tw_render::text::visible;
use zeroize::Zeroizing;

use crate::{
    error::{Error, ErrorKind},
    files::{MAX_TEXT, show_path},
    owners::{self, Distrust},
    process::variable,
};

/// The credentials that the command line gives. Without a name and a password, docker's configuration has them.
#[derive(Default)]
pub(crate) struct Login {
    pub(crate) username: Option<String>,
    pub(crate) password: Option<Zeroizing<String>>,
}

/// The credentials for a registry.
pub(super) enum Credentials {
    Password(String, Zeroizing<String>),
    /// What `docker login` stores if a registry issues it: a token that is exchanged for an access token.
    Refresh(Zeroizing<String>),
}

impl Login {
    /// Returns the credentials for a registry, `HOST[:PORT]`. `None` if there are none.
    ///
    /// # Errors
    /// Docker's configuration can't be read, or a credential helper fails.
    pub(super) fn credentials(&self, host: &str) -> Result<Option<Credentials>, Error> {
        if let (Some(username), Some(password)) = (&self.username, &self.password) {
            let credentials = Credentials::Password(username.clone(), password.clone());
            return Ok(Some(credentials));
        }
        let Some(text) = read_docker_configuration(host)? else {
            return Ok(None);
        };
        check_helper(&text, host)?;
        match docker_credential::get_credential_from_reader(text.as_slice(), host) {
            Ok(DockerCredential::UsernamePassword(username, password)) => Ok(Some(
                Credentials::Password(username, Zeroizing::new(password)),
            )),
            Ok(DockerCredential::IdentityToken(token)) => {
                Ok(Some(Credentials::Refresh(Zeroizing::new(token))))
            }
            Err(CredentialRetrievalError::NoCredentialConfigured) => Ok(None),
            // docker's credential helpers say this if they have no credentials for the registry.
            Err(CredentialRetrievalError::HelperFailure { stdout, .. })
                if stdout.contains("credentials not found") =>
            {
                Ok(None)
            }
            // A credential helper's other output may contain secrets, so it is not shown.
            Err(CredentialRetrievalError::HelperFailure { helper, .. }) => Err(Error::new(
                ErrorKind::Failure,
                format!(
                    "the credential helper `{}` failed for {host}",
                    visible(&helper)
                ),
            )
            .hint(format!("run `docker login {host}` to see why"))),
            Err(error) => Err(Error::new(
                ErrorKind::Input,
                format!(
                    "docker's configuration has no usable credentials for {host}: {}",
                    visible(&error.to_string())
                ),
            )
            .hint(format!("log in again: `docker login {host}`"))),
        }
    }
}

/// Reads docker's configuration, which has the credentials; returns `None` if there is no such file.
fn read_docker_configuration(host: &str) -> Result<Option<Vec<u8>>, Error> {
    let home = || {
        Some(PathBuf::from(variable("HOME").or_else(|| variable("USERPROFILE"))?).join(".docker"))
    };
    let folder = variable("DOCKER_CONFIG").map(PathBuf::from).or_else(home);
    let Some(path) = folder.map(|folder| folder.join("config.json")) else {
        return Ok(None);
    };
    // The file also names the program that has the credentials.
    match owners::read_own(&path, MAX_TEXT) {
        Ok(text) => Ok(Some(text)),
        Err(Distrust::Missing) => Ok(None),
        Err(distrust @ Distrust::Stranger(_)) => {
            let what = format!("docker's configuration {}", show_path(&path));
            Err(distrust.explain(&what, &format!("log in again: `docker login {host}`")))
        }
        Err(Distrust::Unreadable(error)) => Err(Error::new(
            ErrorKind::Input,
            format!(
                "docker's credentials for {host} in {} can't be read: {error}",
                show_path(&path)
            ),
        )
        .hint("make the file readable")),
    }
}

/// Checks the credential helper that docker's configuration names for a registry: that its name is the name of a program, and that only root and this
/// user could have written the first program of this name on PATH.
fn check_helper(configuration: &[u8], host: &str) -> Result<(), Error> {
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Helpers {
        creds_store: String,
        cred_helpers: BTreeMap<String, String>,
    }
    // The crate explains what is wrong with a damaged file.
    let mut helpers: Helpers = serde_json::from_slice(configuration).unwrap_or_default();
    let of_host = helpers.cred_helpers.remove(host);
    for name in of_host.into_iter().chain([helpers.creds_store]) {
        let program = format!("docker-credential-{name}");
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if !name.bytes().all(is_plain) {
            let message = format!(
                "docker's configuration names a program `{}`",
                visible(&program)
            );
            return Err(Error::new(ErrorKind::Refused, message)
                .hint("correct the names of credential helpers in docker's config.json"));
        }
        let path = variable("PATH").unwrap_or_default();
        let mut places = std::env::split_paths(&path).map(|folder| folder.join(&program));
        if let Some(place) = places.find(|place| place.is_file()) {
            owners::check_own(&place).map_err(|distrust| {
                let what = format!("the credential helper {}", show_path(&place));
                distrust.explain(&what, "install it again")
            })?;
        }
    }
    Ok(())
}
