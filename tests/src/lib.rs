//! The language of the end-to-end tests: given a sandbox and an installation, when `tw …` runs, then `tw` prints this and the server saw that.
//!
//! Nothing is mocked. The tests build the binary and the plugin libraries before the first command runs, so a test can't pass on a stale build.
//! Every call goes over HTTP to a sandbox in the test process.
//!
//! ```no_run
//! use tw_tests::World;
//!
//! let world = World::new();
//! world.tw(["secrets", "list"]).exits(0).prints("\n  Secrets at user workspace:\n\n    No secrets found\n").says("");
//! world.saw(["GET /pipeline-secrets"]);
//! ```
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed test panics with its reason"
)]

pub mod archive;
mod artifacts;
pub mod faults;
pub mod fruit;
mod installation;
mod library;
mod ran;
pub mod registry;
mod server;
#[cfg(unix)]
mod shell;
#[cfg(target_os = "linux")]
pub mod strangers;
#[cfg(unix)]
mod terminal;
mod world;

pub use artifacts::{
    Artifacts, artifacts, compile_error, find_python, fixture, fixtures_of, has_program, root,
    target,
};
pub use installation::Installation;
pub use library::{Library, refusing_host};
pub use ran::{Ran, Running, Tw};
pub use registry::Registry;
#[cfg(unix)]
pub use rustix::process::Signal;
pub use server::{Answer, Asked, Server};
#[cfg(unix)]
pub use shell::Shell;
#[cfg(unix)]
pub use terminal::{Left, Terminal, interrupt};
pub use world::World;
