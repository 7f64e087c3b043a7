//! Plugins: how `tw` finds, checks, loads and runs them. A plugin that is broken produces one clear message and breaks nothing else.
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on panics with the reason"
)]

mod authoring;
mod bad_moments;
mod c;
mod cache;
mod calls;
mod conflicts;
mod constraints;
mod constructors;
mod crashes;
mod denied;
mod dependencies;
mod encoding;
mod files;
mod given;
mod libraries;
mod limits;
mod list;
mod loading;
mod manifests;
mod manifests_args;
mod many;
mod needs;
mod none;
mod odd_systems;
mod outcomes;
mod panics;
mod plain;
mod prints;
mod process;
mod puppet;
mod random;
mod startup;
mod trust;
