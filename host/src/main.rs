//! `tw`, a plugin-based command host for Seqera Platform.

mod cli;
mod config;
mod error;
mod files;
mod owners;
mod package;
mod plugin;
mod process;
mod runtime;
mod service;
mod signals;
mod stdio;
mod store;
mod timing;
mod trust;
mod typed;

use std::process::ExitCode;

fn main() -> ExitCode {
    process::harden();
    process::take_secrets();
    ExitCode::from(cli::run())
}
