//! `tw plugin index`.

use clap::Subcommand;
use clap_complete::engine::ArgValueCandidates;
use serde_json::{Value, json};
use tw_render::text::visible;

use super::{Run, key::named_key, login::LoginOptions, view::table, warn};
use crate::{
    cli::completion,
    error::{Context as _, Error},
    package::{
        index::{Document, Indices},
        oci::{Place, SCHEME},
    },
};

#[derive(Debug, Subcommand)]
pub(super) enum Index {
    /// Add an index that is signed with a given key
    #[command(after_help = "Examples:
  tw plugin index add acme https://plugins.acme.example/index.json --key RWQ…
  tw plugin index add acme oci://ghcr.io/acme/plugins:latest --key acme.pub")]
    Add {
        /// The index's name, which stands before the slash in INDEX/NAME
        name: String,
        /// The address: an https URL, oci://HOST/REPO:TAG, or a folder with an index.json
        url: String,
        /// The public key that signs the index: the key itself, its file, or the name of a trusted key
        #[arg(long)]
        key: String,
        #[command(flatten)]
        login: LoginOptions,
    },
    /// List the known indices
    List,
    /// Remove an index, keeping the plugins installed from it
    Remove {
        /// The index's name
        #[arg(add = ArgValueCandidates::new(completion::indices))]
        name: String,
    },
    /// Fetch new copies of indices
    Update {
        /// The index's name; all indices if omitted
        #[arg(add = ArgValueCandidates::new(completion::indices))]
        name: Option<String>,
    },
}

impl Index {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        match self {
            Self::Add {
                name,
                url,
                key,
                login,
            } => add(run, &name, &url, &key, &login)
                .context(|| format!("Cannot add the index {}", visible(&name))),
            Self::List => list(run).context(|| "Cannot list the indices"),
            Self::Remove { name } => {
                remove(run, &name).context(|| format!("Cannot remove the index {}", visible(&name)))
            }
            Self::Update { name } => {
                update(run, name.as_deref()).context(|| "Cannot update the indices")
            }
        }
    }
}

fn read(run: &Run<'_>) -> Result<Indices, Error> {
    Indices::read(&run.policy()?)
}

fn add(run: &Run<'_>, name: &str, url: &str, key: &str, login: &LoginOptions) -> Result<u8, Error> {
    let place: Option<Place> = match url.starts_with(SCHEME) {
        true => Some(url.parse()?),
        false => None,
    };
    run.context.log_in(login.read(place.as_ref())?);
    let document = read(run)?.add(name, url, &named_key(key)?, run.context)?;
    let count = document.plugins.len();
    let plugins = match count {
        1 => "1 plugin".to_owned(),
        _ => format!("{count} plugins"),
    };
    run.print_message(
        &json!({ "name": name, "url": url, "serial": document.serial, "plugins": count }),
        format!("Index '{name}' added: {plugins}"),
    )
}

fn list(run: &Run<'_>) -> Result<u8, Error> {
    let indices = read(run)?;
    let copies: Vec<(&str, Document)> = indices.copies().collect();
    let rows = indices.all().iter().map(|(name, index)| {
        let copy = copies.iter().find(|(known, _)| known == name);
        let copy = copy.map(|(_, document)| document);
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
    let view = table("Indices", "/indices", &columns, "No indices are known");
    run.print(&json!({ "indices": rows }), &view)
}

fn remove(run: &Run<'_>, name: &str) -> Result<u8, Error> {
    read(run)?.remove(name)?;
    run.print_message(
        &json!({ "name": name }),
        format!("Index '{name}' removed; the plugins installed from it stay"),
    )
}

/// Fetches indices. An index that can't be fetched doesn't keep the others from being fetched.
fn update(run: &Run<'_>, name: Option<&str>) -> Result<u8, Error> {
    let indices = read(run)?;
    let names: Vec<&str> = match name {
        Some(name) => vec![name],
        None => indices.all().keys().map(String::as_str).collect(),
    };
    let mut errors = Vec::new();
    let mut rows = Vec::new();
    for name in names {
        match indices.fetch(name, run.context) {
            Ok(document) => rows.push(json!({
                "name": name,
                "serial": document.serial,
                "plugins": document.plugins.len(),
            })),
            Err(error) => errors.push(error),
        }
    }
    if let Some(last) = errors.pop() {
        for error in errors {
            warn(error.message());
        }
        return Err(last);
    }
    let columns = [
        ("Name", "/name"),
        ("Plugins", "/plugins"),
        ("Serial", "/serial"),
    ];
    let empty = "No indices are known";
    let view = table("Updated indices", "/indices", &columns, empty);
    run.print(&json!({ "indices": rows }), &view)
}
