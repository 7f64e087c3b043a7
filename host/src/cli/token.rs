//! `tw token`: which logins are stored, where the access token comes from, and whether the server accepts it.

use std::sync::Arc;

use clap::{ArgMatches, Command, FromArgMatches, Subcommand};
use serde_json::json;

use super::{
    hints::Given,
    line::Line,
    login::{place_kind, source_kind},
    plugin::{
        add_root_options,
        view::{record, table},
    },
    show,
};
use crate::{
    config::Settings,
    credentials::{self, origin_of, profile_of},
    error::{Error, ErrorKind, exit},
    service::{Own, http::parse_endpoint},
    stdio,
};

pub(super) const ABOUT: &str = "Check the access token";

#[derive(Debug, Subcommand)]
enum Action {
    /// List the stored logins
    List,
    /// Show where the access token comes from, and whether the server accepts it
    Status,
}

/// Returns the command with its subcommands.
pub(super) fn command(line: &Line) -> Command {
    let command = Action::augment_subcommands(Command::new("token").about(ABOUT));
    add_root_options(command, line)
}

/// Runs the subcommand that was given, and returns the exit code.
pub(super) fn run(matches: &ArgMatches, settings: Settings, hints: &Given) -> Result<u8, Error> {
    let action =
        Action::from_arg_matches(matches).map_err(|error| Error::usage(error.to_string()))?;
    match action {
        Action::List => list(&settings),
        Action::Status => status(settings, hints),
    }
}

fn list(settings: &Settings) -> Result<u8, Error> {
    let logins = credentials::list()?.into_iter().map(|login| {
        json!({
            "user": login.user,
            "origin": login.origin,
            "profile": login.profile,
            "source": place_kind(login.place),
        })
    });
    let value = json!({ "logins": logins.collect::<Vec<_>>() });
    let columns = [
        ("User", "/user"),
        ("Server", "/origin"),
        ("Profile", "/profile"),
        ("From", "/source"),
    ];
    let view = table("Logins", "/logins", &columns, "No logins found");
    show::print(settings, &value, &view)
}

fn status(settings: Settings, hints: &Given) -> Result<u8, Error> {
    let origin = origin_of(&parse_endpoint(&settings.endpoint)?);
    let settings = Arc::new(settings);
    let own = Own::new(Arc::clone(&settings));
    let found = own.credential();
    let source = found.as_ref().ok().map(|found| found.source.clone());
    let user = found.and_then(|_| own.user());
    let user = user.map_err(|error| hints.improve(error));
    let problem = user.as_ref().err();
    let is_missing = problem.is_some_and(|error| error.kind() == ErrorKind::NoToken);
    let is_rejected = problem.is_some_and(|error| error.status() == Some(401));
    let state = match (&source, &user) {
        (_, Ok(_)) => "accepted",
        (None, _) if is_missing => "missing",
        (None, _) => "unreadable",
        _ if is_rejected => "rejected",
        _ => "unknown",
    };
    let value = json!({
        "state": state,
        "user": user.as_ref().ok().map(|user| &user.name),
        "origin": origin,
        "profile": profile_of(&settings),
        "source": source.as_ref().map(source_kind),
        "from": source.as_ref().map(ToString::to_string),
        "problem": problem.map(ToString::to_string),
        "hint": problem.and_then(Error::next_step).map(|hint| hint.replace('\n', "; ")),
    });
    let fields = [
        ("State", "/state"),
        ("User", "/user"),
        ("Server", "/origin"),
        ("Profile", "/profile"),
        ("From", "/from"),
        ("Problem", "/problem"),
        ("Remedy", "/hint"),
    ];
    let view = record("Access token", "", &fields);
    show::print(&settings, &value, &view)?;
    match user {
        Ok(_) => Ok(exit::SUCCESS),
        // The report says it to users.
        Err(error) if stdio::has_json_errors() => Err(error),
        Err(_) => Ok(exit::FAILURE),
    }
}
