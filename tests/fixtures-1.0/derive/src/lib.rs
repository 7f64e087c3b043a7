//! The derive macros of `tw-plugin-api`: the arguments of a command as a struct, and a choice as an enum.
//!
//! `tw-plugin-api` exports both macros. Use them from there, because the code that they generate refers to that crate.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod args;
mod attribute;
mod choice;
mod config;
mod doc;
mod parsed;
mod value;

use proc_macro::TokenStream;
use proc_macro2::TokenStream as TokenStream2;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct the arguments of a command.
///
/// The doc comment of the struct says what the command does. The doc comment of a field says what the argument is. The
/// first paragraph is the line that `-h` and `--help` show; only `--help` shows the other paragraphs. Help wraps each paragraph
/// anew, and keeps the lines of a list, a table or an indented text.
///
/// The type of a field decides which values the argument takes:
///
/// | Type | Argument |
/// |---|---|
/// | one of the types below | required, unless it has a default |
/// | `Option` of one of these | optional |
/// | `Vec` of one of these | may be given several times |
/// | `Option<Vec>` of one of these | may be given several times; `None` if it isn't given |
/// | `bool` | a flag |
/// | `Option<bool>` | an option with the value `true` or `false` |
///
/// | Type of a value | What a user types |
/// |---|---|
/// | `String`, `Secret` | any text |
/// | `i8` to `i64`, `u8` to `u64`, `isize`, `usize` | an integer that fits the type; at most 2^63 - 1, which is the largest integer in a message |
/// | `f64` | a number such as `0.5` |
/// | `PathBuf`, `OsString` | a path, or a text, that may not be UTF-8 |
/// | `Source` | the path of a file, or `-` for standard input |
/// | `Duration` | `90d`, `1h30m`, `500ms` |
/// | `Size` | `10MiB`, `1.5GB`, `4096` |
/// | `SystemTime` | an RFC 3339 time, a date (its midnight in UTC), or an age such as `2d` (2 days ago) |
/// | an enum with the derive [`Choice`](macro@Choice) | a word of the enum |
/// | any type that implements `FromStr`, with the key `parse` | what the type parses |
///
/// The host parses all values but those with `parse`, so messages are the same in all plugins. Help shows units, ranges
/// and words.
///
/// A field with `short` or `long` is an option or a flag. A field with neither is a positional argument.
///
/// | `#[arg(…)]` | Meaning |
/// |---|---|
/// | `short`, `short = 'x'` | the short name `-x`; without a value, the first letter of the field's name |
/// | `long`, `long = "word"` | the long name `--word`; without a value, the field's name with `-` for `_` |
/// | `alias = "word"` | another long name |
/// | `value_name = "X"` | the placeholder for the value in help |
/// | `default = 5`, `default = "10MiB"`, `default = ["a", "b"]` | the value, or the values of a `Vec`, if the argument is not given |
/// | `env = "VAR"` | the environment variable that gives the value if the command line doesn't; an empty variable counts as unset |
/// | `conflicts = "field"`, `conflicts = ["a", "b"]` | not allowed together with the arguments of other fields |
/// | `requires = "field"`, `requires = ["a", "b"]` | allowed only together with the arguments of other fields |
/// | `min = 1`, `max = "90d"` | the smallest and the largest accepted integer, `f64`, `Duration` or `Size` |
/// | `required` | a `Vec` has at least one value |
/// | `delimiter = ','` | a `Vec` takes several values in one occurrence, separated by this character |
/// | `trailing` | the last positional argument, a `Vec`, takes the rest of the command line, options included |
/// | `ignore_case` | a choice is accepted in upper and lower case |
/// | `parse` | the plugin parses the value with `FromStr`; a failure is a usage error with the text of the `Err`, which needs `Display` |
/// | `file`, `folder` | for a `PathBuf`: completion offers only files, or only folders |
/// | `default_from_config = "setting"` | the plugin's setting of this name is the value if the command line and the environment have none |
/// | `complete = function` | values are completed on the command line by a `fn(&str, &Host) -> Result<Vec<Candidate>>`: see `Arg::complete` |
/// | `hidden` | not shown in help and completion |
/// | `sensitive` | the value is a secret, and redacted in logs and messages |
/// | `workspace` | a `String` is a workspace, as for `-w` |
/// | `flatten` | the field is a struct with the derive `Args`; its arguments are added to those of the command |
///
/// Only typed values count for `conflicts` and `requires`: a value from an environment variable conflicts with nothing, and
/// a default meets no requirement.
///
/// An option can't have the long name of one of `tw`'s own options, such as `--output`, because `tw` refuses the plugin. It
/// can have a letter of such an option, as in `-o`; below the command, the letter is then the plugin's.
///
/// `#[args(exactly_one_of(a, b))]` on the struct requires exactly one of these arguments. Their fields must be `Option`s,
/// `Vec`s or flags.
///
/// # Examples
///
/// ```
/// use tw_plugin_api::prelude::*;
///
/// /// Delete a dataset
/// #[derive(Args)]
/// #[args(exactly_one_of(id, name))]
/// struct Delete {
///     /// Dataset identifier
///     #[arg(short, long)]
///     id: Option<i64>,
///     /// Dataset name
///     #[arg(short, long)]
///     name: Option<String>,
/// }
/// ```
///
/// Types with units, with ranges, and of the plugin itself:
///
/// ```
/// use std::{net::IpAddr, time::{Duration, SystemTime}};
/// use tw_plugin_api::{Size, prelude::*};
///
/// /// Show the logs of a run
/// #[derive(Args)]
/// struct Logs {
///     /// Maximum number of lines
///     #[arg(long, default = 100, min = 1)]
///     lines: u32,
///     /// Maximum size
///     #[arg(long, default = "10MiB")]
///     size: Size,
///     /// Only lines after this time
///     #[arg(long)]
///     since: Option<SystemTime>,
///     /// Time limit
///     #[arg(long, min = "1s", max = "1h", default = "30s")]
///     timeout: Duration,
///     /// Only lines from these nodes
///     #[arg(long, parse)]
///     nodes: Vec<IpAddr>,
/// }
/// ```
///
/// A key that doesn't fit the type of the field doesn't compile:
///
/// ```compile_fail
/// # use tw_plugin_api::prelude::*;
/// #[derive(Args)]
/// struct Delete {
///     #[arg(long, min = 1)] // A `String` has no range.
///     name: String,
/// }
/// ```
///
/// ```compile_fail
/// # use tw_plugin_api::prelude::*;
/// #[derive(Args)]
/// struct Delete {
///     #[arg(long, delimiter = ',')] // One value is no list.
///     name: String,
/// }
/// ```
///
/// ```compile_fail
/// # use tw_plugin_api::prelude::*;
/// #[derive(Args)]
/// struct Delete {
///     #[arg(long, max = 300)] // The largest `u8` is 255.
///     count: u8,
/// }
/// ```
#[proc_macro_derive(Args, attributes(arg, args))]
pub fn derive_args(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    args::expand(&input)
        .unwrap_or_else(|error| with_stub(&error, args::stub(&input.ident)))
        .into()
}

/// Declares the settings of a plugin: the keys of its section `[plugin.NAME]` in the configuration file. The struct has a
/// field for each setting, with the types of arguments. A doc comment is the setting's help.
///
/// The key of a setting is the field's name with hyphens: `max_rows` is `max-rows`. Integers, numbers and `bool`s are TOML's own; a
/// `Vec` is an array; everything else is a string, as it would be typed on the command line: `timeout = "30s"`.
///
/// | Key of `#[config(…)]` | Effect |
/// |---|---|
/// | `default = value` | the value if the section doesn't have the setting |
/// | `min = limit`, `max = limit` | the smallest and the largest value |
/// | `ignore_case` | a choice is accepted in upper and lower case |
/// | `parse` | the plugin parses the value with `FromStr` |
/// | `file`, `folder` | for a `PathBuf` |
/// | `sensitive` | the value is a secret, and redacted in logs and messages |
///
/// A field without a default is an `Option`, a `Vec` or a `bool`, or the setting is required.
///
/// ```
/// use tw_plugin_api::prelude::*;
///
/// #[derive(Config)]
/// struct Settings {
///     /// Maximum number of rows to show
///     #[config(default = 100, min = 1)]
///     max_rows: u32,
///     /// The team that owns new datasets
///     team: Option<String>,
/// }
///
/// fn list(_: (), host: &Host) -> Result<Output> {
///     let settings: Settings = host.config()?;
///     Output::message(&json!([]), &format!("the first {}", settings.max_rows))
/// }
///
/// fn plugin() -> Plugin {
///     Plugin::new()
///         .uses([Service::Config])
///         .config::<Settings>()
///         .command(Command::new("list", list))
/// }
/// ```
///
/// The configuration file then has:
///
/// ```toml
/// [plugin.datasets]
/// max-rows = 20
/// team = "imaging"
/// ```
#[proc_macro_derive(Config, attributes(config))]
pub fn derive_config(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    config::expand(&input)
        .unwrap_or_else(|error| with_stub(&error, config::stub(&input.ident)))
        .into()
}

/// Makes an enum a choice: the type of an argument that accepts a fixed set of words.
///
/// The word of a variant is its name in kebab case: `MostRecent` is `most-recent`. `#[choice(name = "word")]` sets
/// another word. `#[choice(alias = "word")]` adds a word that is accepted and that help doesn't show. The doc comment of a
/// variant is the help for the word. Variants can't have fields.
///
/// The derive implements `Display` too, which writes the word.
///
/// ```
/// use tw_plugin_api::prelude::*;
///
/// #[derive(Choice)]
/// enum Order {
///     /// The most recent first
///     #[choice(alias = "newest")]
///     MostRecent,
///     /// By name
///     Name,
/// }
///
/// assert_eq!(Order::MostRecent.to_string(), "most-recent");
/// ```
#[proc_macro_derive(Choice, attributes(choice))]
pub fn derive_choice(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    choice::expand(&input)
        .unwrap_or_else(|error| with_stub(&error, choice::stub(&input.ident)))
        .into()
}

/// Returns the compile error, and the implementation that keeps it the only error.
fn with_stub(error: &syn::Error, stub: TokenStream2) -> TokenStream2 {
    let mut out = error.to_compile_error();
    out.extend(stub);
    out
}
