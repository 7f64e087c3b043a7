//! Standard input, files, and the documents in them.

use std::{fs::File, io::Read, path::Path};

use tw_plugin_protocol::{
    Document, DocumentRequest, ErrorKind, ErrorMessage, InputReply, InputRequest, InputSource,
    Node, NodeValue,
};
use tw_render::text::visible;
use zeroize::Zeroizing;

use super::{
    Answer,
    cancel::Cancel,
    document::{self, DocumentFormat},
    fail,
    redact::Redactor,
};

/// As much as is taken when the plugin names no bound.
const LARGEST: u64 = 32 << 20;

pub(super) fn read(
    request: InputRequest,
    body: &[u8],
    redactor: &Redactor,
    cancel: &Cancel,
) -> Answer<InputReply> {
    let bytes = bytes(request.source, body, request.max, cancel)?;
    let text = std::str::from_utf8(&bytes);
    if let (true, Ok(text)) = (request.sensitive, &text) {
        redactor.add(Zeroizing::new((*text).to_owned()));
    }
    let reply = InputReply { utf8: text.is_ok() };
    Ok((reply, bytes))
}

pub(super) fn document(
    request: DocumentRequest,
    body: &[u8],
    redactor: &Redactor,
    cancel: &Cancel,
) -> Result<Document, ErrorMessage> {
    let name = match &request.source {
        InputSource::File { path } => visible(path).into_owned(),
        _ => "standard input".to_owned(),
    };
    let format = match (&request.format, &request.source) {
        (Some(format), _) => DocumentFormat::from_name(format),
        (None, InputSource::File { path }) => DocumentFormat::from_path(Path::new(path)),
        (None, _) => None,
    };
    let unknown = || {
        fail(
            ErrorKind::Input,
            format!("The format of {name} is not known: it can be dotenv, json, yaml or toml"),
        )
    };
    // A file that isn't there has no format either; and nobody waits for what can't be read.
    if format.is_none() && !matches!(request.source, InputSource::File { .. }) {
        return Err(unknown());
    }
    let bytes = Zeroizing::new(bytes(request.source, body, 0, cancel)?);
    let format = format.ok_or_else(unknown)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        fail(
            ErrorKind::Input,
            format!("{name} is not UTF-8 (line {line})"),
        )
    })?;
    let document = document::parse(text, format).map_err(|error| error.context(&name))?;
    if request.sensitive {
        remember(&document.root, redactor);
    }
    Ok(document)
}

/// Every text of a secret document is a secret.
fn remember(node: &Node, redactor: &Redactor) {
    match &node.value {
        NodeValue::Text(text) | NodeValue::Number(text) => {
            redactor.add(Zeroizing::new(text.clone()))
        }
        NodeValue::List(nodes) => nodes.iter().for_each(|node| remember(node, redactor)),
        NodeValue::Map(entries) => entries
            .iter()
            .for_each(|entry| remember(&entry.value, redactor)),
        _ => {}
    }
}

/// The bytes; a pipe that nobody fills can be waited for until the run is asked to stop.
fn bytes(
    source: InputSource,
    body: &[u8],
    max: u64,
    cancel: &Cancel,
) -> Result<Vec<u8>, ErrorMessage> {
    let most = if max == 0 { LARGEST } else { max };
    match source {
        InputSource::Stdin => {
            cancel.or_stop(move || take(std::io::stdin().lock(), "standard input", most))
        }
        InputSource::File { path } => cancel.or_stop(move || {
            let name = visible(&path);
            let unreadable =
                |error| fail(ErrorKind::Input, format!("{name} can't be read: {error}"));
            take(File::open(&path).map_err(unreadable)?, &name, most)
        }),
        InputSource::Body => Ok(body.to_vec()),
        _ => Err(fail(
            ErrorKind::Unsupported,
            "it asks for an input that this tw doesn't know",
        )),
    }
}

fn take(from: impl Read, name: &str, most: u64) -> Result<Vec<u8>, ErrorMessage> {
    let mut bytes = Vec::new();
    let read = from.take(most.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| fail(ErrorKind::Input, format!("{name} can't be read: {error}")))?;
    match bytes.len() as u64 > most {
        true => Err(fail(
            ErrorKind::TooLarge,
            format!("{name} has more than {most} bytes"),
        )),
        false => Ok(bytes),
    }
}
