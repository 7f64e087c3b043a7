//! How the host connects to registries and to servers of packages: the option `--plain-http`, and a section of the configuration file for each
//! registry:
//!
//! ```toml
//! [registry."registry.example:5000"]
//! plain-http = true
//! realm = "login.example"
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Settings, file};
use crate::error::Error;

/// The section `[registry."HOST"]`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Section {
    plain_http: bool,
    /// The host that also gets the credentials of the registry.
    realm: Option<String>,
}

/// What the person has decided about registries.
#[derive(Debug, Clone)]
pub(crate) struct Registries {
    plain_http: bool,
    sections: BTreeMap<String, Section>,
}

impl Settings {
    /// Returns the decisions about registries.
    ///
    /// # Errors
    /// If a section `[registry."HOST"]` can't be read, or has an unknown key or a value of another type.
    pub(crate) fn registries(&self) -> Result<Registries, Error> {
        Ok(Registries {
            plain_http: self.plain_http,
            sections: file::section(&["registry"])?.unwrap_or_default(),
        })
    }
}

impl Registries {
    /// True if connections to a host may be unencrypted. The host has its port, if it is not the usual one.
    pub(crate) fn allow_plain_http(&self, host: &str) -> bool {
        self.plain_http || self.sections.get(host).is_some_and(|at| at.plain_http)
    }

    /// Returns the host that also gets the credentials of a registry. `None` if the person has named none.
    pub(crate) fn realm(&self, registry: &str) -> Option<&str> {
        self.sections.get(registry)?.realm.as_deref()
    }
}
