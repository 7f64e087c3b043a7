//! The plugin itself: what it registers, and how a call of the host finds its way.

use tw_plugin_abi::{ABI, HostRef, Panic, Reply, take_stray_panics};
use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{Call, Describe, ErrorMessage, Manifest, PROTOCOL, Run, RunRequest};

use crate::{Command, Error, ErrorKind, Group, Host, Result, Values, command::Handler};

/// What a plugin adds to `tw`, and which of the host's services it calls.
///
/// Name, version, licence, authors, description and homepage are those of the package; the name is without a leading `tw-plugin-`.
///
/// ```
/// use tw_plugin_api::prelude::*;
///
/// fn plugin() -> Plugin {
///     Plugin::new()
///         .uses([Service::Http, Service::Workspace])
///         .group(Group::new("datasets", "Work with datasets").workspace_option())
/// }
/// # let _ = plugin();
/// ```
#[derive(Debug, Clone, Default)]
pub struct Plugin {
    services: Vec<Service>,
    top: Option<Group>,
}

impl Plugin {
    /// A plugin that adds nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The services that it calls. A call of another is refused; people see the list before they install a plugin.
    #[must_use]
    pub fn uses(mut self, services: impl IntoIterator<Item = Service>) -> Self {
        self.services.extend(services);
        self
    }

    /// Adds a group of commands: `tw GROUP COMMAND`.
    #[must_use]
    pub fn group(mut self, group: Group) -> Self {
        self.top
            .get_or_insert_with(|| Group::new("", ""))
            .groups
            .push(group);
        self
    }

    /// Adds a command of its own: `tw COMMAND`.
    #[must_use]
    pub fn command(mut self, command: Command) -> Self {
        self.top
            .get_or_insert_with(|| Group::new("", ""))
            .commands
            .push(command);
        self
    }

    fn manifest(self, package: &Package) -> Manifest {
        Manifest {
            name: package
                .name
                .strip_prefix("tw-plugin-")
                .unwrap_or(package.name)
                .to_owned(),
            version: package.version.to_owned(),
            description: package.description.to_owned(),
            vendor: package.authors.replace(':', ", "),
            license: package.license.to_owned(),
            homepage: package.homepage.to_owned(),
            abi: ABI,
            protocol: PROTOCOL,
            target: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
            services: self
                .services
                .iter()
                .map(|service| service.name().to_owned())
                .collect(),
            commands: self
                .top
                .map(|top| top.into_message().subcommands)
                .unwrap_or_default(),
        }
    }

    fn find(&self, path: &[String]) -> Result<&Handler> {
        self.top
            .as_ref()
            .and_then(|top| top.find(path))
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Unsupported,
                    format!("this plugin has no command `{}`", path.join(" ")),
                )
            })
    }
}

/// A service of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Service {
    /// Requests to the API and elsewhere: [`Host::http`].
    Http,
    /// Whose token it is: [`Host::auth`].
    Auth,
    /// The token itself: [`Auth::token`](crate::Auth::token). Hardly any plugin needs it.
    Token,
    /// The workspace: [`Host::workspace`].
    Workspace,
    /// The plugin's own configuration: [`Host::config`].
    Config,
    /// Standard input, files, documents: [`Host::input`].
    Input,
    /// Questions: [`Host::prompt`].
    Prompt,
    /// Long results: [`Host::rows`]. An [`Output`](crate::Output) that is returned needs no service.
    Output,
    /// Progress displays: [`Host::progress`].
    Progress,
    /// Log lines: [`Host::log`].
    Log,
    /// Time: [`Host::now`] and [`Host::sleep`].
    Clock,
    /// Whether to stop: [`Host::is_cancelled`].
    Cancel,
}

impl Service {
    /// Its name, as it stands in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Auth => "auth",
            Self::Token => "token",
            Self::Workspace => "workspace",
            Self::Config => "config",
            Self::Input => "input",
            Self::Prompt => "prompt",
            Self::Output => "output",
            Self::Progress => "progress",
            Self::Log => "log",
            Self::Clock => "clock",
            Self::Cancel => "cancel",
        }
    }
}

/// Makes a cdylib a plugin: `export_plugin!(plugin);`, where `plugin` is a `fn() -> Plugin`.
///
/// It takes name, version, licence, authors, description and homepage from the package, and works in a crate with
/// `#![forbid(unsafe_code)]`. With `panic = "abort"` it doesn't compile, for a panic must become an error message.
///
/// ```
/// use tw_plugin_api::prelude::*;
///
/// fn plugin() -> Plugin {
///     Plugin::new()
/// }
///
/// export_plugin!(plugin);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export_plugin {
    ($plugin:expr) => {
        $crate::__private::export!(
            handler: |host, method, payload, _body| {
                let package = $crate::__private::Package {
                    name: ::core::env!("CARGO_PKG_NAME"),
                    version: ::core::env!("CARGO_PKG_VERSION"),
                    description: ::core::env!("CARGO_PKG_DESCRIPTION"),
                    authors: ::core::env!("CARGO_PKG_AUTHORS"),
                    license: ::core::env!("CARGO_PKG_LICENSE"),
                    homepage: ::core::env!("CARGO_PKG_HOMEPAGE"),
                };
                $crate::__private::handle(&package, $plugin, host, method, payload)
            },
            panicked: $crate::__private::panicked,
            protocol: 1
        );
        const _: () = ::core::assert!($crate::__private::PROTOCOL == 1);
    };
}

/// What the package says of itself.
#[doc(hidden)]
#[derive(Debug)]
pub struct Package {
    pub name: &'static str,
    pub version: &'static str,
    pub description: &'static str,
    pub authors: &'static str,
    pub license: &'static str,
    pub homepage: &'static str,
}

/// Answers a call of the host.
#[doc(hidden)]
pub fn handle(
    package: &Package,
    plugin: impl FnOnce() -> Plugin,
    host: HostRef,
    method: &str,
    payload: &[u8],
) -> std::result::Result<Reply, Reply> {
    match method {
        Describe::METHOD => Ok(reply(&plugin().manifest(package), Vec::new())),
        Run::METHOD => run(&plugin(), host, payload).map_err(|error| failure(error.into_message())),
        _ => Err(failure(ErrorMessage {
            kind: ErrorKind::Unsupported,
            message: format!("this plugin doesn't know the method `{method}`"),
            ..Default::default()
        })),
    }
}

fn run(plugin: &Plugin, host: HostRef, payload: &[u8]) -> Result<Reply> {
    let mut request: RunRequest = serde_json::from_slice(payload).map_err(|_| {
        Error::new(
            ErrorKind::BadRequest,
            "the host's message can't be read by this plugin",
        )
    })?;
    let handler = plugin.find(&request.command)?;
    let values = Values {
        arguments: std::mem::take(&mut request.arguments),
        sources: std::mem::take(&mut request.sources),
    };
    let host = Host::new(host, request, values.clone());
    let output = handler(values, &host)?;
    let mut outcome = output.outcome;
    outcome.warnings.extend(stray_panics());
    Ok(reply(&outcome, output.value))
}

/// Words a panic.
#[doc(hidden)]
pub fn panicked(panic: Panic) -> Reply {
    failure(ErrorMessage {
        kind: ErrorKind::Panic,
        message: format!("it panicked at {}: {}", panic.place, panic.message),
        ..Default::default()
    })
}

fn stray_panics() -> impl Iterator<Item = String> {
    take_stray_panics().into_iter().map(|panic| {
        format!(
            "a thread of it panicked at {}: {}",
            panic.place, panic.message
        )
    })
}

fn failure(mut error: ErrorMessage) -> Reply {
    error.warnings.extend(stray_panics());
    reply(&error, Vec::new())
}

fn reply(message: &impl serde::Serialize, body: Vec<u8>) -> Reply {
    Reply::new(protocol::to_bytes(message), body)
}
