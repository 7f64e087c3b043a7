//! All that the author of a `tw` plugin depends on, and reads.
//!
//! A plugin is a shared library that adds commands to `tw`. It says what its commands are; the host parses, checks the
//! identity, talks HTTP and shows the result in the format that the person asked for. This is a whole plugin:
//!
//! ```
//! use tw_plugin_api::prelude::*;
//!
//! /// Say hello to the person whose token this is
//! #[derive(Args)]
//! struct Hello {
//!     /// The greeting
//!     #[arg(short, long, default = "Hello")]
//!     greeting: String,
//!     /// Say it loudly
//!     #[arg(long)]
//!     loud: bool,
//! }
//!
//! fn hello(args: Hello, host: &Host) -> Result<Output> {
//!     let user = host.auth().whoami()?;
//!     let mut text = format!("{}, {}", args.greeting, user.name);
//!     if args.loud {
//!         text = text.to_uppercase();
//!     }
//!     Output::message(&json!({ "greeting": text }), &text)
//! }
//!
//! fn plugin() -> Plugin {
//!     Plugin::new()
//!         .uses([Service::Auth])
//!         .command(Command::new("hello", hello).example("tw hello --loud", "greet, loudly"))
//! }
//!
//! export_plugin!(plugin);
//! # fn main() {}
//! ```
//!
//! Its `Cargo.toml` says `crate-type = ["cdylib"]` and names this crate; name, version, licence and authors
//! are the package's own. Put the library beside `tw` and `tw hello` is there.
//!
//! # What a plugin does not do
//!
//! It prints nothing: it returns a value and a view of it ([`Output`]), or an [`Error`]. It has no HTTP client, no runtime and no TLS of its
//! own: [`Host::http`] is there. It never needs the token: the host adds it to requests to the API, and only to them.
//! A panic in it becomes an error message; still, native code can do whatever the person who runs it can.
//!
//! # Where things are
//!
//! | to | see |
//! |---|---|
//! | register commands | [`Plugin`], [`Group`], [`Command`] |
//! | state arguments | the derives [`Args`](derive@Args) and [`Choice`](derive@Choice); beneath them [`Arg`] and [`Values`] |
//! | call the API | [`Host::http`], [`Request`], [`Response`], [`Batch`] |
//! | know who and where | [`Host::auth`], [`Host::workspace`] |
//! | show a result | [`Output`], [`Table`], [`Record`], [`Column`], [`Rows`] |
//! | fail well | [`Error`] |
//! | read and ask | [`Host::input`], [`Host::prompt`], [`Host::config`] |
//! | take long | [`Host::progress`], [`Host::is_cancelled`], [`Host::sleep`], [`Host::log`] |
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod argument;
mod auth;
mod batch;
mod command;
mod config;
mod error;
mod host;
mod http;
mod input;
mod output;
mod plugin;
mod progress;
mod prompt;
mod request;
mod response;
mod secret;
mod stream;
mod workspace;

pub use argument::{Arg, Args, Field, Single, Values};
pub use auth::{Auth, User};
pub use batch::{Batch, BatchOutcome};
pub use command::{Command, Group};
pub use config::Config;
pub use error::{Error, ErrorKind, Result};
pub use host::{Host, Log, Time};
pub use http::Http;
pub use input::{Document, Entry, Input, Node, NodeValue, Source};
pub use output::{Column, Output, Record, Rows, Table};
pub use plugin::{Plugin, Service};
pub use progress::Progress;
pub use prompt::Prompt;
pub use request::Request;
pub use response::Response;
pub use secret::Secret;
pub use serde_json::json;
pub use stream::Stream;
pub use tw_derive::{Args, Choice};
pub use workspace::Workspace;

/// A JSON object whose fields a plugin doesn't name: it keeps their order.
pub type JsonObject = serde_json::Map<String, serde_json::Value>;

/// What most plugins need, in one line: `use tw_plugin_api::prelude::*;`.
///
/// ```
/// use tw_plugin_api::prelude::*;
///
/// fn nothing(_: (), _host: &Host) -> Result<Output> {
///     Output::message(&json!({}), "Nothing was done")
/// }
/// # let _ = nothing;
/// ```
pub mod prelude {
    pub use crate::{
        Args, Choice, Column, Command, Error, ErrorKind, Group, Host, Output, Plugin, Record,
        Result, Secret, Service, Table, Workspace, export_plugin, json,
    };
}

/// What [`export_plugin!`] expands to names these; not for use by hand.
#[doc(hidden)]
pub mod __private {
    pub use crate::argument::{append, push};
    pub use crate::plugin::{Package, handle, panicked};
    pub use tw_plugin_abi::export;
    pub use tw_plugin_protocol::{ArgValue, PROTOCOL};
}
