//! The messages that cross the boundary between `tw` and its plugins: serde types and their rules, without I/O.
//!
//! Plugin authors use `tw-plugin-api`, which wraps these types. The Rust API of this crate is for the host and for
//! `tw-plugin-api` only, which depends on one exact version: a minor version may change the Rust API, while the messages
//! stay compatible. For plugins in other languages, the messages are described by `messages.schema.json`, and the folder
//! `golden/` contains an example of each.
//!
//! # How the protocol evolves
//!
//! - Every field of a message has a default, and a reader ignores fields that it doesn't know. `null` is the same as a
//!   missing field. Fields may be added. They are never removed, and their meaning never changes. An old plugin therefore
//!   runs under a new host, and a new plugin runs under an old host.
//! - A field that a reader must understand to act correctly is a [`Feature`]. A manifest, a command or a request that
//!   uses features names them in its field `needs`. A host that lacks one refuses the manifest, doesn't run the command,
//!   or answers the request with [`ErrorKind::Unsupported`]. A plugin answers the host's requests in the same way.
//! - A kind that a reader doesn't know reads as `unknown`. A method that a reader doesn't know fails with
//!   [`ErrorKind::Unsupported`].
//! - A number that is too large reads as the largest one, and one that is too small as the smallest. Any other value of a wrong type makes a request or a manifest
//!   unreadable. In the result of a command and in failures, such a value never hides the other fields.
//! - An empty payload reads as a message with all defaults.
//! - [`PROTOCOL`] changes only if these rules are not enough. It is independent of the version of `tw` and of this
//!   crate.
//! - In Rust, build messages through constructors or with `..Default::default()`, because a minor version of this crate
//!   may add fields.
//!
//! # The methods
//!
//! The host calls [`Describe`], [`Run`] and [`Complete`]; the plugin calls all other methods. The service of a method is the part of its
//! name before the dot. Every plugin may call the services in [`GRANTED`], and those that its [`Manifest`] declares. A call and its reply can carry a
//! raw body beside the message; the documentation of each method says what the body is.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod argument;
mod batch;
mod call;
mod decoding;
mod document;
mod error;
mod feature;
mod http;
mod manifest;
mod mistakes;
mod os_text;
mod pointer;
mod prompt;
mod read;
mod run;
#[cfg(test)]
mod schema;
mod service;
mod system;
mod view;

pub use argument::{Arg, ArgKind, PossibleValue, ValueKind};
pub use batch::{BatchArrival, BatchArrivals, BatchItem, BatchOutcome, BatchReply, BatchRequest};
pub use call::*;
pub use decoding::{HTML_PAGE, explain_decoding, explain_mismatch, is_html};
pub use document::{Document, Entry, Node, NodeValue};
pub use error::{ErrorKind, ErrorMessage, WrongValue};
pub use feature::{
    FEATURES, Feature, Needs, add_needs, feature_names, missing_features, request_to_bytes,
};
pub use http::{
    DownloadRequest, FormPart, Header, HttpRequest, HttpResponse, Parameter, Part, Span,
    StreamChunk, StreamHead, StreamRead, StreamRef, UploadRequest, UploadState,
};
pub use manifest::{Command, Example, Manifest, target};
pub use mistakes::{ColumnCheck, find_mistakes};
pub use os_text::{Bytes, OsText};
pub use pointer::{Json, array_index, pointer_tokens};
pub use prompt::*;
pub use read::{Message, from_bytes};
pub use run::{
    ArgValue, Arguments, Candidate, CompleteReply, CompleteRequest, DescribeRequest, Outcome,
    RunRequest, ValueSource,
};
pub use service::*;
pub use system::*;
pub use view::{
    Alignment, Column, ColumnKind, MessageView, RecordView, SectionsView, Sort, Status, TableView,
    TextView, View,
};

/// The number of this protocol, in a library's note and in its manifest.
pub const PROTOCOL: u32 = 1;
