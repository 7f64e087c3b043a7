//! `tw secrets`: the secrets of a workspace, or of the user.
//!
//! A file a subcommand; what they share, the secrets as the API has them, stands in `api`.
#![forbid(unsafe_code)]

mod add;
mod api;
mod delete;
mod export;
mod file;
mod import;
mod list;
mod name;
mod time;
mod update;
mod value;
mod view;
mod which;

use tw_plugin_api::prelude::*;

/// The plugin, as it registers.
pub fn plugin() -> Plugin {
    Plugin::new()
        .uses([
            Service::Http,
            Service::Workspace,
            Service::Input,
            Service::Prompt,
            Service::Log,
        ])
        .group(
            Group::new("secrets", "Manage workspace secrets")
                .workspace_option()
                .shared::<api::Whose>()
                .command(
                    Command::new("list", list::run)
                        .example("tw secrets list", "your own secrets")
                        .example("tw secrets list -w acme/research", "those of a workspace")
                        .example(
                            "tw secrets list --unused-for 90d",
                            "those that no run needs",
                        ),
                )
                .command(
                    Command::new("add", add::run)
                        .example(
                            "tw secrets add -n API_KEY -v 12345",
                            "a secret that must be new",
                        )
                        .example(
                            "tw secrets add -n API_KEY -v 67890 --overwrite",
                            "a secret that may be there already",
                        ),
                )
                .command(
                    Command::new("delete", delete::run)
                        .example("tw secrets delete -n API_KEY", "by its name")
                        .example(
                            "tw secrets delete --names A1,B2 --ignore-missing",
                            "several, whether they are there or not",
                        ),
                )
                .command(
                    Command::new("view", view::run)
                        .example("tw secrets view -n API_KEY", "by its name"),
                )
                .command(
                    Command::new("export", export::run)
                        .example("tw secrets export", "a .env file")
                        .example("tw secrets export --format yaml", "the same in YAML"),
                )
                .command(
                    Command::new("import", import::import)
                        .example("tw secrets import secrets.env", "all of a file")
                        .example(
                            "tw secrets import secrets.env --dry-run",
                            "what would be done",
                        ),
                )
                .command(Command::new("sync", import::sync).example(
                    "tw secrets sync secrets.env --prune --yes",
                    "all of a file, and nothing else",
                ))
                .command(
                    Command::new("update", update::run)
                        .example("tw secrets update -n API_KEY -v 12345", "by its name"),
                ),
        )
}

export_plugin!(plugin);
