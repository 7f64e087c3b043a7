//! May a plugin be loaded: by policy, by signature, and by who could have changed its file.

pub(crate) mod keys;
pub(crate) mod owners;
pub(crate) mod policy;
mod rules;
pub(crate) mod sealed;

use serde::{Deserialize, Serialize};

pub(crate) use self::{
    keys::Signer,
    policy::Policy,
    rules::{PrescribedIndex, Subject},
    sealed::Opened,
};

/// How a plugin came to be on this machine. Of two plugins with the same name, the one with the later origin in this list is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Origin {
    /// It came with `tw`.
    Bundled,
    /// It was installed from a package into the store.
    Installed,
    /// It is under development, and used from the folder where it is built.
    Linked,
    /// It is an executable `tw-NAME` on PATH.
    External,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bundled => "bundled",
            Self::Installed => "installed",
            Self::Linked => "linked",
            Self::External => "external",
        })
    }
}
