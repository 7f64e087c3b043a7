//! `tw plugin rollback`.

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use serde_json::json;
use tw_render::text::visible;

use super::{Run, not_installed};
use crate::{
    cli::completion,
    error::{Context as _, Error, ErrorKind},
    package::{install, source::display_source},
};

#[derive(Debug, Args)]
pub(super) struct Rollback {
    /// The plugin's name
    #[arg(add = ArgValueCandidates::new(completion::installed))]
    name: String,
}

impl Rollback {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let name = &self.name;
        let what = || format!("Cannot roll {} back", visible(name));
        let version = roll_back(run, name).context(what)?;
        run.print_message(
            &json!({ "name": name, "version": version }),
            format!("Plugin '{name}' is {version} again"),
        )
    }
}

/// Exchanges the current version and the previous one, and returns the version that is now used.
fn roll_back(run: &Run<'_>, name: &str) -> Result<String, Error> {
    let store = run.store()?;
    let policy = run.policy()?;
    let mut change = store.change()?;
    let current = change.lock.plugins.get(name).cloned();
    let current = current.ok_or_else(|| not_installed(name))?;
    let previous = change.lock.previous.get(name).cloned().ok_or_else(|| {
        Error::new(
            ErrorKind::NotFound,
            format!("no version before {} is kept", current.version),
        )
        .hint("`tw plugin install INDEX/NAME@VERSION --allow-downgrade` installs an older version")
    })?;
    let suggest_install = |error: Error| {
        error.hint(format!(
            "`tw plugin install … --allow-downgrade` installs {} again; it came from {}",
            previous.version,
            display_source(&previous.source)
        ))
    };
    store.open(name, &previous).map_err(suggest_install)?;
    let manifest = store.manifest(name, &previous).map_err(suggest_install)?;
    install::check_policy(&previous, &manifest, run.catalog, &policy)?;
    let version = previous.version.to_string();
    change.lock.plugins.insert(name.to_owned(), previous);
    change.lock.previous.insert(name.to_owned(), current);
    change.commit()?;
    Ok(version)
}
