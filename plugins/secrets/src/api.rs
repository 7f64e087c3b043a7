//! The secrets as the Platform's API has them.

use serde::{Deserialize, Serialize};
use tw_plugin_api::{
    Args, Column, Error, ErrorKind, Host, Request, Response, Result, Secret, Workspace,
};

use crate::{list::Order, time};

/// Whose secrets, where that isn't the workspace's.
#[derive(Args)]
pub(crate) struct Whose {
    /// Your own secrets, whatever TOWER_WORKSPACE_ID says
    #[arg(long)]
    user: bool,
}

/// A secret: everything but its value, which the API never returns. The order of the fields is that of the JSON output.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PipelineSecret {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<i64>,
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_updated: Option<String>,
}

impl PipelineSecret {
    /// Its number.
    ///
    /// # Errors
    /// The server gave none.
    pub(crate) fn number(&self) -> Result<i64> {
        self.id.ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidResponse,
                format!(
                    "the server gave secret '{}' without an identifier",
                    self.name
                ),
            )
        })
    }

    /// Whether no run has used it since this moment, in seconds since 1970, and it was there before.
    pub(crate) fn is_unused_since(&self, moment: i64) -> bool {
        let last = self.last_used.as_ref().or(self.date_created.as_ref());
        // What can't be read is no proof that it is of no use.
        last.and_then(|last| time::moment(last))
            .is_some_and(|last| last < moment)
    }

    /// What it is sorted by; the name decides where all else is the same.
    pub(crate) fn sort_key(&self, order: Order) -> (Option<&str>, &str) {
        let by = match order {
            Order::Name => None,
            Order::Created => self.date_created.as_deref(),
            Order::Updated => self.last_updated.as_deref(),
            Order::Used => self.last_used.as_deref(),
        };
        (by, &self.name)
    }

    /// When it was made, changed and used, by the names of the fields.
    pub(crate) fn dates(&self) -> [(&'static str, Option<&str>); 3] {
        [
            ("dateCreated", self.date_created.as_deref()),
            ("lastUpdated", self.last_updated.as_deref()),
            ("lastUsed", self.last_used.as_deref()),
        ]
    }

    /// What people read of a secret.
    pub(crate) fn columns() -> [Column; 5] {
        [
            Column::new("ID", "/id").integer(),
            Column::new("Name", "/name"),
            Column::new("Created", "/dateCreated").date(),
            Column::new("Updated", "/lastUpdated").date(),
            Column::new("Used", "/lastUsed").date(),
        ]
    }
}

/// The number of a secret that was made.
pub(crate) fn created(response: &Response) -> Result<i64> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        secret_id: i64,
    }
    let body: Body = response.json()?;
    Ok(body.secret_id)
}

/// Whether a change that failed so may have been carried out all the same: its answer was lost, can't be read, or is one of a server in front of the
/// API, which may not know.
pub(crate) fn is_uncertain(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::OutcomeUnknown | ErrorKind::InvalidResponse
    ) || matches!(error.status(), Some(502..=504 | 520..))
}

/// Whether a secret couldn't be made because it is there: another run may have made it just now.
pub(crate) fn is_there(error: &Error) -> bool {
    error.status() == Some(409)
}

/// The calls about the secrets of one workspace.
pub(crate) struct Secrets<'a> {
    host: &'a Host,
    pub(crate) workspace: Workspace,
}

impl<'a> Secrets<'a> {
    /// Those of the workspace that the command line names, which is looked up first.
    pub(crate) fn at(host: &'a Host) -> Result<Self> {
        let Whose { user } = host.shared()?;
        if user && host.was_typed("workspace") {
            return Err(Error::usage(
                "'--user' and '--workspace' exclude each other",
            ));
        }
        let workspace = match user {
            true => Workspace::user(),
            false => host.workspace()?,
        };
        Ok(Self { host, workspace })
    }

    /// All of them.
    pub(crate) fn list(&self) -> Result<Vec<PipelineSecret>> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            pipeline_secrets: Vec<PipelineSecret>,
        }
        let request = self.host.http().get("/pipeline-secrets");
        let body: Body = request.workspace(&self.workspace).send()?.ok()?.json()?;
        Ok(body.pipeline_secrets)
    }

    /// The one with this number.
    pub(crate) fn get(&self, id: i64) -> Result<PipelineSecret> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            pipeline_secret: PipelineSecret,
        }
        let request = self.host.http().get(format!("/pipeline-secrets/{id}"));
        let response = request.workspace(&self.workspace).send()?.ok();
        let response = response.map_err(|error| match error.status() {
            Some(404) => self.unknown(&id.to_string()),
            _ => error,
        })?;
        let Body {
            pipeline_secret: mut secret,
        } = response.json()?;
        // What is done to a secret then is done to the one that was asked for, or to none.
        match *secret.id.get_or_insert(id) == id {
            true => Ok(secret),
            false => Err(Error::new(
                ErrorKind::InvalidResponse,
                format!("the server gave another secret than {id}"),
            )),
        }
    }

    /// The one with this name, or nothing: names are matched exactly.
    pub(crate) fn find(&self, name: &str) -> Result<Option<PipelineSecret>> {
        Ok(self.list()?.into_iter().find(|secret| secret.name == name))
    }

    /// The call that makes a new one.
    pub(crate) fn create_request(&self, name: &str, value: &Secret) -> Request<'a> {
        #[derive(Serialize)]
        struct Body<'a> {
            name: &'a str,
            value: &'a Secret,
        }
        let request = self.host.http().post("/pipeline-secrets");
        request
            .workspace(&self.workspace)
            .json(&Body { name, value })
            .sensitive("/value")
    }

    /// The call that gives one a new value.
    pub(crate) fn update_request(&self, id: i64, value: &Secret) -> Request<'a> {
        #[derive(Serialize)]
        struct Body<'a> {
            value: &'a Secret,
        }
        let request = self.host.http().put(format!("/pipeline-secrets/{id}"));
        request
            .workspace(&self.workspace)
            .json(&Body { value })
            .sensitive("/value")
    }

    /// The call that removes one.
    pub(crate) fn delete_request(&self, id: i64) -> Request<'a> {
        let request = self.host.http().delete(format!("/pipeline-secrets/{id}"));
        request.workspace(&self.workspace)
    }

    /// Makes a new one and returns its number.
    pub(crate) fn create(&self, name: &str, value: &Secret) -> Result<i64> {
        created(&self.create_request(name, value).send()?.ok()?)
    }

    /// Gives one a new value.
    pub(crate) fn update(&self, id: i64, value: &Secret) -> Result<()> {
        self.update_request(id, value).send()?.ok()?.no_content()
    }

    /// Removes one.
    pub(crate) fn delete(&self, id: i64) -> Result<()> {
        self.delete_request(id).send()?.ok()?.no_content()
    }

    /// The failure of looking for what isn't there.
    pub(crate) fn unknown(&self, which: &str) -> Error {
        let reference = self.workspace.reference();
        Error::new(
            ErrorKind::NotFound,
            format!("Unknown secret '{which}' at {reference} workspace"),
        )
        .hint("`tw secrets list` shows the secrets that are there")
    }
}
