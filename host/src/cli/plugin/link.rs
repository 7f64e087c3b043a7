//! `tw plugin link` and `tw plugin unlink`: libraries under development.

use std::path::{Path, PathBuf};

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use serde_json::json;
use tw_render::text::visible;

use super::Run;
use crate::{
    cli::completion,
    error::{Context as _, Error, ErrorKind},
    files::show_path,
    owners::Trusted,
    package::build::Crate,
    plugin::{describe::describe, inspect::inspect},
    store::{self, file_name},
    trust::{Origin, Services, Subject},
};

#[derive(Debug, Args)]
pub(super) struct Link {
    /// The built library, or the folder of its crate
    path: PathBuf,
}

impl Link {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let what = || format!("Cannot link {}", show_path(&self.path));
        let (name, path) = link(run, &self.path).context(what)?;
        run.print_message(
            &json!({ "name": name, "path": path.to_string_lossy() }),
            format!("Plugin '{name}' linked to {}", show_path(&path)),
        )
    }
}

/// Links a library or a crate, and returns the plugin's name and the library's path.
fn link(run: &Run<'_>, path: &Path) -> Result<(String, PathBuf), Error> {
    let link = find(path)?;
    let path = link.newest();
    if !path.exists() {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        return Err(Error::new(
            ErrorKind::NotFound,
            format!("{name} isn't built in its `target` folder"),
        )
        .hint("run `cargo build --release`, then link it"));
    }
    let policy = run.policy()?;
    // `describe` runs the library, so the owners and the policies are checked first.
    let library = inspect(&path, &Trusted::this_user(), policy.libraries())?;
    let replaces_bundled = run.catalog.has_bundled(library.name());
    library.check(&policy, Origin::Linked, replaces_bundled)?;
    let manifest = describe(run.catalog.binary(), library)?;
    let version = manifest.version.parse().ok();
    policy.check(&Subject {
        services: Services::Declared(&manifest.services),
        replaces_bundled: run.catalog.has_bundled(&manifest.name),
        ..Subject::unlocked(&manifest.name, version.as_ref(), Origin::Linked)
    })?;
    // A library that can't describe itself is known by its file name only.
    let expected = file_name(&manifest.name);
    if path.file_name() != Some(expected.as_ref()) {
        return Err(Error::new(
            ErrorKind::Input,
            format!(
                "the library of `{}` must be called {expected}",
                visible(&manifest.name)
            ),
        )
        .hint("link the library in the folder where cargo builds it"));
    }
    let store = run.store()?;
    let mut change = store.change()?;
    let name = manifest.name.clone();
    change.lock.links.insert(name.clone(), link);
    change.commit()?;
    Ok((name, path))
}

/// Finds the library to link. `path` is the library itself, or the folder of the crate that builds it.
fn find(path: &Path) -> Result<store::Link, Error> {
    let path = path.canonicalize().map_err(|error| {
        Error::new(ErrorKind::Input, format!("it can't be read: {error}"))
            .hint("name a built library, or the folder of its crate")
    })?;
    if !path.is_dir() {
        return Ok(store::Link::Library(path));
    }
    let found = Crate::read(&path, &Trusted::this_user())?;
    Ok(store::Link::Crate {
        target: found.target,
        library: found.library,
    })
}

#[derive(Debug, Args)]
pub(super) struct Unlink {
    /// The plugin's name
    #[arg(add = ArgValueCandidates::new(completion::linked))]
    name: String,
}

impl Unlink {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let name = &self.name;
        unlink(run, name).context(|| format!("Cannot unlink {}", visible(name)))?;
        run.print_message(
            &json!({ "name": name }),
            format!("Plugin '{name}' unlinked"),
        )
    }
}

fn unlink(run: &Run<'_>, name: &str) -> Result<(), Error> {
    let store = run.store()?;
    let mut change = store.change()?;
    if change.lock.links.remove(name).is_none() {
        return Err(Error::new(
            ErrorKind::NotFound,
            format!("no plugin `{}` is linked", visible(name)),
        )
        .hint("`tw plugin list` shows the linked plugins"));
    }
    change.commit()
}
