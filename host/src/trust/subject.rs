//! The properties of a plugin that a policy decides by.

use semver::Version;

use super::{Origin, Signer, keys::Key};

/// The properties of a plugin that rules refer to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) name: &'a str,
    /// `None` for an executable, which has no version, and for a library whose version is invalid.
    pub(crate) version: Option<&'a Version>,
    pub(crate) origin: Origin,
    /// The public key of the index that the plugin came from; `None` if it came from no index.
    pub(crate) index_key: Option<&'a Key>,
    pub(crate) signer: Option<&'a Signer>,
    pub(crate) services: Services<'a>,
    /// True if the plugin is used instead of a bundled plugin of the same name.
    pub(crate) replaces_bundled: bool,
    /// True if the plugin is about to be installed, and takes a command from another plugin.
    pub(crate) takes_commands: bool,
}

/// The services of the host that a plugin uses.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Services<'a> {
    /// The services that the plugin's manifest declares.
    Declared(&'a [String]),
    /// The plugin is about to be described. Conditions on services apply when its manifest is known.
    Undescribed,
    /// Nobody knows. A library counts as one that could use every service. An executable gets nothing from the host, so no condition on services
    /// matches an executable.
    Unknown,
}

impl<'a> Subject<'a> {
    /// Describes a plugin that isn't in the lock file: a bundled or linked plugin, or an executable.
    pub(crate) fn unlocked(name: &'a str, version: Option<&'a Version>, origin: Origin) -> Self {
        Self {
            name,
            version,
            origin,
            index_key: None,
            signer: None,
            services: Services::Unknown,
            replaces_bundled: false,
            takes_commands: false,
        }
    }
}
