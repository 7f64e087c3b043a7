//! End-to-end tests of `tw` against the Platform: the output of every command, its requests, and its errors when the server fails.
//!
//! Long expected texts stand in `snapshots/`. `INSTA_UPDATE=always cargo test --workspace --test platform` rewrites them, and
//! `cargo insta review` shows each difference first.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on says so and ends"
)]

mod add;
mod alias;
mod answers;
mod api;
mod color;
mod completion;
mod delete;
mod endpoint;
mod error_format;
mod export;
mod failures;
mod faults;
mod file;
mod hostile;
mod https;
mod import;
mod interrupt;
mod list;
#[cfg(unix)]
mod log_file;
mod matrix;
mod membership;
mod mistakes;
mod mistakes_commands;
mod mistakes_lines;
mod names;
mod naughty;
mod network;
mod overwrite;
mod pager;
mod prompted;
mod quiet;
mod redirects;
mod root_options;
mod secrecy;
mod several;
#[cfg(unix)]
mod shells;
#[cfg(unix)]
mod shells_install;
mod sources;
mod streams;
mod sync;
mod terminal;
mod update;
mod usage;
mod values;
mod view;
mod waiting;
mod width;
mod workspace;

use tw_sandbox::{Sandbox, Secret};
use tw_tests::World;

/// The requests that resolve a workspace.
const USER: &str = "GET /user-info";
const WORKSPACES: &str = "GET /user/1/workspaces";

/// Starts a world in which the user has one secret: ID 1001, name `KEY`, value `first`, and fixed dates.
fn start_with_secret() -> World {
    World::with(
        Sandbox::builder()
            .clock("2022-10-05T12:42:21Z")
            .secret(Secret::new("KEY", "first")),
    )
}

/// Starts a world in which the workspace `acme/research`, ID 100, has the secret of [`start_with_secret`].
fn start_with_workspace_secret() -> World {
    let secret = Secret::new("KEY", "first").workspace(100);
    World::with(
        Sandbox::builder()
            .clock("2022-10-05T12:42:21Z")
            .secret(secret),
    )
}

/// Returns the user's secrets as the server stores them, each as `1001 KEY=first`.
fn list_stored(world: &World) -> Vec<String> {
    list_stored_in(world, None)
}

/// Returns the secrets of a workspace in the form of [`list_stored`].
fn list_stored_in(world: &World, workspace: Option<i64>) -> Vec<String> {
    let secrets = world.sandbox.secrets(workspace);
    secrets
        .iter()
        .map(|secret| format!("{} {}={}", secret.id, secret.name, secret.value))
        .collect()
}

/// Compares a text with the snapshot of this name, to the byte.
///
/// The snapshot has a `$` at the end of each line, as `cat -E` prints it, because cells end in blanks that belong to the contract, and because
/// `insta` ignores blanks and line feeds at the end of a text.
#[track_caller]
fn assert_text(name: &str, text: &str) {
    assert!(text.ends_with('\n'), "no line feed at the end: {text:?}");
    let lines = text.replace('\n', "$\n");
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!(name, lines);
    });
}
