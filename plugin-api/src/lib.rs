//! The crate that a `tw` plugin is written with.
//!
//! A plugin is a shared library that adds commands to `tw`. The plugin declares its commands and runs them. The host
//! does the rest: it parses the command line, adds the access token, sends HTTP requests, and renders the result in
//! the output format that the user chose. This is a complete plugin:
//!
//! ```standalone_crate
//! use tw_plugin_api::prelude::*;
//!
//! /// Greet the user that the token belongs to
//! #[derive(Args)]
//! struct Hello {
//!     /// Greeting to print before the name
//!     #[arg(short, long, default = "Hello")]
//!     greeting: String,
//!     /// Print the greeting in capitals
//!     #[arg(long)]
//!     loud: bool,
//! }
//!
//! fn hello(args: Hello, host: &Host) -> Result<Output> {
//!     let user = host.auth().whoami()?;
//!     let mut text = format!("{}, {}", args.greeting, user.name());
//!     if args.loud {
//!         text = text.to_uppercase();
//!     }
//!     Output::message(&json!({ "greeting": text }), &text)
//! }
//!
//! fn plugin() -> Plugin {
//!     Plugin::new()
//!         .uses([Service::Auth])
//!         .command(Command::new("hello", hello).example("tw hello --loud", "greet in capitals"))
//! }
//!
//! export_plugin!(plugin);
//! # fn main() {}
//! ```
//!
//! Its `Cargo.toml` sets `crate-type = ["cdylib"]` and depends on this crate. The plugin's name, version, license and
//! authors are those of the package. `tw plugin link FOLDER` makes `tw` use the library of the crate in `FOLDER`.
//!
//! # What a plugin doesn't do
//!
//! - It prints nothing. A command returns an [`Output`], which is a value and a view of the value, or an [`Error`].
//! - It has no HTTP client, no async runtime and no TLS. Requests go through [`Host::http`].
//! - It doesn't handle the access token. The host adds the token to requests to the Platform's API, and to no others.
//!
//! A panic in a plugin becomes an error message. A plugin is native code all the same: it can do everything that the
//! user who runs `tw` can do.
//!
//! # Where to start
//!
//! | Task | Items |
//! |---|---|
//! | Register commands | [`Plugin`], [`Group`], [`Command`] |
//! | Declare arguments | the derives [`Args`](derive@Args) and [`Choice`](derive@Choice); without a derive, [`Arg`] and [`Values`] |
//! | Complete values on the command line | [`Candidate`] |
//! | Call the API | [`Host::http`], [`Request`], [`Response`], [`Stream`], [`Form`], [`Pages`], [`Batch`], [`Outcomes`], [`Upload`], [`Download`] |
//! | Find out the user and the workspaces | [`Host::auth`], [`Host::workspace`], [`Host::workspaces`] |
//! | Edit a text, run a program, show a page in the browser | [`Prompt::edit`], [`Host::process`], [`Host::open`] |
//! | Work with times | [`Host::now`], [`Host::parse_time`], [`Host::time_at`] |
//! | Find out the terminal and the plugin's own folders | [`Host::terminal`], [`Host::folders`] |
//! | Return a result | [`Output`], [`Table`], [`Record`], [`Sections`], [`Column`], [`Rows`], [`Stdout`] |
//! | Report a failure | [`Error`] |
//! | Read input, ask questions | [`Host::input`], [`Host::prompt`] |
//! | Declare and read settings | [`Host::config`], the derive [`Config`](derive@Config), the section `[plugin.NAME]` of `config.toml` |
//! | Test a plugin | the crate `tw-plugin-test` |
//! | Run for a long time | [`Host::progress`], [`Host::is_cancelled`], [`Host::sleep`], [`Host::log`] |
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod args;
mod argument;
mod auth;
mod batch;
mod command;
mod completion;
mod config;
mod document;
mod download;
mod error;
mod field;
mod form;
mod host;
mod http;
mod input;
mod kind;
mod log;
mod output;
mod pages;
mod plugin;
mod process;
mod progress;
mod prompt;
mod request;
mod response;
mod rows;
mod secret;
mod size;
mod stdout;
mod stream;
mod system;
mod time;
mod upload;
mod view;
mod workspace;

pub use args::{Args, Values};
pub use argument::Arg;
pub use auth::{Auth, User};
pub use batch::{Batch, BatchOutcome, Outcomes};
pub use command::{Command, Group};
pub use completion::Candidate;
pub use config::Config;
pub use document::{Document, Entry, Node, NodeValue};
pub use download::Download;
pub use error::{Context, Error, ErrorKind, Result};
pub use field::{Field, Single};
pub use form::Form;
pub use host::Host;
pub use http::Http;
pub use input::{Input, Source};
pub use log::Log;
pub use output::Output;
pub use pages::Pages;
pub use plugin::{Plugin, Service};
pub use process::{Exit, Process};
pub use progress::Progress;
pub use prompt::Prompt;
pub use request::Request;
pub use response::Response;
pub use rows::Rows;
pub use secret::Secret;
pub use serde_json::json;
pub use size::Size;
pub use stdout::Stdout;
pub use stream::Stream;
pub use system::{Folders, Terminal};
pub use time::Time;
pub use tw_derive::{Args, Choice, Config};
pub use upload::Upload;
pub use view::{Column, Record, Sections, Status, Table};
pub use workspace::Workspace;

/// A JSON value, for data of any form.
pub type Value = serde_json::Value;

/// A JSON object that keeps the order of its fields, for data with fields that the plugin doesn't know.
pub type JsonObject = serde_json::Map<String, serde_json::Value>;

/// The items that most plugins use: `use tw_plugin_api::prelude::*;`.
///
/// ```
/// use tw_plugin_api::prelude::*;
///
/// fn version(_: (), _host: &Host) -> Result<Output> {
///     Output::message(&json!({ "version": "1.0.0" }), "Version 1.0.0")
/// }
///
/// Command::new("version", version);
/// ```
pub mod prelude {
    pub use crate::{
        Args, Candidate, Choice, Column, Command, Config, Context, Error, ErrorKind, Group, Host,
        Output, Plugin, Record, Result, Secret, Sections, Service, Status, Table, Workspace,
        export_plugin, json,
    };
}

/// Items that [`export_plugin!`] and the derives expand to. They are no part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use crate::field::{Argument, Mismatch, Parsed};
    pub use crate::kind::Kind;
    pub use crate::plugin::{Package, handle, report_panic};
    pub use tw_plugin_abi::export;
    pub use tw_plugin_protocol::{ArgValue, PROTOCOL};
}
