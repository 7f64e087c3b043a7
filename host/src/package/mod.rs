//! Packages: how a plugin gets from its author to a machine. Nothing here runs when a command of a plugin does.
//!
//! An author's side: `pack` makes an `archive` of a library, `key` signs it, `oci` publishes it. A machine's side: a `source` or an `index` says where a
//! package is, `fetch` gets it (by `download` or `oci`), `install` checks and places it, `newer` looks for its next version, `sync` makes a machine match a lock. What is
//! placed is `plugin`'s to load.

pub(crate) mod archive;
mod build;
mod download;
pub(crate) mod fetch;
mod glibc;
pub(crate) mod index;
pub(crate) mod install;
pub(crate) mod newer;
pub(crate) mod oci;
pub(crate) mod pack;
pub(crate) mod source;
pub(crate) mod sync;

use self::{
    download::Download,
    oci::{Login, Registry},
};
use crate::{config::Settings, plugin::describe::Check};

/// What fetching and checking need to know.
pub(crate) struct Context<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) download: Download<'a>,
    /// Whether commands of a manifest can be used.
    pub(crate) check: Check,
}

impl<'a> Context<'a> {
    pub(crate) fn new(settings: &'a Settings, check: Check) -> Self {
        Self {
            settings,
            download: Download::new(settings),
            check,
        }
    }

    /// Registries, as docker's own configuration has their credentials.
    pub(crate) fn registry(&self) -> Registry<'a> {
        Registry::new(self.settings, Login::default())
    }
}
