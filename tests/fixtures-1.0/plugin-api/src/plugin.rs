//! The plugin: what it registers, and how it answers the calls of the host.

use tw_plugin_abi::{ABI, HostRef, Panic, Reply, take_stray_panics};
use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{
    Call, Complete, CompleteReply, CompleteRequest, Describe, ErrorMessage, Manifest, Needs,
    PROTOCOL, Run, RunRequest, from_bytes,
};

use crate::{Command, Config, Error, ErrorKind, Group, Host, Result, Values, config};

/// A plugin: the commands that it adds to `tw`, and the services of the host that it uses.
///
/// The plugin's name, version, license, authors, description and homepage are those of its package in `Cargo.toml`. A
/// leading `tw-plugin-` is not part of the plugin's name.
///
/// ```
/// use tw_plugin_api::prelude::*;
///
/// fn plugin() -> Plugin {
///     Plugin::new()
///         .uses([Service::Http, Service::Workspace])
///         .group(Group::new("datasets", "Manage datasets").workspace_option())
/// }
/// # let _ = plugin();
/// ```
#[derive(Debug, Clone, Default)]
pub struct Plugin {
    services: Vec<Service>,
    groups: Vec<Group>,
    commands: Vec<Command>,
    settings: Vec<protocol::Arg>,
}

impl Plugin {
    /// Creates a plugin without commands.
    pub fn new() -> Self {
        Self::default()
    }

    /// Declares the services that the plugin uses. The host refuses calls to the others in [`Service`]. `tw` shows the
    /// list to everyone who installs the plugin.
    #[must_use]
    pub fn uses(mut self, services: impl IntoIterator<Item = Service>) -> Self {
        self.services.extend(services);
        self
    }

    /// Adds a group of commands: `tw GROUP COMMAND`.
    #[must_use]
    pub fn group(mut self, group: Group) -> Self {
        self.groups.push(group);
        self
    }

    /// Adds a command without a group: `tw COMMAND`.
    #[must_use]
    pub fn command(mut self, command: Command) -> Self {
        self.commands.push(command);
        self
    }

    /// Declares the plugin's settings, which [`Host::config`] returns. `tw plugin info` shows them.
    #[must_use]
    pub fn config<T: Config>(mut self) -> Self {
        self.settings.extend(config::declare::<T>());
        self
    }

    /// Returns the commands and groups as one group without a name, which is how they are found by path.
    fn into_root(self) -> Group {
        Group {
            commands: self.commands,
            groups: self.groups,
            ..Group::new("", "")
        }
    }

    fn into_manifest(mut self, package: &Package) -> Manifest {
        let settings = std::mem::take(&mut self.settings);
        let services = self.services.iter();
        let mut manifest = Manifest {
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
            target: protocol::target(),
            services: services.map(|service| service.name().to_owned()).collect(),
            settings,
            commands: self.into_root().into_message().subcommands,
            ..Manifest::default()
        };
        protocol::add_needs(&mut manifest);
        manifest
    }
}

/// A service of the host that a plugin must declare, because whoever installs the plugin wants to know of it.
/// [`Plugin::uses`] declares those that a plugin uses. All other services are there for every plugin: the log, progress
/// displays, time, cancellation, the terminal, the plugin's folders, and long results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Service {
    /// HTTP requests: [`Host::http`].
    Http,
    /// The user that the access token belongs to: [`Auth::whoami`](crate::Auth::whoami).
    Auth,
    /// The access token itself: [`Auth::token`](crate::Auth::token). Hardly any plugin needs it.
    Token,
    /// The workspace: [`Host::workspace`].
    Workspace,
    /// The plugin's section of the configuration file: [`Host::config`].
    Config,
    /// Standard input, files and documents: [`Host::input`].
    Input,
    /// Questions to the user: [`Host::prompt`].
    Prompt,
    /// Other programs: [`Host::open`] and [`Host::process`].
    System,
}

impl Service {
    /// Returns the service's name in the manifest, which is also the first part of its methods' names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Auth => "auth",
            Self::Token => "token",
            Self::Workspace => "workspace",
            Self::Config => "config",
            Self::Input => "input",
            Self::Prompt => "prompt",
            Self::System => "system",
        }
    }
}

/// Turns a `cdylib` crate into a plugin. The argument is a function that takes nothing and returns a [`Plugin`].
///
/// The macro takes the name, the version, the license, the authors, the description and the homepage from the package.
/// It works in a crate with `#![forbid(unsafe_code)]`. It doesn't compile with `panic = "abort"`, because a panic must
/// become an error message instead of the end of the host.
///
/// ```standalone_crate
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
            panicked: $crate::__private::report_panic,
            protocol: 1
        );
        const _: () = ::core::assert!($crate::__private::PROTOCOL == 1);
    };
}

/// The metadata that Cargo has about the plugin's package.
#[doc(hidden)]
#[derive(Debug)]
pub struct Package {
    pub name: &'static str,
    pub version: &'static str,
    pub description: &'static str,
    /// Separated by colons, as in `CARGO_PKG_AUTHORS`.
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
    check_needs(payload).map_err(|error| to_failure(error.into_message()))?;
    match method {
        Describe::METHOD => Ok(to_reply(&plugin().into_manifest(package), Vec::new())),
        Run::METHOD => {
            run(plugin(), host, payload).map_err(|error| to_failure(error.into_message()))
        }
        Complete::METHOD => {
            complete(plugin(), host, payload).map_err(|error| to_failure(error.into_message()))
        }
        _ => Err(to_failure(ErrorMessage {
            kind: ErrorKind::Unsupported,
            message: format!("this plugin doesn't know the method `{method}`"),
            ..Default::default()
        })),
    }
}

/// Refuses a call of the host that needs a feature which this version of the crate doesn't have.
fn check_needs(payload: &[u8]) -> Result<()> {
    let Needs { needs } = from_bytes(payload).map_err(|_| unreadable())?;
    match protocol::missing_features(&needs).as_slice() {
        [] => Ok(()),
        missing => Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "tw needs a newer version of the plugin, for {}",
                missing.join(", ")
            ),
        )),
    }
}

fn unreadable() -> Error {
    Error::new(
        ErrorKind::BadRequest,
        "this plugin can't read the host's message",
    )
}

fn run(plugin: Plugin, host: HostRef, payload: &[u8]) -> Result<Reply> {
    let mut request: RunRequest = from_bytes(payload).map_err(|_| unreadable())?;
    let root = plugin.into_root();
    let handler = &find(&root, &request.command)?.handler;
    let values = take_values(&mut request);
    let host = Host::new(host, request, values.clone());
    let output = handler(values, &host);
    flush_prints();
    let output = output?;
    let mut outcome = output.outcome;
    outcome.warnings.extend(describe_stray_panics());
    Ok(to_reply(&outcome, output.value))
}

fn complete(plugin: Plugin, host: HostRef, payload: &[u8]) -> Result<Reply> {
    let request: CompleteRequest = from_bytes(payload).map_err(|_| unreadable())?;
    let root = plugin.into_root();
    let mut run = request.run;
    let values = match root.find_completer(&run.command, &request.argument) {
        Some(completer) => {
            let values = take_values(&mut run);
            completer.complete(&request.word, &Host::new(host, run, values))?
        }
        None => Vec::new(),
    };
    let reply = CompleteReply {
        values,
        ..Default::default()
    };
    Ok(to_reply(&reply, Vec::new()))
}

fn take_values(request: &mut RunRequest) -> Values {
    Values {
        arguments: std::mem::take(&mut request.arguments),
        sources: std::mem::take(&mut request.sources),
    }
}

fn find<'a>(root: &'a Group, path: &[String]) -> Result<&'a Command> {
    root.find(path).ok_or_else(|| {
        Error::new(
            ErrorKind::Unsupported,
            format!("this plugin has no command `{}`", path.join(" ")),
        )
    })
}

/// Converts a panic in a call of the host into a failure.
#[doc(hidden)]
pub fn report_panic(panic: Panic) -> Reply {
    flush_prints();
    to_failure(ErrorMessage {
        kind: ErrorKind::Panic,
        message: format!("it panicked at {}: {}", panic.place, panic.message),
        ..Default::default()
    })
}

/// Writes the unfinished line that `print!` has kept back. The standard library of a plugin is a copy of its own, and the
/// end of the process doesn't flush it.
fn flush_prints() {
    // The host reports what was printed; a failure loses only text that belongs elsewhere.
    let _ = std::io::Write::flush(&mut std::io::stdout());
}

/// Words the panics of threads that the plugin started. No call fails because of them, so they become warnings.
fn describe_stray_panics() -> impl Iterator<Item = String> {
    take_stray_panics().into_iter().map(|panic| {
        format!(
            "a thread of it panicked at {}: {}",
            panic.place, panic.message
        )
    })
}

fn to_failure(mut error: ErrorMessage) -> Reply {
    error.warnings.extend(describe_stray_panics());
    to_reply(&error, Vec::new())
}

fn to_reply(message: &impl serde::Serialize, body: Vec<u8>) -> Reply {
    Reply::new(protocol::to_bytes(message), body)
}
