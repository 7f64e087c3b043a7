//! The identity of the user.

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::Empty;

use crate::{Error, ErrorKind, Host, Result, Secret};

/// A user of the Platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User(protocol::User);

impl User {
    /// Returns the numeric identifier.
    pub fn id(&self) -> i64 {
        self.0.id
    }

    /// Returns the user name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns the email address. Returns `None` if the Platform doesn't know it.
    pub fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }
}

/// The identity that the host adds to requests, from [`Host::auth`].
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// # fn run(host: &Host) -> Result<()> {
/// let user = host.auth().whoami()?;
/// host.log().info(&format!("the user {} has the identifier {}", user.name(), user.id()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Auth<'a>(pub(crate) &'a Host);

impl Auth<'_> {
    /// Returns the user that the access token belongs to. The host asks the API once and remembers the answer for the
    /// rest of the run.
    ///
    /// # Errors
    /// If there is no access token, or if the server rejects it.
    pub fn whoami(&self) -> Result<User> {
        self.0.ask::<protocol::AuthWhoami>(&Empty {}).map(User)
    }

    /// Returns the access token. Requests through [`Host::http`] don't need it.
    ///
    /// The plugin must declare [`Service::Token`](crate::Service::Token). `tw` shows that to everyone who installs the
    /// plugin.
    ///
    /// # Errors
    /// If there is no access token, or if the plugin doesn't declare the service.
    pub fn token(&self) -> Result<Secret> {
        let (_, body) = self.0.call::<protocol::TokenGet>(&Empty {}, &[])?;
        let text = String::from_utf8(body);
        text.map(Secret::new)
            .map_err(|_| Error::new(ErrorKind::NoToken, "the access token is not UTF-8"))
    }
}
