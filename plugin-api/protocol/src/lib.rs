//! The messages that cross between `tw` and its plugins: serde types and their rules, no I/O.
//!
//! A plugin author uses `tw-plugin-api`, which wears these types inside. This crate is for the host, for that
//! crate, and for whoever speaks to `tw` from another language: each message is JSON, and one of each stands under `golden/`.
//!
//! # How it evolves
//!
//! - Every field of a message has a default, and a field that a reader doesn't know is ignored: fields are added, never
//!   removed, and never change their meaning. So an old plugin runs under a new host and a new plugin under an old one.
//! - A kind that a reader doesn't know reads as `unknown`, and a method that it doesn't know is answered with
//!   [`ErrorKind::Unsupported`].
//! - [`PROTOCOL`] changes only when that isn't enough. It is no product version.
//! - In Rust: build a message with `..Default::default()`, for a minor version of this crate may add fields.
//!
//! # The methods
//!
//! [`Describe`] and [`Run`] are called by the host; all others by the plugin, which may call only
//! the services that its [`Manifest`] declares: the part of the method's name before the dot. Beside its message a call
//! may carry a raw body, which is named in the method's own documentation.
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

/// The number of this protocol. It stands in a library's note and manifest.
pub const PROTOCOL: u32 = 1;
