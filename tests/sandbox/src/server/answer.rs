//! The answers that faults give.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::body::{Blanks, Drip, Truncated};
use crate::fault::Answer;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The refusal of a token that asks too often.
pub(super) fn too_many_requests() -> Response {
    let message = json!({ "message": "Too many requests" });
    (
        StatusCode::TOO_MANY_REQUESTS,
        [(RETRY_AFTER, "1")],
        axum::Json(message),
    )
        .into_response()
}

/// A fault's own answer. What HTTP doesn't carry is left out, so that a test's slip never ends the server.
pub(super) fn scripted(answer: &Answer) -> Response {
    let status = StatusCode::from_u16(answer.code)
        .ok()
        .filter(|status| (200..600).contains(&status.as_u16()))
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (content_type, body) = match &answer.body {
        Some((content_type, body)) => (content_type.clone(), body.clone()),
        None => {
            let message =
                json!({ "message": format!("The sandbox was told to answer {}", status.as_u16()) });
            ("application/json".into(), message.to_string().into_bytes())
        }
    };
    let may_have_body = status != StatusCode::NO_CONTENT && status != StatusCode::NOT_MODIFIED;
    let mut response = if may_have_body {
        Body::from(body).into_response()
    } else {
        ().into_response()
    };
    *response.status_mut() = status;

    let headers = response.headers_mut();
    headers.remove(CONTENT_TYPE);
    if let (false, Ok(value)) = (content_type.is_empty(), HeaderValue::try_from(content_type)) {
        headers.insert(CONTENT_TYPE, value);
    }
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    response
}

/// A server that repeats what it should keep to itself.
pub(super) fn echo(headers: &HeaderMap, body: &Bytes) -> Response {
    let authorization = headers
        .get(AUTHORIZATION)
        .map(|value| String::from_utf8_lossy(value.as_bytes()));
    let message = format!(
        "Could not process the request with authorization '{}' and body '{}'",
        authorization.unwrap_or_default(),
        String::from_utf8_lossy(body)
    );
    (
        StatusCode::BAD_REQUEST,
        axum::Json(json!({ "message": message })),
    )
        .into_response()
}

/// Marks an answer that is none: the request is refused.
#[derive(Clone)]
pub(super) struct Refused;

pub(super) fn refusal() -> Response {
    let mut response = Response::default();
    response.extensions_mut().insert(Refused);
    response
}

/// So many blanks that are said to be JSON.
pub(super) fn oversized(bytes: u64) -> Response {
    ([(CONTENT_TYPE, JSON)], Body::new(Blanks::new(bytes))).into_response()
}

/// The same answer, of which half is sent.
pub(super) async fn truncated(response: Response) -> Response {
    let (mut parts, whole) = collected(response).await;
    let (announced, sent) = if whole.is_empty() {
        // An answer without a body can't be cut, so another takes its place.
        parts.status = StatusCode::OK;
        parts.headers.insert(CONTENT_TYPE, JSON);
        (32, Bytes::from_static(b"{"))
    } else {
        (whole.len(), whole.slice(..whole.len() / 2))
    };
    parts
        .headers
        .insert(CONTENT_LENGTH, HeaderValue::from(announced));
    Response::from_parts(parts, Body::new(Truncated::new(sent)))
}

/// The same answer, slowly.
pub(super) async fn dripped(response: Response, chunk: usize, every: Duration) -> Response {
    let (parts, whole) = collected(response).await;
    if whole.is_empty() {
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::new(Drip::new(whole, chunk, every)))
}

async fn collected(response: Response) -> (axum::http::response::Parts, Bytes) {
    let (parts, body) = response.into_parts();
    // The endpoints' bodies are in memory already, so reading one doesn't fail.
    (parts, to_bytes(body, usize::MAX).await.unwrap_or_default())
}
