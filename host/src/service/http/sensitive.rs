//! The values that a request marks as sensitive, in the request and in its answer, are registered with the redactor.

use tw_plugin_protocol::{HttpRequest, Part};
use tw_render::Value;

use crate::service::redact::Redactor;

impl Redactor {
    /// Adds the values of the answer's body that the request marks as sensitive.
    pub(super) fn add_response(&self, request: &HttpRequest, body: &[u8]) {
        for part in &request.sensitive {
            match part {
                Part::Response { pointer } => self.add_field(body, pointer),
                Part::Header { .. } | Part::Query { .. } | Part::Body { .. } => {}
                _ => self.add_field(body, ""),
            }
        }
    }

    /// Adds the texts and numbers below `pointer` in a JSON body. An empty pointer means the whole body, which then need not be JSON.
    fn add_field(&self, body: &[u8], pointer: &str) {
        fn add_texts(redactor: &Redactor, value: &Value) {
            match value {
                Value::String(text) => redactor.add(text),
                Value::Number(number) => redactor.add(number.text()),
                Value::Array(values) => values.iter().for_each(|value| add_texts(redactor, value)),
                Value::Object(fields) => {
                    fields.values().for_each(|value| add_texts(redactor, value))
                }
                _ => {}
            }
        }
        match Value::parse(body) {
            Some(value) => {
                if let Some(value) = value.pointer(pointer) {
                    add_texts(self, value);
                }
            }
            None if pointer.is_empty() => self.add(&String::from_utf8_lossy(body)),
            None => {}
        }
    }

    /// Adds the headers, query parameters and body fields that the request marks as sensitive.
    pub(super) fn add_parts(&self, request: &HttpRequest, body: Option<&[u8]>) {
        for part in &request.sensitive {
            match part {
                Part::Header { name } => {
                    let named = request
                        .headers
                        .iter()
                        .filter(|header| header.name.eq_ignore_ascii_case(name));
                    named.for_each(|header| self.add(&header.value));
                }
                Part::Query { name } => {
                    let named = request.query.iter().filter(|pair| pair.name == *name);
                    named.for_each(|pair| self.add(&pair.value));
                }
                Part::Body { pointer } => self.add_field(body.unwrap_or_default(), pointer),
                Part::Response { .. } => {}
                _ => {
                    let headers = request.headers.iter().map(|header| &header.value);
                    let query = request.query.iter().map(|pair| &pair.value);
                    headers.chain(query).for_each(|value| self.add(value));
                    self.add_field(body.unwrap_or_default(), "");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tw_plugin_protocol::{Header, Parameter};

    use super::*;

    #[test]
    fn an_unknown_part_makes_the_whole_request_and_its_answer_secret() {
        let request = HttpRequest {
            headers: vec![Header {
                value: "in-a-header".to_owned(),
                ..Default::default()
            }],
            query: vec![Parameter {
                value: "in-a-query".to_owned(),
                ..Default::default()
            }],
            sensitive: vec![Part::Unknown],
            ..Default::default()
        };
        let redactor = Redactor::new(None);
        redactor.add_parts(&request, Some(br#"{"a": ["in-a-body"]}"#));
        redactor.add_response(&request, br#"{"b": "in-an-answer"}"#);
        for text in ["in-a-header", "in-a-query", "in-a-body", "in-an-answer"] {
            assert_eq!(redactor.redact(text), crate::service::redact::REDACTED);
        }
    }
}
