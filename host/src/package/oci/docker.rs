//! The credentials for a registry: those of the command line, or docker's.

use std::{fs::File, path::PathBuf};

use docker_credential::{CredentialRetrievalError, DockerCredential};
use tw_render::text::visible;
use zeroize::Zeroizing;

use crate::{
    error::{Error, ErrorKind},
    files::show_path,
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
        let Some(file) = open_docker_configuration(host)? else {
            return Ok(None);
        };
        match docker_credential::get_credential_from_reader(file, host) {
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

/// Opens docker's configuration, which has the credentials; returns `None` if there is no such file.
fn open_docker_configuration(host: &str) -> Result<Option<File>, Error> {
    let home = || {
        Some(PathBuf::from(variable("HOME").or_else(|| variable("USERPROFILE"))?).join(".docker"))
    };
    let folder = variable("DOCKER_CONFIG").map(PathBuf::from).or_else(home);
    let Some(path) = folder.map(|folder| folder.join("config.json")) else {
        return Ok(None);
    };
    // The file also names the program that has the credentials.
    let opened = owners::check_own(&path).and_then(|real| Ok(File::open(real)?));
    match opened {
        Ok(file) => Ok(Some(file)),
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
