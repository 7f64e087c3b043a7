//! `tw`, a plugin-based command host for Seqera Platform.
// The fuzzer has a `main` of its own, so most of the program is unused.
#![cfg_attr(fuzzing, no_main, allow(dead_code, unused_imports))]

mod cli;
mod config;
mod credentials;
mod error;
mod files;
#[cfg(any(test, fuzzing))]
mod fuzz;
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

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::run_chosen(data));

#[cfg(not(fuzzing))]
fn main() -> std::process::ExitCode {
    process::harden();
    process::take_secrets();
    signals::survive_file_limit();
    std::process::ExitCode::from(process::with_enough_stack(cli::run))
}
