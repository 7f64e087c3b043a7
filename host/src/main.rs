//! `tw`, a plugin-based command host for Seqera Platform: run, then the exit code.
#![cfg_attr(not(unix), forbid(unsafe_code))]

mod cli;
mod config;
mod error;
mod hardening;
mod package;
mod plugin;
mod read;
mod runtime;
mod service;
mod stdout;
mod timing;

use std::process::ExitCode;

fn main() -> ExitCode {
    hardening::apply();
    ExitCode::from(cli::run())
}
