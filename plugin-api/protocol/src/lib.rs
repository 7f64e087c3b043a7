//! The messages that cross the boundary between `tw` and its plugins: serde types and their rules, without I/O.
//!
//! Plugin authors use `tw-plugin-api`, which wraps these types. This crate is for the host, for `tw-plugin-api`, and
//! for plugins in other languages. Each message is JSON. The folder `golden/` contains an example of each.
//!
//! # How the protocol evolves
//!
//! - Every field of a message has a default, and a reader ignores fields that it doesn't know. Fields may be added.
//!   They are never removed, and their meaning never changes. An old plugin therefore runs under a new host, and a new
//!   plugin runs under an old host.
//! - A kind that a reader doesn't know reads as `unknown`. A method that a reader doesn't know fails with
//!   [`ErrorKind::Unsupported`].
//! - [`PROTOCOL`] changes only if these rules are not enough. It is independent of the version of `tw` and of this
//!   crate.
//! - In Rust, build messages with `..Default::default()`, because a minor version of this crate may add fields.
//!
//! # The methods
//!
//! The host calls [`Describe`] and [`Run`]; the plugin calls all other methods. A plugin may call only the services
//! that its
//! [`Manifest`] declares. The service is the part of the method's name before the dot. A call and its reply can carry a
//! raw body beside the message; the documentation of each method says what the body is.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod argument;
mod by_name;
mod call;
mod document;
mod error;
mod http;
mod manifest;
mod read;
mod run;
mod service;
mod view;

pub use argument::{Arg, ArgKind, PossibleValue, ValueKind};
pub use by_name::ByName;
pub use call::*;
pub use document::{Document, Entry, Node, NodeValue};
pub use error::{ErrorKind, ErrorMessage};
pub use http::{
    BatchItem, BatchReply, BatchRequest, Header, HttpRequest, HttpResponse, Part, Span,
    StreamChunk, StreamHead, StreamRead, StreamRef,
};
pub use manifest::{Command, Example, Manifest};
pub use run::{ArgValue, Arguments, DescribeRequest, Outcome, RunRequest, ValueSource};
pub use service::*;
pub use view::{Column, ColumnKind, MessageView, RecordView, Sort, TableView, TextView, View};

/// The number of this protocol, in a library's note and in its manifest.
pub const PROTOCOL: u32 = 1;
