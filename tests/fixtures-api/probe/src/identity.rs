//! Who and where, and several threads that ask.

use tw_plugin_api::prelude::*;

use crate::report::{got, threads};

/// Ask from several threads
#[derive(Args)]
struct Threads {
    /// How many
    #[arg(long, default = "1")]
    threads: i64,
    /// Once more after a failure
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
        Ok(json!({ "id": user.id, "name": user.name, "email": user.email }))
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

/// Say the token
#[derive(Args)]
struct Token {
    /// In a message
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

/// Call services from several threads, many times, and see that no answer is another's
#[derive(Args)]
struct Mixed {
    /// How many
    #[arg(long, default = "8")]
    threads: i64,
    /// How often each
    #[arg(long, default = "50")]
    calls: i64,
}

/// Thread `n` asks for the secret `n`, which is called `secret-n`, and for other things.
fn mixed(args: Mixed, host: &Host) -> Result<Output> {
    let right = threads(args.threads, |thread| {
        let mut right = 0;
        for call in 0..args.calls {
            let is_right = match call % 4 {
                0 => host.now()?.unix_ms > 0,
                1 => host.auth().whoami()?.id == 1,
                2 => {
                    let text = format!("{{\"{thread}\": {call}}}");
                    let document = host.input().document_in(&text, "json")?;
                    matches!(document.root.value, tw_plugin_api::NodeValue::Map(entries) if entries[0].key == thread.to_string())
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
    Group::new("identity", "Who and where")
        .workspace_option()
        .command(Command::new("whoami", whoami))
        .command(Command::new("workspace", workspace))
        .command(Command::new("token", token))
        .command(Command::new("mixed", mixed))
}
