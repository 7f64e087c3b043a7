//! HTTP through the host: its connections, its identity, its time-outs.

use std::fmt::Display;

use crate::{Batch, Host, Request};

/// Requests to the API, and elsewhere.
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// #[derive(serde::Deserialize)]
/// struct Info {
///     version: String,
/// }
///
/// # fn run(host: &Host) -> Result<()> {
/// let info: Info = host.http().get("/service-info").send()?.ok()?.json()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Http<'a>(pub(crate) &'a Host);

impl<'a> Http<'a> {
    /// `GET` of a path below the API's address, or of a whole URL.
    pub fn get(&self, url: impl Display) -> Request<'a> {
        self.request("GET", url)
    }

    /// `HEAD`, likewise.
    pub fn head(&self, url: impl Display) -> Request<'a> {
        self.request("HEAD", url)
    }

    /// `POST`, likewise. It is sent once, unless [`Request::repeatable`] says otherwise.
    pub fn post(&self, url: impl Display) -> Request<'a> {
        self.request("POST", url)
    }

    /// `PUT`, likewise.
    pub fn put(&self, url: impl Display) -> Request<'a> {
        self.request("PUT", url)
    }

    /// `PATCH`, likewise. It is sent once, unless [`Request::repeatable`] says otherwise.
    pub fn patch(&self, url: impl Display) -> Request<'a> {
        self.request("PATCH", url)
    }

    /// `DELETE`, likewise.
    pub fn delete(&self, url: impl Display) -> Request<'a> {
        self.request("DELETE", url)
    }

    /// Many requests at once; see [`Batch`].
    pub fn batch(&self) -> Batch<'a> {
        Batch::new(self.0)
    }

    fn request(&self, method: &str, url: impl Display) -> Request<'a> {
        Request::new(self.0, method, url.to_string())
    }
}
