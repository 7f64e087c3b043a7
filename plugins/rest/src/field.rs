//! Fields: their keys, their values, and the JSON object that they make.

use std::{fmt, str::FromStr};

use indexmap::{IndexMap, map::Entry};
use serde::Serialize;
use serde_json::value::RawValue;
use tw_plugin_api::{Source, prelude::*};

/// The number of brackets that a key can have. Each is a level of the JSON document, and parsers limit those.
const DEEPEST: usize = 64;

/// A key and a text, typed as `key=value`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pair {
    pub(crate) key: String,
    pub(crate) value: String,
}

impl FromStr for Pair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            None | Some(("", _)) => Err("expected 'key=value'".to_owned()),
            Some((key, value)) => Ok(Self {
                key: key.to_owned(),
                value: value.to_owned(),
            }),
        }
    }
}

/// The value of a field.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Value {
    Text(String),
    /// JSON that is not a text. Its digits stay as they were typed.
    Json(Box<RawValue>),
}

impl Value {
    /// Reads the value of a typed field: the content of a file after `@`, JSON, or a text.
    ///
    /// # Errors
    /// If the file can't be read, or is not UTF-8.
    pub(crate) fn read(typed: &str, host: &Host) -> Result<Self> {
        let Some(path) = typed.strip_prefix('@') else {
            return Ok(Self::parse(typed));
        };
        let bytes = host.input().bytes(&Source::from_argument(path), 0)?;
        let text = String::from_utf8(bytes);
        text.map(Self::Text).map_err(|_| {
            let message = format!("'{path}' is not UTF-8, so it can't be the value of a field");
            Error::new(ErrorKind::Input, message).hint("'--input' sends any file")
        })
    }

    fn parse(typed: &str) -> Self {
        if let Ok(text) = serde_json::from_str(typed) {
            return Self::Text(text);
        }
        match serde_json::from_str(typed) {
            Ok(json) => Self::Json(json),
            Err(_) => Self::Text(typed.to_owned()),
        }
    }
}

impl fmt::Display for Value {
    /// Writes the value as a query has it. `null` is an empty text there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Json(json) if json.get() == "null" => Ok(()),
            Self::Json(json) => f.write_str(json.get()),
        }
    }
}

/// A part of a JSON document that is made of fields.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Node {
    Value(Value),
    Object(Object),
    List(Vec<Node>),
}

type Object = IndexMap<String, Node>;

/// A part of a key: `[name]` of an object, or `[]` of a list.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step<'a> {
    Name(&'a str),
    Next,
}

/// Makes a JSON object of fields.
///
/// # Errors
/// If a key is malformed, or if two keys contradict each other.
pub(crate) fn to_object(fields: &[(String, Value)]) -> Result<Node> {
    let mut object = Object::new();
    for (key, value) in fields {
        let (name, steps) = parse_key(key).ok_or_else(|| {
            Error::usage(format!(
                "'{key}' is not the key of a field: expected 'a', 'a[b]' or 'a[]'"
            ))
            .code("invalid-value")
        })?;
        if !insert(&mut object, name, &steps, value) {
            let message = format!("the field '{key}' contradicts an earlier one");
            return Err(Error::usage(message).code("invalid-value"));
        }
    }
    Ok(Node::Object(object))
}

/// Splits `a[b][]` into `a` and the steps below it. `None` if the key is malformed or too deep.
fn parse_key(key: &str) -> Option<(&str, Vec<Step<'_>>)> {
    let (name, mut rest) = key.split_at(key.find('[').unwrap_or(key.len()));
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (inner, after) = rest.strip_prefix('[')?.split_once(']')?;
        steps.push(match inner {
            "" => Step::Next,
            inner => Step::Name(inner),
        });
        rest = after;
    }
    let is_well_formed = !name.contains(']') && steps.len() <= DEEPEST;
    // A list of lists has no key: it would not be clear which list `a[][]` appends to.
    let has_list_of_lists = steps
        .windows(2)
        .any(|pair| pair == [Step::Next, Step::Next]);
    (!name.is_empty() && is_well_formed && !has_list_of_lists).then_some((name, steps))
}

/// Inserts a value below `name`. Changes nothing and returns false if there is another value in its place.
fn insert(object: &mut Object, name: &str, steps: &[Step<'_>], value: &Value) -> bool {
    let entry = object.entry(name.to_owned());
    let Some((step, rest)) = steps.split_first() else {
        let is_new = matches!(entry, Entry::Vacant(_));
        entry.or_insert_with(|| Node::Value(value.clone()));
        return is_new;
    };
    let node = entry.or_insert_with(|| match step {
        Step::Name(_) => Node::Object(Object::new()),
        Step::Next => Node::List(Vec::new()),
    });
    match (node, step) {
        (Node::Object(inner), Step::Name(name)) => insert(inner, name, rest, value),
        (Node::List(items), Step::Next) => {
            append(items, rest, value);
            true
        }
        _ => false,
    }
}

/// Appends to a list. `a[][b]=1 a[][c]=2` makes one object, and a key that the last object already has begins the next object.
fn append(items: &mut Vec<Node>, steps: &[Step<'_>], value: &Value) {
    let Some((Step::Name(name), rest)) = steps.split_first() else {
        items.push(Node::Value(value.clone()));
        return;
    };
    if let Some(Node::Object(last)) = items.last_mut()
        && insert(last, name, rest, value)
    {
        return;
    }
    let mut object = Object::new();
    insert(&mut object, name, rest, value);
    items.push(Node::Object(object));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the JSON of these fields, or the message of the error.
    fn object(fields: &[&str]) -> Result<String, String> {
        let pairs = fields.iter().map(|field| {
            let pair: Pair = field.parse().expect("a test has a key and a value");
            (pair.key, Value::parse(&pair.value))
        });
        let fields: Vec<_> = pairs.collect();
        let object = to_object(&fields).map_err(|error| error.to_string())?;
        Ok(serde_json::to_string(&object).expect("an object has a JSON form"))
    }

    #[test]
    fn a_typed_value_is_json_or_a_text() {
        for (typed, json) in [
            ("true", "true"),
            ("null", "null"),
            ("-1.50", "-1.50"),
            (
                "123456789012345678901234567890",
                "123456789012345678901234567890",
            ),
            ("[1, 2]", "[1, 2]"),
            (r#"{"a": null}"#, r#"{"a": null}"#),
            (r#""5""#, r#""5""#),
            ("True", r#""True""#),
            ("", r#""""#),
            ("a b", r#""a b""#),
            ("[1", r#""[1""#),
            ("01", r#""01""#),
        ] {
            let json = format!(r#"{{"x":{json}}}"#);
            assert_eq!(object(&[&format!("x={typed}")]), Ok(json));
        }
    }

    #[test]
    fn a_value_in_a_query_has_no_quotes() {
        let texts = [r#""a b""#, "5", "null", "x"].map(|typed| Value::parse(typed).to_string());
        assert_eq!(texts, ["a b", "5", "", "x"]);
    }

    #[test]
    fn brackets_make_objects_and_lists() {
        for (fields, json) in [
            (
                &["a[b]=1", "a[c][d]=2", "x=3"][..],
                r#"{"a":{"b":1,"c":{"d":2}},"x":3}"#,
            ),
            (&["a[]=1", "a[]=x"], r#"{"a":[1,"x"]}"#),
            (&["a[b][]=1", "a[b][]=2"], r#"{"a":{"b":[1,2]}}"#),
            (
                &["a[][b]=1", "a[][c]=2", "a[][b]=3"],
                r#"{"a":[{"b":1,"c":2},{"b":3}]}"#,
            ),
            (&["a[][b][]=1", "a[][b][]=2"], r#"{"a":[{"b":[1,2]}]}"#),
            (&["a=[]", "b={}"], r#"{"a":[],"b":{}}"#),
        ] {
            assert_eq!(object(fields).as_deref(), Ok(json));
        }
    }

    #[test]
    fn a_malformed_key_is_refused() {
        let deep = format!("a{}=1", "[b]".repeat(DEEPEST + 1));
        for field in [
            "[a]=1", "a[b=1", "a]b=1", "a[b]c=1", "a[[b]]=1", "a[][]=1", &deep,
        ] {
            let error = object(&[field]).expect_err(field);
            assert!(error.contains("is not the key of a field"), "{error}");
        }
    }

    #[test]
    fn keys_that_contradict_each_other_are_refused() {
        for fields in [
            ["a=1", "a=2"],
            ["a=1", "a[b]=2"],
            ["a[b]=1", "a=2"],
            ["a[]=1", "a[b]=2"],
            ["a[b]=1", "a[]=2"],
        ] {
            let error = object(&fields).expect_err("they contradict each other");
            assert!(error.contains("contradicts an earlier one"), "{error}");
        }
    }

    #[test]
    fn a_pair_has_a_key_and_a_value() {
        let pair = |text: &str| text.parse::<Pair>().map(|pair| (pair.key, pair.value));
        let expected = |key: &str, value: &str| Ok((key.to_owned(), value.to_owned()));
        assert_eq!(pair("a=b=c"), expected("a", "b=c"));
        assert_eq!(pair("a="), expected("a", ""));
        for text in ["", "a", "=b", "="] {
            assert_eq!(pair(text), Err("expected 'key=value'".to_owned()));
        }
    }
}
