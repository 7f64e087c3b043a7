//! The plugin's section of the configuration file.

use serde::de::DeserializeOwned;
use tw_plugin_protocol as protocol;

use crate::{Error, Result};

/// The section `[plugin.NAME]` of the configuration file, with `NAME` for the plugin's name. Get it from
/// [`Host::config`](crate::Host::config).
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// # fn run(host: &Host) -> Result<()> {
/// let limit: Option<u32> = host.config()?.get("limit")?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Config(pub(crate) protocol::ConfigSectionReply);

impl Config {
    /// Returns the value of a setting. Returns `None` if the section doesn't have the setting.
    ///
    /// # Errors
    /// If the value can't be read as a `T`.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        let Some(value) = self.0.values.get(key) else {
            return Ok(None);
        };
        T::deserialize(value).map(Some).map_err(|_| {
            Error::usage(format!(
                "the setting `{key}` in the plugin's configuration is not of the expected type"
            ))
        })
    }

    /// Returns the names of the settings in the section.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.values.keys().map(String::as_str)
    }
}
