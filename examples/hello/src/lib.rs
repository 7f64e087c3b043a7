//! The first plugin: `tw hello` greets the person whose token `tw` has.
#![forbid(unsafe_code)]

use tw_plugin_api::prelude::*;

/// Say hello to the person whose token this is
#[derive(Args)]
struct Hello {
    /// The greeting
    #[arg(short, long, default = "Hello")]
    greeting: String,
    /// Say it loudly
    #[arg(long)]
    loud: bool,
}

fn hello(args: Hello, host: &Host) -> Result<Output> {
    let user = host.auth().whoami()?;
    let mut text = format!("{}, {}", args.greeting, user.name);
    if args.loud {
        text = text.to_uppercase();
    }
    Output::message(&json!({ "greeting": text }), &text)
}

fn plugin() -> Plugin {
    Plugin::new()
        .uses([Service::Auth])
        .command(Command::new("hello", hello).example("tw hello --loud", "greet, loudly"))
}

export_plugin!(plugin);
