//! The language of the end-to-end tests: given a sandbox and an installation, when `tw …` runs, then it prints this, and the server saw that.
//!
//! Everything is real: the binary and the libraries are built by the tests themselves before the first of them runs, so none can pass on a stale
//! one, and every call goes over HTTP to a sandbox in this process.
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
    reason = "a test that can't go on says so and ends"
)]

mod artifacts;
pub mod fruit;
mod installation;
mod ran;
pub mod registry;
mod server;
#[cfg(unix)]
mod terminal;
mod world;

pub use artifacts::{
    Artifacts, artifacts, compile_error, fixture, fixtures_of, root, target, there_is,
};
pub use installation::Installation;
pub use ran::{Ran, Running, Tw};
pub use registry::Registry;
pub use server::{Answer, Asked, Server};
#[cfg(unix)]
pub use terminal::{Left, Terminal, interrupt};
pub use world::World;
