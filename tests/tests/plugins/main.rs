//! Plugins: found, trusted, loaded, run; and whatever one does wrong is one clear message that breaks nothing else.
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on says so and ends"
)]

mod authoring;
mod calls;
mod conflicts;
mod constructors;
mod crashes;
mod files;
mod given;
mod index;
mod libraries;
mod list;
mod manifests;
mod many;
mod outcomes;
mod panics;
mod prints;
mod puppet;
mod startup;
mod trust;
