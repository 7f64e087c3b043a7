//! `tw plugin index` and `tw plugin search`.

use clap::{Args, Subcommand};
use semver::VersionReq;
use serde_json::{Value, json};
use tw_render::text::visible;

use super::{Run, key::named_key, say, show::table};
use crate::{
    error::{Context as _, Error},
    package::index::{Document, Indices},
    store::Lock,
};

#[derive(Debug, Subcommand)]
pub(super) enum Index {
    /// Add an index: it must be signed with the key
    #[command(after_help = "Examples:
  tw plugin index add acme https://plugins.acme.example/index.json --key RWQ…
  tw plugin index add acme oci://ghcr.io/acme/plugins:latest --key acme.pub")]
    Add {
        /// The index's name: what stands before the slash in INDEX/NAME
        name: String,
        /// Where it is: an https URL, oci://HOST/REPO:TAG, or a folder with an index.json
        url: String,
        /// The public key that signs it: the key, its file, or the name of a trusted key
        #[arg(long)]
        key: String,
    },
    /// List the indices that are known
    List,
    /// Forget an index
    Remove {
        /// The index's name
        name: String,
    },
    /// Fetch indices anew
    Update {
        /// The index's name; without it, all
        name: Option<String>,
    },
}

impl Index {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        match self {
            Self::Add { name, url, key } => {
                let added = add(run, &name, &url, &key)
                    .context(|| format!("Cannot add the index {}", visible(&name)))?;
                let value = json!({ "name": name, "url": url, "serial": added.serial, "plugins": added.plugins.len() });
                run.done(&value, format!("Index '{name}' added: {}", plugins(&added)))
            }
            Self::List => list(run),
            Self::Remove { name } => {
                let removed = indices(run).and_then(|mut indices| indices.remove(&name));
                removed.context(|| format!("Cannot remove the index {}", visible(&name)))?;
                run.done(
                    &json!({ "name": name }),
                    format!("Index '{name}' removed; what was installed from it stays"),
                )
            }
            Self::Update { name } => update(run, name.as_deref()),
        }
    }
}

fn plugins(document: &Document) -> String {
    match document.plugins.len() {
        1 => "1 plugin".to_owned(),
        n => format!("{n} plugins"),
    }
}

fn indices(run: &Run<'_>) -> Result<Indices, Error> {
    Indices::read(&run.policy()?)
}

fn add(run: &Run<'_>, name: &str, url: &str, key: &str) -> Result<Document, Error> {
    indices(run)?.add(name, url, &named_key(key)?, run.context)
}

fn list(run: &Run<'_>) -> Result<u8, Error> {
    let indices = indices(run).context(|| "Cannot list the indices")?;
    let copies: Vec<(&str, Document)> = indices.copies().collect();
    let rows = indices.all().iter().map(|(name, index)| {
        let copy = copies
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, document)| document);
        json!({
            "name": name,
            "url": index.url,
            "key": index.key,
            "prescribed": index.prescribed,
            "serial": copy.map(|copy| copy.serial),
            "plugins": copy.map(|copy| copy.plugins.len()),
        })
    });
    let rows: Vec<Value> = rows.collect();
    let columns = [
        ("Name", "/name"),
        ("URL", "/url"),
        ("Plugins", "/plugins"),
        ("Serial", "/serial"),
        ("By policy", "/prescribed"),
        ("Key", "/key"),
    ];
    run.show(
        &json!({ "indices": rows }),
        &table("Indices", "/indices", &columns, "No indices are known"),
    )
}

/// Every one is fetched, whatever becomes of the others.
fn update(run: &Run<'_>, name: Option<&str>) -> Result<u8, Error> {
    let what = || "Cannot update the indices";
    let indices = indices(run).context(what)?;
    let names: Vec<&str> = match name {
        Some(name) => {
            indices.get(name).context(what)?;
            vec![name]
        }
        None => indices.all().keys().map(String::as_str).collect(),
    };
    let mut problems = Vec::new();
    let mut rows = Vec::new();
    for name in names {
        match indices.fetch(name, run.context) {
            Ok(document) => rows.push(json!({ "name": name, "serial": document.serial, "plugins": document.plugins.len() })),
            Err(problem) => problems.push(problem),
        }
    }
    match problems.pop() {
        None => {
            let columns = [
                ("Name", "/name"),
                ("Plugins", "/plugins"),
                ("Serial", "/serial"),
            ];
            run.show(
                &json!({ "indices": rows }),
                &table(
                    "Updated indices",
                    "/indices",
                    &columns,
                    "No indices are known",
                ),
            )
        }
        Some(last) => {
            for problem in problems {
                say(&format!("warning: {}\n", visible(problem.message())));
            }
            Err(last.context(what()))
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Search {
    /// Words that the name or the description has; without any, all plugins
    words: Vec<String>,
}

impl Search {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let indices = indices(run).context(|| "Cannot search")?;
        let lock = run
            .store()
            .and_then(|store| Lock::read(&store.lock_file()))
            .unwrap_or_default();
        let words: Vec<String> = self.words.iter().map(|word| word.to_lowercase()).collect();
        let mut rows: Vec<Value> = Vec::new();
        for (index, document) in indices.copies() {
            for (name, plugin) in &document.plugins {
                let newest = plugin.newest(&VersionReq::STAR);
                let commands = newest.map(|(_, release)| release.commands.join(" "));
                let text = format!(
                    "{name} {} {}",
                    plugin.description,
                    commands.unwrap_or_default()
                )
                .to_lowercase();
                if !words.iter().all(|word| text.contains(word)) {
                    continue;
                }
                let installed = lock
                    .plugins
                    .get(name)
                    .filter(|locked| locked.index.as_deref() == Some(index));
                rows.push(json!({
                    "name": format!("{index}/{name}"),
                    "version": newest.map(|(version, _)| version.to_string()),
                    "publisher": plugin.publisher,
                    "description": plugin.description,
                    "installed": installed.map(|locked| locked.version.to_string()),
                }));
            }
        }
        if indices.all().is_empty() {
            say("warning: no index is known; `tw plugin index add` adds one\n");
        }
        let columns = [
            ("Name", "/name"),
            ("Version", "/version"),
            ("Installed", "/installed"),
            ("Publisher", "/publisher"),
            ("Description", "/description"),
        ];
        run.show(
            &json!({ "plugins": rows }),
            &table(
                "Plugins in the indices",
                "/plugins",
                &columns,
                "No plugins found",
            ),
        )
    }
}
