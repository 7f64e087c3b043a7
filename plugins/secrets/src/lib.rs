//! `tw secrets`: manages the secrets of a workspace or of the user.
//!
//! Each subcommand has a file. The files share the requests in `api`, the data in `secret`, and the options in `which`, `value` and `file`.
#![forbid(unsafe_code)]

mod add;
mod api;
mod delete;
mod duration;
mod export;
mod file;
mod import;
mod list;
mod name;
mod order;
mod secret;
mod update;
mod value;
mod view;
mod which;

use tw_plugin_api::prelude::*;

/// Registers the plugin's commands.
pub fn plugin() -> Plugin {
    Plugin::new()
        .uses([
            Service::Http,
            Service::Workspace,
            Service::Input,
            Service::Prompt,
        ])
        .group(
            Group::new("secrets", "Manage workspace secrets")
                .workspace_option()
                .shared::<api::UserOption>()
                .command(list_command())
                .command(add_command())
                .command(delete_command())
                .command(
                    Command::new("view", view::run)
                        .example("tw secrets view -n API_KEY", "view a secret by name"),
                )
                .command(
                    Command::new("export", export::run)
                        .example("tw secrets export", "print a .env file")
                        .example("tw secrets export --format yaml", "print YAML"),
                )
                .command(import_command())
                .command(Command::new("sync", import::sync).example(
                    "tw secrets sync secrets.env --prune --yes",
                    "make the secrets match a file",
                ))
                .command(Command::new("update", update::run).example(
                    "tw secrets update -n API_KEY -v 12345",
                    "update a secret by name",
                )),
        )
}

fn list_command() -> Command {
    Command::new("list", list::run)
        .example("tw secrets list", "list your own secrets")
        .example(
            "tw secrets list -w acme/research",
            "list the secrets of a workspace",
        )
        .example(
            "tw secrets list --unused-for 90d",
            "list secrets that no run needs",
        )
}

fn add_command() -> Command {
    Command::new("add", add::run)
        .example("tw secrets add -n API_KEY -v 12345", "add a new secret")
        .example(
            "tw secrets add -n API_KEY -v 67890 --overwrite",
            "add a secret, or update it if it exists",
        )
}

fn delete_command() -> Command {
    Command::new("delete", delete::run)
        .example("tw secrets delete -n API_KEY", "delete a secret by name")
        .example(
            "tw secrets delete --names A1,B2 --ignore-missing",
            "delete several secrets, if they exist",
        )
}

fn import_command() -> Command {
    Command::new("import", import::import)
        .example(
            "tw secrets import secrets.env",
            "add and update all secrets in a file",
        )
        .example(
            "tw secrets import secrets.env --dry-run",
            "show what would change",
        )
}

export_plugin!(plugin);
