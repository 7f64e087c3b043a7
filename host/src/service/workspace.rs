//! The workspace that the command line names. It is looked up at most once a run.

use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use tw_plugin_protocol::Workspace;
use tw_render::text::visible;

use super::{auth::Identity, http::Http};
use crate::error::{Error, ErrorKind};

const HINT: &str = "`tw workspaces list` shows the workspaces that you can work in";

/// The value of the workspace option, and the workspace that it names.
pub(super) struct Selection {
    option: Option<String>,
    /// `None` if the workspace was not looked up yet.
    resolved: Mutex<Option<Workspace>>,
}

/// The two forms of the option's value.
enum Name<'a> {
    Number(i64),
    Names {
        organization: &'a str,
        workspace: &'a str,
    },
}

/// An organization or a workspace that the user belongs to.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    org_id: Option<i64>,
    org_name: Option<String>,
    workspace_id: Option<i64>,
    workspace_name: Option<String>,
}

impl Selection {
    pub(super) fn new(option: Option<String>) -> Self {
        Self {
            option,
            resolved: Mutex::default(),
        }
    }

    /// Returns the workspace. Without the option, that is the user's own workspace, which needs no request.
    pub(super) fn resolve(&self, identity: &Identity, http: &Http) -> Result<Workspace, Error> {
        let Some(option) = &self.option else {
            return Ok(Workspace {
                reference: "user".to_owned(),
                ..Default::default()
            });
        };
        let mut resolved = self.resolved.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(workspace) = &*resolved {
            return Ok(workspace.clone());
        }
        let name = parse(option)?;
        let workspace = look_up(&name, identity, http)?;
        Ok(resolved.insert(workspace).clone())
    }
}

fn parse(option: &str) -> Result<Name<'_>, Error> {
    if let Ok(number) = option.trim().parse() {
        return Ok(Name::Number(number));
    }
    let parts: Vec<&str> = option.split('/').map(str::trim).collect();
    match parts[..] {
        [organization, workspace] if !organization.is_empty() && !workspace.is_empty() => {
            Ok(Name::Names {
                organization,
                workspace,
            })
        }
        _ => Err(Error::new(
            ErrorKind::Failure,
            format!(
                "Invalid workspace parameter '{}'. Expected format '<organization_name>/<workspace_name>' or '<workspace_numeric_identifier>'.",
                visible(option)
            ),
        )
        .hint(HINT)),
    }
}

fn look_up(name: &Name<'_>, identity: &Identity, http: &Http) -> Result<Workspace, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        orgs_and_workspaces: Vec<Entry>,
    }
    let user = identity.user(http)?;
    let body: Body = http.get_json(&format!("/user/{}/workspaces", user.id))?;
    let found = body
        .orgs_and_workspaces
        .into_iter()
        .find(|entry| match name {
            Name::Number(number) => entry.workspace_id == Some(*number),
            Name::Names {
                organization,
                workspace,
            } => {
                entry.workspace_id.is_some()
                    && entry.org_name.as_deref() == Some(organization)
                    && entry.workspace_name.as_deref() == Some(workspace)
            }
        });
    let entry = found.ok_or_else(|| not_found(name))?;
    let organization = entry.org_name.unwrap_or_default();
    let workspace = entry.workspace_name.unwrap_or_default();
    Ok(Workspace {
        id: entry.workspace_id,
        reference: format!("[{organization} / {workspace}]"),
        name: Some(workspace),
        organization_id: entry.org_id,
        organization: Some(organization),
        ..Default::default()
    })
}

fn not_found(name: &Name<'_>) -> Error {
    let message = match name {
        Name::Number(number) => format!("Workspace '{number}' not found"),
        Name::Names {
            organization,
            workspace,
        } => {
            format!(
                "Workspace '{}' at organization '{}' not found",
                visible(workspace),
                visible(organization)
            )
        }
    };
    Error::new(ErrorKind::NotFound, message).hint(HINT)
}
