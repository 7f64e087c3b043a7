//! Whose token it is.

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::Empty;

use crate::{Error, ErrorKind, Host, Result, Secret};

/// A user of the Platform.
pub type User = protocol::User;

/// The identity that the host adds to requests.
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// # fn run(host: &Host) -> Result<()> {
/// let user = host.auth().whoami()?;
/// host.log().info(&format!("{} has the number {}", user.name, user.id));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Auth<'a>(pub(crate) &'a Host);

impl Auth<'_> {
    /// Whose token it is: one request, at most once a run.
    ///
    /// # Errors
    /// When there is no token, or the server doesn't take it.
    pub fn whoami(&self) -> Result<User> {
        self.0.ask::<protocol::AuthWhoami>(&Empty {})
    }

    /// The token itself. Requests to the API have it without this; the plugin must declare
    /// [`Service::Token`](crate::Service::Token), which everybody who installs it can see.
    ///
    /// # Errors
    /// When there is no token.
    pub fn token(&self) -> Result<Secret> {
        let (_, body) = self.0.call::<protocol::TokenGet>(&Empty {}, &[])?;
        let text = String::from_utf8(body);
        text.map(Secret::new)
            .map_err(|_| Error::new(ErrorKind::NoToken, "the token is not text"))
    }
}
