//! The user, the workspace and the token, and calls from several threads.

use tw_plugin_api::prelude::*;

use crate::report::{got, threads};

/// Call a service from several threads
#[derive(Args)]
struct Threads {
    /// The number of threads
    #[arg(long, default = "1")]
    threads: i64,
    /// Call once more after a failure
    #[arg(long)]
    again: bool,
}

fn whoami(args: Threads, host: &Host) -> Result<Output> {
    let users = threads(args.threads, |_| {
        let mut user = host.auth().whoami();
        if user.is_err() && args.again {
            user = host.auth().whoami();
        }
        let user = user?;
        Ok(json!({ "id": user.id(), "name": user.name(), "email": user.email() }))
    });
    got(host, users.map(|users| json!(users)))
}

fn workspace(args: Threads, host: &Host) -> Result<Output> {
    let workspaces = threads(args.threads, |_| {
        let workspace = host.workspace()?;
        Ok(json!({
            "id": workspace.id(),
            "reference": workspace.reference(),
            "name": workspace.name(),
            "organization_id": workspace.organization_id(),
            "organization": workspace.organization(),
        }))
    });
    got(host, workspaces.map(|workspaces| json!(workspaces)))
}

/// Show the token
#[derive(Args)]
struct Token {
    /// Fail with the token in the message
    #[arg(long)]
    leak: bool,
}

fn token(args: Token, host: &Host) -> Result<Output> {
    let token = host.auth().token();
    if args.leak {
        return Err(Error::failure(format!("the token is {}", token?.expose())));
    }
    got(host, token.map(|token| json!(token.expose())))
}

/// Call services from several threads, and count the right answers of each thread
#[derive(Args)]
struct Mixed {
    /// The number of threads
    #[arg(long, default = "8")]
    threads: i64,
    /// The number of calls per thread
    #[arg(long, default = "50")]
    calls: i64,
}

/// Thread `n` requests the secret `n`, whose name must be `secret-n`, and calls other services in between.
fn mixed(args: Mixed, host: &Host) -> Result<Output> {
    let right = threads(args.threads, |thread| {
        let mut right = 0;
        for call in 0..args.calls {
            let is_right = match call % 4 {
                0 => host.now()?.unix_ms() > 0,
                1 => host.auth().whoami()?.id() == 1,
                2 => {
                    let text = format!("{{\"{thread}\": {call}}}");
                    let document = host.input().document_in(&text, "json")?;
                    matches!(document.into_root().value, tw_plugin_api::NodeValue::Map(entries) if entries[0].key == thread.to_string())
                }
                _ => {
                    let response = host
                        .http()
                        .get(format!("/pipeline-secrets/{thread}"))
                        .query("call", call)
                        .send()?;
                    let body: serde_json::Value = response.ok()?.json()?;
                    body["pipelineSecret"]["name"] == format!("secret-{thread}")
                }
            };
            right += i64::from(is_right);
        }
        Ok(right)
    });
    got(host, right.map(|right| json!(right)))
}

pub(crate) fn group() -> Group {
    Group::new("identity", "The user, the workspace and the token")
        .workspace_option()
        .command(Command::new("whoami", whoami))
        .command(Command::new("workspace", workspace))
        .command(Command::new("token", token))
        .command(Command::new("mixed", mixed))
}
