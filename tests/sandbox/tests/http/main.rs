//! The sandbox over real connections: every endpoint, every fault, https, the state file and the program.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod account;
mod client;
mod faults;
mod https;
mod journal;
mod program;
mod secrets;
mod state_file;
