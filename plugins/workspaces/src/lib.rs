//! `tw workspaces` and `tw organizations`: show where the user can work.
#![forbid(unsafe_code)]

mod membership;
mod organizations;
mod workspaces;

use tw_plugin_api::prelude::*;

/// Registers the plugin's commands.
pub fn plugin() -> Plugin {
    Plugin::new()
        .uses([Service::Auth, Service::Http])
        .group(
            Group::new("workspaces", "Show the workspaces that you can work in").command(
                Command::new("list", workspaces::list)
                    .example("tw workspaces list", "list all workspaces")
                    .example(
                        "tw workspaces list -o acme",
                        "list the workspaces of an organization",
                    ),
            ),
        )
        .group(
            Group::new("organizations", "Show the organizations that you belong to").command(
                Command::new("list", organizations::list)
                    .example("tw organizations list", "list all organizations"),
            ),
        )
}

export_plugin!(plugin);
