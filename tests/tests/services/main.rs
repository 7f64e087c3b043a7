//! What a plugin asks of `tw`, through the API that its author uses: a plugin that does whatever the API offers, and what became of it.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on says so and ends"
)]

mod arguments;
mod arguments_help;
mod arguments_secrecy;
mod batch;
mod cancel;
mod certificate;
mod config;
mod http;
mod http_failure;
mod http_identity;
mod http_secrecy;
mod identity;
mod input;
mod network;
mod output;
mod prompt;
mod proxy;
mod refused;
mod retry;
mod say;
mod stream;

use std::{net::TcpListener, time::Duration};

use serde_json::Value;
use tw_sandbox::{Builder, Sandbox};
use tw_tests::{Installation, Ran, Running, Tw, World, fixtures_of};

/// Nothing that a test waits for takes longer.
const LIMIT: Duration = Duration::from_secs(60);

/// `tw` with a plugin of the workspace `tests/fixtures-api`, and a sandbox.
fn world_of(plugin: &str, sandbox: Builder) -> World {
    world_with(plugin, sandbox.start())
}

fn world_with(plugin: &str, sandbox: Sandbox) -> World {
    let installation = Installation::bare();
    installation.add(
        plugin,
        &fixtures_of("tests/fixtures-api")[&format!("tw-plugin-{plugin}")],
    );
    World::of(sandbox, installation)
}

/// `tw` with the plugin that does whatever the API offers, and a sandbox.
fn probe() -> World {
    probe_with(Sandbox::builder())
}

/// The same, with this sandbox.
fn probe_with(sandbox: Builder) -> World {
    world_of("probe", sandbox)
}

/// The same, with a sandbox that runs.
fn probe_of(sandbox: Sandbox) -> World {
    world_with("probe", sandbox)
}

/// What the stories below say of a world with the plugin `probe`.
trait Probe {
    /// `tw probe …`, with a result in JSON.
    fn probe<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Tw;

    /// What the command got, with no word beside it.
    fn got<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Value;

    /// The kind and the message of the failure that the plugin met.
    fn met<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> (String, String);

    /// Starts a command, and waits until the server has seen this request.
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
    fn got<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Value {
        self.probe(arguments).run().exits(0).says("").json()
    }

    #[track_caller]
    fn met<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> (String, String) {
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
            "there was no {request}"
        );
        running
    }
}

/// An address where nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it has an address");
    format!("http://{address}")
}

/// A usage error that names this.
#[track_caller]
fn is_usage_error(ran: Ran, named: &str) {
    ran.exits(2).prints("").says_with(named);
}
