//! The endpoints, at `/` and below `/api`.

mod account;
mod caller;
mod input;
mod problem;
mod secrets;
mod service;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::get;

use crate::platform::Platform;
pub(crate) use problem::Problem;

/// The most bytes that the body of a request may have.
pub(crate) const BODY_LIMIT: usize = 16 * 1024 * 1024;

type Shared = Arc<Platform>;

/// Everything that the sandbox answers.
pub(crate) fn router(platform: Shared) -> Router {
    let endpoints = endpoints();
    Router::new()
        .nest("/api", endpoints.clone())
        .merge(endpoints)
        .fallback(async || Problem::new(StatusCode::NOT_FOUND, "Page not found"))
        .method_not_allowed_fallback(async || {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
        })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(platform)
}

fn endpoints() -> Router<Shared> {
    Router::new()
        .route(
            "/pipeline-secrets",
            get(secrets::list).post(secrets::create),
        )
        .route("/pipeline-secrets/validate", get(secrets::validate))
        .route(
            "/pipeline-secrets/{id}",
            get(secrets::describe)
                .put(secrets::update)
                .delete(secrets::delete),
        )
        .route("/user-info", get(account::user_info))
        .route("/user/{id}/workspaces", get(account::user_workspaces))
        .route("/orgs", get(account::organizations))
        .route(
            "/orgs/{id}/workspaces",
            get(account::organization_workspaces),
        )
        .route("/service-info", get(service::service_info))
}
