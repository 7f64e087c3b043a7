//! The API that answers as a test says.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
};

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

/// A status and a body.
type Answer = (u16, Vec<u8>);

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

    pub(crate) fn answer(&self, request: &str, status: u16, body: Vec<u8>) {
        let mut state = lock(&self.state);
        state.answers.insert(request.to_owned(), (status, body));
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
    let path = received.url.split('?').next().unwrap_or_default();
    let key = format!("{} {path}", received.method);
    let (status, body) = {
        let mut state = lock(state);
        let answer = state.answers.get(&key).cloned();
        state.requests.push(received);
        answer.unwrap_or_else(|| {
            (
                404,
                format!("{{\"message\": \"no answer to {key}\"}}").into(),
            )
        })
    };
    let json = Header::from_bytes("Content-Type", "application/json");
    let response = Response::from_data(body).with_status_code(status);
    let response = json.into_iter().fold(response, Response::with_header);
    // The client may have gone.
    let _ = request.respond(response);
}
