//! How the host connects to registries and to servers of packages: the option `--plain-http`, and a section of the configuration file for each
//! registry:
//!
//! ```toml
//! [registry."registry.example:5000"]
//! plain-http = true
//! realm = "login.example"
//! ```

use super::{Settings, layers::Configuration};
use crate::error::Error;

/// The decisions of the user about registries.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Registries {
    plain_http: bool,
    configuration: &'static Configuration,
}

impl Settings {
    /// Returns the decisions about registries.
    ///
    /// # Errors
    /// If the configuration can't be read.
    pub(crate) fn registries(&self) -> Result<Registries, Error> {
        Ok(Registries {
            plain_http: self.plain_http,
            configuration: Configuration::load()?,
        })
    }
}

impl Registries {
    /// True if connections to a host may be unencrypted. The host has its port, if it is not the usual one.
    pub(crate) fn allow_plain_http(&self, host: &str) -> bool {
        self.plain_http || self.configuration.flag(&["registry", host, "plain-http"])
    }

    /// Returns the host that also gets the credentials of a registry. `None` if the user has named none.
    pub(crate) fn realm(&self, registry: &str) -> Option<String> {
        self.configuration.text(&["registry", registry, "realm"])
    }
}
