//! Extracts the user who sent a request, and the owner of the secrets that the request is about.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::input::Parameters;
use super::{Problem, Shared};
use crate::account::User;
use crate::secret::Owner;

/// The user whose token the request carries. A missing or unknown token is answered with 401.
pub(super) struct Caller(pub(super) User);

impl FromRequestParts<Shared> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Shared) -> Result<Self, Problem> {
        let token = find_bearer_token(parts).ok_or_else(Problem::unauthorized)?;
        platform
            .read(|state| state.user_of(token).cloned())
            .map(Self)
            .ok_or_else(Problem::unauthorized)
    }
}

fn find_bearer_token(parts: &Parts) -> Option<&str> {
    let (scheme, token) = parts
        .headers
        .get(AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The owner of the secrets: the workspace in the `workspaceId` parameter, or the caller if there is no such parameter.
/// A workspace without the caller as a member is answered with 403, even if the workspace does not exist.
pub(super) struct Context(pub(super) Owner);

impl FromRequestParts<Shared> for Context {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Shared) -> Result<Self, Problem> {
        let Caller(user) = Caller::from_request_parts(parts, platform).await?;
        let parameters = Parameters::from_request_parts(parts, platform).await?;
        let Some(id) = parameters.parse_number("workspaceId")? else {
            return Ok(Self(Owner::User(user.id)));
        };
        let is_member = |state: &crate::State| {
            state
                .workspaces()
                .iter()
                .any(|workspace| workspace.id == id && workspace.has_member(user.id))
        };
        if !platform.read(is_member) {
            return Err(Problem::forbidden(format!(
                "User '{}' has no access to workspace {id}",
                user.user_name
            )));
        }
        Ok(Self(Owner::Workspace(id)))
    }
}
