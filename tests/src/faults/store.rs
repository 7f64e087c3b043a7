//! The secrets of the fault server, and the right answers of the API.

use serde_json::{Value, json};

use crate::server::Asked;

/// A secret as the server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The ID.
    pub id: i64,
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

#[derive(Debug)]
pub(super) struct Store {
    pub(super) secrets: Vec<Stored>,
    pub(super) changes: Vec<String>,
    next_id: i64,
}

impl Store {
    pub(super) fn new() -> Self {
        let secret = |id, name: &str| Stored {
            id,
            name: name.to_owned(),
            value: "first".to_owned(),
        };
        Self {
            secrets: vec![secret(1001, "KEY")],
            changes: Vec::new(),
            next_id: 1002,
        }
    }

    /// Carries out a request, and returns the status and the body of the right answer.
    pub(super) fn carry_out(&mut self, request: &Asked) -> (u16, String) {
        let path = request.path.split('?').next().unwrap_or_default();
        let id = path
            .strip_prefix("/pipeline-secrets/")
            .and_then(|id| id.parse::<i64>().ok());
        let at = id.and_then(|id| self.secrets.iter().position(|secret| secret.id == id));
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let (status, answer) = match (&*request.method, path, at) {
            ("GET", "/user-info", _) => (
                200,
                json!({ "user": { "id": 1, "userName": "someone", "email": "a@b.example" } }),
            ),
            ("GET", "/user/1/workspaces", _) => (200, json!({ "orgsAndWorkspaces": [] })),
            ("GET", "/pipeline-secrets", _) => {
                let secrets: Vec<Value> = self.secrets.iter().map(describe).collect();
                (200, json!({ "pipelineSecrets": secrets }))
            }
            ("GET", _, Some(at)) => (
                200,
                json!({ "pipelineSecret": describe(&self.secrets[at]) }),
            ),
            ("POST", "/pipeline-secrets", _) if self.has(&text("name")) => {
                (409, json!({ "message": "the name is taken" }))
            }
            ("POST", "/pipeline-secrets", _) => {
                let id = self.next_id;
                self.next_id += 1;
                self.secrets.push(Stored {
                    id,
                    name: text("name"),
                    value: text("value"),
                });
                (200, json!({ "secretId": id }))
            }
            ("PUT", _, Some(at)) => {
                self.secrets[at].value = text("value");
                (204, Value::Null)
            }
            ("DELETE", _, Some(at)) => {
                self.secrets.remove(at);
                (204, Value::Null)
            }
            _ => (404, json!({ "message": "not found" })),
        };
        if request.method != "GET" && status < 300 {
            let body = String::from_utf8_lossy(&request.body);
            self.changes
                .push(format!("{} {path} {body}", request.method));
        }
        let answer = match answer {
            Value::Null => String::new(),
            answer => answer.to_string(),
        };
        (status, answer)
    }

    fn has(&self, name: &str) -> bool {
        self.secrets.iter().any(|secret| secret.name == name)
    }
}

fn describe(secret: &Stored) -> Value {
    json!({ "id": secret.id, "name": secret.name, "dateCreated": "2022-10-05T12:42:21Z" })
}
