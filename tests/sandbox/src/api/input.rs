//! Extracts the id in the path, the query parameters and the JSON body of a request. Malformed input is answered with 400.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::{Problem, Shared};

/// The id in the path.
pub(super) struct Id(pub(super) i64);

impl FromRequestParts<Shared> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Shared) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, platform)
            .await
            .map_err(|rejection| Problem::bad_request(rejection.body_text()))?;
        parse_number("id", &text).map(Self)
    }
}

/// The decoded query parameters. If a parameter is repeated, its first value counts.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) fn find(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn parse_number(&self, name: &str) -> Result<Option<i64>, Problem> {
        self.find(name)
            .map(|text| parse_number(name, text))
            .transpose()
    }
}

impl FromRequestParts<Shared> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Shared) -> Result<Self, Problem> {
        let Query(parameters) = Query::from_request_parts(parts, platform)
            .await
            .map_err(|rejection| Problem::bad_request(rejection.body_text()))?;
        Ok(Self(parameters))
    }
}

/// A JSON body. Unknown fields are ignored. Another content type is answered with 415.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Shared> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, platform: &Shared) -> Result<Self, Problem> {
        let content_type = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("");
        let essence = content_type.split(';').next().unwrap_or("").trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            let message =
                format!("Content type [{content_type}] not allowed; expected [application/json]");
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
        }
        let body = Bytes::from_request(request, platform)
            .await
            .map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|error| Problem::bad_request(format!("Malformed JSON body: {error}")))
    }
}

fn parse_number(name: &str, text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| {
        Problem::bad_request(format!(
            "Malformed {name} '{text}': expected a 64-bit integer"
        ))
    })
}
