//! The endpoints, served at `/` and below `/api`.

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

/// The size limit of a request body, in bytes.
pub(crate) const BODY_LIMIT: usize = 16 * 1024 * 1024;

type Shared = Arc<Platform>;

/// Builds the router of all endpoints.
pub(crate) fn build_router(platform: Shared) -> Router {
    let endpoints = route_endpoints();
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

fn route_endpoints() -> Router<Shared> {
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
        .route("/user-info", get(account::get_user_info))
        .route("/user/{id}/workspaces", get(account::list_user_workspaces))
        .route("/orgs", get(account::list_organizations))
        .route(
            "/orgs/{id}/workspaces",
            get(account::list_organization_workspaces),
        )
        .route("/service-info", get(service::get_service_info))
}
