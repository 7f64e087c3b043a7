//! Faults: what a server, or the network before it, can do to a client, on demand.
//!
//! A fault says which requests it is for, which of those it hits, and what becomes of them. The text form that
//! `tw-sandbox --fault` takes is described at [`LANGUAGE`].

mod effect;
mod language;
mod pattern;
mod plan;

use std::time::Duration;

pub(crate) use effect::{Answer, Effect};
pub use language::{FaultError, LANGUAGE};
pub(crate) use plan::{Blow, Plan};

/// A fault for some route, built fluently.
///
/// Without [`times`](Self::times) it hits every matching request; without an effect it does nothing but wait for its
/// [`delay`](Self::delay). Of several faults that match, the first one that isn't used up hits.
///
/// ```
/// use std::time::Duration;
/// use tw_sandbox::Fault;
///
/// let overloaded = Fault::on("GET", "/pipeline-secrets").status(503).header("Retry-After", "1").times(2);
/// let uncertain = Fault::on("POST", "/pipeline-secrets").reset_after();
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
    /// A fault for requests of this method (`*` for any) whose path matches this pattern, in which `*` stands for any
    /// text, slashes included. Whether a request came in below `/api` makes no difference.
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

    /// Hits no more than this many requests.
    #[must_use]
    pub fn times(mut self, count: usize) -> Self {
        self.times = Some(count);
        self
    }

    /// Lets this many matching requests pass first.
    #[must_use]
    pub fn after(mut self, matches: usize) -> Self {
        self.after = matches;
        self
    }

    /// Waits this long before anything else happens to the request: the effect, or the normal answer.
    #[must_use]
    pub fn delay(mut self, duration: Duration) -> Self {
        self.delay = Some(duration);
        self
    }

    /// Answers with this status (from 200 to 599, else 500) and a JSON message, without processing the request.
    ///
    /// The other answer methods ([`json`](Self::json), [`header`](Self::header), …) change what goes with it, and
    /// answer with 200 when no status is set.
    #[must_use]
    pub fn status(self, code: u16) -> Self {
        self.answer(|answer| answer.code = code)
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

    /// Sets an HTML body, as a proxy in between would send.
    #[must_use]
    pub fn html(self, body: &str) -> Self {
        self.body("text/html; charset=utf-8", body)
    }

    /// Sets any body of any content type.
    #[must_use]
    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.answer(|answer| answer.body = Some((content_type.into(), body.into())))
    }

    /// Leaves the body empty.
    #[must_use]
    pub fn empty(self) -> Self {
        self.body("", "")
    }

    /// Adds a header to the answer. One that HTTP wouldn't carry is left out.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        self.answer(|answer| answer.headers.push((name.into(), value.into())))
    }

    /// Processes the request first, and answers as the fault says all the same: a gateway that lost patience.
    #[must_use]
    pub fn processed(self) -> Self {
        self.answer(|answer| answer.processed = true)
    }

    /// Answers 200 with a page of HTML where JSON belongs.
    #[must_use]
    pub fn not_json(self) -> Self {
        self.html("<!DOCTYPE html><html><body><h1>Sign in to the network</h1></body></html>\n")
    }

    /// Sends the client elsewhere, with this status.
    #[must_use]
    pub fn redirect(self, to: &str, code: u16) -> Self {
        self.empty().header("Location", to).status(code)
    }

    /// Resets the connection in place of processing the request, once all of it has come.
    #[must_use]
    pub fn reset_before(self) -> Self {
        self.effect(Effect::ResetBefore)
    }

    /// Processes the request, and resets the connection in place of answering.
    #[must_use]
    pub fn reset_after(self) -> Self {
        self.effect(Effect::ResetAfter)
    }

    /// Says over HTTP/2 that nobody has looked at the request, so that it can be sent again. Over HTTP/1.1, which has no way to say so, the
    /// connection is closed.
    #[must_use]
    pub fn refuse(self) -> Self {
        self.effect(Effect::Refuse)
    }

    /// Processes the request, announces the whole answer, sends half of it and closes the connection. Where the answer
    /// has no body, a 200 with the beginning of one takes its place.
    #[must_use]
    pub fn truncate(self) -> Self {
        self.effect(Effect::Truncate)
    }

    /// Answers 200 with this many bytes of blanks, said to be JSON, whose number isn't announced.
    #[must_use]
    pub fn oversized(self, bytes: u64) -> Self {
        self.effect(Effect::Oversized { bytes })
    }

    /// Processes the request and sends the body of the answer in pieces of `chunk` bytes, waiting before each.
    #[must_use]
    pub fn slow_drip(self, chunk: usize, every: Duration) -> Self {
        self.effect(Effect::Drip {
            chunk: chunk.max(1),
            every,
        })
    }

    /// Answers 400 with a message that repeats the request's `Authorization` header and its body: a server that leaks
    /// what a client must not print.
    #[must_use]
    pub fn echo(self) -> Self {
        self.effect(Effect::Echo)
    }

    fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// Changes the answer being described, which takes the place of any other effect.
    fn answer(mut self, change: impl FnOnce(&mut Answer)) -> Self {
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
