//! The plugin's own section of the configuration file.

use serde::de::DeserializeOwned;
use tw_plugin_protocol as protocol;

use crate::{Error, Result};

/// What stands in the configuration file under `[plugin.NAME]`.
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
    /// The value of this key, where there is one.
    ///
    /// # Errors
    /// When it isn't of this type.
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

    /// The keys that are there.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.values.keys().map(String::as_str)
    }
}
