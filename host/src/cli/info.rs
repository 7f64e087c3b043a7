//! `tw info`: the server, the versions and the user, as the existing CLI shows them. seqerakit calls it.

use std::sync::Arc;

use clap::Command;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tw_plugin_protocol::{TextView, View};
use tw_render::{Format, text::visible};

use super::{hints::Given, show};
use crate::{
    config::{Settings, options},
    error::{Error, ErrorKind},
    service::Own,
};

pub(super) const ABOUT: &str = "Show the server, the versions and the user";

/// The oldest version of the API that the existing CLI accepts.
const MINIMUM_API: &str = "1.130.0";

/// The outcome of a check, as the existing CLI's JSON has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    Ok = 1,
    Failed = 0,
    Undefined = -1,
}

impl Check {
    fn of(passed: bool) -> Self {
        match passed {
            true => Self::Ok,
            false => Self::Failed,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Failed => "FAILED",
            Self::Undefined => "UNDEFINED",
        }
    }
}

/// The findings about the server and the token.
struct Info {
    connection: Check,
    version: Check,
    credentials: Check,
    api_version: Option<String>,
    server_version: Option<String>,
    user: Option<String>,
    /// The fault and its remedy.
    problem: Option<Error>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    service_info: Option<ServiceInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceInfo {
    version: Option<String>,
    api_version: Option<String>,
}

/// Returns the command `tw info`.
pub(super) fn command() -> Command {
    options::add_to_command(Command::new("info").about(ABOUT))
}

/// Asks the server, and returns the exit code: 0 if all checks passed.
pub(super) fn run(settings: Settings, hints: &Given) -> Result<u8, Error> {
    let settings = Arc::new(settings);
    let mut info = ask(&settings)?;
    info.problem = info.problem.map(|error| hints.improve(error));
    let value = info.to_value(&settings);
    let view = View::Text(TextView {
        text: info.render(&settings),
        ..Default::default()
    });
    show::print_checks(&settings, &value, &view, "", info.failure())
}

/// Asks for the versions, and for the user if the server answers.
///
/// # Errors
/// If the fault is on this machine: a wrong address, or a file that can't be read.
fn ask(settings: &Arc<Settings>) -> Result<Info, Error> {
    let mut info = Info {
        connection: Check::Ok,
        version: Check::Undefined,
        credentials: Check::Undefined,
        api_version: None,
        server_version: None,
        user: None,
        problem: None,
    };
    let own = Own::new(Arc::clone(settings));
    match own.get_anonymous::<Answer>("/service-info") {
        Ok(answer) => {
            if let Some(service) = answer.service_info
                && let Some(version) = service.api_version
            {
                info.version = is_recent(&version).map_or(Check::Undefined, Check::of);
                info.api_version = Some(version);
                info.server_version = service.version;
            }
        }
        Err(error) if is_of_server(&error) => {
            info.connection = Check::Failed;
            info.problem = Some(error);
            return Ok(info);
        }
        Err(error) => return Err(error),
    }
    match own.user() {
        Ok(user) => {
            info.credentials = Check::Ok;
            info.user = Some(user.name);
        }
        Err(error) => {
            if error.status() == Some(401) {
                info.credentials = Check::Failed;
            }
            info.problem = Some(error);
        }
    }
    Ok(info)
}

/// True if the server or the way to it is to blame.
fn is_of_server(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Network
            | ErrorKind::Timeout
            | ErrorKind::OutcomeUnknown
            | ErrorKind::Http
            | ErrorKind::InvalidResponse
            | ErrorKind::TooLarge
    )
}

/// True if a version of the API is not older than [`MINIMUM_API`]. `None` if the text is no version.
fn is_recent(version: &str) -> Option<bool> {
    let numbers = |text: &str| -> Option<Vec<u64>> {
        let numbers = text.split(['-', '+']).next()?.split('.');
        numbers.map(|number| number.parse().ok()).collect()
    };
    Some(numbers(version)? >= numbers(MINIMUM_API)?)
}

impl Info {
    /// Returns the value in the form of the existing CLI, which leaves nulls out.
    fn to_value(&self, settings: &Settings) -> Value {
        let all = [
            ("cliApiVersion", Some(MINIMUM_API)),
            ("cliVersion", Some(env!("CARGO_PKG_VERSION"))),
            ("towerApiVersion", self.api_version.as_deref()),
            ("towerApiEndpoint", Some(&*settings.endpoint)),
            ("towerVersion", self.server_version.as_deref()),
            ("userName", self.user.as_deref()),
        ];
        let known = all.into_iter().filter_map(|(key, value)| {
            let value = Value::from(value?);
            Some((key.to_owned(), value))
        });
        let mut value = json!({
            "connectionCheck": self.connection as i8,
            "versionCheck": self.version as i8,
            "credentialsCheck": self.credentials as i8,
            "opts": known.collect::<Map<_, _>>(),
        });
        let problem = self.problem.as_ref().map(ToString::to_string);
        if let Some(problem) = problem.or_else(|| self.old_version()) {
            value["problem"] = problem.into();
        }
        value
    }

    /// Returns the failure of a check. `None` if all checks passed.
    fn failure(&self) -> Option<Error> {
        let checks = [self.connection, self.version, self.credentials];
        if checks.iter().all(|check| *check == Check::Ok) {
            return None;
        }
        let of_version = || {
            let reason = self.old_version();
            let reason = reason.unwrap_or_else(|| "The version of the API is unknown".to_owned());
            Error::new(ErrorKind::Unsupported, reason)
        };
        Some(self.problem.clone().unwrap_or_else(of_version))
    }

    /// Says that the server is too old. `None` if it isn't.
    fn old_version(&self) -> Option<String> {
        let version = self.api_version.as_ref()?;
        (self.version == Check::Failed).then(|| format!(
            "Tower API version is {version} while the minimum required version to be fully compatible is {MINIMUM_API}"
        ))
    }

    /// Renders the layout of the existing CLI.
    fn render(&self, settings: &Settings) -> String {
        if settings.format != Format::Console {
            return String::new();
        }
        let text = |value: &Option<String>| match value {
            Some(value) => visible(value).into_owned(),
            None => Check::Undefined.text().to_owned(),
        };
        let endpoint = visible(&settings.endpoint).into_owned();
        let details = grid(&[
            ("Tower API endpoint", endpoint.clone()),
            ("Tower API version", text(&self.api_version)),
            ("Tower version", text(&self.server_version)),
            ("CLI version", env!("CARGO_PKG_VERSION").to_owned()),
            ("CLI minimum API version", MINIMUM_API.to_owned()),
            ("Authenticated user", text(&self.user)),
        ]);
        let health = grid(&[
            (
                "Remote API server connection check",
                self.connection.text().to_owned(),
            ),
            ("Tower API version check", self.version.text().to_owned()),
            (
                "Authentication API credential's token",
                self.credentials.text().to_owned(),
            ),
        ]);
        let mut out = format!("\n    Details\n{details}\n    System health status\n{health}");
        if self.connection == Check::Failed {
            let guess = match endpoint.contains("/api") {
                true => String::new(),
                false => format!(" (did you mean {endpoint}/api?)"),
            };
            out += &format!("\n    Tower API URL {endpoint} it is not available{guess}\n\n");
        }
        if let Some(problem) = self.old_version() {
            out += &format!("\n    {}\n\n", visible(&problem));
        }
        if self.credentials == Check::Failed {
            out += "\n    Review that your current access token is valid and active.\n\n";
        }
        // The existing CLI doesn't say the cause.
        if let Some(problem) = self
            .problem
            .as_ref()
            .filter(|_| self.credentials != Check::Failed)
        {
            out += &format!("\n    {}\n", visible(&problem.to_string()));
            if let Some(hint) = problem.next_step() {
                let lines = hint.lines();
                out.extend(lines.map(|line| format!("    {}\n", visible(line))));
            }
        }
        out + "\n"
    }
}

/// Renders two columns below a rule, indented by four blanks.
fn grid(rows: &[(&str, String)]) -> String {
    let width = |texts: &mut dyn Iterator<Item = &str>| {
        texts
            .map(|text| text.chars().count())
            .max()
            .unwrap_or_default()
    };
    let first = width(&mut rows.iter().map(|(name, _)| *name));
    let second = width(&mut rows.iter().map(|(_, value)| value.as_str()));
    let rule = format!("    {}+{}\n", "-".repeat(first + 2), "-".repeat(second + 2));
    let lines = rows
        .iter()
        .map(|(name, value)| format!("     {name:<first$} | {value:<second$} \n"));
    rule + &lines.collect::<String>()
}
