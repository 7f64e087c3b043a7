//! The text that `tw-sandbox` prints when it is ready.

use std::fmt::Write;
use std::path::Path;

use tw_sandbox::{Sandbox, State};

/// Renders the two shell commands that set the endpoint and the token.
pub(crate) fn render_environment(sandbox: &Sandbox) -> String {
    format!(
        "export TOWER_API_ENDPOINT={}\nexport TOWER_ACCESS_TOKEN={}\n",
        quote(sandbox.url()),
        quote(sandbox.token())
    )
}

/// Renders the URL, the token, the workspaces, and the first commands to try.
pub(crate) fn render_welcome(sandbox: &Sandbox, ca: Option<&Path>) -> String {
    let state = sandbox.state();
    let user = state.first_user().map_or("nobody", |user| &user.user_name);
    let mut text = format!(
        "The Platform sandbox is ready. Ctrl-C stops it.\n\n  URL         {}\n",
        sandbox.url()
    );
    // Writing to a String never fails.
    let _ = writeln!(text, "  Token       {} (user {user})", sandbox.token());
    let _ = writeln!(text, "  Workspaces  {}", render_workspaces(&state));
    if let Some(path) = ca {
        let _ = writeln!(text, "  CA          {}", path.display());
    }
    text.push_str("\nIn another terminal:\n\n");
    for line in render_environment(sandbox).lines() {
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
            "\nThe client must trust the sandbox's private CA; --ca-out writes it to a file.\n",
        );
    } else {
        text.push_str(
            "\ntw needs --insecure because the sandbox serves plain http; start it with --https for https.\n",
        );
    }
    text
}

fn render_workspaces(state: &State) -> String {
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

/// Quotes a text for a shell, if it needs quotes.
fn quote(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=:@%,".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.into();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::{quote, render_environment, render_welcome};
    use tw_sandbox::Sandbox;

    #[test]
    fn the_environment_is_quoted_for_the_shell() {
        let sandbox = Sandbox::builder().token("it's$HOME").start();
        let expected = format!(
            "export TOWER_API_ENDPOINT={}\nexport TOWER_ACCESS_TOKEN='it'\\''s$HOME'\n",
            sandbox.url()
        );
        assert_eq!(render_environment(&sandbox), expected);
        assert_eq!(quote("http://127.0.0.1:80"), "http://127.0.0.1:80");
    }

    #[test]
    fn the_welcome_shows_the_url_the_token_and_the_workspaces() {
        let sandbox = Sandbox::builder().start();
        let text = render_welcome(&sandbox, None);
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
