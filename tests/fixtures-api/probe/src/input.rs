//! Standard input, files and documents.

use std::path::PathBuf;

use serde_json::Value;
use tw_plugin_api::{Document, Node, NodeValue, Source, prelude::*};

use crate::report::got;

/// Read bytes
#[derive(Args)]
struct Bytes {
    /// A file, or - for standard input
    from: PathBuf,
    /// The maximum number of bytes; 0 means the host's limit
    #[arg(long, default = "0")]
    max: i64,
    /// Treat the bytes as secret
    #[arg(long)]
    secret: bool,
    /// Log the bytes, and fail with them as the message
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
    from: PathBuf,
    /// Print the content as JSON, without lines
    #[arg(long)]
    as_json: bool,
    /// The format
    #[arg(short, long)]
    format: Option<String>,
    /// Treat the texts as secret
    #[arg(long)]
    secret: bool,
    /// Log the content, and fail with it as the message
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
        let text = node_to_json(document?.root()).to_string();
        host.log().warning(&text);
        return Err(Error::failure(text));
    }
    got(
        host,
        document.map(|document| match args.as_json {
            true => document.to_json(),
            false => document_to_json(&document),
        }),
    )
}

/// Parse a text
#[derive(Args)]
struct Text {
    /// The format
    format: String,
    /// The text
    text: String,
}

fn text(args: Text, host: &Host) -> Result<Output> {
    let document = host.input().document_in(&args.text, &args.format);
    got(host, document.map(|document| document_to_json(&document)))
}

fn document_to_json(document: &Document) -> Value {
    json!({ "format": document.format(), "root": node_to_json(document.root()),  "debug": format!("{document:?}") })
}

/// Returns the line, the kind and the value of a node.
fn node_to_json(of: &Node) -> Value {
    let (kind, value) = match &of.value {
        NodeValue::Null => ("null", Value::Null),
        NodeValue::Boolean(yes) => ("boolean", json!(yes)),
        NodeValue::Number(number) => ("number", json!(number)),
        NodeValue::Text(text) => ("text", json!(text)),
        NodeValue::List(nodes) => ("list", nodes.iter().map(node_to_json).collect()),
        NodeValue::Map(entries) => {
            let entry = |entry: &tw_plugin_api::Entry| {
                json!([entry.key, entry.line, node_to_json(&entry.value)])
            };
            ("map", entries.iter().map(entry).collect())
        }
        _ => ("unknown", Value::Null),
    };
    json!([of.line, kind, value])
}

/// Read a file whose name is not UTF-8
#[derive(Args)]
struct Odd {}

fn odd(_: Odd, host: &Host) -> Result<Output> {
    use std::os::unix::ffi::OsStringExt;
    let path = std::ffi::OsString::from_vec(b"odd-\xff.txt".to_vec());
    let bytes = host.input().bytes(&Source::File(PathBuf::from(path)), 0);
    got(host, bytes.map(|bytes| json!(bytes)))
}

pub(crate) fn group() -> Group {
    Group::new("input", "Standard input, files and documents")
        .command(Command::new("bytes", bytes))
        .command(Command::new("document", document))
        .command(Command::new("text", text))
        .command(Command::new("odd", odd))
}
