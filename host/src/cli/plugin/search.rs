//! `tw plugin search`.

use clap::Args;
use semver::VersionReq;
use serde_json::{Value, json};

use super::{Run, view::table, warn};
use crate::{
    error::{Context as _, Error},
    package::index::{Indices, Listing},
    store::Lock,
};

#[derive(Debug, Args)]
pub(super) struct Search {
    /// Words that the name, description or commands contain; all plugins if omitted
    words: Vec<String>,
}

impl Search {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let indices = run.policy().and_then(|policy| Indices::read(&policy));
        let indices = indices.context(|| "Cannot search")?;
        let lock = run.lock().unwrap_or_default();
        let words: Vec<String> = self.words.iter().map(|word| word.to_lowercase()).collect();
        let mut rows: Vec<Value> = Vec::new();
        for (index, document) in indices.copies() {
            let found = document.plugins.iter();
            let found = found.filter(|(name, plugin)| contains(name, plugin, &words));
            rows.extend(found.map(|(name, plugin)| row(index, name, plugin, &lock)));
        }
        if indices.all().is_empty() {
            warn("no index is known; `tw plugin index add` adds one");
        }
        let columns = [
            ("Name", "/name"),
            ("Version", "/version"),
            ("Installed", "/installed"),
            ("Publisher", "/publisher"),
            ("Description", "/description"),
        ];
        let heading = "Plugins in the indices";
        let view = table(heading, "/plugins", &columns, "No plugins found");
        run.print(&json!({ "plugins": rows }), &view)
    }
}

/// True if the name, the description or the commands contain each of the words.
fn contains(name: &str, plugin: &Listing, words: &[String]) -> bool {
    let newest = plugin.newest(&VersionReq::STAR);
    let commands = newest.map(|(_, release)| release.commands.join(" "));
    let commands = commands.unwrap_or_default();
    let text = format!("{name} {} {commands}", plugin.description).to_lowercase();
    words.iter().all(|word| text.contains(word))
}

fn row(index: &str, name: &str, plugin: &Listing, lock: &Lock) -> Value {
    let newest = plugin.newest(&VersionReq::STAR);
    let installed = lock.plugins.get(name);
    let installed = installed.filter(|locked| {
        let from = locked.index.as_ref();
        from.is_some_and(|from| from.name == index)
    });
    json!({
        "name": format!("{index}/{name}"),
        "version": newest.map(|(version, _)| version.to_string()),
        "publisher": plugin.publisher,
        "description": plugin.description,
        "installed": installed.map(|locked| locked.version.to_string()),
    })
}
