//! The workspace that the command line names. It is looked up at most once a run.

use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use tw_plugin_protocol::{Candidate, Workspace};
use tw_render::text::visible;

use super::{auth::Identity, http::Http};
use crate::error::{Error, ErrorKind, code};

const HINT: &str = "`tw workspaces list` shows the workspaces that you can work in";

/// The similarity above which a workspace is suggested: at most 3 of 10 characters differ. Names of one organization begin alike, so a measure that
/// counts the beginning more would suggest every workspace of it.
const SIMILAR: f64 = 0.7;

/// The value of the workspace option, and the workspaces of the user.
pub(super) struct Selection {
    option: Option<String>,
    /// The workspaces of organizations. `None` if no request was made yet.
    known: Mutex<Option<Vec<Workspace>>>,
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
            known: Mutex::default(),
        }
    }

    /// Returns the workspace that the reference names, or else the one that the option names. Without both, that is the user's own workspace,
    /// which needs no request.
    pub(super) fn resolve(
        &self,
        reference: Option<&str>,
        identity: &Identity,
        http: &Http,
    ) -> Result<Workspace, Error> {
        let Some(reference) = reference.or(self.option.as_deref()) else {
            return Ok(personal());
        };
        let name = parse(reference)?;
        let workspaces = self.fetch(identity, http)?;
        let mut found = workspaces.iter().filter(|workspace| match name {
            Name::Number(number) => workspace.id == Some(number),
            Name::Names {
                organization,
                workspace: name,
            } => {
                workspace.organization.as_deref() == Some(organization)
                    && workspace.name.as_deref() == Some(name)
            }
        });
        let first = found.next().ok_or_else(|| not_found(&name, &workspaces))?;
        match found.find(|other| other.id != first.id) {
            None => Ok(first.clone()),
            Some(_) => Err(Error::new(
                ErrorKind::InvalidResponse,
                format!("Several workspaces are named '{}'", visible(reference)),
            )
            .hint("name the workspace by its ID, which `tw workspaces list` shows")),
        }
    }

    /// Returns all workspaces of the user. The first is the user's own.
    pub(super) fn list(&self, identity: &Identity, http: &Http) -> Result<Vec<Workspace>, Error> {
        let workspaces = self.fetch(identity, http)?;
        Ok(std::iter::once(personal()).chain(workspaces).collect())
    }

    /// Returns the workspaces of organizations. If several threads ask at once, one sends the request and the others wait for its answer.
    fn fetch(&self, identity: &Identity, http: &Http) -> Result<Vec<Workspace>, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            orgs_and_workspaces: Vec<Entry>,
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(workspaces) = &*known {
            return Ok(workspaces.clone());
        }
        let user = identity.user(http)?;
        let body: Body = http.get_json(&format!("/user/{}/workspaces", user.id))?;
        let entries = body.orgs_and_workspaces.into_iter();
        let workspaces = entries.filter_map(Entry::into_workspace).collect();
        Ok(known.insert(workspaces).clone())
    }
}

impl Entry {
    /// Returns the workspace. Returns `None` for the entry of an organization.
    fn into_workspace(self) -> Option<Workspace> {
        let id = self.workspace_id?;
        let organization = self.org_name.unwrap_or_default();
        let workspace = self.workspace_name.unwrap_or_default();
        Some(Workspace {
            id: Some(id),
            reference: format!("[{organization} / {workspace}]"),
            name: Some(workspace),
            organization_id: self.org_id,
            organization: Some(organization),
            ..Default::default()
        })
    }
}

/// Returns the value of the workspace option that names a workspace. `None` for the user's own, which needs no option.
pub(super) fn to_candidate(workspace: &Workspace) -> Option<Candidate> {
    let organization = workspace.organization.as_deref()?;
    let name = workspace.name.as_deref()?;
    Some(Candidate {
        value: format!("{organization}/{name}"),
        help: format!("{}", workspace.id?),
        ..Default::default()
    })
}

/// Returns the user's own workspace.
fn personal() -> Workspace {
    Workspace {
        reference: "user".to_owned(),
        ..Default::default()
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
        .code(code::INVALID_WORKSPACE)
        .hint(guess(option).unwrap_or_else(|| HINT.to_owned()))),
    }
}

/// Returns the hint for a workspace that is written as people write it elsewhere: `#100`, `1,000` or `acme:research`. `None` for any other text.
fn guess(option: &str) -> Option<String> {
    let digits = option.trim().trim_start_matches('#').replace(',', "");
    let meant = match digits.parse::<i64>() {
        Ok(number) => number.to_string(),
        Err(_) => {
            let (organization, workspace) = option.split_once([':', '\\'])?;
            let name = format!("{}/{}", organization.trim(), workspace.trim());
            match parse(&name) {
                Ok(Name::Names { .. }) => shell_words::quote(&visible(&name)).into_owned(),
                _ => return None,
            }
        }
    };
    Some(format!("did you mean `-w {meant}`?"))
}

fn not_found(name: &Name<'_>, workspaces: &[Workspace]) -> Error {
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
    let hint = match nearest(name, workspaces) {
        Some(nearest) => {
            let nearest = visible(&nearest).into_owned();
            format!("did you mean `-w {}`?", shell_words::quote(&nearest))
        }
        None if workspaces.is_empty() => {
            "the user of the token belongs to no workspace of an organization".to_owned()
        }
        None => HINT.to_owned(),
    };
    Error::new(ErrorKind::NotFound, message)
        .code(code::WORKSPACE_NOT_FOUND)
        .hint(hint)
}

/// Returns the name of the workspace that was probably meant: the same in another case, or of a similar spelling. `None` if no name is similar.
fn nearest(name: &Name<'_>, workspaces: &[Workspace]) -> Option<String> {
    let Name::Names {
        organization,
        workspace,
    } = name
    else {
        return None;
    };
    let wanted = format!("{organization}/{workspace}").to_lowercase();
    let known = workspaces.iter().filter_map(to_candidate);
    let rated = known.map(|known| {
        let similarity =
            strsim::normalized_damerau_levenshtein(&known.value.to_lowercase(), &wanted);
        (similarity, known.value)
    });
    let nearest = rated.max_by(|(one, _), (other, _)| one.total_cmp(other));
    nearest
        .filter(|(similarity, _)| *similarity > SIMILAR)
        .map(|(_, name)| name)
}
