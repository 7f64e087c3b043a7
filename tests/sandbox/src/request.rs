//! The requests that a test can inspect.

use std::fmt;
use std::time::Duration;

/// A request that reached the sandbox, with its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method, in upper case.
    pub method: String,
    /// The raw path, with its percent-encoding and a leading `/api`.
    pub path: String,
    /// The raw query after the `?`. `None` if the URL has no `?`.
    pub query: Option<String>,
    /// The headers in their order, with names in lower case. Bytes of a value that are not UTF-8 are replaced with U+FFFD.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The outcome.
    pub outcome: Outcome,
    /// The time at which the whole request had arrived, since the start of the sandbox.
    pub at: Duration,
}

/// The outcome of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The request is being processed, or waits for a fault's delay.
    Pending,
    /// The request was answered with this status.
    Answered(u16),
    /// A fault hit the request.
    Faulted {
        /// The fault's name: delay, answer, reset before, reset after, refuse, truncate, oversized, drip or echo.
        fault: &'static str,
        /// The status of the answer. `None` if the fault sent no answer.
        status: Option<u16>,
    },
    /// The client closed the connection before it had sent the whole request or received the answer.
    Abandoned,
}

impl Request {
    /// Returns the first value of a header, by its name in any case. `None` if the request has no such header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Returns the path without a leading `/api`.
    #[must_use]
    pub fn route(&self) -> &str {
        strip_api(&self.path)
    }

    /// Returns the status of the answer. `None` if the request has not been answered.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.outcome {
            Outcome::Answered(status) => Some(status),
            Outcome::Faulted { status, .. } => status,
            Outcome::Pending | Outcome::Abandoned => None,
        }
    }
}

/// Formats one line without headers and bodies, such as `POST /pipeline-secrets?workspaceId=100 → 200`. Control and bidirectional
/// characters are replaced with U+FFFD.
impl fmt::Display for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut target = format!("{} {}", self.method, self.path);
        if let Some(query) = &self.query {
            target.push('?');
            target.push_str(query);
        }
        let shown: String = target
            .chars()
            .map(|shown| if is_safe(shown) { shown } else { '\u{fffd}' })
            .collect();
        write!(formatter, "{shown} → {}", self.outcome)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pending => write!(formatter, "pending"),
            Self::Answered(status) => write!(formatter, "{status}"),
            Self::Faulted {
                fault,
                status: Some(status),
            } => write!(formatter, "{status} (fault: {fault})"),
            Self::Faulted {
                fault,
                status: None,
            } => write!(formatter, "no answer (fault: {fault})"),
            Self::Abandoned => write!(formatter, "abandoned by the client"),
        }
    }
}

/// Strips a leading `/api`, so that faults and counts treat both base paths alike.
pub(crate) fn strip_api(path: &str) -> &str {
    path.strip_prefix("/api")
        .filter(|rest| rest.starts_with('/'))
        .unwrap_or(path)
}

fn is_safe(character: char) -> bool {
    let is_bidirectional = matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    !character.is_control() && !is_bidirectional
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Outcome, Request, strip_api};

    fn request(path: &str) -> Request {
        Request {
            method: "GET".into(),
            path: path.into(),
            query: Some("workspaceId=100".into()),
            headers: vec![("authorization".into(), "Bearer hidden".into())],
            body: b"hidden".to_vec(),
            outcome: Outcome::Answered(200),
            at: Duration::ZERO,
        }
    }

    #[test]
    fn a_log_line_shows_neither_headers_nor_the_body() {
        assert_eq!(
            request("/orgs").to_string(),
            "GET /orgs?workspaceId=100 → 200"
        );
    }

    #[test]
    fn a_log_line_has_no_control_characters() {
        let line = request("/a\u{1b}[31m\n\u{202e}b").to_string();
        assert_eq!(
            line,
            "GET /a\u{fffd}[31m\u{fffd}\u{fffd}b?workspaceId=100 → 200"
        );
    }

    #[test]
    fn strip_api_removes_only_a_whole_path_segment() {
        assert_eq!(strip_api("/api/orgs"), "/orgs");
        assert_eq!(strip_api("/orgs"), "/orgs");
        assert_eq!(strip_api("/apiary"), "/apiary");
    }
}
