//! `tw` against the Platform: every command, its bytes, its calls, and what happens when the server fails.
#![allow(
    clippy::expect_used,
    reason = "a test that can't go on says so and ends"
)]

mod add;
mod answers;
mod delete;
mod endpoint;
mod export;
mod failures;
mod file;
mod hostile;
mod https;
mod import;
mod interrupt;
mod list;
mod matrix;
mod membership;
mod names;
mod naughty;
mod network;
mod overwrite;
mod redirects;
mod root_options;
mod secrecy;
mod several;
mod sources;
mod streams;
mod sync;
mod terminal;
mod update;
mod usage;
mod values;
mod view;
mod workspace;

use tw_sandbox::{Sandbox, Secret};
use tw_tests::World;

/// The calls that find out which workspace is meant.
const USER: &str = "GET /user-info";
const WORKSPACES: &str = "GET /user/1/workspaces";

/// The user's one secret: number 1001, `KEY`, with the value `first`, of dates that are always the same.
fn one_secret() -> World {
    World::with(
        Sandbox::builder()
            .clock("2022-10-05T12:42:21Z")
            .secret(Secret::new("KEY", "first")),
    )
}

/// The same in the workspace 100, which is `acme/research`.
fn one_secret_in_a_workspace() -> World {
    let secret = Secret::new("KEY", "first").workspace(100);
    World::with(
        Sandbox::builder()
            .clock("2022-10-05T12:42:21Z")
            .secret(secret),
    )
}

/// The user's secrets as the server has them: `1001 KEY=first`.
fn stored(world: &World) -> Vec<String> {
    stored_in(world, None)
}

/// The secrets of a workspace, likewise.
fn stored_in(world: &World, workspace: Option<i64>) -> Vec<String> {
    let secrets = world.sandbox.secrets(workspace);
    secrets
        .iter()
        .map(|secret| format!("{} {}={}", secret.id, secret.name, secret.value))
        .collect()
}
