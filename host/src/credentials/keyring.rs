//! The keyring of the system: the Secret Service on Linux, the Keychain on macOS, and the Credential Manager on Windows.
//!
//! Each call has a deadline, because a keyring can hang or wait for its password in a window that nobody sees.

use std::{collections::HashMap, sync::mpsc, time::Duration};

use keyring_core::{Entry, api::CredentialStoreApi};
use zeroize::Zeroizing;

use super::Login;
use crate::error::{Error, ErrorKind, code};

/// The time limit for a call.
const DEADLINE: Duration = Duration::from_secs(2);

/// The name under which the keyring lists the tokens.
const SERVICE: &str = "tw";

/// The reason why the keyring can't be used.
#[derive(Debug)]
pub(super) enum Failure {
    /// This system has no keyring.
    Absent(String),
    /// The keyring didn't answer in time.
    Late,
    /// The keyring refuses.
    Refused(String),
}

impl Failure {
    /// Makes the error of a call. `what` says what wasn't done: "read".
    pub(super) fn explain(self, what: &str) -> Error {
        let (reason, hint) = match self {
            Self::Absent(reason) => (
                format!("this session has no keyring ({reason})"),
                "`tw login --store file` keeps the token in a file that only you can read",
            ),
            Self::Late => (
                format!("it did not answer within {} seconds", DEADLINE.as_secs()),
                "unlock the keyring and run the command again; or set TOWER_ACCESS_TOKEN, or keep the token in a file with `tw login --store file`",
            ),
            Self::Refused(reason) => (
                reason,
                "unlock the keyring and run the command again, or keep the token in a file with `tw login --store file`",
            ),
        };
        Error::new(
            ErrorKind::Failure,
            format!("The keyring can't be {what}: {reason}"),
        )
        .code(code::KEYRING)
        .hint(hint)
    }
}

/// Reads the token of a login. `None` if the keyring doesn't have it.
pub(super) fn read(login: &Login) -> Result<Option<Zeroizing<String>>, Failure> {
    run(login, |entry| {
        let bytes = Zeroizing::new(entry.get_secret()?);
        Ok(Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()))
    })
}

/// Stores the token of a login.
pub(super) fn write(login: &Login, token: Zeroizing<String>) -> Result<(), Failure> {
    run(login, move |entry| entry.set_secret(token.as_bytes())).map(drop)
}

/// Removes the token of a login, if the keyring has it.
pub(super) fn remove(login: &Login) -> Result<(), Failure> {
    run(login, Entry::delete_credential).map(drop)
}

/// Runs a call on a thread of its own until the deadline. `None` if the keyring has no such entry.
fn run<T: Send + 'static>(
    login: &Login,
    call: impl FnOnce(&Entry) -> keyring_core::Result<T> + Send + 'static,
) -> Result<Option<T>, Failure> {
    // The profile can't contain `@`, so two logins never have the same name.
    let user = format!(
        "{}@{}",
        login.profile.as_deref().unwrap_or_default(),
        login.origin
    );
    let label = format!("Access token of tw for {}", login.origin);
    let (sender, receiver) = mpsc::channel();
    let work = move || {
        let opened = open().map_err(|error| Failure::Absent(reason_of(&error)));
        let done = opened.and_then(|store| {
            let labels = HashMap::from([("label", label.as_str())]);
            let labels = Some(&labels).filter(|_| cfg!(target_os = "linux"));
            let entry = store.build(SERVICE, &user, labels);
            match entry.and_then(|entry| call(&entry)) {
                Ok(value) => Ok(Some(value)),
                Err(keyring_core::Error::NoEntry) => Ok(None),
                // The library's text speaks of a prompt that was dismissed, also if none could be shown.
                Err(keyring_core::Error::NoStorageAccess(_)) => {
                    Err(Failure::Refused("it is locked".to_owned()))
                }
                Err(error) => Err(Failure::Refused(reason_of(&error))),
            }
        });
        // The receiver has gone if the deadline has passed.
        let _ = sender.send(done);
    };
    let thread = std::thread::Builder::new().spawn(work);
    thread.map_err(|error| Failure::Refused(one_line(&error)))?;
    receiver
        .recv_timeout(DEADLINE)
        .unwrap_or(Err(Failure::Late))
}

#[cfg(target_os = "linux")]
fn open() -> keyring_core::Result<std::sync::Arc<impl CredentialStoreApi>> {
    zbus_secret_service_keyring_store::Store::new()
}

#[cfg(target_os = "macos")]
fn open() -> keyring_core::Result<std::sync::Arc<impl CredentialStoreApi>> {
    apple_native_keyring_store::keychain::Store::new()
}

#[cfg(windows)]
fn open() -> keyring_core::Result<std::sync::Arc<impl CredentialStoreApi>> {
    windows_native_keyring_store::Store::new()
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn open() -> keyring_core::Result<std::sync::Arc<keyring_core::mock::Store>> {
    Err(keyring_core::Error::NoDefaultStore)
}

/// Returns the reason of a library's error on one line. The library's own words are left out: its "Platform" is the system.
fn reason_of(error: &keyring_core::Error) -> String {
    match error {
        keyring_core::Error::PlatformFailure(cause) => one_line(&**cause),
        error => one_line(error),
    }
}

/// Returns the text of an error on one line, without control characters.
fn one_line(error: &dyn std::error::Error) -> String {
    tw_render::text::visible(&error.to_string()).into_owned()
}
