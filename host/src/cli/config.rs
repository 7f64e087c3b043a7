//! `tw config`: shows, checks and edits the configuration.

pub(super) mod check;
mod edit;
mod show;

use clap::{ArgMatches, Command, FromArgMatches, Subcommand};
use reqwest::Url;
use serde_json::json;

use super::{line::Line, plugin::add_root_options};
use crate::{
    config::{
        Settings,
        kind::{Kind, Value, parse_proxy},
    },
    error::Error,
    plugin::Catalog,
    stdio,
};

pub(super) const ABOUT: &str = "Show, check and edit the configuration";

#[derive(Debug, Subcommand)]
enum Config {
    /// Print the path of your configuration file
    Path,
    /// Edit your configuration file, and check it before it is replaced
    Edit,
    /// Check all configuration files
    Check,
    /// Show the settings in force
    Show(show::Show),
}

/// Returns the command with its subcommands.
pub(super) fn command(line: &Line) -> Command {
    let command = Config::augment_subcommands(Command::new("config").about(ABOUT));
    add_root_options(command, line)
}

/// Runs the subcommand that was given, and returns the exit code.
pub(super) fn run(
    catalog: &Catalog,
    levels: &[&ArgMatches],
    settings: &Settings,
) -> Result<u8, Error> {
    let config =
        Config::from_arg_matches(levels[1]).map_err(|error| Error::usage(error.to_string()))?;
    match config {
        Config::Path => path(settings),
        Config::Edit => edit::run(settings),
        Config::Check => check::run(catalog, levels, settings),
        Config::Show(show) => show.run(levels, settings),
    }
}

/// Prints the bare path, so that a script can use it.
fn path(settings: &Settings) -> Result<u8, Error> {
    let path = crate::config::user_path().ok_or_else(Error::no_home)?;
    if super::results::style(settings, None).columns.is_some() {
        super::results::warn_of_columns();
    }
    if settings.format != tw_render::Format::Console || settings.shown.jq.is_some() {
        let value = json!({ "path": path.to_string_lossy() });
        return super::show::print_message(settings, &value, "");
    }
    let line = format!("{}\n", path.display());
    stdio::print(&line).map_err(Error::output)?;
    Ok(0)
}

/// Returns a value as people may see it: without the user name and the password of an address.
pub(super) fn mask(kind: Kind, value: Value) -> String {
    let text = match value {
        Value::Path(path) => return crate::files::show_path(&path),
        Value::Count(0) if kind == Kind::Rate => return "none".to_owned(),
        value => value.to_string(),
    };
    let address = match kind {
        Kind::Proxy => parse_proxy(&text),
        Kind::Endpoint => Url::parse(&text).ok(),
        _ => None,
    };
    match address {
        Some(url) if !url.username().is_empty() || url.password().is_some() => hide(url),
        // The part before `@` may be a password in an address that can't be parsed.
        None if matches!(kind, Kind::Proxy | Kind::Endpoint) && text.contains('@') => {
            let host = text.rsplit('@').next().unwrap_or_default();
            format!("***@{host}")
        }
        _ => text,
    }
}

fn hide(mut url: Url) -> String {
    // The methods fail for addresses without a host, which have no user name either.
    let _ = url.set_username("***");
    let _ = url.set_password(None);
    url.as_str().trim_end_matches('/').to_owned()
}
