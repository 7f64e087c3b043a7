//! What `tw-sandbox` prints when it is ready.

use std::fmt::Write;
use std::path::Path;

use tw_sandbox::{Sandbox, State};

/// The two lines that set a shell up.
pub(crate) fn environment(sandbox: &Sandbox) -> String {
    format!(
        "export TOWER_API_ENDPOINT={}\nexport TOWER_ACCESS_TOKEN={}\n",
        quoted(sandbox.url()),
        quoted(sandbox.token())
    )
}

/// Where it is, who one is there, and how to begin.
pub(crate) fn welcome(sandbox: &Sandbox, ca: Option<&Path>) -> String {
    let state = sandbox.state();
    let user = state.first_user().map_or("nobody", |user| &user.user_name);
    let mut text = format!(
        "The Platform sandbox is ready. Ctrl-C stops it.\n\n  URL         {}\n",
        sandbox.url()
    );
    // Writing to a String doesn't fail.
    let _ = writeln!(text, "  Token       {} (user {user})", sandbox.token());
    let _ = writeln!(text, "  Workspaces  {}", workspaces(&state));
    if let Some(path) = ca {
        let _ = writeln!(text, "  CA          {}", path.display());
    }
    text.push_str("\nIn another terminal:\n\n");
    for line in environment(sandbox).lines() {
        let _ = writeln!(text, "  {line}");
    }
    let tw = if sandbox.ca_pem().is_some() {
        "tw"
    } else {
        "tw --insecure"
    };
    let _ = writeln!(text, "  {tw} secrets add -n MY_SECRET -v 'not a real one'");
    let _ = writeln!(text, "  {tw} secrets list");
    if sandbox.ca_pem().is_some() {
        text.push_str(
            "\nThe client has to trust the sandbox's own CA, which --ca-out writes to a file.\n",
        );
    } else {
        text.push_str(
            "\n--insecure is needed because the sandbox serves plain http; --https serves https.\n",
        );
    }
    text
}

fn workspaces(state: &State) -> String {
    let organization = |id| {
        state
            .organizations()
            .iter()
            .find(|organization| organization.id == id)
    };
    let names: Vec<_> = state
        .workspaces()
        .iter()
        .filter_map(|workspace| {
            let organization = organization(workspace.organization)?;
            Some(format!(
                "{}/{} ({})",
                organization.name, workspace.name, workspace.id
            ))
        })
        .collect();
    if names.is_empty() {
        "none".into()
    } else {
        names.join(", ")
    }
}

/// As a shell reads it back: as it is, or between single quotes.
fn quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=:@%,".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.into();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::{environment, quoted, welcome};
    use tw_sandbox::Sandbox;

    #[test]
    fn the_environment_can_be_sourced() {
        let sandbox = Sandbox::builder().token("it's$HOME").start();
        let expected = format!(
            "export TOWER_API_ENDPOINT={}\nexport TOWER_ACCESS_TOKEN='it'\\''s$HOME'\n",
            sandbox.url()
        );
        assert_eq!(environment(&sandbox), expected);
        assert_eq!(quoted("http://127.0.0.1:80"), "http://127.0.0.1:80");
    }

    #[test]
    fn the_welcome_says_who_and_where() {
        let sandbox = Sandbox::builder().start();
        let text = welcome(&sandbox, None);
        for part in [
            sandbox.url(),
            sandbox.token(),
            "acme/research (100), acme/production (101)",
            "--insecure",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
