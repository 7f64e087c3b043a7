//! `tw plugin rollback`, `remove`, `verify` and `sync`.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use tw_render::text::visible;

use super::{
    Run, not_installed, say,
    show::{table, trouble},
};
use crate::{
    error::{Context as _, Error, ErrorKind},
    package::{source::shown, sync},
    store::Lock,
    trust::Origin,
};

#[derive(Debug, Args)]
pub(super) struct Rollback {
    /// The plugin's name
    name: String,
}

impl Rollback {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let name = &self.name;
        let version =
            rolled_back(run, name).context(|| format!("Cannot roll {} back", visible(name)))?;
        run.done(
            &json!({ "name": name, "version": version }),
            format!("Plugin '{name}' is {version} again"),
        )
    }
}

/// The version before and the one now change places.
fn rolled_back(run: &Run<'_>, name: &str) -> Result<String, Error> {
    let store = run.store()?;
    let policy = run.policy()?;
    let mut change = store.change()?;
    let now = change
        .lock
        .plugins
        .get(name)
        .ok_or_else(|| not_installed(name))?
        .clone();
    let before = change.lock.previous.get(name).cloned().ok_or_else(|| {
        Error::new(
            ErrorKind::NotFound,
            format!("no version before {} is kept", now.version),
        )
        .hint("`tw plugin install INDEX/NAME@VERSION --allow-downgrade` installs one")
    })?;
    policy.check(&before.subject(name))?;
    store.open(name, &before).map_err(|problem| {
        problem.hint(format!(
            "`tw plugin install … --allow-downgrade` installs {} anew; it came from {}",
            before.version,
            shown(&before.source)
        ))
    })?;
    let version = before.version.to_string();
    change.lock.plugins.insert(name.to_owned(), before);
    change.lock.previous.insert(name.to_owned(), now);
    change.commit()?;
    Ok(version)
}

#[derive(Debug, Args)]
pub(super) struct Remove {
    /// The plugin's name
    name: String,
}

impl Remove {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let name = &self.name;
        removed(run, name).context(|| format!("Cannot remove {}", visible(name)))?;
        run.done(&json!({ "name": name }), format!("Plugin '{name}' removed"))
    }
}

fn removed(run: &Run<'_>, name: &str) -> Result<(), Error> {
    let store = run.store()?;
    let mut change = store.change()?;
    if change.lock.plugins.remove(name).is_none() {
        let linked = change.lock.links.contains_key(name);
        let bundled = run.catalog.ask_again();
        let bundled = bundled
            .plugins()
            .iter()
            .find(|plugin| plugin.name() == name && plugin.origin == Origin::Bundled);
        return Err(match (linked, bundled) {
            (true, _) => Error::new(
                ErrorKind::NotFound,
                format!("`{name}` is linked, not installed"),
            )
            .hint(format!("`tw plugin unlink {name}`")),
            (_, Some(plugin)) => Error::new(
                ErrorKind::Failure,
                format!("`{name}` came with tw, as {}", plugin.path.display()),
            )
            .hint("whoever installed tw can remove that file"),
            _ => not_installed(name),
        });
    }
    change.lock.previous.remove(name);
    change.commit()
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The plugin's name; without it, all that are installed
    name: Option<String>,
}

impl Verify {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let what = || "Cannot verify the plugins";
        let store = run.store().context(what)?;
        let lock = Lock::read(&store.lock_file()).context(what)?;
        if let Some(name) = self
            .name
            .as_ref()
            .filter(|name| !lock.plugins.contains_key(*name))
        {
            return Err(not_installed(name).context(what()));
        }
        let wanted = lock
            .plugins
            .iter()
            .filter(|(name, _)| self.name.as_ref().is_none_or(|wanted| wanted == *name));
        let verified = wanted.map(|(name, locked)| {
            let whole = store.open(name, locked).and_then(|_| store.manifest(name, locked));
            let whole = whole.and_then(|_| run.policy()?.check(&locked.subject(name)));
            let digest = locked.here().map(|here| here.package.to_string());
            let (state, problem, hint) = match whole {
                Ok(()) => ("ok", None, None),
                Err(problem) => ("broken", Some(problem.to_string()), problem.next_step().map(str::to_owned)),
            };
            json!({ "name": name, "version": locked.version.to_string(), "state": state, "digest": digest, "problem": problem, "hint": hint })
        });
        let verified: Vec<Value> = verified.collect();
        let broken: Vec<&Value> = verified
            .iter()
            .filter(|plugin| plugin["state"] != "ok")
            .collect();
        let troubles = broken.iter().map(|plugin| {
            let [name, problem, hint] =
                ["name", "problem", "hint"].map(|key| plugin[key].as_str().unwrap_or_default());
            trouble(name, problem, hint)
        });
        let troubles: String = match run.settings.format {
            tw_render::Format::Console => troubles.collect(),
            _ => String::new(),
        };
        let broken = !broken.is_empty();
        let columns = [
            ("Name", "/name"),
            ("Version", "/version"),
            ("State", "/state"),
            ("Digest", "/digest"),
        ];
        let view = table(
            "Installed plugins",
            "/plugins",
            &columns,
            "No plugins are installed",
        );
        run.show_with(&json!({ "plugins": verified }), &view, &troubles)?;
        Ok(u8::from(broken))
    }
}

#[derive(Debug, Args)]
pub(super) struct Sync {
    /// The lock; without it the machine's own, so that what is damaged is mended
    #[arg(long, value_name = "FILE")]
    lockfile: Option<PathBuf>,
    /// Use only what the lock says; look nothing up
    #[arg(long)]
    frozen: bool,
    /// Take the packages from this folder, and download nothing
    #[arg(long, value_name = "FOLDER")]
    from: Option<PathBuf>,
    /// Remove installed plugins that the lock doesn't have
    #[arg(long)]
    prune: bool,
}

impl Sync {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let request = sync::Request {
            lockfile: self.lockfile.as_deref(),
            frozen: self.frozen,
            from: self.from.as_deref(),
            prune: self.prune,
        };
        let synced = run
            .policy()
            .and_then(|policy| sync::sync(&request, &run.store()?, run.context, &policy));
        let synced = synced.context(|| "Cannot match the lock")?;
        if !synced.left.is_empty() {
            say(&format!(
                "warning: not in the lock, and left: {}; `--prune` removes them\n",
                visible(&synced.left.join(", "))
            ));
        }
        let installed: Vec<Value> = synced
            .installed
            .iter()
            .map(|(name, version)| json!({ "name": name, "version": version }))
            .collect();
        let names: Vec<String> = synced
            .installed
            .iter()
            .map(|(name, version)| format!("{name} {version}"))
            .collect();
        let text = match (names.is_empty(), synced.removed.is_empty()) {
            (true, true) => "The plugins match the lock already".to_owned(),
            (false, true) => format!("Installed {}", names.join(", ")),
            (true, false) => format!("Removed {}", synced.removed.join(", ")),
            (false, false) => format!(
                "Installed {}; removed {}",
                names.join(", "),
                synced.removed.join(", ")
            ),
        };
        run.done(
            &json!({ "installed": installed, "removed": synced.removed, "left": synced.left }),
            text,
        )
    }
}
