//! A plugin that does whatever the API for authors offers, a file a subject, and says what it got.
#![forbid(unsafe_code)]

mod arguments;
mod batch;
mod cancel;
mod config;
mod http;
mod identity;
mod input;
mod output;
mod prompt;
mod report;
mod say;
mod stream;

use tw_plugin_api::prelude::*;

/// Say where and how this runs
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
            Service::Output,
            Service::Progress,
            Service::Log,
            Service::Clock,
            Service::Cancel,
        ])
        .command(Command::new("probe-context", context))
        .group(
            Group::new("probe", "Do whatever the API offers")
                .details("Each group is a subject of the API.\n\nEach command prints what it got.")
                .alias("pr")
                .shared::<report::Report>()
                .group(arguments::group())
                .group(batch::group())
                .group(cancel::group())
                .group(config::group())
                .group(http::group())
                .group(identity::group())
                .group(input::group())
                .group(output::group())
                .group(prompt::group())
                .group(say::group())
                .group(stream::group()),
        )
}

export_plugin!(plugin);
