//! The log of requests that a test can read.

use std::fmt;
use std::time::Duration;

/// A request that reached the sandbox, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// The path as it came, percent signs, `/api` and all.
    pub path: String,
    /// What followed the `?`, as it came.
    pub query: Option<String>,
    /// The headers in the order they came, their names in small letters. A value's bytes that aren't UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What became of it.
    pub outcome: Outcome,
    /// When all of it had come, counted from the start of the sandbox.
    pub at: Duration,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is being processed, or a fault lets it wait.
    Pending,
    /// It was answered with this status.
    Answered(u16),
    /// A fault hit it.
    Faulted {
        /// The fault's name: delay, answer, reset before, reset after, truncate, oversized, drip or echo.
        fault: &'static str,
        /// The status that it was answered with, if it was.
        status: Option<u16>,
    },
    /// The client left before it had sent all of it or was answered.
    Abandoned,
}

impl Request {
    /// The value of a header, by its name in any case; the first, if there are several.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The path without the `/api` that it may begin with.
    #[must_use]
    pub fn route(&self) -> &str {
        route(&self.path)
    }

    /// The status it was answered with, if it was.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.outcome {
            Outcome::Answered(status) => Some(status),
            Outcome::Faulted { status, .. } => status,
            Outcome::Pending | Outcome::Abandoned => None,
        }
    }
}

/// One line with neither headers nor bodies: `POST /pipeline-secrets?workspaceId=100 → 200`. Control and bidirectional
/// characters are replaced.
impl fmt::Display for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut target = format!("{} {}", self.method, self.path);
        if let Some(query) = &self.query {
            target.push('?');
            target.push_str(query);
        }
        let shown: String = target
            .chars()
            .map(|shown| if is_visible(shown) { shown } else { '\u{fffd}' })
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

/// The path by which faults and counts know a request: without the `/api` that it may begin with.
pub(crate) fn route(path: &str) -> &str {
    path.strip_prefix("/api")
        .filter(|rest| rest.starts_with('/'))
        .unwrap_or(path)
}

fn is_visible(character: char) -> bool {
    let is_bidirectional = matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    !character.is_control() && !is_bidirectional
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Outcome, Request, route};

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
    fn a_line_shows_neither_headers_nor_the_body() {
        assert_eq!(
            request("/orgs").to_string(),
            "GET /orgs?workspaceId=100 → 200"
        );
    }

    #[test]
    fn a_line_is_one_line() {
        let line = request("/a\u{1b}[31m\n\u{202e}b").to_string();
        assert_eq!(
            line,
            "GET /a\u{fffd}[31m\u{fffd}\u{fffd}b?workspaceId=100 → 200"
        );
    }

    #[test]
    fn a_route_is_the_same_below_api() {
        assert_eq!(route("/api/orgs"), "/orgs");
        assert_eq!(route("/orgs"), "/orgs");
        assert_eq!(route("/apiary"), "/apiary");
    }
}
