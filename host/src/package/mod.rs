//! Packages: how a plugin gets from its author to a machine. Nothing here is used when a plugin's command runs.
//!
//! For authors, `pack` makes an `archive` of a library, and `oci` publishes it. For everybody else, a `source` or an `index` says where a package
//! is, `fetch` gets it by `download` or `oci`, `install` checks it and places it in the store, `newer` finds its next version, and `sync` makes a
//! machine match a lock file.

pub(crate) mod archive;
pub(crate) mod build;
mod download;
pub(crate) mod fetch;
pub(crate) mod index;
pub(crate) mod install;
mod needs;
pub(crate) mod newer;
pub(crate) mod oci;
pub(crate) mod pack;
pub(crate) mod source;
pub(crate) mod sync;
mod transfer;

use self::{
    download::Download,
    oci::{Login, Registry},
};
use crate::{config::Settings, plugin::describe::Check};

/// The settings, the download client and the check that fetching and installing a package need.
pub(crate) struct Context<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) download: Download<'a>,
    /// Checks the commands of a manifest.
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

    /// Returns a client for registries that takes its credentials from docker's configuration.
    pub(crate) fn registry(&self) -> Registry<'a> {
        Registry::new(self.settings, Login::default())
    }
}
