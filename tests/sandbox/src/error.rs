//! The errors of a sandbox.

use std::io;
use std::path::PathBuf;

/// An error that keeps a sandbox from starting, or from saving its state.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The sandbox cannot listen, for example because the port is taken.
    #[error("Could not listen on 127.0.0.1, port {port}: {cause}")]
    Listen {
        /// The requested port. 0 means any free port.
        port: u16,
        /// The system's error.
        cause: io::Error,
    },
    /// The server's thread or runtime cannot be created.
    #[error("Could not start the server: {0}")]
    Start(io::Error),
    /// The certificates for https cannot be created.
    #[error("Could not create a certificate: {0}")]
    Certificate(String),
    /// The state file exists but cannot be read, or is not a state file of a sandbox.
    #[error("Could not read the state file `{}`: {cause}", path.display())]
    StateUnreadable {
        /// The state file.
        path: PathBuf,
        /// The error of reading or parsing the file.
        cause: io::Error,
    },
    /// The state file has another format version.
    #[error("The state file `{}` has format version {found}, but this sandbox supports only version {known}", path.display())]
    StateVersion {
        /// The state file.
        path: PathBuf,
        /// The version of the file.
        found: u32,
        /// The version that this sandbox reads and writes.
        known: u32,
    },
    /// The state file cannot be written.
    #[error("Could not write the state file `{}`: {cause}", path.display())]
    StateUnwritable {
        /// The state file.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
}
