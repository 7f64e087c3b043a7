//! The API as a plugin author uses it, with a fake host behind it.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that can't continue fails with the reason"
)]

mod auto_traits;
mod batch;
mod derive;
mod files;
mod host;
mod http;
mod manifest;
mod output;
mod random;
mod run;
mod services;
mod stream;
mod typed;
mod upload;
