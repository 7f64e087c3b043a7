//! `/pipeline-secrets`.
//!
//! The API documents only 400 and 403. The sandbox also answers 404 for an unknown id, 403 for the id of another owner's secret,
//! and 409 for a name that is taken, both in `create` and in `validate`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::Context;
use super::input::{Id, JsonBody, Parameters};
use super::{Problem, Shared};
use crate::name;
use crate::secret::{Owner, Secret, StoredSecret};

#[derive(Deserialize)]
pub(super) struct Creation {
    name: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Update {
    value: Option<String>,
}

pub(super) async fn list(State(platform): State<Shared>, Context(owner): Context) -> Json<Value> {
    let secrets: Vec<_> =
        platform.read(|state| state.secrets_of(owner).map(render_secret).collect());
    Json(json!({ "totalSize": secrets.len(), "pipelineSecrets": secrets }))
}

pub(super) async fn create(
    State(platform): State<Shared>,
    Context(owner): Context,
    JsonBody(creation): JsonBody<Creation>,
) -> Result<Json<Value>, Problem> {
    let name = check_name(creation.name.as_deref())?;
    let value = require_value(creation.value)?;
    let id = platform.change(|state, clock| {
        refuse_duplicate(state, owner, name)?;
        let secret = Secret::new(name, &value);
        Ok::<_, Problem>(state.add_secret(secret.owner(owner), clock))
    })?;
    Ok(Json(json!({ "secretId": id })))
}

pub(super) async fn validate(
    State(platform): State<Shared>,
    Context(owner): Context,
    parameters: Parameters,
) -> Result<StatusCode, Problem> {
    let name = check_name(parameters.find("name"))?;
    platform.read(|state| refuse_duplicate(state, owner, name))?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn describe(
    State(platform): State<Shared>,
    Context(owner): Context,
    Id(id): Id,
) -> Result<Json<Value>, Problem> {
    let secret =
        platform.read(|state| check_owner(state.secret(id), owner, id).map(render_secret))?;
    Ok(Json(json!({ "pipelineSecret": secret })))
}

pub(super) async fn update(
    State(platform): State<Shared>,
    Context(owner): Context,
    Id(id): Id,
    JsonBody(update): JsonBody<Update>,
) -> Result<StatusCode, Problem> {
    let value = require_value(update.value)?;
    platform.change(|state, clock| {
        check_owner(state.secret(id), owner, id)?;
        if let Some(secret) = state.secret_mut(id) {
            secret.value = value;
            secret.last_updated = Some(clock.now());
        }
        Ok::<_, Problem>(StatusCode::NO_CONTENT)
    })
}

pub(super) async fn delete(
    State(platform): State<Shared>,
    Context(owner): Context,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    platform.change(|state, _| {
        check_owner(state.secret(id), owner, id)?;
        state.remove_secret(id);
        Ok::<_, Problem>(StatusCode::NO_CONTENT)
    })
}

/// Renders a secret without its value, which the API never returns.
fn render_secret(secret: &StoredSecret) -> Value {
    json!({
        "id": secret.id,
        "name": secret.name,
        "dateCreated": secret.date_created,
        "lastUpdated": secret.last_updated,
        "lastUsed": secret.last_used,
    })
}

fn check_owner(
    secret: Option<&StoredSecret>,
    owner: Owner,
    id: i64,
) -> Result<&StoredSecret, Problem> {
    match secret {
        Some(secret) if secret.owner == owner => Ok(secret),
        Some(_) => Err(Problem::forbidden(format!(
            "Secret {id} belongs to another context"
        ))),
        None => Err(Problem::new(
            StatusCode::NOT_FOUND,
            format!("Unknown secret with id {id}"),
        )),
    }
}

fn check_name(name: Option<&str>) -> Result<&str, Problem> {
    let name = name
        .filter(|name| !name.is_empty())
        .ok_or_else(|| Problem::bad_request("Missing secret name"))?;
    if !name::is_valid(name) {
        return Err(Problem::bad_request(format!(
            "Invalid secret name '{name}'"
        )));
    }
    Ok(name)
}

/// Refuses a request without a value. The empty string is a valid value.
fn require_value(value: Option<String>) -> Result<String, Problem> {
    value.ok_or_else(|| Problem::bad_request("Missing secret value"))
}

fn refuse_duplicate(state: &crate::State, owner: Owner, name: &str) -> Result<(), Problem> {
    if state.secrets_of(owner).any(|secret| secret.name == name) {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            format!("A secret named '{name}' already exists"),
        ));
    }
    Ok(())
}
