//! `/user-info`, `/user/{id}/workspaces`, `/orgs` and `/orgs/{id}/workspaces`.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::caller::Caller;
use super::input::Id;
use super::{Problem, Shared};
use crate::account::{Organization, User, Workspace};

pub(super) async fn user_info(Caller(user): Caller) -> Json<Value> {
    Json(json!({
        "user": {
            "id": user.id,
            "userName": user.user_name,
            "email": user.email,
            "firstName": null,
            "lastName": null,
            "organization": null,
            "description": null,
            "avatar": null,
            "deleted": false,
        },
        "needConsent": false,
        "defaultWorkspaceId": user.default_workspace,
    }))
}

/// Each organisation of the user as an entry of its own, with null for the workspace, and then its workspaces.
pub(super) async fn user_workspaces(
    State(platform): State<Shared>,
    Caller(user): Caller,
    Id(id): Id,
) -> Result<Json<Value>, Problem> {
    if id != user.id {
        return Err(Problem::forbidden(format!(
            "User '{}' may not see the workspaces of user {id}",
            user.user_name
        )));
    }
    let entries: Vec<_> = platform.read(|state| {
        let entries_of = |organization| {
            let workspaces = workspaces_of(state, organization, &user);
            let inner = workspaces.map(move |workspace| entry(organization, Some(workspace)));
            std::iter::once(entry(organization, None)).chain(inner)
        };
        organizations_of(state, &user)
            .flat_map(entries_of)
            .collect()
    });
    Ok(Json(json!({ "orgsAndWorkspaces": entries })))
}

pub(super) async fn organizations(
    State(platform): State<Shared>,
    Caller(user): Caller,
) -> Json<Value> {
    let organizations: Vec<_> = platform.read(|state| {
        let shown = |organization: &Organization| {
            json!({
                "orgId": organization.id,
                "name": organization.name,
                "fullName": organization.full_name,
                "description": null,
                "location": null,
                "website": null,
                "logoId": null,
                "logoUrl": null,
                "memberId": user.id,
                "memberRole": if organization.has_member(user.id) { "member" } else { "collaborator" },
                "type": "basic",
            })
        };
        organizations_of(state, &user).map(shown).collect()
    });
    Json(json!({ "totalSize": organizations.len(), "organizations": organizations }))
}

pub(super) async fn organization_workspaces(
    State(platform): State<Shared>,
    Caller(user): Caller,
    Id(id): Id,
) -> Result<Json<Value>, Problem> {
    let workspaces: Option<Vec<_>> = platform.read(|state| {
        let organization =
            organizations_of(state, &user).find(|organization| organization.id == id)?;
        let shown = |workspace: &Workspace| {
            json!({
                "id": workspace.id,
                "name": workspace.name,
                "fullName": workspace.full_name,
                "description": null,
                "visibility": "PRIVATE",
            })
        };
        Some(
            workspaces_of(state, organization, &user)
                .map(shown)
                .collect(),
        )
    });
    let no_access = || {
        Problem::forbidden(format!(
            "User '{}' has no access to organization {id}",
            user.user_name
        ))
    };
    Ok(Json(
        json!({ "workspaces": workspaces.ok_or_else(no_access)? }),
    ))
}

/// The organisations that the user is a member of, or has a workspace in.
fn organizations_of<'a>(
    state: &'a crate::State,
    user: &'a User,
) -> impl Iterator<Item = &'a Organization> {
    state.organizations().iter().filter(|organization| {
        organization.has_member(user.id)
            || workspaces_of(state, organization, user).next().is_some()
    })
}

fn workspaces_of<'a>(
    state: &'a crate::State,
    organization: &'a Organization,
    user: &'a User,
) -> impl Iterator<Item = &'a Workspace> {
    let is_shown = |workspace: &&Workspace| {
        workspace.organization == organization.id && workspace.has_member(user.id)
    };
    state.workspaces().iter().filter(is_shown)
}

fn entry(organization: &Organization, workspace: Option<&Workspace>) -> Value {
    json!({
        "orgId": organization.id,
        "orgName": organization.name,
        "orgLogoUrl": null,
        "orgType": "basic",
        "workspaceId": workspace.map(|workspace| workspace.id),
        "workspaceName": workspace.map(|workspace| &workspace.name),
        "workspaceFullName": workspace.map(|workspace| &workspace.full_name),
        "visibility": workspace.map(|_| "PRIVATE"),
        "roles": [if workspace.is_some() { "maintain" } else { "member" }],
    })
}
