//! Renders a value as YAML.

use saphyr::{Mapping, ScalarStyle, Yaml, YamlEmitter};

use crate::{
    Value,
    invisible::{is_ignorable, needs_neighbors},
    text::replacement_for,
};

/// The beginning of a document, which a reader doesn't need if there is only one.
const BEGINNING: &str = "---\n";

/// Renders a value in block style. Every text is a text for readers of YAML 1.1 and 1.2, and numbers keep their spelling.
pub(crate) fn render(value: &Value) -> String {
    let mut text = String::new();
    // A write into memory never fails.
    let _ = YamlEmitter::new(&mut text).dump(&to_yaml(value, 0));
    text.push('\n');
    match text.strip_prefix(BEGINNING) {
        Some(document) => document.to_owned(),
        None => text,
    }
}

/// Converts a value that is `depth` lists and objects deep.
fn to_yaml(value: &Value, depth: usize) -> Yaml<'_> {
    match value {
        Value::Null => plain("null"),
        Value::Bool(true) => plain("true"),
        Value::Bool(false) => plain("false"),
        Value::Number(number) => plain(number.text()),
        Value::String(text) => scalar(text),
        Value::Array(items) => {
            let items = items.iter().map(|item| to_yaml(item, depth + 1));
            Yaml::Sequence(items.collect())
        }
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, field)| (key(name, depth), to_yaml(field, depth + 1)));
            Yaml::Mapping(fields.collect::<Mapping<'_>>())
        }
    }
}

/// A scalar that the emitter writes as it is.
fn plain(text: &str) -> Yaml<'_> {
    Yaml::Representation(text.into(), ScalarStyle::Plain, None)
}

/// Returns a text as a scalar: without quotes if no reader can take it for anything else, and otherwise in double quotes.
fn scalar(text: &str) -> Yaml<'_> {
    match is_plain(text) {
        true => plain(text),
        false => Yaml::Representation(escape(text).into(), ScalarStyle::DoubleQuoted, None),
    }
}

/// YAML has another form for a key of more than 1024 characters.
const LONGEST_KEY: usize = 1000;

/// Returns the key of a field.
fn key(name: &str, depth: usize) -> Yaml<'_> {
    let escaped = match name.len() > LONGEST_KEY / 10 {
        true => escape(name),
        false => return scalar(name),
    };
    if escaped.len() <= LONGEST_KEY {
        return scalar(name);
    }
    // The emitter indents by two blanks.
    let indent = 2 * depth;
    let key = format!("? \"{escaped}\"\n{:indent$}", "");
    Yaml::Representation(key.into(), ScalarStyle::Plain, None)
}

/// True for a text of a few harmless characters that is no word of YAML 1.1 or 1.2, such as `no`. It begins with a letter, because numbers, dates and
/// times begin with a digit or a sign.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 10] = [
        "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan",
    ];
    let is_harmless = |c: char| c.is_ascii_alphanumeric() || "_-./+@ ".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(is_harmless)
        && !text.ends_with(' ')
        && text.len() < LONGEST_PLAIN
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// A longer text is in quotes, so that nobody breaks it when it is wrapped.
const LONGEST_PLAIN: usize = 200;

/// Escapes a text for double quotes. Everything that controls a terminal or that YAML doesn't allow is escaped.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            other if needs_escape(other) => match u32::from(other) {
                code @ ..=0xff => escaped.push_str(&format!("\\x{code:02x}")),
                code @ ..=0xffff => escaped.push_str(&format!("\\u{code:04x}")),
                code => escaped.push_str(&format!("\\U{code:08x}")),
            },
            other => escaped.push(other),
        }
    }
    escaped
}

/// True for the characters that the console replaces, except joiners, and for those that YAML doesn't allow.
fn needs_escape(character: char) -> bool {
    let is_invisible = is_ignorable(character) && !needs_neighbors(character);
    let is_noncharacter = u32::from(character) & 0xfffe == 0xfffe;
    is_invisible || is_noncharacter || replacement_for(character).is_some()
}
