//! The services that `tw` offers to plugins, tested through the author's API: the plugin `probe` calls each of them and reports the result.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on panics with the reason"
)]

mod arguments;
mod arguments_help;
mod arguments_secrecy;
mod arguments_typed;
mod arguments_values;
mod batch;
mod batch_arrivals;
mod batch_interrupts;
mod bytes;
mod cancel;
mod certificate;
mod complete;
mod config;
mod download;
mod environment;
mod form;
mod formats;
mod http;
mod http_bodies;
mod http_failure;
mod http_identity;
mod http_secrecy;
mod identity;
mod input;
mod jq;
mod network;
mod output;
mod pages;
mod prompt;
mod proxy;
mod refused;
mod resume;
mod retry;
mod rows;
mod say;
mod socks;
mod stream;
mod system;
mod upload;
mod upload_pieces;
mod views;

use std::{net::TcpListener, time::Duration};

use serde_json::Value;
use tw_sandbox::{Builder, Sandbox};
use tw_tests::{Installation, Ran, Running, Tw, World, fixtures_of};

/// The longest time that a test waits for anything.
const LIMIT: Duration = Duration::from_secs(60);

/// Installs a plugin of the workspace `tests/fixtures-api` and starts a sandbox.
fn set_up_plugin(plugin: &str, sandbox: Builder) -> World {
    set_up_plugin_on(plugin, sandbox.start())
}

fn set_up_plugin_on(plugin: &str, sandbox: Sandbox) -> World {
    let installation = Installation::bare();
    installation.add(
        plugin,
        &fixtures_of("tests/fixtures-api")[&format!("tw-plugin-{plugin}")],
    );
    World::of(sandbox, installation)
}

/// Installs the plugin `probe`, which uses the whole API, and starts a default sandbox.
fn set_up() -> World {
    set_up_with(Sandbox::builder())
}

/// Installs the plugin `probe` and starts the given sandbox.
fn set_up_with(sandbox: Builder) -> World {
    set_up_plugin("probe", sandbox)
}

/// Installs the plugin `probe` beside a sandbox that already runs.
fn set_up_on(sandbox: Sandbox) -> World {
    set_up_plugin_on("probe", sandbox)
}

/// Runs the plugin `probe`.
trait Probe {
    /// Prepares `tw -o json probe …`.
    fn probe<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Tw;

    /// Runs the command, which must succeed with an empty standard error, and returns its JSON.
    fn probe_json<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Value;

    /// Runs the command with `--report`, and returns the kind and the message of the failure that the plugin got.
    fn probe_failure<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> (String, String);

    /// Starts the command, and waits until the server has received this request, `METHOD PATH`.
    fn start_until<'a>(
        &self,
        request: &str,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Running;
}

impl Probe for World {
    fn probe<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Tw {
        self.command(["-o", "json", "probe"]).args(arguments)
    }

    #[track_caller]
    fn probe_json<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Value {
        self.probe(arguments).run().exits(0).says("").json()
    }

    #[track_caller]
    fn probe_failure<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> (String, String) {
        let got = self.probe(arguments).args(["--report"]).run().exits(0);
        let got = got.says("").json();
        let text = |key: &str| got[key].as_str().expect("a failure is reported").to_owned();
        (text("kind"), text("message"))
    }

    #[track_caller]
    fn start_until<'a>(
        &self,
        request: &str,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Running {
        let (method, path) = request.split_once(' ').expect("a method and a path");
        let running = self.probe(arguments).start();
        assert!(
            self.sandbox.wait_for_hits(method, path, 1, LIMIT),
            "the server received no {request}"
        );
        running
    }
}

/// Returns a URL whose port refuses connections.
fn pick_unused_url() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("the listener has an address");
    format!("http://{address}")
}

/// Asserts that the command line was refused, and that the message contains `named`.
#[track_caller]
fn assert_usage_error(ran: Ran, named: &str) {
    ran.exits(2).prints("").says_with(named);
}
