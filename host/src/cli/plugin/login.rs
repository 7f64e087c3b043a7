//! The options `--username` and `--password-stdin` of the commands that name a place in a registry.

use std::io::Read;

use clap::Args;
use zeroize::Zeroizing;

use crate::{
    error::{Error, ErrorKind},
    package::oci::{Login, Place},
};

/// The size limit for a password on standard input, in bytes.
const MAX_PASSWORD: u64 = 64 << 10;

#[derive(Debug, Args)]
pub(super) struct LoginOptions {
    /// Log in to the registry of the oci:// address under this name; if omitted, with the credentials that docker or podman has stored
    #[arg(long, value_name = "NAME", requires = "password_stdin")]
    username: Option<String>,
    /// Read the password from standard input
    #[arg(long, requires = "username")]
    password_stdin: bool,
}

impl LoginOptions {
    /// Returns the login for a command that names this place. No other registry gets the password, whatever a registry or an index refers to.
    ///
    /// # Errors
    /// The password can't be read, or the command names no place in a registry.
    pub(super) fn read(&self, place: Option<&Place>) -> Result<Login, Error> {
        match (place, &self.username) {
            (Some(place), Some(name)) => Ok(Login::for_place(
                place,
                Some((name.clone(), read_password()?)),
            )),
            (Some(place), None) => Ok(Login::for_place(place, None)),
            (None, Some(_)) => Err(Error::usage(
                "`--username` needs the address of a registry: oci://HOST/REPO",
            )
            .hint("other registries take the credentials of `docker login HOST`")),
            (None, None) => Ok(Login::default()),
        }
    }
}

/// Reads a password from standard input, without the byte order mark that PowerShell may add, and without the end of its line.
fn read_password() -> Result<Zeroizing<String>, Error> {
    let mut text = Zeroizing::new(String::new());
    let mut input = std::io::stdin().lock().take(MAX_PASSWORD);
    input.read_to_string(&mut text).map_err(|error| {
        Error::new(
            ErrorKind::Input,
            format!("the password can't be read: {error}"),
        )
        .hint("pass the password on standard input")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(Zeroizing::new(
        text.trim_end_matches(['\r', '\n']).to_owned(),
    ))
}
