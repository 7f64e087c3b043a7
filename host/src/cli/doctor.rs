//! `tw doctor`: checks this machine, the way to the server, the server and the token, and says how to repair what is wrong.
//!
//! It works without plugins, without a token and without a network: a check that needs another one is skipped if that one fails.

mod machine;
mod server;

use std::{fmt::Display, sync::Arc, time::Duration};

use clap::{ArgMatches, Command};
use serde_json::{Value, json};
use tw_render::Format;

use super::{
    hints::Given,
    plugin::view::{render_problem, table},
    show,
};
use crate::{
    config::{Settings, options},
    error::{Error, ErrorKind},
    plugin::Catalog,
    stdio,
};

pub(super) const ABOUT: &str = "Find what is wrong, and say how to repair it";

/// The time limit for connecting, and for an answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ok,
    Warning,
    Failed,
    Skipped,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// A check that was made.
#[derive(Debug)]
struct Check {
    name: &'static str,
    state: State,
    detail: String,
    /// The remedy; empty if the check passed.
    remedy: String,
}

impl Check {
    fn ok(name: &'static str, detail: impl Display) -> Self {
        Self::new(name, State::Ok, detail, "")
    }

    fn warning(name: &'static str, detail: impl Display, remedy: impl Display) -> Self {
        Self::new(name, State::Warning, detail, remedy)
    }

    fn failed(name: &'static str, detail: impl Display, remedy: impl Display) -> Self {
        Self::new(name, State::Failed, detail, remedy)
    }

    fn skipped(name: &'static str, why: impl Display) -> Self {
        Self::new(name, State::Skipped, why, "")
    }

    /// Makes a failed check of an error.
    fn of_error(name: &'static str, error: &Error) -> Self {
        Self::failed(name, error, error.next_step().unwrap_or_default())
    }

    /// Adds what to do, unless the check says so itself.
    fn or(mut self, remedy: &str) -> Self {
        if self.remedy.is_empty() {
            remedy.clone_into(&mut self.remedy);
        }
        self
    }

    fn new(name: &'static str, state: State, detail: impl Display, remedy: impl Display) -> Self {
        Self {
            name,
            state,
            detail: stdio::without_number(detail.to_string()),
            // A hint can have several lines, and a remedy is one.
            remedy: remedy.to_string().replace('\n', "; "),
        }
    }
}

/// Returns the command `tw doctor`.
pub(super) fn command() -> Command {
    options::add_to_command(Command::new("doctor").about(ABOUT))
}

/// Makes all checks, and returns the exit code: 1 if one of them failed.
pub(super) fn run(
    catalog: &Catalog,
    levels: &[&ArgMatches],
    mut settings: Settings,
    hints: &Given,
) -> Result<u8, Error> {
    // A user waits, and a fault that a retry would hide is what they look for.
    let network = &mut settings.network;
    network.retries = 0;
    network.connect_timeout = network.connect_timeout.min(TIMEOUT);
    network.read_timeout = network.read_timeout.min(TIMEOUT);
    let settings = Arc::new(settings);
    let mut checks = machine::check_configuration(catalog, levels);
    checks.extend(server::check_all(&settings, hints));
    checks.extend(machine::check_plugins(catalog));
    checks.push(machine::check_completion());
    let rows: Vec<Value> = checks.iter().map(to_value).collect();
    let mut columns = vec![
        ("Check", "/name"),
        ("State", "/state"),
        ("Detail", "/detail"),
    ];
    // The console shows the remedies below the table.
    if settings.format != Format::Console {
        columns.push(("Remedy", "/remedy"));
    }
    let view = table("Checks", "/checks", &columns, "No checks");
    let remedies: String = match settings.format {
        Format::Console => checks.iter().map(render_finding).collect(),
        _ => String::new(),
    };
    let value = json!({ "checks": rows });
    show::print_checks(&settings, &value, &view, &remedies, summarize(&checks))
}

/// Returns the failed checks as one error. `None` if no check failed.
fn summarize(checks: &[Check]) -> Option<Error> {
    let failed = checks.iter().filter(|check| check.state == State::Failed);
    let first = failed.clone().next()?;
    let names: Vec<&str> = failed.map(|check| check.name).collect();
    let message = format!(
        "Failed checks: {}; the first: {}",
        names.join(", "),
        first.detail
    );
    Some(Error::new(ErrorKind::Failure, message).hint(first.remedy.as_str()))
}

fn to_value(check: &Check) -> Value {
    let remedy = Some(&check.remedy).filter(|remedy| !remedy.is_empty());
    json!({
        "name": check.name,
        "state": check.state.name(),
        "detail": check.detail,
        "remedy": remedy,
    })
}

/// Renders what a check found, and the remedy, as lines below the table, which may cut long texts.
fn render_finding(check: &Check) -> String {
    match check.state {
        State::Ok | State::Skipped => String::new(),
        State::Warning | State::Failed => render_problem(check.name, &check.detail, &check.remedy),
    }
}
