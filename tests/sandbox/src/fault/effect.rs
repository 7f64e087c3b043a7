//! What a fault does to a request.

use std::time::Duration;

/// What becomes of a request that a fault hits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It is processed and answered as ever.
    Normal,
    /// It gets this answer.
    Answer(Answer),
    /// The connection is reset before it is processed.
    ResetBefore,
    /// It is processed, and the connection is reset.
    ResetAfter,
    /// It is refused unseen, and the connection stays, as HTTP/2 has it.
    Refuse,
    /// It is processed, and half of the answer's body is sent.
    Truncate,
    /// It gets this many blanks.
    Oversized { bytes: u64 },
    /// It is processed, and the answer's body comes in pieces.
    Drip { chunk: usize, every: Duration },
    /// It gets itself back in an error message.
    Echo,
}

impl Effect {
    /// What a log calls it.
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

/// An answer that is a fault's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// The content type, not sent when it is empty, and the bytes; without it, a message that tells the status.
    pub(crate) body: Option<(String, Vec<u8>)>,
    /// Whether the request is processed first.
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
