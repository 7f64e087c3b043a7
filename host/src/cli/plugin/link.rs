//! `tw plugin link` and `tw plugin unlink`: a library under development.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use tw_render::text::visible;

use super::Run;
use crate::{
    error::{Context as _, Error, ErrorKind},
    plugin::describe::describe,
    store::{file_name, name_of},
    trust::{Origin, Subject},
};

#[derive(Debug, Args)]
pub(super) struct Link {
    /// The built library, or the folder of its crate
    path: PathBuf,
}

impl Link {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let (name, path) =
            linked(run, &self.path).context(|| format!("Cannot link {}", self.path.display()))?;
        let value = json!({ "name": name, "path": path.to_string_lossy() });
        run.done(
            &value,
            format!("Plugin '{name}' linked to {}", path.display()),
        )
    }
}

fn linked(run: &Run<'_>, path: &Path) -> Result<(String, PathBuf), Error> {
    let path = built(path)?;
    let policy = run.policy()?;
    // Asking it runs it.
    policy.check_without_version(&name_of(&path), Origin::Linked)?;
    let manifest = describe(run.catalog.binary(), &path)?;
    let version = manifest.version.parse().ok();
    policy.check(&Subject::unlocked(
        &manifest.name,
        version.as_ref(),
        Origin::Linked,
    ))?;
    // The library's name is what it is found by when it can't be asked.
    let expected = file_name(&manifest.name);
    if path.file_name() != Some(expected.as_ref()) {
        return Err(Error::new(
            ErrorKind::Failure,
            format!(
                "the library of `{}` is called {expected}",
                visible(&manifest.name)
            ),
        )
        .hint("link it where cargo builds it"));
    }
    let store = run.store()?;
    let mut change = store.change()?;
    change
        .lock
        .links
        .insert(manifest.name.clone(), path.clone());
    change.commit()?;
    Ok((manifest.name, path))
}

/// The library at this path, or the one that was built last in this crate.
fn built(path: &Path) -> Result<PathBuf, Error> {
    let nothing = |error: std::io::Error| {
        Error::new(ErrorKind::Input, format!("it can't be read: {error}"))
            .hint("name a built library, or the folder of its crate")
    };
    let path = path.canonicalize().map_err(nothing)?;
    if !path.is_dir() {
        return Ok(path);
    }
    // A member of a workspace is built into the workspace's folder.
    let text = std::fs::read_to_string(path.join("Cargo.toml")).map_err(nothing)?;
    let manifest: toml::Table = toml::from_str(&text).unwrap_or_default();
    let package = manifest
        .get("package")
        .and_then(|package| package.get("name")?.as_str());
    let library = format!(
        "{}{}{}",
        std::env::consts::DLL_PREFIX,
        package.unwrap_or_default().replace('-', "_"),
        std::env::consts::DLL_SUFFIX
    );
    let named = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let targets = named
        .into_iter()
        .chain(path.ancestors().map(|folder| folder.join("target")));
    let libraries = targets
        .flat_map(|target| ["release", "debug"].map(|profile| target.join(profile).join(&library)));
    let newest = libraries
        .filter_map(|library| Some((library.metadata().ok()?.modified().ok()?, library)))
        .max();
    newest.map(|(_, library)| library).ok_or_else(|| {
        Error::new(
            ErrorKind::Failure,
            format!("{library} isn't built in its `target` folder"),
        )
        .hint("`cargo build --release`, then link it")
    })
}

#[derive(Debug, Args)]
pub(super) struct Unlink {
    /// The plugin's name
    name: String,
}

impl Unlink {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let name = &self.name;
        unlinked(run, name).context(|| format!("Cannot unlink {}", visible(name)))?;
        run.done(
            &json!({ "name": name }),
            format!("Plugin '{name}' unlinked"),
        )
    }
}

fn unlinked(run: &Run<'_>, name: &str) -> Result<(), Error> {
    let store = run.store()?;
    let mut change = store.change()?;
    if change.lock.links.remove(name).is_none() {
        return Err(Error::new(
            ErrorKind::NotFound,
            format!("no plugin `{}` is linked", visible(name)),
        )
        .hint("`tw plugin list` shows those that are"));
    }
    change.commit()
}
