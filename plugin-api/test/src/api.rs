//! The API that answers as a test says.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
};

use serde::Serialize;
use tiny_http::{Header, Response, Server};

/// A request that the API has received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The path and the query: `/pets?max=100`.
    pub url: String,
    /// The body.
    pub body: String,
    headers: Vec<(String, String)>,
}

impl Request {
    /// Returns the value of the first header of this name, in upper or lower case. Returns `None` if there is none.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let named = headers.find(|(header, _)| header.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }
}

/// What the API answers to a request.
///
/// ```
/// use tw_plugin_test::Answer;
///
/// Answer::new(429, "").header("Retry-After", "1");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    /// Creates an answer with this status and these bytes.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// Creates an answer with this status and this value as JSON.
    ///
    /// # Panics
    /// If the value has no JSON form.
    pub fn json(status: u16, value: &impl Serialize) -> Self {
        let body = serde_json::to_vec(value).expect("the value has a JSON form");
        Self::new(status, body).header("Content-Type", "application/json")
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

#[derive(Debug, Default)]
struct State {
    /// The answers by `METHOD PATH`.
    answers: HashMap<String, Answer>,
    requests: Vec<Request>,
}

type Shared = Arc<Mutex<State>>;

fn lock(state: &Shared) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) struct Api {
    server: Arc<Server>,
    state: Shared,
    thread: Option<JoinHandle<()>>,
}

impl Api {
    pub(crate) fn start() -> Self {
        let server = Server::http("127.0.0.1:0").expect("a port is free");
        let server = Arc::new(server);
        let state = Shared::default();
        let thread = std::thread::spawn({
            let (server, state) = (Arc::clone(&server), Arc::clone(&state));
            move || {
                server
                    .incoming_requests()
                    .for_each(|request| serve(request, &state))
            }
        });
        Self {
            server,
            state,
            thread: Some(thread),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.server.server_addr())
    }

    pub(crate) fn answer(&self, request: &str, answer: Answer) {
        let mut state = lock(&self.state);
        state.answers.insert(request.to_owned(), answer);
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        lock(&self.state).requests.clone()
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.server.unblock();
        // A panic of the thread has failed the test already.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Api").field(&self.url()).finish()
    }
}

fn serve(mut request: tiny_http::Request, state: &Shared) {
    let mut body = Vec::new();
    // A body that the client cut short is a body of the test.
    let _ = std::io::Read::read_to_end(request.as_reader(), &mut body);
    let headers = request.headers().iter();
    let headers = headers.map(|header| (header.field.to_string(), header.value.to_string()));
    let received = Request {
        method: request.method().to_string(),
        url: request.url().to_owned(),
        body: String::from_utf8_lossy(&body).into_owned(),
        headers: headers.collect(),
    };
    let whole = format!("{} {}", received.method, received.url);
    let path = whole.split('?').next().unwrap_or_default();
    let answer = {
        let mut state = lock(state);
        state.requests.push(received);
        let answers = &state.answers;
        answers.get(&whole).or_else(|| answers.get(path)).cloned()
    };
    let answer = answer.unwrap_or_else(|| {
        let message = format!("the test has no answer to {whole}");
        Answer::json(404, &serde_json::json!({ "message": message }))
    });
    let headers = answer.headers.iter();
    let headers =
        headers.filter_map(|(name, value)| Header::from_bytes(name.as_str(), value.as_str()).ok());
    let response = Response::from_data(answer.body).with_status_code(answer.status);
    let response = headers.fold(response, Response::with_header);
    // The client may have gone.
    let _ = request.respond(response);
}
