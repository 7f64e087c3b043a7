//! Arguments of every kind.

use std::{ffi::OsString, path::PathBuf};

use tw_plugin_api::{Arg, Values, prelude::*};

use crate::report::got;

/// A color
#[derive(Choice, Debug)]
enum Color {
    /// Like fire
    Red,
    /// Like the sea
    DarkBlue,
    /// Like both
    #[choice(name = "PURPLE")]
    Violet,
}

/// Print options, flags and positionals of every kind
///
/// More about the command.
///
/// A second paragraph.
#[derive(Args)]
struct Kinds {
    /// The first positional
    first: String,
    /// The other positionals
    rest: Vec<PathBuf>,
    /// A text
    ///
    /// More about the text.
    #[arg(short, long, value_name = "WORDS")]
    text: Option<String>,
    /// A number in a range
    #[arg(short, long, min = -10, max = 10)]
    number: Option<i64>,
    /// Any number
    #[arg(long, default = "7")]
    any: i64,
    /// A flag
    #[arg(long, alias = "noisy")]
    loud: bool,
    /// A number with a fraction
    #[arg(long)]
    ratio: Option<f64>,
    /// A text that may not be UTF-8
    #[arg(long)]
    raw: Option<OsString>,
    /// A tag; can be given several times
    #[arg(long)]
    tag: Vec<String>,
    /// Numbers, separated by commas
    #[arg(long, delimiter = ',')]
    list: Vec<i64>,
    /// A color; case is ignored
    #[arg(long, alias = "colour", ignore_case)]
    color: Option<Color>,
    /// A secret
    #[arg(long)]
    password: Option<Secret>,
    /// A setting
    #[arg(long, env = "PROBE_SETTING", default = "by default")]
    setting: String,
    /// Hidden from help
    #[arg(long, hidden)]
    inner: Option<String>,
    #[arg(flatten)]
    more: More,
}

/// Arguments that several commands can share.
#[derive(Args)]
struct More {
    /// An argument from a flattened struct
    #[arg(long = "flat")]
    flattened: Option<String>,
}

/// The arguments whose source is reported.
const SOURCES: [&str; 5] = ["text", "any", "setting", "loud", "flattened"];

fn kinds(args: Kinds, host: &Host) -> Result<Output> {
    let values: Values = host.shared()?;
    let typed: Vec<&str> = SOURCES
        .into_iter()
        .filter(|name| values.was_typed(name))
        .collect();
    let password = args.password.as_ref();
    let value = json!({
        "first": args.first,
        "rest": args.rest.iter().map(|path| path.as_os_str().as_encoded_bytes().escape_ascii().to_string()).collect::<Vec<_>>(),
        "text": args.text,
        "number": args.number,
        "any": args.any,
        "loud": args.loud,
        "ratio": args.ratio,
        "raw": args.raw.map(|raw| raw.as_encoded_bytes().escape_ascii().to_string()),
        "tag": args.tag,
        "list": args.list,
        "color": args.color.map(|color| format!("{color:?}")),
        "password": password.map(|secret| (format!("{secret:?}"), secret.expose().len())),
        "setting": args.setting,
        "inner": args.inner,
        "flattened": args.more.flattened,
        "typed": typed,
    });
    got(host, Ok(value))
}

/// Take exactly one of two options, with conflicts and requirements
#[derive(Args)]
#[args(exactly_one_of(id, name))]
struct Choose {
    /// Choose by number
    #[arg(short, long)]
    id: Option<i64>,
    /// Choose by name
    #[arg(short, long)]
    name: Option<String>,
    /// Conflicts with --quiet
    #[arg(long, conflicts = "quiet")]
    loud: bool,
    /// Conflicts with --loud
    #[arg(long)]
    quiet: bool,
    /// Requires --user
    #[arg(long, requires = "user")]
    role: Option<String>,
    /// A user
    #[arg(long)]
    user: Option<String>,
}

fn choose(args: Choose, host: &Host) -> Result<Output> {
    let value = json!({ "id": args.id, "name": args.name, "loud": args.loud, "quiet": args.quiet, "role": args.role, "user": args.user });
    got(host, Ok(value))
}

/// Take a positional number
#[derive(Args)]
struct Number {
    /// The number
    number: i64,
}

fn number(args: Number, host: &Host) -> Result<Output> {
    got(host, Ok(json!({ "number": args.number })))
}

/// Take a flag, a number, a choice and a list from the environment
#[derive(Args)]
struct Environment {
    /// A flag
    #[arg(long, env = "PROBE_FLAG")]
    flag: bool,
    /// A number
    #[arg(long, env = "PROBE_NUMBER")]
    number: Option<i64>,
    /// A color
    #[arg(long, env = "PROBE_COLOR", ignore_case)]
    color: Option<Color>,
    /// A list, separated by commas
    #[arg(long, env = "PROBE_LIST", delimiter = ',')]
    list: Vec<String>,
}

fn environment(args: Environment, host: &Host) -> Result<Output> {
    let color = args.color.map(|color| format!("{color:?}"));
    let value =
        json!({ "flag": args.flag, "number": args.number, "color": color, "list": args.list });
    got(host, Ok(value))
}

/// Fail with a message that contains the given secrets
#[derive(Args)]
struct Leak {
    /// A secret
    #[arg(long, env = "PROBE_SECRET")]
    secret: Option<Secret>,
    /// A secret; can be given several times
    #[arg(long)]
    several: Vec<Secret>,
    /// A secret number
    #[arg(long, sensitive)]
    pin: Option<i64>,
    /// Print the secrets too
    #[arg(long)]
    print: bool,
}

fn leak(args: Leak, _: &Host) -> Result<Output> {
    let secrets = args.secret.iter().chain(&args.several).map(Secret::expose);
    let secrets: Vec<&str> = secrets.collect();
    let pin = args.pin.map(|pin| pin.to_string());
    if args.print {
        println!("printed: {}", secrets.join(" "));
    }
    Err(Error::failure(format!(
        "these are the secrets: {} {}",
        secrets.join(" "),
        pin.unwrap_or_default()
    )))
}

/// Run a program with its own options
#[derive(Args)]
struct Trailing {
    /// How often to run it
    #[arg(short, long)]
    times: Option<i64>,
    /// The program and its arguments
    #[arg(trailing)]
    program: Vec<String>,
}

fn trailing(args: Trailing, host: &Host) -> Result<Output> {
    got(
        host,
        Ok(json!({ "times": args.times, "program": args.program })),
    )
}

fn built(mut values: Values, host: &Host) -> Result<Output> {
    let value = json!({
        "word": values.take::<String>("word")?,
        "times": values.take::<i64>("times")?,
        "upper": values.take::<bool>("upper")?,
        "mode": values.take::<Option<String>>("mode")?,
        "on": values.take::<Vec<String>>("on")?,
    });
    let wrong = values.take::<i64>("absent").err();
    let wrong = wrong.map(|error| error.to_string());
    got(host, Ok(json!({ "values": value, "wrong": wrong })))
}

fn built_command() -> Command {
    Command::new("built", built)
        .about("Take arguments that are defined without the derive macro")
        .alias("constructed")
        .arg(Arg::positional("word").help("A word").required())
        .arg(
            Arg::option("times")
                .short('n')
                .long("times")
                .integer()
                .range(1, 9)
                .default_value("2")
                .help("Number of times"),
        )
        .arg(Arg::flag("upper").long("upper").help("Use capital letters"))
        .arg(
            Arg::option("mode")
                .long("mode")
                .possible("fast", "and careless")
                .possible("slow", "and careful")
                .help("How to do it"),
        )
        .arg(
            Arg::option("on")
                .long("on")
                .repeated()
                .default_value("here")
                .default_value("there")
                .value_name("PLACE")
                .help("Where to do it"),
        )
        .example("tw probe arguments built word -n 3", "three times")
        .example("tw probe arguments built word --mode fast", "quickly")
}

/// The arguments of every command in the deep groups.
#[derive(Args)]
struct Depth {
    /// The depth
    #[arg(short, long, env = "PROBE_DEPTH")]
    depth: Option<i64>,
}

/// Show the arguments from every level
#[derive(Args)]
struct Leaf {
    /// An argument of the command itself
    #[arg(short, long)]
    own: Option<String>,
}

fn leaf(args: Leaf, host: &Host) -> Result<Output> {
    let depth: Depth = host.shared()?;
    let values: Values = host.shared()?;
    let side: Option<String> = values.clone().take("side")?;
    let value = json!({ "own": args.own, "depth": depth.depth, "side": side, "typed": values.was_typed("depth") });
    got(host, Ok(value))
}

pub(crate) fn group() -> Group {
    Group::new("arguments", "Arguments of every kind")
        .alias("args")
        .command(
            Command::new("kinds", kinds)
                .alias("sorts")
                .example("tw probe arguments kinds one", "with a positional"),
        )
        .command(Command::new("choose", choose))
        .command(Command::new("number", number))
        .command(Command::new("environment", environment))
        .command(Command::new("leak", leak).hidden())
        .command(Command::new("trailing", trailing))
        .command(built_command())
        .group(crate::typed::group())
        .group(
            Group::new("deep", "Commands in nested groups")
                .shared::<Depth>()
                .group(
                    Group::new("deeper", "A group in a group")
                        .alias("below")
                        .shared_arg(
                            Arg::option("side")
                                .long("side")
                                .help("The side")
                                .details("Left or right."),
                        )
                        .command(Command::new("leaf", leaf).alias("blade")),
                ),
        )
}
