//! Standard input, files, and documents in them.

use std::{ffi::OsString, fs::File, io::Read, path::Path};

use tw_plugin_protocol::{
    Document, DocumentRequest, InputReply, InputRequest, InputSource, Node, NodeValue, OsText,
};

use super::{
    Answer,
    cancel::Cancel,
    document::{self, DocumentFormat, Doubts, Parsed},
    log::Log,
    redact::Redactor,
};
use crate::{
    error::{Error, ErrorKind},
    files::show_path,
};

/// The limit for an input if the plugin sets none: 32 MiB.
const LARGEST: u64 = 32 << 20;

/// Returns the bytes of an input as the raw body. A sensitive input is registered with the redactor.
pub(super) fn read(
    request: InputRequest,
    body: &[u8],
    redactor: &Redactor,
    cancel: &Cancel,
) -> Answer<InputReply> {
    let bytes = read_bytes(request.source, body, request.max, cancel)?;
    let text = std::str::from_utf8(&bytes);
    if let (true, Ok(text)) = (request.sensitive, text) {
        redactor.add(text);
    }
    let reply = InputReply {
        utf8: text.is_ok(),
        ..Default::default()
    };
    Ok((reply, bytes))
}

/// Parses an input. The texts and numbers of a sensitive document are registered with the redactor.
pub(super) fn document(
    request: DocumentRequest,
    body: &[u8],
    redactor: &Redactor,
    cancel: &Cancel,
    log: &Log,
) -> Result<Document, Error> {
    let name = match &request.source {
        InputSource::File { path } => name_of(path),
        _ => "standard input".to_owned(),
    };
    let format = match (&request.format, &request.source) {
        (Some(format), _) => DocumentFormat::from_name(format),
        (None, InputSource::File { path }) => {
            DocumentFormat::from_path(Path::new(&OsString::from(path.clone())))
        }
        (None, _) => None,
    };
    let unknown_format = || {
        Error::new(
            ErrorKind::Input,
            format!("The format of {name} is not known: it can be dotenv, json, yaml or toml"),
        )
        .hint("end the file's name with .env, .json, .yaml or .toml, or name the format with `--format`")
    };
    // Standard input may wait for the user, so the format is checked before. A file is read first, because a missing file is the more
    // helpful message.
    if format.is_none() && !matches!(request.source, InputSource::File { .. }) {
        return Err(unknown_format());
    }
    let bytes = read_bytes(request.source, body, 0, cancel)?;
    refuse_encrypted(&name, &bytes)?;
    let format = format.ok_or_else(unknown_format)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let message = match bytes.as_slice() {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => format!("{name} is UTF-16, and not UTF-8"),
            _ => format!("{name} is not UTF-8 (line {line})"),
        };
        Error::new(ErrorKind::Input, message)
    })?;
    let Parsed { document, doubts } =
        document::parse(text, format).map_err(|error| error.context(&name))?;
    warn_of_doubts(&name, &doubts, log);
    if request.sensitive {
        redact_node(&document.root, redactor);
    }
    Ok(document)
}

fn warn_of_doubts(name: &str, doubts: &Doubts, log: &Log) {
    let warn = |lines: &[u32], what: &str| {
        if !lines.is_empty() {
            log.warn(&format!("{name}: {what} ({})", join_lines(lines)));
        }
    };
    warn(
        &doubts.references,
        "`${NAME}` and `$(COMMAND)` are not replaced, but taken as they are; single quotes avoid this warning",
    );
    warn(
        &doubts.comments,
        "the text after ` #` is a comment and not part of the value; quotes around the value avoid this warning",
    );
}

/// The first bytes of encrypted files, and the programs that decrypt them.
const ENCRYPTED: [(&[u8], &str); 5] = [
    (b"$ANSIBLE_VAULT;", "ansible-vault"),
    (b"-----BEGIN AGE ENCRYPTED FILE-----", "age"),
    (b"age-encryption.org/", "age"),
    (b"-----BEGIN PGP MESSAGE-----", "gpg"),
    (b"\0GITCRYPT\0", "git-crypt"),
];

/// Refuses a file that is encrypted as a whole.
fn refuse_encrypted(name: &str, bytes: &[u8]) -> Result<(), Error> {
    match ENCRYPTED.iter().find(|(start, _)| bytes.starts_with(start)) {
        None => Ok(()),
        Some((_, program)) => Err(Error::new(
            ErrorKind::Input,
            format!("{name} is encrypted: decrypt it with `{program}` first"),
        )),
    }
}

/// Joins the numbers of at most 20 lines: `line 3, 7 and 2 more`.
fn join_lines(lines: &[u32]) -> String {
    const MOST: usize = 20;
    let first: Vec<String> = lines.iter().take(MOST).map(u32::to_string).collect();
    let first = first.join(", ");
    match lines.len().saturating_sub(MOST) {
        0 => format!("line {first}"),
        more => format!("line {first} and {more} more"),
    }
}

fn redact_node(node: &Node, redactor: &Redactor) {
    match &node.value {
        NodeValue::Text(text) | NodeValue::Number(text) => redactor.add(text),
        NodeValue::List(nodes) => nodes.iter().for_each(|node| redact_node(node, redactor)),
        NodeValue::Map(entries) => entries
            .iter()
            .for_each(|entry| redact_node(&entry.value, redactor)),
        _ => {}
    }
}

/// Reads an input of at most `max` bytes, or [`LARGEST`] if `max` is 0. Stops if the run is canceled.
fn read_bytes(
    source: InputSource,
    body: &[u8],
    max: u64,
    cancel: &Cancel,
) -> Result<Vec<u8>, Error> {
    let max = if max == 0 { LARGEST } else { max };
    match source {
        InputSource::Stdin => {
            cancel.run_blocking(move || read_from(std::io::stdin().lock(), "standard input", max))
        }
        InputSource::File { path } => cancel.run_blocking(move || {
            let name = name_of(&path);
            let file =
                File::open(OsString::from(path)).map_err(|error| unreadable(&name, error))?;
            read_from(file, &name, max)
        }),
        InputSource::Body => Ok(body.to_vec()),
        _ => Err(Error::new(
            ErrorKind::Unsupported,
            "it asks for an input that only a newer tw knows",
        )),
    }
}

/// Returns the path as messages show it.
fn name_of(path: &OsText) -> String {
    show_path(Path::new(&OsString::from(path.clone())))
}

fn read_from(from: impl Read, name: &str, max: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    from.take(max.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(name, error))?;
    match bytes.len() as u64 > max {
        true => Err(Error::new(
            ErrorKind::TooLarge,
            format!("{name} has more than {max} bytes"),
        )),
        false => Ok(bytes),
    }
}

fn unreadable(name: &str, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Input, format!("{name} can't be read"))
        .caused_by(error)
        .hint("check that the path is right")
}
