//! Packages: how a plugin gets from its author to a machine. Nothing here is used when a plugin's command runs.
//!
//! For authors, `pack` makes an `archive` of a library, and `oci` publishes it. For everybody else, a `source` or an `index` says where a package
//! is, `fetch` gets it by `download` or `oci`, `signed` checks its signature, `names` compares it with its address, `install` checks it and places it in the store, `newer` finds its next version, and `sync` makes a
//! machine match a lock file.

pub(crate) mod archive;
mod attempts;
pub(crate) mod build;
mod download;
pub(crate) mod fetch;
pub(crate) mod index;
pub(crate) mod install;
pub(crate) mod names;
mod needs;
pub(crate) mod newer;
pub(crate) mod oci;
pub(crate) mod pack;
mod signed;
pub(crate) mod source;
pub(crate) mod sync;
mod transfer;

use std::cell::OnceCell;

use self::{
    download::Download,
    oci::{Login, Registry},
};
use crate::{
    config::Settings,
    plugin::{Catalog, describe::Check},
};

/// What fetching and installing a package need.
pub(crate) struct Context<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) download: Download<'a>,
    /// Checks the commands of a manifest.
    pub(crate) check: Check,
    /// The plugins on this machine.
    pub(crate) catalog: &'a Catalog,
    /// The indices that this process has fetched.
    documents: index::Fetched,
    login: OnceCell<Login>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(settings: &'a Settings, check: Check, catalog: &'a Catalog) -> Self {
        Self {
            settings,
            download: Download::new(settings),
            check,
            catalog,
            documents: index::Fetched::default(),
            login: OnceCell::new(),
        }
    }

    /// Sets the login of the command. Must be called before the command uses a registry.
    pub(crate) fn log_in(&self, login: Login) {
        let _ = self.login.set(login);
    }

    /// Returns a client for registries.
    pub(crate) fn registry(&self) -> Registry<'_> {
        Registry::new(self.settings, self.login.get_or_init(Login::default))
    }
}
