//! Tests of the sandbox over real connections: endpoints, faults, https, the state file and the program.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod account;
mod client;
mod faults;
mod https;
mod journal;
mod program;
mod secrets;
mod state_file;
