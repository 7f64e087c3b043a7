//! HTTP as messages: a request, a batch of them, a response in pieces.

use serde::{Deserialize, Serialize};

use crate::ErrorMessage;
use crate::read::read_fields;

/// A request to the API, or to somewhere else.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HttpRequest {
    /// `GET`, `HEAD`, `POST`, `PUT`, `PATCH` or `DELETE`; empty is `GET`.
    pub method: String,
    /// A path below the API endpoint (`/pipeline-secrets`), or a whole URL. The token goes to the API's origin only.
    pub url: String,
    /// Query parameters, in order; the host encodes them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, String)>,
    /// Headers. Those that carry the identity are the host's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Header>,
    /// Where in the call's raw body this request's body stands; without it there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Span>,
    /// Milliseconds from the start to the last byte; without it the host's own time-outs hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline_ms: Option<u64>,
    /// Whether the request may be sent twice. Without it: yes, but for `POST` and `PATCH`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeatable: Option<bool>,
    /// Whether it goes without the token, although it goes to the API.
    #[serde(skip_serializing_if = "crate::argument::is_false")]
    pub anonymous: bool,
    /// What no log may show.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sensitive: Vec<Part>,
    /// The largest response body taken, in bytes; without it the host's own bound holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_body: Option<u64>,
}

impl std::fmt::Debug for HttpRequest {
    /// The method and the path: query, headers and body can be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.url.split(['?', '#']).next().unwrap_or_default();
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("path", &path)
            .finish_non_exhaustive()
    }
}

/// A header. The name's case doesn't matter; a response's names are in lower case.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Header {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

read_fields!(Header { name, value });

impl std::fmt::Debug for Header {
    /// The name only: the value can be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Header").field(&self.name).finish()
    }
}

/// A stretch of a raw body, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Where it begins.
    pub offset: u64,
    /// How long it is.
    pub length: u64,
}

read_fields!(Span { offset, length });

/// A part of an exchange that is secret, named by its position.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "part", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Part {
    /// The value of a request header.
    Header {
        /// Its name.
        #[serde(default)]
        name: String,
    },
    /// The value of a query parameter.
    Query {
        /// Its name.
        #[serde(default)]
        name: String,
    },
    /// A field of the request's JSON body.
    Body {
        /// A JSON pointer (`/value`); empty is the whole body.
        #[serde(default)]
        pointer: String,
    },
    /// A field of the response's JSON body.
    Response {
        /// A JSON pointer; empty is the whole body.
        #[serde(default)]
        pointer: String,
    },
    /// A part that this reader doesn't know: all of the exchange counts as secret.
    #[default]
    #[serde(other)]
    Unknown,
}

/// A response. Its status is data: a 404 is no failure of the call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct HttpResponse {
    /// The status. Of a `DELETE` that was sent again, because an earlier answer was lost or a 502, 503 or 504, and found nothing: 204, for it is gone.
    pub status: u16,
    /// The headers, names in lower case, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Header>,
    /// Where in the reply's raw body this response's body stands. Unless the status is one of success, secrets that the server repeats are redacted in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Span>,
    /// How often the request was sent.
    pub attempts: u32,
}

read_fields!(HttpResponse {
    status,
    headers,
    body,
    attempts
});

/// Many requests at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchRequest {
    /// The requests; the results come in this order.
    pub requests: Vec<HttpRequest>,
    /// What the progress display says; without it there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The most that are under way at once; without it as the host likes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// Whether nothing more is sent once one item wasn't `done` with a status below 400.
    pub stop_on_failure: bool,
}

/// What became of each request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BatchReply {
    /// In the order of the requests.
    pub items: Vec<BatchItem>,
}

read_fields!(BatchReply { items });

/// What became of a request: the four that certainty rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum BatchItem {
    /// The server answered.
    Done {
        /// How.
        response: HttpResponse,
    },
    /// It was not carried out.
    Failed {
        /// Why.
        error: ErrorMessage,
    },
    /// It was never sent: the run was cancelled, or an earlier item failed.
    NotSent {},
    /// It was sent, and no answer came: it may have been carried out.
    Unknown {
        /// What broke.
        error: ErrorMessage,
    },
    /// An outcome that this reader doesn't know; to be treated like [`BatchItem::Unknown`].
    #[default]
    Unrecognised,
}

/// By hand, over all that an item can have: what serde writes for a tag among the fields is 40 KB in every plugin that sends batches.
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
            _ => Self::Unrecognised,
        })
    }
}

/// An item, before it is known what became of it.
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

/// A response whose body is still to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StreamHead {
    /// Names it in `http.read` and `http.close`.
    pub stream: u64,
    /// Status and headers; no body.
    pub response: HttpResponse,
}

read_fields!(StreamHead { stream, response });

/// Asks for the next piece.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamRead {
    /// Which.
    pub stream: u64,
    /// The most bytes wanted; 0 is as the host likes. Fewer can come.
    pub max: u32,
}

/// A piece came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StreamChunk {
    /// Whether it was the last; the host has closed the stream then.
    pub end: bool,
}

read_fields!(StreamChunk { end });

/// Names an open response.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamRef {
    /// Which.
    pub stream: u64,
}
