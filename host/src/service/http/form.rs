//! Multipart forms (RFC 7578): the pieces that are sent one after another.

use std::{
    ffi::OsString,
    hash::{BuildHasher, RandomState},
    path::{Path, PathBuf},
};

use reqwest::header::HeaderValue;
use tw_plugin_protocol::{FormPart, HttpRequest, Part};
use tw_render::text::visible;

use super::body::{Piece, read_searchable};
use crate::{
    error::{Error, ErrorKind},
    service::redact::Redactor,
};

/// Returns a line that no text and no file contains, except by a chance of 1 to 2^128.
pub(super) fn make_boundary() -> String {
    let random = || RandomState::new().hash_one(0);
    format!("tw-{:016x}{:016x}", random(), random())
}

/// Returns the pieces of a form: heads and texts, and files between them.
pub(super) fn make_pieces(form: &[FormPart], boundary: &str) -> Result<Vec<Piece<'static>>, Error> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    for part in form {
        let name = escape(&part.name);
        text.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\""
        ));
        let path = part
            .file
            .clone()
            .map(|path| PathBuf::from(OsString::from(path)));
        if let Some(path) = &path {
            let file_name = path.file_name().unwrap_or_default().to_string_lossy();
            text.push_str(&format!("; filename=\"{}\"", escape(&file_name)));
        }
        if let Some(content_type) = &part.content_type {
            if HeaderValue::from_str(content_type).is_err() {
                let message = format!(
                    "the content type of the form's part `{}` is not valid in HTTP",
                    visible(&part.name)
                );
                return Err(Error::new(ErrorKind::BadRequest, message));
            }
            text.push_str(&format!("\r\nContent-Type: {content_type}"));
        }
        text.push_str("\r\n\r\n");
        match path {
            Some(path) => {
                pieces.push(Piece::Bytes(std::mem::take(&mut text).into_bytes().into()));
                pieces.push(Piece::File(path));
            }
            None => text.push_str(&part.text),
        }
        text.push_str("\r\n");
    }
    text.push_str(&format!("--{boundary}--\r\n"));
    pieces.push(Piece::Bytes(text.into_bytes().into()));
    Ok(pieces)
}

/// Escapes a name as browsers do: <https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data>. A quote or a
/// line end would otherwise end the name, and begin another header.
fn escape(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// True if the request marks this part of its form as sensitive.
pub(super) fn is_sensitive(request: &HttpRequest, part: &FormPart) -> bool {
    request.sensitive.iter().any(|sensitive| match sensitive {
        Part::Body { pointer } => {
            pointer.is_empty() || pointer.strip_prefix('/') == Some(part.name.as_str())
        }
        other => *other == Part::Unknown,
    })
}

/// Registers the texts and the files that the request marks as sensitive.
pub(super) fn add_sensitive_parts(request: &HttpRequest, redactor: &Redactor) -> Result<(), Error> {
    for part in request
        .form
        .iter()
        .filter(|part| is_sensitive(request, part))
    {
        match &part.file {
            Some(path) => {
                let path = OsString::from(path.clone());
                let bytes = read_searchable(Path::new(&path))?;
                redactor.add(&String::from_utf8_lossy(&bytes));
            }
            None => redactor.add(&part.text),
        }
    }
    Ok(())
}
