//! `tw plugin remove`.

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use serde_json::json;
use tw_render::text::visible;

use super::{Run, not_installed};
use crate::{
    cli::completion,
    error::{Context as _, Error, ErrorKind},
    files::show_path,
    store::Lock,
    trust::Origin,
};

#[derive(Debug, Args)]
pub(super) struct Remove {
    /// The plugin's name
    #[arg(add = ArgValueCandidates::new(completion::installed))]
    name: String,
}

impl Remove {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let name = &self.name;
        remove(run, name).context(|| format!("Cannot remove {}", visible(name)))?;
        run.print_message(&json!({ "name": name }), format!("Plugin '{name}' removed"))
    }
}

fn remove(run: &Run<'_>, name: &str) -> Result<(), Error> {
    let store = run.store()?;
    let mut change = store.change()?;
    if change.lock.plugins.remove(name).is_none() {
        return Err(explain_absence(run, name, &change.lock));
    }
    change.lock.previous.remove(name);
    change.commit()
}

/// Says why there is no installed plugin of this name.
fn explain_absence(run: &Run<'_>, name: &str, lock: &Lock) -> Error {
    if lock.links.contains_key(name) {
        return Error::new(
            ErrorKind::NotFound,
            format!("`{name}` is linked, not installed"),
        )
        .hint(format!("`tw plugin unlink {name}`"));
    }
    let catalog = run.catalog.ask_again();
    let mut plugins = catalog.plugins().iter();
    match plugins.find(|plugin| plugin.name() == name && plugin.origin == Origin::Bundled) {
        None => not_installed(name),
        Some(plugin) => Error::new(
            ErrorKind::Refused,
            format!("`{name}` came with tw, as {}", show_path(&plugin.path)),
        )
        .hint("ask the person who installed tw to remove that file"),
    }
}
