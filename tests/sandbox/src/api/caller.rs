//! Who is calling, and about whose secrets.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::input::Parameters;
use super::{Problem, Shared};
use crate::account::User;
use crate::secret::Owner;

/// The user whose token came with the request. A missing or unknown token is a 401.
pub(super) struct Caller(pub(super) User);

impl FromRequestParts<Shared> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Shared) -> Result<Self, Problem> {
        let token = bearer_token(parts).ok_or_else(Problem::unauthorized)?;
        platform
            .read(|state| state.user_of(token).cloned())
            .map(Self)
            .ok_or_else(Problem::unauthorized)
    }
}

fn bearer_token(parts: &Parts) -> Option<&str> {
    let (scheme, token) = parts
        .headers
        .get(AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whose secrets a request is about: those of the workspace in `workspaceId`, or else the caller's own. A workspace
/// that the caller isn't a member of is a 403, whether there is such a workspace or not.
pub(super) struct Context(pub(super) Owner);

impl FromRequestParts<Shared> for Context {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Shared) -> Result<Self, Problem> {
        let Caller(user) = Caller::from_request_parts(parts, platform).await?;
        let parameters = Parameters::from_request_parts(parts, platform).await?;
        let Some(id) = parameters.number("workspaceId")? else {
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
