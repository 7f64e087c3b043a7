//! Sets of HTTP requests, and their outcomes.

use serde::{Deserialize, Serialize};

use crate::{
    ErrorMessage, HttpRequest, HttpResponse,
    read::{Kind, failure, integer, kind, kind_list, kinds, object, objects, or_default},
};

/// A set of requests that are sent concurrently.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchRequest {
    /// The requests. The outcomes have the same order.
    #[serde(deserialize_with = "objects")]
    pub requests: Vec<HttpRequest>,
    /// The label of the progress display. `None` if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The maximum number of requests in flight. `None` means the host's own limit.
    #[serde(deserialize_with = "integer", skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// True if the host stops sending as soon as a request fails or is answered with a status of 400 or more.
    #[serde(deserialize_with = "or_default")]
    pub stop_on_failure: bool,
}

/// The outcomes of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchReply {
    /// The outcomes, in the order of the requests.
    #[serde(deserialize_with = "kind_list")]
    pub items: Vec<BatchItem>,
}

/// Outcomes of an open batch, in the order in which they arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchArrivals {
    /// The outcomes. There is at least one, unless the batch has ended.
    #[serde(deserialize_with = "objects")]
    pub arrivals: Vec<BatchArrival>,
    /// True if there are no further outcomes. The host has then closed the batch.
    #[serde(deserialize_with = "or_default")]
    pub end: bool,
}

/// An outcome, and the request that it belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchArrival {
    /// The index of the request in the batch, from 0.
    #[serde(deserialize_with = "integer")]
    pub index: u64,
    /// The outcome.
    #[serde(deserialize_with = "kind")]
    pub item: BatchItem,
}

/// The outcome of one request of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchItem {
    /// The kind of outcome.
    #[serde(deserialize_with = "kind")]
    pub outcome: BatchOutcome,
    /// For [`BatchOutcome::Done`]: the response, with any status.
    #[serde(deserialize_with = "object", skip_serializing_if = "Option::is_none")]
    pub response: Option<HttpResponse>,
    /// For [`BatchOutcome::Failed`] and [`BatchOutcome::OutcomeUnknown`]: the reason.
    #[serde(deserialize_with = "failure", skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorMessage>,
}

impl BatchItem {
    /// Creates the outcome of a request that the server answered.
    pub fn done(response: HttpResponse) -> Self {
        Self {
            outcome: BatchOutcome::Done,
            response: Some(response),
            ..Self::default()
        }
    }

    /// Creates the outcome of a request that failed, or that may have failed.
    pub fn failed(outcome: BatchOutcome, error: ErrorMessage) -> Self {
        Self {
            outcome,
            error: Some(error),
            ..Self::default()
        }
    }

    /// Creates the outcome of a request that was never sent.
    pub fn not_sent() -> Self {
        Self {
            outcome: BatchOutcome::NotSent,
            ..Self::default()
        }
    }
}

/// The kind of outcome of a request of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BatchOutcome {
    /// The server answered.
    Done,
    /// The request failed, and the server didn't carry it out.
    Failed,
    /// The request was never sent, because the run was canceled or an earlier request failed.
    NotSent,
    /// The request was sent and no answer arrived. The server may have carried it out.
    OutcomeUnknown,
    /// An outcome that this reader doesn't know. Treat it as [`OutcomeUnknown`](Self::OutcomeUnknown).
    #[default]
    #[serde(other)]
    Unknown,
}

kinds!(BatchOutcome);

impl Kind for BatchItem {
    const UNKNOWN: Self = Self {
        outcome: BatchOutcome::Unknown,
        response: None,
        error: None,
    };
}
