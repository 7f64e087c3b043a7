//! Decides whether a plugin may be loaded: by the policies and by signatures. What was checked is what is mapped.

mod held;
pub(crate) mod keys;
pub(crate) mod names;
pub(crate) mod policy;
mod rule;
mod rules;
pub(crate) mod sealed;
pub(crate) mod signing;
mod subject;
pub(crate) mod trusted;
pub(crate) mod versions;

use serde::{Deserialize, Serialize};

pub(crate) use self::{
    held::Held,
    keys::Signer,
    policy::Policy,
    rules::PrescribedIndex,
    sealed::Opened,
    subject::{Services, Subject},
};

/// How a plugin came to this machine. If two plugins have the same name, the one whose origin comes later in this list is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Origin {
    /// The plugin came with `tw`.
    Bundled,
    /// The plugin was installed from a package into the store.
    Installed,
    /// The plugin is under development, and used from the folder where it is built.
    Linked,
    /// The plugin is an executable `tw-NAME` on PATH.
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
