//! The host's own requests to the API, for built-in commands. They use the settings, the limits and the redaction of a plugin's requests.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use tw_plugin_protocol::{HttpRequest, HttpResponse, User};

use super::{
    auth::Identity, cancel::Cancel, http::Http, log::Log, progress::Screen, redact::Redactor,
    waiting::Waiting,
};
use crate::{config::Settings, credentials::Credential, error::Error, signals::end_with_error};

/// A client of the API for the host itself.
pub(crate) struct Own {
    http: Http,
    identity: Identity,
}

impl Own {
    pub(crate) fn new(settings: Arc<Settings>) -> Self {
        end_with_error();
        let token = settings.token.as_ref().map(|token| &token.value);
        let redactor = Arc::new(Redactor::new(token));
        let waiting = Waiting::new(&settings);
        let log = Log::new("tw", &settings, Arc::clone(&redactor), Screen::default());
        let agent = concat!("tw/", env!("CARGO_PKG_VERSION")).to_owned();
        let cancel = Arc::new(Cancel::new());
        Self {
            http: Http::new(settings, cancel, log, redactor, waiting, agent),
            identity: Identity::default(),
        }
    }

    /// Returns the user that the access token belongs to.
    ///
    /// # Errors
    /// If there is no token, if the server doesn't accept it, or if the request fails.
    pub(crate) fn user(&self) -> Result<User, Error> {
        let user = self.identity.user(&self.http);
        user.map_err(|error| self.http.name_call(error))
    }

    /// Returns the access token, and where it comes from.
    ///
    /// # Errors
    /// If there is no token for the endpoint, or if the place of the token can't be read.
    pub(crate) fn credential(&self) -> Result<&Credential, Error> {
        self.http.credential()
    }

    /// Sends a `GET` without the access token, and decodes the answer.
    ///
    /// # Errors
    /// If the request fails, or if the answer is not of the expected form.
    pub(crate) fn get_anonymous<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        let answer = self.http.get_json_with(HttpRequest {
            anonymous: true,
            ..get(path)
        });
        answer.map_err(|error| self.http.name_call(error))
    }

    /// Sends a `GET` without the access token, and returns the answer with any status.
    ///
    /// # Errors
    /// If no answer arrives.
    pub(crate) fn ask(&self, path: &str) -> Result<(HttpResponse, Vec<u8>), Error> {
        let request = HttpRequest {
            anonymous: true,
            ..get(path)
        };
        let answer = self.http.send(&request, &[]);
        answer.map_err(|error| self.http.name_call(error))
    }
}

fn get(path: &str) -> HttpRequest {
    HttpRequest {
        method: "GET".to_owned(),
        url: path.to_owned(),
        ..Default::default()
    }
}
