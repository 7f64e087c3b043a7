//! Checks a fetched package, and places it in the store. None of the plugin's code runs.

use tw_render::text::visible;

use super::{
    Context,
    archive::Package,
    fetch::{Candidate, no_target},
    needs,
};
use crate::{
    error::{Error, ErrorKind},
    plugin::{Catalog, Claims, inspect::inspect_bytes},
    store::{Change, Lock, Locked, LockedIndex, PluginManifest, target},
    trust::{Policy, Subject, versions::is_same},
};

/// The exceptions that the user allows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Allowed {
    /// A package without a trusted signature.
    pub(crate) unsigned: bool,
    /// An older version than the installed one.
    pub(crate) downgrade: bool,
}

/// The effects that the installation of a package has on other plugins.
#[derive(Debug)]
pub(crate) struct Effects {
    /// True if a bundled plugin has the name of the package's plugin.
    pub(crate) replaces_bundled: bool,
    pub(crate) claims: Claims,
}

/// Checks that a package can and may run here, and returns its effects on other plugins. Must be called before the package is placed.
///
/// # Errors
/// The package is for another machine, or needs a newer glibc or a newer `tw`, its parts contradict each other, or a policy forbids it.
pub(crate) fn check(
    candidate: &Candidate,
    context: &Context<'_>,
    policy: &Policy,
) -> Result<Effects, Error> {
    let package = &candidate.package;
    let plugin = &package.manifest.plugin;
    if plugin.target != target() {
        return Err(no_target("the package", std::iter::once(&plugin.target)));
    }
    check_library(package, policy)?;
    plugin.check_needs()?;
    (context.check)(plugin).map_err(|reason| {
        inconsistent(format!("its commands can't be used: {}", visible(&reason)))
    })?;
    needs::check_glibc(package.manifest.glibc.as_deref())?;
    check_policy(&candidate.locked, plugin, context.catalog, policy)
}

/// Checks that the policies allow to install a version, and returns its effects on other plugins.
///
/// # Errors
/// A policy forbids the version.
pub(crate) fn check_policy(
    locked: &Locked,
    plugin: &PluginManifest,
    catalog: &Catalog,
    policy: &Policy,
) -> Result<Effects, Error> {
    let effects = Effects {
        replaces_bundled: catalog.has_bundled(&plugin.name),
        claims: catalog.ask_again().claims(plugin),
    };
    policy.check(&Subject {
        replaces_bundled: effects.replaces_bundled,
        takes_commands: !effects.claims.taken.is_empty(),
        ..locked.subject(&plugin.name, &plugin.services)
    })?;
    Ok(effects)
}

/// Checks that the library and the manifest are of the same plugin and version.
fn check_library(package: &Package, policy: &Policy) -> Result<(), Error> {
    let plugin = &package.manifest.plugin;
    let note = inspect_bytes(package.library(), policy.libraries())?;
    let name = note.package.strip_prefix("tw-plugin-");
    let name = name.unwrap_or(&note.package);
    if (note.abi, note.protocol) != (plugin.abi, plugin.protocol) {
        return Err(inconsistent(format!(
            "its manifest says ABI {} and protocol {}, but its library says {} and {}",
            plugin.abi, plugin.protocol, note.abi, note.protocol
        )));
    }
    if name == plugin.name && note.version == plugin.version {
        return Ok(());
    }
    Err(inconsistent(format!(
        "its manifest says `{}` {}, but its library says `{}` {}",
        visible(&plugin.name),
        visible(&plugin.version),
        visible(name),
        visible(&note.version)
    )))
}

fn inconsistent(message: String) -> Error {
    Error::new(ErrorKind::Input, message)
        .hint("tell its publisher: `tw plugin pack` makes correct packages")
}

/// How a package compares with the installed one of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// No plugin of this name is installed.
    New,
    /// The same package is installed.
    Same,
    /// The same package is installed as unsigned, and its signer is trusted now.
    Vouched,
    /// Another version is installed.
    Other,
}

/// Compares a package with the installed one of the same name. A name belongs to the index that it was installed from, and to the key that signed
/// it.
///
/// # Errors
/// The package may not replace the installed one.
pub(crate) fn compare(
    candidate: &Candidate,
    lock: &Lock,
    allowed: Allowed,
) -> Result<Relation, Error> {
    let name = candidate.name();
    let Some(old) = lock.plugins.get(name) else {
        return Ok(Relation::New);
    };
    let new = &candidate.locked;
    check_index(name, old, new)?;
    let package = |locked: &Locked| locked.here().map(|here| here.package);
    if package(old) == package(new) {
        // A plugin that was installed with `--allow-unsigned` counts as signed once its signer is trusted.
        return Ok(match old.signer.is_none() && new.signer.is_some() {
            true => Relation::Vouched,
            false => Relation::Same,
        });
    }
    check_signer(name, old, new)?;
    if is_same(&old.version, &new.version) {
        let version = &old.version;
        return Err(conflict(
            name,
            format!("this is another package of `{name}` {version}, which is installed"),
        ));
    }
    if new.version.cmp_precedence(&old.version).is_lt() && !allowed.downgrade {
        return Err(Error::new(
            ErrorKind::Refused,
            format!(
                "`{name}` {} is installed, and {} is older",
                old.version, new.version
            ),
        )
        .hint(format!(
            "use `--allow-downgrade`, or return to the previous version with \
             `tw plugin rollback {name}`"
        )));
    }
    Ok(Relation::Other)
}

/// Checks that a plugin that was installed from an index is replaced from the same index.
fn check_index(name: &str, old: &Locked, new: &Locked) -> Result<(), Error> {
    if old.index.is_none() || old.index == new.index {
        return Ok(());
    }
    let name_of = |index: &Option<LockedIndex>| index.as_ref().map(|index| index.name.clone());
    let has_same_name = name_of(&old.index) == name_of(&new.index);
    let display = |index: &Option<LockedIndex>| match index {
        Some(index) if has_same_name => {
            format!(
                "the index `{}` with the key {}",
                visible(&index.name),
                index.key
            )
        }
        Some(index) => format!("the index `{}`", visible(&index.name)),
        None => "no index".to_owned(),
    };
    let (old, new) = (display(&old.index), display(&new.index));
    Err(conflict(
        name,
        format!("`{name}` was installed from {old}, but this package is from {new}"),
    ))
}

/// Checks that a plugin that was signed is replaced by a package that is signed with the same key.
fn check_signer(name: &str, old: &Locked, new: &Locked) -> Result<(), Error> {
    let Some(signer) = &old.signer else {
        return Ok(());
    };
    if let Some(new) = &new.signer
        && new.key == signer.key
    {
        return Ok(());
    }
    Err(conflict(
        name,
        format!(
            "`{name}` was signed by {} ({}), but this package is not signed with that key",
            visible(&signer.name),
            signer.key
        ),
    ))
}

/// Makes the error of a package that would take an installed plugin's name.
fn conflict(name: &str, message: String) -> Error {
    Error::new(ErrorKind::Refused, message).hint(format!(
        "to replace it anyway, remove it first: `tw plugin remove {name}`"
    ))
}

/// Places a package in the store. Committing the change puts the package into use.
///
/// # Errors
/// The package can't be written, or may not replace what is installed now.
pub(crate) fn place(
    candidate: &Candidate,
    allowed: Allowed,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    compare(candidate, &change.lock, allowed)?;
    change.place(&candidate.package.digest, &candidate.package.files)?;
    change
        .lock
        .install(candidate.name(), candidate.locked.clone());
    Ok(())
}
