//! HTTP requests and responses.

use serde::{Deserialize, Serialize};

use crate::ErrorMessage;
use crate::read::read_fields;

/// An HTTP request, to the API or to another server.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HttpRequest {
    /// `GET`, `HEAD`, `POST`, `PUT`, `PATCH` or `DELETE`. An empty text stands for `GET`.
    pub method: String,
    /// A path below the API's address, such as `/pipeline-secrets`, or a complete URL. The host adds the access token
    /// only to requests to the API.
    pub url: String,
    /// Query parameters, in order. The host percent-encodes them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, String)>,
    /// Headers. The host sets `Authorization` on requests to the API, and refuses headers that control the connection.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Header>,
    /// The part of the call's raw body that is the body of this request. `None` if the request has no body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Span>,
    /// The time limit from the first attempt to the last byte of the response, in milliseconds. `None` stands for the
    /// host's own time limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline_ms: Option<u64>,
    /// True if the host may send the request again after a failure. `None` stands for true, except for `POST` and
    /// `PATCH`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeatable: Option<bool>,
    /// True if the request is sent without the access token, even to the API.
    #[serde(skip_serializing_if = "crate::argument::is_false")]
    pub anonymous: bool,
    /// The parts of the request and the response that are secrets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sensitive: Vec<Part>,
    /// The largest accepted size of the response's body, in bytes. `None` stands for the host's own limit.
    #[serde(skip_serializing_if = "Option::is_none")]
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

/// An HTTP header. The case of the name doesn't matter in a request. In a response, the names are in lower case.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Header {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

read_fields!(Header { name, value });

impl std::fmt::Debug for Header {
    /// Shows the name only, because the value can be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Header").field(&self.name).finish()
    }
}

/// A part of a raw body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The offset of the first byte.
    pub offset: u64,
    /// The number of bytes.
    pub length: u64,
}

read_fields!(Span { offset, length });

/// A part of a request or of its response that is a secret, given by its position.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "part", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Part {
    /// The value of a request header.
    Header {
        /// The name of the header.
        #[serde(default)]
        name: String,
    },
    /// The value of a query parameter.
    Query {
        /// The name of the parameter.
        #[serde(default)]
        name: String,
    },
    /// A field of the request's JSON body.
    Body {
        /// A JSON pointer, such as `/value`. An empty text stands for the whole body.
        #[serde(default)]
        pointer: String,
    },
    /// A field of the response's JSON body.
    Response {
        /// A JSON pointer. An empty text stands for the whole body.
        #[serde(default)]
        pointer: String,
    },
    /// A part that this reader doesn't know. The whole request and response then count as secret.
    #[default]
    #[serde(other)]
    Unknown,
}

/// An HTTP response. A call succeeds with every status, such as 404.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct HttpResponse {
    /// The status.
    ///
    /// A 404 becomes 204 if the request is a `DELETE` that the host sent again, because the first answer was lost or
    /// was a 502, 503 or 504: the first attempt has deleted the object.
    pub status: u16,
    /// The headers in the order of the response. The names are in lower case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Header>,
    /// The part of the reply's raw body that is the body of this response. If the status is not a success, the host has
    /// redacted the secrets in it. `None` if the response has no body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Span>,
    /// How many times the request was sent.
    pub attempts: u32,
}

read_fields!(HttpResponse {
    status,
    headers,
    body,
    attempts
});

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
}

/// A set of requests that are sent concurrently.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchRequest {
    /// The requests. The outcomes have the same order.
    pub requests: Vec<HttpRequest>,
    /// The label of the progress display. `None` if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The maximum number of requests in flight. `None` stands for the host's own limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// True if the host stops sending as soon as a request fails or is answered with a status of 400 or more.
    pub stop_on_failure: bool,
}

/// The outcomes of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BatchReply {
    /// The outcomes, in the order of the requests.
    pub items: Vec<BatchItem>,
}

read_fields!(BatchReply { items });

/// The outcome of one request of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum BatchItem {
    /// The server answered.
    Done {
        /// The response, with any status.
        response: HttpResponse,
    },
    /// The request failed, and the server didn't carry it out.
    Failed {
        /// The reason.
        error: ErrorMessage,
    },
    /// The request was never sent, because the run was canceled or an earlier request failed.
    NotSent {},
    /// The request was sent and no answer arrived. The server may have carried it out.
    Unknown {
        /// The reason.
        error: ErrorMessage,
    },
    /// An outcome that this reader doesn't know. Treat it as [`BatchItem::Unknown`].
    #[default]
    Unrecognized,
}

// Reads all variants through `AnyItem`. serde's code for a tag among the fields would add 40 KB to every plugin that
// sends batches.
impl<'de> Deserialize<'de> for BatchItem {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let AnyItem {
            outcome,
            response,
            error,
        } = AnyItem::deserialize(deserializer)?;
        Ok(match outcome.as_str() {
            "done" => Self::Done { response },
            "failed" => Self::Failed { error },
            "not_sent" => Self::NotSent {},
            "unknown" => Self::Unknown { error },
            _ => Self::Unrecognized,
        })
    }
}

/// The fields of all variants of an outcome.
#[derive(Default)]
struct AnyItem {
    outcome: String,
    response: HttpResponse,
    error: ErrorMessage,
}

read_fields!(AnyItem {
    outcome,
    response,
    error
});

/// A response whose body is read in pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StreamHead {
    /// The number of the response, for `http.read` and `http.close`.
    pub stream: u64,
    /// The status and the headers, without a body.
    pub response: HttpResponse,
}

read_fields!(StreamHead { stream, response });

/// The request for the next piece of an open response.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamRead {
    /// The number of the response.
    pub stream: u64,
    /// The maximum number of bytes. 0 stands for the host's own limit. The piece can be shorter.
    pub max: u32,
}

/// The reply with a piece of an open response.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StreamChunk {
    /// True if this is the last piece. The host has then closed the response.
    pub end: bool,
}

read_fields!(StreamChunk { end });

/// A reference to an open response.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamRef {
    /// The number of the response.
    pub stream: u64,
}
