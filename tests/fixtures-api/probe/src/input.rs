//! Standard input, files, documents.

use std::path::PathBuf;

use serde_json::Value;
use tw_plugin_api::{Document, Node, NodeValue, Source, prelude::*};

use crate::report::got;

/// Read bytes
#[derive(Args)]
struct Bytes {
    /// A file, or - for standard input
    from: String,
    /// The most that are read
    #[arg(long, default = "0")]
    max: i64,
    /// They are secret
    #[arg(long)]
    secret: bool,
    /// Log them, and fail with them
    #[arg(long)]
    leak: bool,
}

fn bytes(args: Bytes, host: &Host) -> Result<Output> {
    let (source, max) = (Source::from_argument(&args.from), args.max.unsigned_abs());
    let bytes = match args.secret {
        true => host.input().secret_bytes(&source, max),
        false => host.input().bytes(&source, max),
    };
    if args.leak {
        let text = String::from_utf8_lossy(&bytes?).into_owned();
        host.log().warning(&text);
        return Err(Error::failure(text));
    }
    let value = bytes.map(|bytes| {
        String::from_utf8(bytes).map_or_else(|error| json!(error.as_bytes()), Value::from)
    });
    got(host, value)
}

/// Read a document
#[derive(Args)]
struct Read {
    /// A file, or - for standard input
    from: String,
    /// Its format
    #[arg(short, long)]
    format: Option<String>,
    /// Its texts are secret
    #[arg(long)]
    secret: bool,
    /// Log what it says, and fail with it
    #[arg(long)]
    leak: bool,
}

fn document(args: Read, host: &Host) -> Result<Output> {
    let (source, format) = (Source::from_argument(&args.from), args.format.as_deref());
    let document = match args.secret {
        true => host.input().secret_document(&source, format),
        false => host.input().document(&source, format),
    };
    if args.leak {
        let text = node(&document?.root).to_string();
        host.log().warning(&text);
        return Err(Error::failure(text));
    }
    got(host, document.map(|document| told(&document)))
}

/// Parse a text
#[derive(Args)]
struct Text {
    /// Its format
    format: String,
    /// The text
    text: String,
}

fn text(args: Text, host: &Host) -> Result<Output> {
    let document = host.input().document_in(&args.text, &args.format);
    got(host, document.map(|document| told(&document)))
}

fn told(document: &Document) -> Value {
    json!({ "format": document.format, "root": node(&document.root), "debug": format!("{document:?}") })
}

/// A node: its line, what it is, and its value.
fn node(of: &Node) -> Value {
    let (kind, value) = match &of.value {
        NodeValue::Null => ("null", Value::Null),
        NodeValue::Boolean(yes) => ("boolean", json!(yes)),
        NodeValue::Number(number) => ("number", json!(number)),
        NodeValue::Text(text) => ("text", json!(text)),
        NodeValue::List(nodes) => ("list", nodes.iter().map(node).collect()),
        NodeValue::Map(entries) => {
            let entry =
                |entry: &tw_plugin_api::Entry| json!([entry.key, entry.line, node(&entry.value)]);
            ("map", entries.iter().map(entry).collect())
        }
        _ => ("unknown", Value::Null),
    };
    json!([of.line, kind, value])
}

/// Read a file whose name isn't UTF-8
#[derive(Args)]
struct Odd {}

fn odd(_: Odd, host: &Host) -> Result<Output> {
    use std::os::unix::ffi::OsStringExt;
    let path = std::ffi::OsString::from_vec(b"odd-\xff.txt".to_vec());
    let bytes = host.input().bytes(&Source::File(PathBuf::from(path)), 0);
    got(host, bytes.map(|bytes| json!(bytes)))
}

pub(crate) fn group() -> Group {
    Group::new("input", "Standard input, files, documents")
        .command(Command::new("bytes", bytes))
        .command(Command::new("document", document))
        .command(Command::new("text", text))
        .command(Command::new("odd", odd))
}
