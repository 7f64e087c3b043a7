//! The effects of faults.

use std::time::Duration;

/// The effect of a fault on a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Processes and answers the request normally. Used with a delay.
    Normal,
    /// Sends this answer.
    Answer(Answer),
    /// Resets the connection without processing the request.
    ResetBefore,
    /// Processes the request, then resets the connection.
    ResetAfter,
    /// Refuses the request without processing it (REFUSED_STREAM of HTTP/2, RFC 9113, section 8.7). The connection stays open.
    Refuse,
    /// Processes the request, then sends half of the answer's body.
    Truncate,
    /// Sends this many blanks.
    Oversized { bytes: u64 },
    /// Processes the request, then sends the answer's body in chunks.
    Drip { chunk: usize, every: Duration },
    /// Repeats the request in an error message.
    Echo,
}

impl Effect {
    /// Returns the name for the log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Normal => "delay",
            Self::Answer(_) => "answer",
            Self::ResetBefore => "reset before",
            Self::ResetAfter => "reset after",
            Self::Refuse => "refuse",
            Self::Truncate => "truncate",
            Self::Oversized { .. } => "oversized",
            Self::Drip { .. } => "drip",
            Self::Echo => "echo",
        }
    }
}

/// An answer that a fault defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// The content type and the bytes. An empty content type is not sent. `None` sends a JSON message that names the status.
    pub(crate) body: Option<(String, Vec<u8>)>,
    /// True if the request is processed before this answer is sent.
    pub(crate) processed: bool,
}

impl Default for Answer {
    fn default() -> Self {
        Self {
            code: 200,
            headers: Vec::new(),
            body: None,
            processed: false,
        }
    }
}
