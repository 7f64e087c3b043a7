//! Installing: a package that was fetched is checked before anything is placed. Nothing of a plugin's code runs.

use tw_render::text::visible;

use super::{
    Context,
    fetch::{Candidate, no_target},
};
use crate::{
    error::{Error, ErrorKind},
    plugin::inspect::inspect_bytes,
    store::{Change, Lock, target},
    trust::Policy,
};

/// What the person allows beyond the usual.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Allowed {
    /// A package that nobody whom we know has signed.
    pub(crate) unsigned: bool,
    /// An older version than the one that is installed.
    pub(crate) downgrade: bool,
}

/// Whether the package can run here, and may: asked before anything is placed.
///
/// # Errors
/// The first reason why not.
pub(crate) fn check(
    candidate: &Candidate,
    allowed: Allowed,
    context: &Context<'_>,
    policy: &Policy,
) -> Result<(), Error> {
    let Candidate {
        package,
        locked,
        key_id,
    } = candidate;
    let plugin = &package.manifest.plugin;
    if plugin.target != target() {
        return Err(no_target("the package", std::iter::once(&plugin.target)));
    }
    let note = inspect_bytes(package.library())?;
    let tell = "tell its publisher: `tw plugin pack` makes packages that are whole";
    let noted = note
        .package
        .strip_prefix("tw-plugin-")
        .unwrap_or(&note.package);
    if noted != plugin.name || note.version != plugin.version {
        return Err(Error::new(
            ErrorKind::Failure,
            format!(
                "its manifest says `{}` {}, and its library `{}` {}",
                visible(&plugin.name),
                visible(&plugin.version),
                visible(noted),
                visible(&note.version)
            ),
        )
        .hint(tell));
    }
    (context.check)(plugin).map_err(|reason| {
        Error::new(
            ErrorKind::Failure,
            format!("its commands can't be used: {}", visible(&reason)),
        )
        .hint(tell)
    })?;
    super::glibc::check(package.manifest.glibc.as_deref())?;
    if locked.signer.is_none() && !allowed.unsigned {
        return Err(Error::new(ErrorKind::Refused, match key_id {
                Some(id) => format!("nobody whose key is trusted has signed it (the key {id} has)"),
                None => {
                    "nobody whose key is trusted has signed it (it has no signature)".to_owned()
                }
            }).hint("`tw plugin key trust NAME KEY` trusts its publisher's key; `--allow-unsigned` makes an exception for this plugin, which every listing shows"));
    }
    policy.check(&locked.subject(&plugin.name))
}

/// What a candidate is to what is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// There is none of its name.
    New,
    /// It is the very package.
    Same,
    /// It is the very package, and who signed it is known now.
    Vouched,
    /// There is another version.
    Other,
}

/// Whether the candidate may follow what is installed: a name belongs to the index that it was installed from, and to the key that signed it.
///
/// # Errors
/// Why not.
pub(crate) fn relation(
    candidate: &Candidate,
    lock: &Lock,
    allowed: Allowed,
) -> Result<Relation, Error> {
    let name = candidate.name();
    let Some(old) = lock.plugins.get(name) else {
        return Ok(Relation::New);
    };
    let new = &candidate.locked;
    let first_remove = format!("`tw plugin remove {name}` first, if that is meant");
    let place = |index: &Option<String>| match index {
        Some(index) => format!("the index `{index}`"),
        None => "no index".to_owned(),
    };
    if old.index.is_some() && old.index != new.index {
        return Err(Error::new(
            ErrorKind::Refused,
            format!(
                "`{name}` was installed from {}, and this one is from {}",
                place(&old.index),
                place(&new.index)
            ),
        )
        .hint(first_remove));
    }
    let same_package = old.here().map(|here| here.package) == new.here().map(|here| here.package);
    if same_package {
        // An exception that was made for it ends once its signer is trusted.
        return Ok(match old.signer.is_none() && new.signer.is_some() {
            true => Relation::Vouched,
            false => Relation::Same,
        });
    }
    if let Some(signer) = old
        .signer
        .as_ref()
        .filter(|old| new.signer.as_ref().is_none_or(|new| new.key != old.key))
    {
        return Err(Error::new(
            ErrorKind::Refused,
            format!(
                "`{name}` was signed by {} ({}), and this one by somebody else or nobody",
                visible(&signer.name),
                signer.key
            ),
        )
        .hint(first_remove));
    }
    if old.version == new.version {
        return Err(Error::new(
            ErrorKind::Refused,
            format!(
                "`{name}` {} is installed, and this is another package of the same version",
                old.version
            ),
        )
        .hint(first_remove));
    }
    if new.version < old.version && !allowed.downgrade {
        return Err(Error::new(ErrorKind::Failure, format!(
                "`{name}` {} is installed, and {} is older",
                old.version, new.version
            )).hint(format!(
                "`--allow-downgrade` if that is meant; `tw plugin rollback {name}` goes back to the version before"
            )));
    }
    Ok(Relation::Other)
}

/// Places the package, and makes its version the one that counts once the change is committed.
///
/// # Errors
/// It can't be placed, or may no longer follow what is installed now.
pub(crate) fn place(
    candidate: &Candidate,
    allowed: Allowed,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    relation(candidate, &change.lock, allowed)?;
    change.place(&candidate.package.digest, &candidate.package.files)?;
    change
        .lock
        .install(candidate.name(), candidate.locked.clone());
    Ok(())
}
