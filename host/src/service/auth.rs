//! The user that the token belongs to. A run requests the user at most once.

use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use tw_plugin_protocol::User;

use super::http::Http;
use crate::error::Error;

/// The user. `None` if no request was made yet.
#[derive(Default)]
pub(super) struct Identity(Mutex<Option<User>>);

impl Identity {
    /// Returns the user. If several threads ask at once, one sends the request and the others wait for its answer.
    pub(super) fn user(&self, http: &Http) -> Result<User, Error> {
        #[derive(Deserialize)]
        struct Body {
            user: Fields,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Fields {
            id: i64,
            user_name: String,
            email: Option<String>,
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(user) = &*known {
            return Ok(user.clone());
        }
        let Body { user } = http.get_json("/user-info")?;
        let user = User {
            id: user.id,
            name: user.user_name,
            email: user.email,
            ..Default::default()
        };
        Ok(known.insert(user).clone())
    }
}
