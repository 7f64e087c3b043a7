//! Builds the responses of faults.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::body::{Blanks, Drip, Truncated};
use crate::fault::Answer;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Builds the response for a token that exceeds the rate limit.
pub(super) fn build_too_many_requests() -> Response {
    let message = json!({ "message": "Too many requests" });
    (
        StatusCode::TOO_MANY_REQUESTS,
        [(RETRY_AFTER, "1")],
        axum::Json(message),
    )
        .into_response()
}

/// Builds the response that a fault defines. An invalid status becomes 500 and an invalid header is left out, because a mistake in a
/// test must not panic in the server.
pub(super) fn build_scripted(answer: &Answer) -> Response {
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

/// Builds a response that leaks the request's token and body.
pub(super) fn build_echo(headers: &HeaderMap, body: &Bytes) -> Response {
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

/// Marks a response that is not sent, because the connection refuses the request instead.
#[derive(Clone)]
pub(super) struct Refused;

pub(super) fn build_refusal() -> Response {
    let mut response = Response::default();
    response.extensions_mut().insert(Refused);
    response
}

/// Builds a response of this many blanks, as `application/json`.
pub(super) fn build_oversized(bytes: u64) -> Response {
    ([(CONTENT_TYPE, JSON)], Body::new(Blanks::new(bytes))).into_response()
}

/// Replaces a response with one that stops after half of the body.
pub(super) async fn truncate(response: Response) -> Response {
    let (mut parts, whole) = collect(response).await;
    let (announced, sent) = if whole.is_empty() {
        // A response without a body cannot be cut, so it is replaced with one that has a body.
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

/// Replaces a response with one that sends its body slowly.
pub(super) async fn drip(response: Response, chunk: usize, every: Duration) -> Response {
    let (parts, whole) = collect(response).await;
    if whole.is_empty() {
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::new(Drip::new(whole, chunk, every)))
}

async fn collect(response: Response) -> (axum::http::response::Parts, Bytes) {
    let (parts, body) = response.into_parts();
    // The endpoints build their bodies in memory, so reading one never fails.
    (parts, to_bytes(body, usize::MAX).await.unwrap_or_default())
}
