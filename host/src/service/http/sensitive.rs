//! The values that a request marks as sensitive, in the request and in its answer, are registered with the redactor.

use tw_plugin_protocol::{HttpRequest, Part};
use tw_render::Value;

use crate::service::redact::Redactor;

impl Redactor {
    /// Adds the values of the answer's body that the request marks as sensitive.
    pub(super) fn add_response(&self, request: &HttpRequest, body: &[u8]) {
        for part in &request.sensitive {
            if let Part::Response { pointer } = part {
                self.add_field(body, pointer);
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
                _ => {}
            }
        }
    }
}
