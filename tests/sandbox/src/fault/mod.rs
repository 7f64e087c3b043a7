//! Faults: failures of the server or the network that a test asks for.
//!
//! A fault names a route, selects some of the requests on that route, and has an effect on them. [`LANGUAGE`] describes the
//! text form of `tw-sandbox --fault`.

mod effect;
mod language;
mod pattern;
mod plan;

use std::time::Duration;

pub(crate) use effect::{Answer, Effect};
pub use language::{FaultError, LANGUAGE};
pub(crate) use plan::{Hit, Plan};

/// A fault on one route.
///
/// A fault hits every matching request unless [`times`](Self::times) limits it. A fault without an effect only waits for its
/// [`delay`](Self::delay). If several faults match a request, the first one with hits left is applied.
///
/// ```
/// use std::time::Duration;
/// use tw_sandbox::Fault;
///
/// let overloaded = Fault::on("GET", "/pipeline-secrets").status(503).header("Retry-After", "1").times(2);
/// let created_but_unanswered = Fault::on("POST", "/pipeline-secrets").reset_after();
/// let slow = Fault::on("*", "*").delay(Duration::from_millis(300));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    method: String,
    path: String,
    after: usize,
    times: Option<usize>,
    delay: Option<Duration>,
    effect: Effect,
}

impl Fault {
    /// Creates a fault for requests of this method (`*` for any) whose path matches this pattern. In the pattern, `*` matches any
    /// text, including slashes. A leading `/api` of the request's path is ignored.
    #[must_use]
    pub fn on(method: &str, path: &str) -> Self {
        Self {
            method: method.to_ascii_uppercase(),
            path: path.into(),
            after: 0,
            times: None,
            delay: None,
            effect: Effect::Normal,
        }
    }

    /// Limits the fault to this many requests.
    #[must_use]
    pub fn times(mut self, count: usize) -> Self {
        self.times = Some(count);
        self
    }

    /// Lets this many matching requests pass before the first hit.
    #[must_use]
    pub fn after(mut self, matches: usize) -> Self {
        self.after = matches;
        self
    }

    /// Waits this long before the effect, or before the normal answer if there is no effect.
    #[must_use]
    pub fn delay(mut self, duration: Duration) -> Self {
        self.delay = Some(duration);
        self
    }

    /// Answers with this status and a JSON message, without processing the request. A status outside 200 to 599 becomes 500.
    ///
    /// The methods [`json`](Self::json), [`text`](Self::text), [`html`](Self::html), [`body`](Self::body), [`empty`](Self::empty),
    /// [`header`](Self::header) and [`processed`](Self::processed) change this answer. Without a status they answer with 200.
    #[must_use]
    pub fn status(self, code: u16) -> Self {
        self.with_answer(|answer| answer.code = code)
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(self, body: &str) -> Self {
        self.body("application/json", body)
    }

    /// Sets a plain text body.
    #[must_use]
    pub fn text(self, body: &str) -> Self {
        self.body("text/plain; charset=utf-8", body)
    }

    /// Sets an HTML body, such as a proxy sends.
    #[must_use]
    pub fn html(self, body: &str) -> Self {
        self.body("text/html; charset=utf-8", body)
    }

    /// Sets a body of any content type.
    #[must_use]
    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.with_answer(|answer| answer.body = Some((content_type.into(), body.into())))
    }

    /// Sets an empty body without a content type.
    #[must_use]
    pub fn empty(self) -> Self {
        self.body("", "")
    }

    /// Adds a header to the answer. A header that is invalid in HTTP is left out.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        self.with_answer(|answer| answer.headers.push((name.into(), value.into())))
    }

    /// Processes the request before answering as the fault says, like a gateway that times out while the server goes on.
    #[must_use]
    pub fn processed(self) -> Self {
        self.with_answer(|answer| answer.processed = true)
    }

    /// Answers 200 with an HTML page instead of JSON.
    #[must_use]
    pub fn not_json(self) -> Self {
        self.html("<!DOCTYPE html><html><body><h1>Sign in to the network</h1></body></html>\n")
    }

    /// Redirects the client to this URL or path with this status.
    #[must_use]
    pub fn redirect(self, to: &str, code: u16) -> Self {
        self.empty().header("Location", to).status(code)
    }

    /// Reads the whole request, then resets the connection without processing the request.
    #[must_use]
    pub fn reset_before(self) -> Self {
        self.with_effect(Effect::ResetBefore)
    }

    /// Processes the request, then resets the connection instead of answering.
    #[must_use]
    pub fn reset_after(self) -> Self {
        self.with_effect(Effect::ResetAfter)
    }

    /// Refuses the request over HTTP/2 with REFUSED_STREAM, which tells the client that the request was not processed and can be
    /// retried. HTTP/1.1 has no such signal, so there the connection is closed.
    #[must_use]
    pub fn refuse(self) -> Self {
        self.with_effect(Effect::Refuse)
    }

    /// Processes the request, sends half of the answer's body under its full `Content-Length`, and closes the connection. An answer
    /// without a body is replaced with a 200 and the first byte of a JSON object.
    #[must_use]
    pub fn truncate(self) -> Self {
        self.with_effect(Effect::Truncate)
    }

    /// Answers 200 with this many blanks as `application/json`, without a `Content-Length`.
    #[must_use]
    pub fn oversized(self, bytes: u64) -> Self {
        self.with_effect(Effect::Oversized { bytes })
    }

    /// Processes the request, then sends the answer's body in chunks of `chunk` bytes, waiting for `every` before each.
    #[must_use]
    pub fn slow_drip(self, chunk: usize, every: Duration) -> Self {
        self.with_effect(Effect::Drip {
            chunk: chunk.max(1),
            every,
        })
    }

    /// Answers 400 with a message that repeats the request's `Authorization` header and body. A client must not print them.
    #[must_use]
    pub fn echo(self) -> Self {
        self.with_effect(Effect::Echo)
    }

    fn with_effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// Changes the fault's answer. Any other effect is replaced.
    fn with_answer(mut self, change: impl FnOnce(&mut Answer)) -> Self {
        let mut answer = match self.effect {
            Effect::Answer(answer) => answer,
            _ => Answer::default(),
        };
        change(&mut answer);
        self.effect = Effect::Answer(answer);
        self
    }

    fn matches(&self, method: &str, route: &str) -> bool {
        (self.method == "*" || self.method == method) && pattern::matches(&self.path, route)
    }
}
