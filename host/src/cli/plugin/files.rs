//! The files that `pack`, `sign` and `publish` read and write.

use std::path::Path;

use tw_plugin_protocol::Manifest;

use crate::{
    error::Error,
    files::{read_at_most, replace},
    package::archive,
};

/// Reads a package or an index.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    read_at_most(path, archive::LARGEST).map_err(|error| Error::unreadable(path, error))
}

pub(super) fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    replace(path, content).map_err(|error| Error::unwritable(path, error))
}

/// True if the file is an index, not a package.
pub(super) fn is_index(path: &Path) -> bool {
    let extension = path.extension();
    extension.is_some_and(|extension| extension == "json")
}

/// Returns the trusted comment of a package's signature.
pub(super) fn signature_comment(plugin: &Manifest) -> String {
    format!(
        "tw plugin {} {} {}",
        plugin.name, plugin.version, plugin.target
    )
}
