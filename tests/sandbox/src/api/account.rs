//! `/user-info`, `/user/{id}/workspaces`, `/orgs` and `/orgs/{id}/workspaces`.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::caller::Caller;
use super::input::Id;
use super::{Problem, Shared};
use crate::account::{Organization, User, Workspace};

pub(super) async fn get_user_info(Caller(user): Caller) -> Json<Value> {
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

/// Lists each organization of the user as an entry whose workspace is null, followed by an entry for each of its workspaces.
pub(super) async fn list_user_workspaces(
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
            let workspaces = find_workspaces(state, organization, &user);
            let inner =
                workspaces.map(move |workspace| render_entry(organization, Some(workspace)));
            std::iter::once(render_entry(organization, None)).chain(inner)
        };
        find_organizations(state, &user)
            .flat_map(entries_of)
            .collect()
    });
    Ok(Json(json!({ "orgsAndWorkspaces": entries })))
}

pub(super) async fn list_organizations(
    State(platform): State<Shared>,
    Caller(user): Caller,
) -> Json<Value> {
    let organizations: Vec<_> = platform.read(|state| {
        let render = |organization: &Organization| {
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
        find_organizations(state, &user).map(render).collect()
    });
    Json(json!({ "totalSize": organizations.len(), "organizations": organizations }))
}

pub(super) async fn list_organization_workspaces(
    State(platform): State<Shared>,
    Caller(user): Caller,
    Id(id): Id,
) -> Result<Json<Value>, Problem> {
    let workspaces: Option<Vec<_>> = platform.read(|state| {
        let organization =
            find_organizations(state, &user).find(|organization| organization.id == id)?;
        let render = |workspace: &Workspace| {
            json!({
                "id": workspace.id,
                "name": workspace.name,
                "fullName": workspace.full_name,
                "description": null,
                "visibility": "PRIVATE",
            })
        };
        Some(
            find_workspaces(state, organization, &user)
                .map(render)
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

/// Returns the organizations that the user is a member of, or in which the user is a member of a workspace.
fn find_organizations<'a>(
    state: &'a crate::State,
    user: &'a User,
) -> impl Iterator<Item = &'a Organization> {
    state.organizations().iter().filter(|organization| {
        organization.has_member(user.id)
            || find_workspaces(state, organization, user).next().is_some()
    })
}

fn find_workspaces<'a>(
    state: &'a crate::State,
    organization: &'a Organization,
    user: &'a User,
) -> impl Iterator<Item = &'a Workspace> {
    let is_visible = |workspace: &&Workspace| {
        workspace.organization == organization.id && workspace.has_member(user.id)
    };
    state.workspaces().iter().filter(is_visible)
}

fn render_entry(organization: &Organization, workspace: Option<&Workspace>) -> Value {
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
