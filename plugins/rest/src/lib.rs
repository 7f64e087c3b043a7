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
                .example("tw api /user-info", "print the user's account")
                .example(
                    "tw api /workflow -w acme/research --paginate",
                    "print all runs of a workspace as one document",
                )
                .example(
                    "tw api /labels -f name=urgent -F resource=false",
                    "send a JSON object with POST",
                )
                .example(
                    "tw api PUT /pipelines/7 --input pipeline.json",
                    "send a file",
                )
                .example(
                    "tw api DELETE /pipelines/7 --yes",
                    "delete without a question",
                ),
        )
}

export_plugin!(plugin);
