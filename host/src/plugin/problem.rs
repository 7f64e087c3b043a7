//! Why a plugin can't be used, and what mends it.

use serde::{Deserialize, Serialize};

/// Why a plugin can't be used: one line; and what mends it: at most a few.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Problem {
    /// What is wrong.
    pub(crate) reason: String,
    /// What to do.
    pub(crate) mend: String,
    /// What the library that found it has to say, at length; shown under `--verbose`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
}

impl Problem {
    pub(crate) fn new(reason: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            mend: mend.into(),
            detail: None,
        }
    }

    pub(crate) fn detail(mut self, detail: String) -> Self {
        self.detail = Some(detail);
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason)
    }
}
