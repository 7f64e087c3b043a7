//! `tw plugin verify`.

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use serde_json::{Value, json};

use super::{
    Run, not_installed,
    view::{render_problem, table},
};
use crate::{
    cli::{completion, show},
    error::{Context as _, Error, ErrorKind, code},
    store::{Locked, Store},
    trust::{Policy, Subject},
};

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The plugin's name; all installed plugins if omitted
    #[arg(add = ArgValueCandidates::new(completion::installed))]
    name: Option<String>,
}

impl Verify {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let what = || "Cannot verify the plugins";
        let store = run.store().context(what)?;
        let lock = run.lock().context(what)?;
        if let Some(name) = &self.name
            && !lock.plugins.contains_key(name)
        {
            return Err(not_installed(name).context(what()));
        }
        let policy = run.policy();
        let is_wanted = |name: &String| self.name.as_ref().is_none_or(|wanted| wanted == name);
        let verified: Vec<Value> = lock
            .plugins
            .iter()
            .filter(|(name, _)| is_wanted(name))
            .map(|(name, locked)| {
                let verified = verify(run, &store, name, locked, &policy);
                verified_row(name, locked, verified.err())
            })
            .collect();
        let broken = verified.iter().filter(|plugin| plugin["state"] != "ok");
        let broken: Vec<String> = broken.map(render_broken).collect();
        let problems = match run.is_console() {
            true => broken.concat(),
            false => String::new(),
        };
        let columns = [
            ("Name", "/name"),
            ("Version", "/version"),
            ("State", "/state"),
            ("Digest", "/digest"),
        ];
        let empty = "No plugins are installed";
        let view = table("Installed plugins", "/plugins", &columns, empty);
        let value = json!({ "plugins": verified });
        let failure = summarize(&verified);
        show::print_checks(run.settings, &value, &view, &problems, failure)
    }
}

/// Returns the broken plugins as one error. `None` if no plugin is broken.
fn summarize(verified: &[Value]) -> Option<Error> {
    let mut broken = verified.iter().filter(|plugin| plugin["state"] != "ok");
    let names: Vec<&str> = broken
        .clone()
        .filter_map(|one| one["name"].as_str())
        .collect();
    let [_, problem, hint] = texts_of(broken.next()?);
    let message = format!("Broken plugins: {}; the first: {problem}", names.join(", "));
    let error = Error::new(ErrorKind::Failure, message).code(code::PLUGIN_UNUSABLE);
    Some(match hint {
        "" => error,
        hint => error.hint(hint),
    })
}

/// Checks that the files of a plugin are what was installed, and that the policies allow the plugin.
fn verify(
    run: &Run<'_>,
    store: &Store,
    name: &str,
    locked: &Locked,
    policy: &Result<Policy, Error>,
) -> Result<(), Error> {
    store.open(name, locked)?;
    let manifest = store.manifest(name, locked)?;
    let policy = policy.as_ref().map_err(Clone::clone)?;
    policy.check(&Subject {
        replaces_bundled: run.catalog.has_bundled(name),
        ..locked.subject(name, &manifest.services)
    })
}

fn verified_row(name: &str, locked: &Locked, error: Option<Error>) -> Value {
    json!({
        "name": name,
        "version": locked.version.to_string(),
        "state": if error.is_some() { "broken" } else { "ok" },
        "digest": locked.here().map(|here| here.package.to_string()),
        "problem": error.as_ref().map(Error::message),
        "hint": error.as_ref().and_then(Error::next_step),
    })
}

fn render_broken(plugin: &Value) -> String {
    let [name, problem, hint] = texts_of(plugin);
    render_problem(name, problem, hint)
}

/// Returns the name of a plugin, its problem and the hint.
fn texts_of(plugin: &Value) -> [&str; 3] {
    ["name", "problem", "hint"].map(|key| plugin[key].as_str().unwrap_or_default())
}
