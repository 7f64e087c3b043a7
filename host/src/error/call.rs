//! The HTTP call that failed, as errors name it.

/// An HTTP call that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FailedCall {
    /// Method and path without the query: `GET /user-info`.
    pub(crate) request: String,
    /// The scheme and the host that the call went to, or was meant for: `https://api.cloud.seqera.io`.
    pub(crate) server: String,
    /// The status of the answer. `None` if there was no answer.
    pub(crate) status: Option<u16>,
    /// True if a repetition can succeed and does no harm, by the rules for retries.
    pub(crate) is_retryable: bool,
    /// The seconds by which this machine's clock is ahead of the server's. `None` if the answer has no date.
    pub(crate) clock_skew: Option<i64>,
    /// The origin of the call's access token. `None` if the call had no token.
    pub(crate) token_from: Option<String>,
}
