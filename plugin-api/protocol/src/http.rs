//! HTTP requests and responses.

use serde::{Deserialize, Serialize};

use crate::read::{integer, kind_list, kinds, object, objects, or_default};

use crate::OsText;

/// An HTTP request, to the API or to another server.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct HttpRequest {
    /// `GET`, `HEAD`, `POST`, `PUT`, `PATCH` or `DELETE`. An empty text means `GET`.
    #[serde(deserialize_with = "or_default")]
    pub method: String,
    /// A path below the API's address, such as `/pipeline-secrets`, or a complete URL. The host adds the access token
    /// only to requests to the API.
    #[serde(deserialize_with = "or_default")]
    pub url: String,
    /// Query parameters, in order. The host percent-encodes them.
    #[serde(deserialize_with = "objects", skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<Parameter>,
    /// Headers. The host sets `Authorization` on requests to the API, and refuses headers that control the connection.
    #[serde(deserialize_with = "objects", skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Header>,
    /// The part of the call's raw body that is the body of this request. `None` if the request has no body.
    #[serde(deserialize_with = "object", skip_serializing_if = "Option::is_none")]
    pub body: Option<Span>,
    /// The path of a file that is the body of this request. The host reads the file while it sends it, and again for each
    /// retry. `None` if the body is no file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_file: Option<OsText>,
    /// The parts of a form that is the body of this request, as `multipart/form-data` ([RFC 7578]). Empty if the body is no
    /// form.
    ///
    /// [RFC 7578]: https://www.rfc-editor.org/rfc/rfc7578
    #[serde(deserialize_with = "objects", skip_serializing_if = "Vec::is_empty")]
    pub form: Vec<FormPart>,
    /// The time limit from the first attempt to the last byte of the response, in milliseconds. `None` means the
    /// host's own time limits.
    #[serde(deserialize_with = "integer", skip_serializing_if = "Option::is_none")]
    pub deadline_ms: Option<u64>,
    /// True if the host may send the request again after a failure. `None` means true, except for `POST` and
    /// `PATCH`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeatable: Option<bool>,
    /// How often the host may send the request again after a failure. `None` means the number that the user set, or
    /// for the host's own. If the user set a number, the host doesn't retry more often than that.
    #[serde(deserialize_with = "integer", skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// True if the request is sent without the access token, even to the API.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "crate::argument::is_false"
    )]
    pub anonymous: bool,
    /// The parts of the request and the response that are secrets.
    #[serde(deserialize_with = "kind_list", skip_serializing_if = "Vec::is_empty")]
    pub sensitive: Vec<Part>,
    /// The largest accepted size of the response's body, in bytes. `None` means the host's own limit.
    #[serde(deserialize_with = "integer", skip_serializing_if = "Option::is_none")]
    pub max_body: Option<u64>,
}

impl std::fmt::Debug for HttpRequest {
    /// Shows the method and the path, because the query, the headers and the body can contain secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.url.split(['?', '#']).next().unwrap_or_default();
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("path", &path)
            .finish_non_exhaustive()
    }
}

/// A query parameter.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Parameter {
    /// The name.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// The value.
    #[serde(deserialize_with = "or_default")]
    pub value: String,
}

impl Parameter {
    /// Creates a query parameter.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}

impl std::fmt::Debug for Parameter {
    /// Shows the name only, because the value can be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Parameter").field(&self.name).finish()
    }
}

/// An HTTP header. The case of the name doesn't matter in a request. In a response, the names are in lower case.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Header {
    /// The name.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// The value.
    #[serde(deserialize_with = "or_default")]
    pub value: String,
}

impl Header {
    /// Creates a header.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}

impl std::fmt::Debug for Header {
    /// Shows the name only, because the value can be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Header").field(&self.name).finish()
    }
}

/// A part of a form: a text or a file.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct FormPart {
    /// The name.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// The text. Empty if the part is a file.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub text: String,
    /// The path of the file, which the host reads while it sends it. The form has the name of the file without its folder.
    /// `None` if the part is a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<OsText>,
    /// The content type. `None` if the part has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

impl std::fmt::Debug for FormPart {
    /// Shows the name only, because the text can be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FormPart").field(&self.name).finish()
    }
}

/// A part of a raw body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Span {
    /// The offset of the first byte.
    #[serde(deserialize_with = "integer")]
    pub offset: u64,
    /// The number of bytes.
    #[serde(deserialize_with = "integer")]
    pub length: u64,
}

impl Span {
    /// Creates the span of `length` bytes that begin at `offset`.
    pub fn new(offset: usize, length: usize) -> Self {
        Self {
            offset: offset as u64,
            length: length as u64,
        }
    }
}

/// A part of a request or of its response that is a secret, given by its position.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "part", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Part {
    /// The value of a request header.
    Header {
        /// The name of the header.
        name: String,
    },
    /// The value of a query parameter.
    Query {
        /// The name of the parameter.
        name: String,
    },
    /// A field of the request's JSON body.
    Body {
        /// A JSON pointer, such as `/value`. An empty text means the whole body. In a form, `/` and the name of a part
        /// stand for that part.
        pointer: String,
    },
    /// A field of the response's JSON body.
    Response {
        /// A JSON pointer. An empty text means the whole body.
        pointer: String,
    },
    /// A part that this reader doesn't know, or that is not named completely. The whole request and response then count as secret.
    #[default]
    #[serde(other)]
    Unknown,
}

/// An HTTP response. A call succeeds with every status, such as 404.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct HttpResponse {
    /// The status.
    ///
    /// A 404 becomes 204 if the request is a `DELETE` that the host sent again, because the first answer was lost or
    /// was a 502, 503 or 504: the first attempt has deleted the object.
    #[serde(deserialize_with = "integer")]
    pub status: u16,
    /// The version of HTTP, such as `HTTP/1.1`. An empty text means that it is not known.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub version: String,
    /// The headers in the order of the response. The names are in lower case.
    #[serde(deserialize_with = "objects", skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Header>,
    /// The part of the reply's raw body that is the body of this response. If the status is not a success, the host has
    /// redacted the secrets in it. `None` if the response has no body.
    #[serde(deserialize_with = "object", skip_serializing_if = "Option::is_none")]
    pub body: Option<Span>,
    /// How many times the request was sent.
    #[serde(deserialize_with = "integer")]
    pub attempts: u32,
}

impl HttpResponse {
    /// Returns the value of the first header with this name, in upper or lower case. Returns `None` if the response has
    /// no such header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name));
        header.map(|header| header.value.as_str())
    }

    /// Returns a hint about when an overloaded server accepts requests again, from the header `Retry-After` of a 429 or 503 response
    /// ([RFC 9110, section 10.2.3]). The host waits and retries by itself for up to a minute, so either the server asks
    /// for more or the retries failed too. Returns `None` for another status, and if the header says nothing.
    ///
    /// [RFC 9110, section 10.2.3]: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
    pub fn explain_retry_after(&self) -> Option<String> {
        let value = self.header("retry-after")?.trim();
        // A number of zeros says nothing.
        if !matches!(self.status, 429 | 503) || value.trim_matches('0').is_empty() {
            return None;
        }
        let when = match value.bytes().all(|byte| byte.is_ascii_digit()) {
            true => format!("in {value} seconds"),
            false => format!("after {value}"),
        };
        Some(format!("the server asks you to try again {when}"))
    }

    /// Returns true if the status is 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns the names and values of all headers, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let headers = self.headers.iter();
        headers.map(|header| (header.name.as_str(), header.value.as_str()))
    }
}

/// A request whose response is saved as a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct DownloadRequest {
    /// The request. If it has no `max_body`, the size of the response is not limited.
    #[serde(deserialize_with = "object")]
    pub request: HttpRequest,
    /// The path of the file. A file with this path is replaced.
    #[serde(deserialize_with = "or_default")]
    pub path: OsText,
    /// The label of the progress display. `None` if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// A response whose body is read in pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct StreamHead {
    /// The number of the response, for `http.read` and `http.close`.
    #[serde(deserialize_with = "integer")]
    pub stream: u64,
    /// The status and the headers, without a body.
    #[serde(deserialize_with = "object")]
    pub response: HttpResponse,
}

/// The request for the next piece of an open response.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct StreamRead {
    /// The number of the response.
    #[serde(deserialize_with = "integer")]
    pub stream: u64,
    /// The maximum number of bytes. 0 means the host's own limit. The piece can be shorter.
    #[serde(deserialize_with = "integer")]
    pub max: u32,
}

/// The reply with a piece of an open response.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct StreamChunk {
    /// True if this is the last piece. The host has then closed the response.
    #[serde(deserialize_with = "or_default")]
    pub end: bool,
}

/// A request whose body the plugin sends in pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct UploadRequest {
    /// The request, without a body. No part of its body can be sensitive. The host sends it again only if nothing of the body
    /// was sent.
    #[serde(deserialize_with = "object")]
    pub request: HttpRequest,
    /// The number of bytes of the body. `None` if it is not known.
    #[serde(deserialize_with = "integer", skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
}

/// The reply to a piece of a body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct UploadState {
    /// True if the host takes further pieces. False if the server has answered already, or if the request failed:
    /// `http.upload_end` then returns the response or the failure.
    #[serde(deserialize_with = "or_default")]
    pub more: bool,
}

/// A reference to an open response, batch or upload.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct StreamRef {
    /// The number of the response, the batch or the upload.
    #[serde(deserialize_with = "integer")]
    pub stream: u64,
}

kinds!(Part);
