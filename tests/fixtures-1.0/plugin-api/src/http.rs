//! HTTP through the host.

use std::fmt::Display;

use crate::{Batch, Host, Request};

/// The HTTP client of the host, from [`Host::http`].
///
/// A `url` is a path below the API's address, such as `/pipeline-secrets`, or a complete URL. The host adds the access
/// token to requests to the API, and to no others. It retries idempotent requests that failed, within the limits that
/// the user set.
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
    /// Builds a `GET` request.
    pub fn get(&self, url: impl Display) -> Request<'a> {
        self.request("GET", url)
    }

    /// Builds a `HEAD` request.
    pub fn head(&self, url: impl Display) -> Request<'a> {
        self.request("HEAD", url)
    }

    /// Builds a `POST` request. The host sends it once, unless it is marked as [repeatable](Request::repeatable).
    pub fn post(&self, url: impl Display) -> Request<'a> {
        self.request("POST", url)
    }

    /// Builds a `PUT` request.
    pub fn put(&self, url: impl Display) -> Request<'a> {
        self.request("PUT", url)
    }

    /// Builds a `PATCH` request. The host sends it once, unless it is marked as [repeatable](Request::repeatable).
    pub fn patch(&self, url: impl Display) -> Request<'a> {
        self.request("PATCH", url)
    }

    /// Builds a `DELETE` request.
    pub fn delete(&self, url: impl Display) -> Request<'a> {
        self.request("DELETE", url)
    }

    /// Starts a [`Batch`]: many requests that the host sends concurrently.
    pub fn batch(&self) -> Batch<'a> {
        Batch::new(self.0)
    }

    /// Builds a request with this method: `GET`, `HEAD`, `POST`, `PUT`, `PATCH` or `DELETE`. Sending a request with another
    /// method fails with [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported).
    ///
    /// ```
    /// # use tw_plugin_api::prelude::*;
    /// # fn run(host: &Host, has_changed: bool) -> Result<()> {
    /// let method = if has_changed { "PUT" } else { "GET" };
    /// host.http().request(method, "/datasets/7").send()?.ok()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn request(&self, method: &str, url: impl Display) -> Request<'a> {
        Request::new(self.0, method, url.to_string())
    }
}
