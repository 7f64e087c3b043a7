//! A complete plugin: `tw hello` greets the user that the access token belongs to.
#![forbid(unsafe_code)]

use tw_plugin_api::prelude::*;

/// Greet the user that the token belongs to
#[derive(Args)]
struct Hello {
    /// Greeting to print before the name
    #[arg(short, long, default = "Hello")]
    greeting: String,
    /// Print the greeting in capitals
    #[arg(long)]
    loud: bool,
}

fn hello(args: Hello, host: &Host) -> Result<Output> {
    let user = host.auth().whoami()?;
    let mut text = format!("{}, {}", args.greeting, user.name());
    if args.loud {
        text = text.to_uppercase();
    }
    Output::message(&json!({ "greeting": text }), &text)
}

fn plugin() -> Plugin {
    Plugin::new()
        .uses([Service::Auth])
        .command(Command::new("hello", hello).example("tw hello --loud", "greet in capitals"))
}

export_plugin!(plugin);
