//! Why a sandbox could not start or go on.

use std::io;
use std::path::PathBuf;

/// What can keep a sandbox from serving.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The port is taken, or this machine has no loopback interface.
    #[error("Could not listen on 127.0.0.1, port {port}: {cause}")]
    Listen {
        /// The port asked for; 0 asks for any free one.
        port: u16,
        /// What the system said.
        cause: io::Error,
    },
    /// The server's thread or runtime could not be made.
    #[error("Could not start the server: {0}")]
    Start(io::Error),
    /// The certificates for https could not be made.
    #[error("Could not make a certificate: {0}")]
    Certificate(String),
    /// The state file is there but can't be read, or isn't what a sandbox writes.
    #[error("Could not read the state file `{}`: {cause}", path.display())]
    StateUnreadable {
        /// The state file.
        path: PathBuf,
        /// What is wrong with it.
        cause: io::Error,
    },
    /// The state file is of another version of the sandbox.
    #[error("The state file `{}` has version {found}, and this sandbox knows version {known}", path.display())]
    StateVersion {
        /// The state file.
        path: PathBuf,
        /// The version in it.
        found: u32,
        /// The version that this sandbox writes.
        known: u32,
    },
    /// The state file could not be replaced.
    #[error("Could not write the state file `{}`: {cause}", path.display())]
    StateUnwritable {
        /// The state file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}
