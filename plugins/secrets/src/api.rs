//! The requests to the Platform's API about secrets.

use serde::{Deserialize, Serialize};
use tw_plugin_api::{Args, Error, ErrorKind, Host, Request, Response, Result, Secret, Workspace};

use crate::secret::{PipelineSecret, SecretList};

/// The option of every `tw secrets` command that selects the user's own secrets.
#[derive(Args)]
pub(crate) struct UserOption {
    /// Use your own secrets, even if TOWER_WORKSPACE_ID is set
    #[arg(long, conflicts = "workspace")]
    user: bool,
}

/// Returns the ID in the response to a create request.
pub(crate) fn parse_created_id(response: &Response) -> Result<i64> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        secret_id: i64,
    }
    let body: Body = response.json()?;
    Ok(body.secret_id)
}

/// True if the server may have made the change in spite of this error: the response was lost, can't be read, or comes from a gateway, which does
/// not know what the API did. Gateways such as Cloudflare answer with statuses from 520 up.
pub(crate) fn is_uncertain(error: &Error) -> bool {
    is_lost(error)
        || error.kind() == ErrorKind::InvalidResponse
        || matches!(error.status(), Some(502..=504 | 520..))
}

/// True if the request was sent and no answer came.
pub(crate) fn is_lost(error: &Error) -> bool {
    error.kind() == ErrorKind::OutcomeUnknown
}

/// Says that a change may have been made, if the answer doesn't settle it. The error of a lost answer says so by itself.
fn tell_doubt(error: Error) -> Error {
    match is_uncertain(&error) && !is_lost(&error) {
        true => error.and("the server may have made the change"),
        false => error,
    }
}

/// True if the secret could not be created because the name is taken. Another run may have created the secret just now.
pub(crate) fn is_conflict(error: &Error) -> bool {
    error.status() == Some(409)
}

/// Explains that a secret could not be created because its name is taken. Other errors are unchanged.
pub(crate) fn explain_conflict(error: Error) -> Error {
    match is_conflict(&error) {
        true => error
            .code("secret-exists")
            .hint("`--overwrite` updates a secret that exists"),
        false => error,
    }
}

/// Returns the names of the secrets, for the completion of an option.
pub(crate) fn complete_names(_: &str, host: &Host) -> Result<Vec<String>> {
    let secrets = Secrets::open(host)?.list_as_sent()?.pipeline_secrets;
    Ok(secrets.into_iter().map(|secret| secret.name).collect())
}

/// The secrets of one workspace, or of the user.
pub(crate) struct Secrets<'a> {
    host: &'a Host,
    pub(crate) workspace: Workspace,
}

impl<'a> Secrets<'a> {
    /// Resolves the workspace that the command line names.
    pub(crate) fn open(host: &'a Host) -> Result<Self> {
        let UserOption { user } = host.shared()?;
        let workspace = match user {
            true => Workspace::user(),
            false => host.workspace()?,
        };
        Ok(Self { host, workspace })
    }

    /// Returns all secrets, in the server's order.
    ///
    /// # Errors
    /// Fails if the list is incomplete or contradicts itself. A caller that looked for a secret in such a list could take the secret for missing, or
    /// change another one.
    pub(crate) fn list(&self) -> Result<Vec<PipelineSecret>> {
        let list = self.list_as_sent()?;
        match list.find_fault() {
            None => Ok(list.pipeline_secrets),
            Some(fault) => Err(Error::new(ErrorKind::InvalidResponse, fault)
                .hint("`tw secrets list` shows the list as the server sent it")),
        }
    }

    /// Returns the list of secrets without checking it.
    pub(crate) fn list_as_sent(&self) -> Result<SecretList> {
        let request = self.host.http().get("/pipeline-secrets");
        request.workspace(&self.workspace).send()?.ok()?.json()
    }

    /// Returns the secret with this ID.
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
        let body: Body = response.json()?;
        let mut secret = body.pipeline_secret;
        // The caller changes or deletes the secret that this function returns, so the secret has to be the one that the user named.
        match *secret.id.get_or_insert(id) {
            returned if returned == id => Ok(secret),
            returned => Err(Error::new(
                ErrorKind::InvalidResponse,
                format!("the server returned secret {returned} instead of {id}"),
            )),
        }
    }

    /// Returns the secret with exactly this name, or `None` if there is none.
    pub(crate) fn find(&self, name: &str) -> Result<Option<PipelineSecret>> {
        Ok(self.list()?.into_iter().find(|secret| secret.name == name))
    }

    /// Builds the request that creates a secret.
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

    /// Builds the request that updates the value of a secret.
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

    /// Builds the request that deletes a secret.
    pub(crate) fn delete_request(&self, id: i64) -> Request<'a> {
        let request = self.host.http().delete(format!("/pipeline-secrets/{id}"));
        request.workspace(&self.workspace)
    }

    /// Creates a secret and returns its ID.
    pub(crate) fn create(&self, name: &str, value: &Secret) -> Result<i64> {
        parse_created_id(&self.create_request(name, value).send()?.ok()?)
    }

    /// Updates the value of a secret.
    pub(crate) fn update(&self, id: i64, value: &Secret) -> Result<()> {
        let response = self.update_request(id, value).send()?.ok();
        let done = response.and_then(|response| response.no_content());
        done.map_err(tell_doubt)
    }

    /// Deletes a secret.
    pub(crate) fn delete(&self, id: i64) -> Result<()> {
        let response = self.delete_request(id).send()?.ok();
        let done = response.and_then(|response| response.no_content());
        done.map_err(tell_doubt)
    }

    /// Returns the error for a secret that does not exist, by the name or ID that the user typed.
    pub(crate) fn unknown(&self, which: &str) -> Error {
        let reference = self.workspace.reference();
        Error::new(
            ErrorKind::NotFound,
            format!("Unknown secret '{which}' at {reference} workspace"),
        )
        .code("secret-not-found")
        .hint("`tw secrets list` shows the existing secrets")
    }
}
