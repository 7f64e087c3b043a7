//! The bodies of requests and answers in the log, under `--verbose=2`.
//!
//! A body is redacted as a whole before its beginning is shown, because a cut could go through a secret. Fields that the request marks as sensitive are
//! also redacted by their position, because a search doesn't find values of less than four characters.

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use tw_plugin_protocol::{FormPart, HttpRequest, Part};
use tw_render::Value;

use super::{Http, body::Piece, exchange::Attempt, failure, form};
use crate::{files::show_path, service::redact::REDACTED};

/// The number of bytes of a body that are shown: 4 KiB.
const SHOWN: usize = 4 << 10;
/// The size of the largest body that is searched for secrets: 1 MiB. If it is no JSON, the search takes 30 MB of memory.
const SEARCHED: usize = 1 << 20;

/// The reasons why a body is not shown.
const SECRET: &str = "it is marked as secret";
const NO_TEXT: &str = "it is no text";
const TOO_LARGE: &str = "it is too large to be searched for secrets";
const NO_POSITION: &str = "it has secret fields and is no JSON";

/// A body without its secrets, or the reason why it is not shown.
type Shown = Result<String, &'static str>;

impl Http {
    /// Logs the body of a request. Of a file, the log has the name.
    pub(super) fn trace_request_body(&self, attempt: &Attempt<'_>, headers: &HeaderMap) {
        if !attempt.content.pieces.is_empty() {
            self.log.body(|| {
                let call = failure::call(attempt.request);
                let shown = self.redact_request(attempt, headers);
                format!("> {call}: the body\n{}", quote('>', shown))
            });
        }
    }

    /// Logs the body of an answer.
    pub(super) fn trace_answer_body(
        &self,
        request: &HttpRequest,
        headers: &HeaderMap,
        bytes: &[u8],
    ) {
        if !bytes.is_empty() {
            self.log.body(|| {
                let shown = self.redact_answer(request, headers, bytes);
                quote('<', shown)
            });
        }
    }

    /// Logs that a body is not shown because the plugin reads it in pieces, and a piece can end inside a secret.
    pub(super) fn trace_unshown(&self, request: &HttpRequest) {
        self.log.body(|| {
            let call = failure::call(request);
            format!("< {call}: the body is not shown: it is read in pieces")
        });
    }

    fn redact_request(&self, attempt: &Attempt<'_>, headers: &HeaderMap) -> Shown {
        let (request, content) = (attempt.request, attempt.content);
        let mut fields = Vec::new();
        for part in &request.sensitive {
            match part {
                Part::Body { pointer } if !pointer.is_empty() => fields.push(pointer.as_str()),
                Part::Header { .. } | Part::Query { .. } | Part::Response { .. } => {}
                _ => return Err(SECRET),
            }
        }
        let hidden;
        let pieces = match content.content_type.as_ref() {
            Some(content_type) => {
                let content_type = content_type.to_str().unwrap_or_default();
                let boundary = content_type.rsplit('=').next().unwrap_or_default();
                let parts = request.form.iter().map(|part| hide_text(request, part));
                let parts: Vec<FormPart> = parts.collect();
                // The form could be made with its secrets, so it can be made without them.
                hidden = form::make_pieces(&parts, boundary).unwrap_or_default();
                &hidden
            }
            None => &content.pieces,
        };
        if let [Piece::Bytes(bytes)] = pieces.as_slice()
            && request.form.is_empty()
        {
            return self.redact_text(bytes, headers, &fields);
        }
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Bytes(bytes) => text += &String::from_utf8_lossy(bytes),
                Piece::Pushed(_) => text += "[sent in pieces]",
                Piece::File(path) => text += &format!("[content of {}]", show_path(path)),
            }
        }
        self.redact(text.into_bytes())
    }

    fn redact_answer(&self, request: &HttpRequest, headers: &HeaderMap, bytes: &[u8]) -> Shown {
        let mut fields = Vec::new();
        for part in &request.sensitive {
            match part {
                Part::Response { pointer } if !pointer.is_empty() => fields.push(pointer.as_str()),
                Part::Header { .. } | Part::Query { .. } | Part::Body { .. } => {}
                _ => return Err(SECRET),
            }
        }
        self.redact_text(bytes, headers, &fields)
    }

    /// Redacts a body of JSON, text or a form. `fields` are the positions of its secrets.
    fn redact_text(&self, bytes: &[u8], headers: &HeaderMap, fields: &[&str]) -> Shown {
        let is_text = std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0'));
        if !is_text || !has_textual_type(headers) {
            return Err(NO_TEXT);
        }
        if bytes.len() > SEARCHED {
            return Err(TOO_LARGE);
        }
        if fields.is_empty() {
            return self.redact(bytes.to_vec());
        }
        let mut value = Value::parse(bytes).ok_or(NO_POSITION)?;
        for field in fields {
            if let Some(secret) = value.pointer_mut(field) {
                *secret = Value::String(REDACTED.to_owned());
            }
        }
        self.redact(value.to_string().into_bytes())
    }

    fn redact(&self, bytes: Vec<u8>) -> Shown {
        match bytes.len() {
            ..=SEARCHED => {
                let redacted = self.redactor.redact_body(bytes);
                Ok(String::from_utf8_lossy(&redacted).into_owned())
            }
            _ => Err(TOO_LARGE),
        }
    }
}

/// Returns a part of a form whose text is replaced if it is a secret.
fn hide_text(request: &HttpRequest, part: &FormPart) -> FormPart {
    let mut part = part.clone();
    if form::is_sensitive(request, &part) {
        part.text = REDACTED.to_owned();
    }
    part
}

/// True if the content type is JSON, a text or a form.
fn has_textual_type(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = content_type.unwrap_or_default().split(';').next();
    let essence = essence.unwrap_or_default().trim().to_ascii_lowercase();
    let is_form = matches!(
        essence.as_str(),
        "application/x-www-form-urlencoded" | "multipart/form-data"
    );
    is_form
        || essence == "application/json"
        || essence.ends_with("+json")
        || essence.starts_with("text/")
}

/// Returns the beginning of a body as lines of the log.
fn quote(side: char, shown: Shown) -> String {
    let text = match shown {
        Ok(text) => text,
        Err(reason) => return format!("{side}   (not shown: {reason})"),
    };
    let mut ends = (0..=SHOWN.min(text.len())).rev();
    let cut = ends.find(|end| text.is_char_boundary(*end));
    let (begin, rest) = text.split_at(cut.unwrap_or_default());
    let mut lines: Vec<String> = begin
        .lines()
        .map(|line| format!("{side}   {line}"))
        .collect();
    if !rest.is_empty() {
        lines.push(format!("{side}   ({} more bytes)", rest.len()));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_body_is_cut_between_characters_with_the_number_of_bytes_left_out() {
        let text = format!("{}öand more", "x".repeat(SHOWN - 1));
        let quoted = quote('<', Ok(text));
        let lines: Vec<&str> = quoted.lines().collect();
        assert_eq!(lines[0], format!("<   {}", "x".repeat(SHOWN - 1)));
        assert_eq!(lines[1..], ["<   (10 more bytes)"]);
    }

    #[test]
    fn each_line_of_a_body_is_marked_with_its_side() {
        let quoted = quote('>', Ok("a\r\nb\n".to_owned()));
        assert_eq!(quoted, ">   a\n>   b");
        assert_eq!(quote('>', Err(NO_TEXT)), ">   (not shown: it is no text)");
    }

    #[test]
    fn json_texts_and_forms_are_textual() {
        let is_textual = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(
                CONTENT_TYPE,
                value.parse().expect("a content type is valid"),
            );
            has_textual_type(&headers)
        };
        for value in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/problem+json",
            "text/csv",
            "application/x-www-form-urlencoded",
        ] {
            assert!(is_textual(value), "{value}");
        }
        for value in ["application/octet-stream", "image/png", ""] {
            assert!(!is_textual(value), "{value}");
        }
    }
}
