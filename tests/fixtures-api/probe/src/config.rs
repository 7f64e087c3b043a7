//! The plugin's own section of the configuration file.

use std::time::{Duration, SystemTime};

use tw_plugin_api::{Size, prelude::*};

use crate::report::got;

/// A color
#[derive(Choice)]
enum Color {
    /// Like a rose
    #[choice(alias = "rose")]
    Red,
    /// Like the sea
    Blue,
}

/// The settings of the plugin.
#[derive(Config)]
pub(crate) struct Settings {
    /// A text
    name: Option<String>,
    /// A number
    count: Option<i64>,
    /// Maximum number of rows to show
    #[config(default = 20, min = 1, max = 100)]
    max_rows: u8,
    /// A part
    #[config(max = 1.0)]
    ratio: Option<f64>,
    /// A switch
    on: bool,
    /// A switch with three states
    maybe: Option<bool>,
    /// Several texts
    list: Vec<String>,
    /// Several numbers
    numbers: Vec<i64>,
    /// A duration
    #[config(default = "30s")]
    wait: Duration,
    /// A size
    size: Option<Size>,
    /// A time
    since: Option<SystemTime>,
    /// A color
    #[config(default = Color::Blue, ignore_case)]
    color: Color,
    /// A secret
    secret: Option<Secret>,
    /// An address
    #[config(parse)]
    address: Option<std::net::IpAddr>,
}

/// Show the plugin's section of the configuration
#[derive(Args)]
struct Show {}

fn show(_: Show, host: &Host) -> Result<Output> {
    let work = || {
        let settings: Settings = host.config()?;
        let ms = |time: SystemTime| {
            time.duration_since(SystemTime::UNIX_EPOCH)
                .map(|age| age.as_millis() as u64)
        };
        Ok(json!({
            "name": settings.name, "count": settings.count, "max-rows": settings.max_rows, "ratio": settings.ratio,
            "on": settings.on, "maybe": settings.maybe, "list": settings.list, "numbers": settings.numbers,
            "wait": settings.wait.as_millis() as u64, "size": settings.size.map(Size::bytes),
            "since": settings.since.map(ms).transpose()?, "color": settings.color.to_string(),
            "secret": settings.secret.is_some(), "address": settings.address.map(|address| address.to_string()),
        }))
    };
    got(host, work())
}

/// Fail with a message that contains the secret setting
#[derive(Args)]
struct Leak {}

fn leak(_: Leak, host: &Host) -> Result<Output> {
    let settings: Settings = host.config()?;
    let secret = settings.secret.context("there is no secret")?;
    Err(Error::failure(format!("the secret is {}", secret.expose())))
}

/// Show arguments whose defaults are settings
#[derive(Args)]
struct Defaults {
    /// Maximum number of rows to show
    #[arg(long, default_from_config = "max_rows", default = 5)]
    rows: u8,
    /// A text
    #[arg(long, env = "PROBE_NAME", default_from_config = "name")]
    name: String,
    /// Several texts
    #[arg(long, default_from_config = "list")]
    list: Vec<String>,
    /// A switch
    #[arg(long, default_from_config = "on")]
    on: bool,
}

fn defaults(args: Defaults, host: &Host) -> Result<Output> {
    let value = json!({ "rows": args.rows, "name": args.name, "list": args.list, "on": args.on, "typed": host.was_typed("rows") });
    got(host, Ok(value))
}

pub(crate) fn group() -> Group {
    Group::new("config", "The plugin's own configuration")
        .command(Command::new("show", show))
        .command(Command::new("leak", leak))
        .command(Command::new("defaults", defaults))
}
