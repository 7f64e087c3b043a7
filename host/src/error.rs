//! What can go wrong for a person: what happened, what to do next, and how the process ends.

use std::path::PathBuf;

use tw_plugin_protocol::{ErrorKind, ErrorMessage};

use crate::plugin::Problem;

/// A failure of the host.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("Missing TOWER_ACCESS_TOKEN environment variable or 'tw -t <token> ...' parameter")]
    NoToken,
    #[error(
        "You are trying to connect to an insecure server: {url}\n        if you want to force the connection use '--insecure'. NOT RECOMMENDED!"
    )]
    Insecure { url: String },
    #[error("'{endpoint}' is not the address of an API: {reason}")]
    Endpoint { endpoint: String, reason: String },
    #[error("Cannot read the CA certificate '{path}': {reason}")]
    CaCertificate { path: PathBuf, reason: String },
    #[error("Cannot use the client certificate or key '{path}': {reason}")]
    ClientCertificate { path: PathBuf, reason: String },
    #[error("Cannot read the configuration {path}: {reason}")]
    Configuration { path: PathBuf, reason: String },
    #[error("Invalid value '{value}' for {name}: {expected}")]
    Environment {
        name: &'static str,
        value: String,
        expected: String,
    },
    #[error("The environment variable {name} is not UTF-8")]
    EnvironmentNotText { name: &'static str },
    #[error("{name} does not name a proxy: expected http://HOST:PORT or https://HOST:PORT")]
    Proxy { name: &'static str },
    #[error(
        "`tw {command}` is claimed by several plugins and belongs to none; remove one of them:{}",
        list(paths)
    )]
    Conflict {
        command: String,
        paths: Vec<PathBuf>,
    },
    #[error("The plugin `{plugin}` cannot be used: {problem}\n        {}", problem.mend)]
    Unfit { plugin: String, problem: Problem },
    #[error("Cannot {what}: {problem}\n        {}", problem.mend)]
    Cannot { what: String, problem: Problem },
    #[error("{0}")]
    Usage(String),
    #[error("Nothing was changed")]
    Declined,
    #[error("There is no plugin `{name}`")]
    NoSuchPlugin { name: String },
    #[error("{0}")]
    Plugin(String, Box<ErrorMessage>),
    #[error("Cannot write the result: {0}")]
    Output(std::io::Error),
    #[error("Cannot prepare to run the plugin: {0}")]
    System(std::io::Error),
}

fn list(paths: &[PathBuf]) -> String {
    paths
        .iter()
        .map(|path| format!("\n  {}", path.display()))
        .collect()
}

impl Error {
    /// A failure that a plugin reports; a fault of the plugin itself names it.
    pub(crate) fn of_plugin(plugin: &str, message: ErrorMessage) -> Self {
        let text = match message.kind {
            ErrorKind::Panic => format!("The plugin `{plugin}` failed: {}", message.message),
            ErrorKind::Refused
            | ErrorKind::BadRequest
            | ErrorKind::Unsupported
            | ErrorKind::Unknown => {
                format!("The plugin `{plugin}`: {}", message.message)
            }
            _ => message.message.clone(),
        };
        Self::Plugin(text, Box::new(message))
    }

    /// What to do next.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::NoToken => Some("make a token in the Platform under 'Your tokens'".to_owned()),
            // What mends these is part of the message, on a line of its own.
            Self::Insecure { .. }
            | Self::Unfit { .. }
            | Self::Cannot { .. }
            | Self::Usage(_)
            | Self::Declined
            | Self::System(_)
            | Self::Output(_) => None,
            Self::Endpoint { .. } => {
                Some("an address looks like https://api.cloud.seqera.io".to_owned())
            }
            Self::CaCertificate { .. } => {
                Some("it should be a PEM file with a certificate in it".to_owned())
            }
            Self::ClientCertificate { .. } => Some(
                "`--client-cert` and `--client-key` name PEM files, or one that has both"
                    .to_owned(),
            ),
            Self::Configuration { .. } => Some("mend the file, or remove it".to_owned()),
            Self::Environment { name, .. }
            | Self::EnvironmentNotText { name }
            | Self::Proxy { name } => Some(format!("change or unset {name}")),
            Self::Conflict { .. } => None,
            Self::NoSuchPlugin { .. } => {
                Some("`tw plugin list` shows the plugins that are there".to_owned())
            }
            Self::Plugin(_, message) => match message.kind {
                ErrorKind::Panic => {
                    Some("this is a fault of the plugin: tell its author".to_owned())
                }
                _ => message.hint.clone(),
            },
        }
    }

    /// How the process ends.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Environment { .. } | Self::EnvironmentNotText { .. } | Self::Usage(_) => 2,
            Self::Plugin(_, message) => match message.exit_code {
                Some(code @ (1..=125 | 130)) => code,
                _ => message.kind.exit_code(),
            },
            _ => 1,
        }
    }

    /// Whether the API couldn't be reached, which the existing CLI says in a second message.
    pub(crate) fn is_connection(&self) -> bool {
        matches!(self, Self::Plugin(_, message) if matches!(message.kind, ErrorKind::Network | ErrorKind::Timeout | ErrorKind::OutcomeUnknown))
    }

    /// The failure as a plugin is told of it.
    pub(crate) fn to_message(&self) -> ErrorMessage {
        if let Self::Plugin(_, message) = self {
            return (**message).clone();
        }
        ErrorMessage {
            kind: match self {
                Self::NoToken => ErrorKind::NoToken,
                _ => ErrorKind::Failure,
            },
            message: self.to_string(),
            hint: self.hint(),
            ..Default::default()
        }
    }
}

impl From<ErrorMessage> for Error {
    fn from(message: ErrorMessage) -> Self {
        Self::Plugin(message.message.clone(), Box::new(message))
    }
}
