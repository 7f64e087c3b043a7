//! A plugin that uses the whole author's API and returns what each call gave it. Each file covers one subject.
#![forbid(unsafe_code)]

mod arguments;
mod batch;
mod bytes;
mod cancel;
mod complete;
mod config;
mod http;
mod identity;
mod input;
mod live;
mod output;
mod pages;
mod prompt;
mod report;
mod say;
mod stream;
mod system;
mod typed;
mod upload;
mod views;

use tw_plugin_api::prelude::*;

/// Show the endpoint, the output format and whether there is a terminal
#[derive(Args)]
struct Context {}

fn context(_: Context, host: &Host) -> Result<Output> {
    let value = json!({
        "endpoint": host.endpoint(),
        "format": host.format(),
        "terminal": host.is_terminal(),
    });
    Output::message(&value, "see the JSON")
}

fn plugin() -> Plugin {
    Plugin::new()
        .uses([
            Service::Http,
            Service::Auth,
            Service::Token,
            Service::Workspace,
            Service::Config,
            Service::Input,
            Service::Prompt,
            Service::System,
        ])
        .config::<config::Settings>()
        .command(Command::new("probe-context", context))
        .group(
            Group::new("probe", "Use everything that the API offers")
                .details(
                    "Each group covers a subject of the API.\n\nEach command prints what it got.",
                )
                .alias("pr")
                .shared::<report::Report>()
                .group(arguments::group())
                .group(batch::group())
                .group(bytes::group())
                .group(cancel::group())
                .group(complete::group())
                .group(config::group())
                .group(http::group())
                .group(identity::group())
                .group(input::group())
                .group(output::group())
                .group(pages::group())
                .group(prompt::group())
                .group(say::group())
                .group(stream::group())
                .group(system::group())
                .group(upload::group()),
        )
}

export_plugin!(plugin);
