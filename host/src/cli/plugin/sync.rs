//! `tw plugin sync`.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::{Run, warn};
use crate::{
    error::{Context as _, Error},
    package::sync::{self, Request, Synced},
};

#[derive(Debug, Args)]
pub(super) struct Sync {
    /// The lock file; if omitted, this machine's own, to restore damaged plugins
    #[arg(long, value_name = "FILE")]
    lockfile: Option<PathBuf>,
    /// Install only packages that the lock file names, without looking up others
    #[arg(long)]
    frozen: bool,
    /// Take the packages from this folder, without downloading anything
    #[arg(long, value_name = "FOLDER")]
    from: Option<PathBuf>,
    /// Remove installed plugins that are not in the lock file
    #[arg(long)]
    prune: bool,
}

impl Sync {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let synced = self.sync(run).context(|| "Cannot sync the plugins")?;
        if !synced.left.is_empty() {
            warn(&format!(
                "not in the lock file, and left: {}; `--prune` removes them",
                synced.left.join(", ")
            ));
        }
        let installed = synced.installed.iter();
        let installed: Vec<Value> = installed
            .map(|(name, version)| json!({ "name": name, "version": version }))
            .collect();
        run.print_message(
            &json!({ "installed": installed, "removed": synced.removed, "left": synced.left }),
            render_summary(&synced),
        )
    }

    fn sync(&self, run: &Run<'_>) -> Result<Synced, Error> {
        let request = Request {
            lockfile: self.lockfile.as_deref(),
            frozen: self.frozen,
            from: self.from.as_deref(),
            prune: self.prune,
        };
        let policy = run.policy()?;
        sync::sync(&request, &run.store()?, run.context, &policy)
    }
}

fn render_summary(synced: &Synced) -> String {
    let installed = synced.installed.iter();
    let installed: Vec<String> = installed
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    let installed = installed.join(", ");
    let removed = synced.removed.join(", ");
    match (installed.is_empty(), removed.is_empty()) {
        (true, true) => "The plugins already match the lock file".to_owned(),
        (false, true) => format!("Installed {installed}"),
        (true, false) => format!("Removed {removed}"),
        (false, false) => format!("Installed {installed}; removed {removed}"),
    }
}
