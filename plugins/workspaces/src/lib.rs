//! `tw workspaces` and `tw organizations`: where the user can work.
#![forbid(unsafe_code)]

mod membership;
mod organizations;
mod workspaces;

use tw_plugin_api::prelude::*;

/// The plugin, as it registers.
pub fn plugin() -> Plugin {
    Plugin::new()
        .uses([Service::Auth, Service::Http])
        .group(
            Group::new("workspaces", "Find the workspaces that you can work in").command(
                Command::new("list", workspaces::list)
                    .example("tw workspaces list", "all of them")
                    .example("tw workspaces list -o acme", "those of an organization"),
            ),
        )
        .group(
            Group::new("organizations", "Find the organizations that you belong to").command(
                Command::new("list", organizations::list)
                    .example("tw organizations list", "all of them"),
            ),
        )
}

export_plugin!(plugin);
