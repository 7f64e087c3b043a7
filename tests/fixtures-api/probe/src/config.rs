//! The plugin's own section of the configuration file.

use serde_json::Value;
use tw_plugin_api::prelude::*;

use crate::report::got;

/// Show the plugin's section of the configuration
#[derive(Args)]
struct Show {}

fn show(_: Show, host: &Host) -> Result<Output> {
    let work = || {
        let config = host.config()?;
        let values = config.keys().map(|key| {
            let value: Option<Value> = config.get(key)?;
            Ok((key.to_owned(), value.unwrap_or_default()))
        });
        values.collect::<Result<serde_json::Map<String, Value>>>()
    };
    got(host, work().map(Value::Object))
}

/// Show a setting that must be a number
#[derive(Args)]
struct Number {
    /// The name of the setting
    key: String,
}

fn number(args: Number, host: &Host) -> Result<Output> {
    let number = host.config()?.get::<u32>(&args.key);
    got(host, number.map(|number| json!(number)))
}

pub(crate) fn group() -> Group {
    Group::new("config", "The plugin's own configuration")
        .command(Command::new("show", show))
        .command(Command::new("number", number))
}
