//! What is sent: the query, the headers and the body.

use std::path::{Path, PathBuf};

use tw_plugin_api::{Host, Request};

use crate::{field::Node, header::Header};

/// The largest `--input` whose texts count as secrets. The host looks for each of them in every message, and a larger input is
/// data.
const LARGEST_SECRET: u64 = 64 << 10;

const JSON: &str = "application/json";

/// A request with everything that it sends, after all files of fields are read.
#[derive(Clone)]
pub(crate) struct Content {
    pub(crate) method: &'static str,
    /// A path below the API's address, or a complete URL.
    pub(crate) url: String,
    pub(crate) query: Vec<Parameter>,
    pub(crate) headers: Vec<Header>,
    pub(crate) body: Body,
}

/// The body of a request.
#[derive(Clone)]
pub(crate) enum Body {
    None,
    Fields(Node),
    Bytes(Vec<u8>),
    File(PathBuf),
}

/// A query parameter.
#[derive(Clone)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) value: String,
    /// True if the value comes from a field. The values of fields are never logged.
    is_secret: bool,
}

impl Parameter {
    pub(crate) fn plain(name: &str, value: impl ToString) -> Self {
        Self {
            name: name.to_owned(),
            value: value.to_string(),
            is_secret: false,
        }
    }

    pub(crate) fn secret(name: &str, value: impl ToString) -> Self {
        Self {
            is_secret: true,
            ..Self::plain(name, value)
        }
    }
}

impl Content {
    pub(crate) fn into_request(self, host: &Host) -> Request<'_> {
        let mut request = host.http().request(self.method, &self.url);
        for parameter in &self.query {
            request = request.query(&parameter.name, &parameter.value);
            if parameter.is_secret {
                request = request.sensitive_query(&parameter.name);
            }
        }
        for header in &self.headers {
            request = request.header(&header.name, &header.value);
            if header.is_secret() {
                request = request.sensitive_header(&header.name);
            }
        }
        let is_secret = self.body.is_secret();
        let request = match self.body {
            Body::None => request,
            Body::Fields(fields) => request.json(&fields),
            Body::Bytes(bytes) => request.body(JSON, bytes),
            Body::File(path) => request.body_file(path, JSON),
        };
        match is_secret {
            true => request.sensitive(""),
            false => request,
        }
    }
}

impl Body {
    fn is_secret(&self) -> bool {
        match self {
            Self::None => false,
            Self::Fields(_) => true,
            Self::Bytes(bytes) => bytes.len() as u64 <= LARGEST_SECRET,
            Self::File(path) => is_small(path),
        }
    }
}

/// True if a file exists and may count as a secret. A file that can't be read is reported when it is sent.
fn is_small(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.len() <= LARGEST_SECRET)
}
