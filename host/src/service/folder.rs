//! The folders of a plugin for its own files.

use std::path::{Path, PathBuf};

use tw_plugin_protocol::{FolderListReply, OsText};
use tw_render::text::visible;

use crate::{
    config,
    error::{Error, ErrorKind},
    files::show_path,
    owners::{self, Distrust},
};

/// The folder in tw's own folders that has a folder for each plugin.
const PLUGINS: &str = "plugin-data";

/// Returns the folders of a plugin, and creates those that don't exist.
pub(super) fn list(plugin: &str) -> Result<FolderListReply, Error> {
    let create = |folder: Option<PathBuf>| -> Result<OsText, Error> {
        let folder = folder.ok_or_else(Error::no_home)?;
        let folder = folder.join(PLUGINS).join(file_name_of(plugin)?);
        create(&folder)?;
        Ok(folder.into_os_string().into())
    };
    Ok(FolderListReply {
        data: create(config::data_folder())?,
        cache: create(config::cache_folder())?,
        state: create(config::state_folder())?,
        ..Default::default()
    })
}

/// Checks that the name of a plugin is the name of a folder. The name of a linked plugin can be any text.
fn file_name_of(plugin: &str) -> Result<&str, Error> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    match !plugin.is_empty() && plugin.bytes().all(is_plain) {
        true => Ok(plugin),
        false => Err(Error::new(
            ErrorKind::Input,
            format!("`{}` can't be the name of a folder", visible(plugin)),
        )),
    }
}

/// Creates a folder that only the user can enter, and the folders above it.
fn create(folder: &Path) -> Result<(), Error> {
    owners::make_own_folder(folder).map_err(|distrust| match distrust {
        Distrust::Unreadable(error) => {
            let message = format!("The folder {} can't be made", show_path(folder));
            Error::new(ErrorKind::Input, message).caused_by(error)
        }
        distrust => distrust.explain(
            &format!("The folder {}", show_path(folder)),
            "run the command again",
        ),
    })
}
