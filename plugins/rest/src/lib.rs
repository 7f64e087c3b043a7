//! `tw api`: calls any path of the Platform's API and prints the answer as it is.
//!
//! `target` decides what is called, `field` and `header` parse what is sent, and `answer` and `pages` print what comes back.
//!
//! The plugin is not called `api`, because its library would then have the name of the library of `tw-plugin-api`.
#![forbid(unsafe_code)]

mod answer;
mod call;
mod content;
mod field;
mod header;
mod pages;
mod pretty;
mod target;

use tw_plugin_api::prelude::*;

/// Registers the plugin's command.
pub fn plugin() -> Plugin {
    Plugin::new()
        .uses([
            Service::Http,
            Service::Workspace,
            Service::Input,
            Service::Prompt,
        ])
        .command(
            Command::new("api", call::run)
                .workspace_option()
                .example("tw api /user-info", "print your account")
                .example("tw api /orgs --paginate", "print all pages of a list")
                .example(
                    "tw api /orgs/{orgId}/workspaces -w acme/research",
                    "fill in the ID of the organization",
                )
                .example(
                    "tw api /pipeline-secrets -f name=API_KEY -F value=@key.txt",
                    "send fields with POST",
                )
                .example(
                    "tw api PUT /pipeline-secrets/1001 --input secret.json",
                    "send a file",
                )
                .example(
                    "tw api DELETE /pipeline-secrets/1001 --yes",
                    "delete without a question",
                ),
        )
}

export_plugin!(plugin);
