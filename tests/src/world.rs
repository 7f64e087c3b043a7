//! A sandbox and an installation that uses it.

use tw_sandbox::{Builder, Sandbox};

use crate::{Installation, Ran, Tw};

/// A sandbox and an installation.
#[derive(Debug)]
pub struct World {
    /// The server.
    pub sandbox: Sandbox,
    /// The installation of `tw` that talks to the sandbox.
    pub installation: Installation,
}

impl World {
    /// Starts a sandbox with its default content, for an installation with the bundled plugins.
    pub fn new() -> Self {
        Self::with(Sandbox::builder())
    }

    /// Starts this sandbox, for an installation with the bundled plugins.
    pub fn with(sandbox: Builder) -> Self {
        Self::of(sandbox.start(), Installation::bundled())
    }

    /// Combines a running sandbox and an installation.
    pub fn of(sandbox: Sandbox, installation: Installation) -> Self {
        Self {
            sandbox,
            installation,
        }
    }

    /// Prepares a command line with the sandbox's address and token in its environment.
    pub fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Tw {
        let insecure = self
            .sandbox
            .url()
            .starts_with("http://")
            .then_some("--insecure");
        self.installation
            .command(insecure)
            .args(arguments)
            .env("TOWER_API_ENDPOINT", self.sandbox.url())
            .env("TOWER_ACCESS_TOKEN", self.sandbox.token())
    }

    /// Runs a command line with the sandbox's address and token in its environment.
    pub fn tw<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Ran {
        self.command(arguments).run()
    }

    /// Asserts that the server received exactly these requests, each as `METHOD PATH?QUERY`, since the last call.
    #[track_caller]
    pub fn saw<'a>(&self, expected: impl IntoIterator<Item = &'a str>) {
        let seen: Vec<String> = self
            .sandbox
            .requests()
            .iter()
            .map(|request| match &request.query {
                None => format!("{} {}", request.method, request.path),
                Some(query) => format!("{} {}?{query}", request.method, request.path),
            })
            .collect();
        let expected: Vec<&str> = expected.into_iter().collect();
        assert_eq!(seen, expected);
        self.sandbox.clear_requests();
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}
