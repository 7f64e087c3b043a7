//! The completion of values while a user types a command line.

use std::sync::Arc;

use tw_plugin_protocol as protocol;

use crate::{Host, Result};

/// A value that completes what a user has typed. See [`Arg::complete`](crate::Arg::complete).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate(pub(crate) protocol::Candidate);

impl Candidate {
    /// Creates a candidate: the whole value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(protocol::Candidate {
            value: value.into(),
            ..Default::default()
        })
    }

    /// Sets a line that describes the value. Not every shell shows it.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.0.help = text.into();
        self
    }
}

impl From<String> for Candidate {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}

impl From<&str> for Candidate {
    fn from(value: &str) -> Self {
        Self::new(value)
    }
}

type Complete = dyn Fn(&str, &Host) -> Result<Vec<protocol::Candidate>> + Send + Sync;

/// The function that completes the values of an argument.
#[derive(Clone)]
pub(crate) struct Completer(Arc<Complete>);

impl Completer {
    pub(crate) fn new<I: IntoIterator<Item: Into<Candidate>>>(
        complete: impl Fn(&str, &Host) -> Result<I> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(move |word, host| {
            let candidates = complete(word, host)?.into_iter();
            Ok(candidates.map(|candidate| candidate.into().0).collect())
        }))
    }

    pub(crate) fn complete(&self, word: &str, host: &Host) -> Result<Vec<protocol::Candidate>> {
        (self.0)(word, host)
    }
}

impl std::fmt::Debug for Completer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Completer")
    }
}
