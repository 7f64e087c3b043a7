//! A sandbox and an installation that talk to each other.

use tw_sandbox::{Builder, Sandbox};

use crate::{Installation, Ran, Tw};

/// A sandbox, an installation, and nothing else.
#[derive(Debug)]
pub struct World {
    /// The server.
    pub sandbox: Sandbox,
    /// The `tw` that talks to it.
    pub installation: Installation,
}

impl World {
    /// The sandbox's own seed, and the bundled plugins.
    pub fn new() -> Self {
        Self::with(Sandbox::builder())
    }

    /// This sandbox, and the bundled plugins.
    pub fn with(sandbox: Builder) -> Self {
        Self::of(sandbox.start(), Installation::bundled())
    }

    /// This sandbox and this installation.
    pub fn of(sandbox: Sandbox, installation: Installation) -> Self {
        Self {
            sandbox,
            installation,
        }
    }

    /// A command line that knows the sandbox's address and token.
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

    /// Runs such a command line.
    pub fn tw<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Ran {
        self.command(arguments).run()
    }

    /// The server saw exactly these requests, `METHOD PATH?QUERY`, since it was last asked.
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
