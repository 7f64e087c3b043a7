//! Properties of every format: names, nesting, errors that don't quote the document, and no panic on any input.

use std::fmt::Write;
use std::path::Path;

use tw_plugin_protocol::{Node, NodeValue};

use super::DocumentFormat::{self, Dotenv, Json, Toml, Yaml};
use super::parse;

const FORMATS: [DocumentFormat; 4] = [Dotenv, Json, Yaml, Toml];

/// Renders a document in one line, with `@` and the line number after each key and value.
pub(super) fn render(text: &str, format: DocumentFormat) -> String {
    let document = parse(text, format).unwrap();
    assert_eq!(document.document.format, format.name());
    let mut rendered = String::new();
    render_node(&document.document.root, &mut rendered);
    rendered
}

/// Returns the message for a document that is refused.
pub(super) fn error_of(text: &str, format: DocumentFormat) -> String {
    parse(text, format)
        .map(|_| "no error")
        .unwrap_err()
        .to_string()
}

fn render_node(node: &Node, into: &mut String) {
    match &node.value {
        NodeValue::Null => into.push_str("null"),
        NodeValue::Boolean(value) => write!(into, "{value}").unwrap(),
        NodeValue::Number(number) => into.push_str(number),
        NodeValue::Text(text) => write!(into, "{text:?}").unwrap(),
        NodeValue::List(items) => {
            into.push('[');
            for (index, item) in items.iter().enumerate() {
                into.push_str(if index == 0 { "" } else { ", " });
                render_node(item, into);
            }
            into.push(']');
        }
        NodeValue::Map(entries) => {
            into.push('{');
            for (index, entry) in entries.iter().enumerate() {
                into.push_str(if index == 0 { "" } else { ", " });
                write!(into, "{}@{}: ", entry.key, entry.line).unwrap();
                render_node(&entry.value, into);
            }
            into.push('}');
        }
        _ => panic!("a value that this test doesn't know"),
    }
    write!(into, "@{}", node.line).unwrap();
}

#[test]
fn a_format_is_found_by_its_name() {
    for format in FORMATS {
        assert_eq!(DocumentFormat::from_name(format.name()), Some(format));
    }
    assert_eq!(DocumentFormat::from_name("ini"), None);
}

#[test]
fn a_format_is_found_by_the_file_name() {
    for (path, format) in [
        (".env", Some(Dotenv)),
        ("dir/prod.env", Some(Dotenv)),
        (".env.local", Some(Dotenv)),
        (".env.production.local", Some(Dotenv)),
        ("a.json", Some(Json)),
        (".env.json", Some(Json)),
        ("a.YAML", Some(Yaml)),
        ("a.b.yml", Some(Yaml)),
        ("a.toml", Some(Toml)),
        ("prod.env.example", Some(Dotenv)),
        ("env", None),
        ("env.txt", None),
        (".envrc", None),
        ("a.txt", None),
        ("json", None),
        ("..", None),
    ] {
        assert_eq!(DocumentFormat::from_path(Path::new(path)), format, "{path}");
    }
}

#[test]
fn a_byte_order_mark_is_not_part_of_the_document() {
    for (text, format) in [
        ("A=1", Dotenv),
        (r#"{"A": 1}"#, Json),
        ("A: 1", Yaml),
        ("A = 1", Toml),
    ] {
        assert_eq!(
            render(&format!("\u{feff}{text}"), format),
            render(text, format)
        );
    }
}

#[test]
fn every_format_has_the_same_limit_for_nesting() {
    let lists = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    for format in [Json, Yaml] {
        assert!(parse(&lists(30), format).is_ok());
        for depth in [31, 300, 20_000] {
            assert!(error_of(&lists(depth), format).ends_with("more than 30 deep"));
        }
    }
    let toml = |depth| format!("a = {}", lists(depth));
    assert!(parse(&toml(29), Toml).is_ok());
    for depth in [30, 300, 20_000] {
        assert!(error_of(&toml(depth), Toml).ends_with("more than 30 deep"));
    }
    assert!(parse(&"- ".repeat(100_000), Yaml).is_err());
    assert!(parse(&"{\"a\":".repeat(100_000), Json).is_err());
    assert!(parse(&"a = {b = ".repeat(100_000), Toml).is_err());
}

#[test]
fn maps_count_for_the_limit_as_lists_do() {
    let json = |depth: usize| r#"{"a":"#.repeat(depth) + "1" + &"}".repeat(depth);
    let yaml = |depth: usize| "{a: ".repeat(depth) + "1" + &"}".repeat(depth);
    // The document itself is a table, so one table less fits into it.
    let toml = |depth: usize| format!("a = {}1{}", "{a = ".repeat(depth), "}".repeat(depth));
    for (text, format) in [(json(30), Json), (yaml(30), Yaml), (toml(29), Toml)] {
        assert!(parse(&text, format).is_ok(), "{format:?}");
    }
    for (text, format) in [(json(31), Json), (yaml(31), Yaml), (toml(30), Toml)] {
        assert!(error_of(&text, format).ends_with("more than 30 deep"));
    }
}

#[test]
fn strings_numbers_booleans_and_null_are_told_apart() {
    let number = NodeValue::Number("1".to_owned());
    let string = NodeValue::Text("1".to_owned());
    let all = [
        number,
        string,
        NodeValue::Boolean(true),
        NodeValue::Boolean(false),
        NodeValue::Null,
    ];
    for (text, format, count) in [
        (r#"[1, "1", true, false, null]"#, Json, 5),
        (r#"[1, "1", true, false, null]"#, Yaml, 5),
        (r#"a = [1, "1", true, false]"#, Toml, 4),
    ] {
        let items = match parse(text, format).unwrap().document.root.value {
            NodeValue::List(items) => items,
            NodeValue::Map(mut entries) => match entries.remove(0).value.value {
                NodeValue::List(items) => items,
                _ => panic!("{format:?}: not a list"),
            },
            _ => panic!("{format:?}: neither a list nor a map"),
        };
        let values: Vec<NodeValue> = items.into_iter().map(|item| item.value).collect();
        assert!(values == all[..count], "{format:?}");
    }
}

#[test]
fn no_error_quotes_the_document() {
    // At least one format refuses each of these. `S` is a secret that no message may contain.
    #[rustfmt::skip]
    let broken = [
        "S", "S S", "S=\"S", "S='S' S", "S S=S", "'S'=S", "=S", "\"S", "'S", "S: S: S", "S: [S", "S: {S: S",
        "S: *S", "*S : S", "S: &S [*S]", "S: !S!S S", "S: %S", "S: @S", "%S S\n---\n", "S: \"\\S\"",
        "S: \"S\" S", "S: |S\n  S", "\tS: S\n\t- S", "? [S]\n: S", "<<: S", "---\nS\n---\nS", "S = S",
        "S = \"S", "S = 'S", "S = \"\\S\"", "[S", "[S]\n[S]", "S = 1\nS = 2", "S = 1\n[S.S]", "S.S = 1\nS = 2",
        "S = 1S", "S = 2020-99-99S", "S = [S", "S = {S", "{\"S\": S}", "{\"S\" \"S\"}", "[\"S\\S\"]",
        "[\"S\" S]", "{S: 1}", "[\"S\",]", "\"S\" \"S\"", "\"\\ud800S\"", "{\"S\": 1S}", "[\"S\n\"]", "S\0S",
    ];
    let mut errors = 0;
    for format in FORMATS {
        for text in broken
            .iter()
            .map(|text| text.replace('S', "hunter2sentinel"))
        {
            let Err(error) = parse(&text, format) else {
                continue;
            };
            errors += 1;
            for message in [
                error.to_string(),
                format!("{error:?}"),
                format!("{error:#?}"),
            ] {
                assert!(!message.contains("hunter2"), "{format:?}: {message}");
            }
        }
    }
    assert!(errors > 120, "{errors}");
}

/// Generates texts from pieces that have a meaning in some format. Every run generates the same texts.
fn generate(count: usize) -> impl Iterator<Item = String> {
    #[rustfmt::skip]
    const PIECES: &[&str] = &[
        "a", "b", "é", "\u{1f600}", "0", "12", ".", "-", "- ", "+", "_", "e", "x", "=", " = ", ":", ": ", ",", "[",
        "]", "[[", "]]", "{", "}", "\"", "'", "`", "\"\"\"", "'''", "\\", "\\n", "\\u", "\\ud800", "\\x4", "#", " #",
        "\n", "\r\n", "\r", "\t", " ", "  ", "\n  ", "\n- ", "&a ", "*a", "!", "!!str ", "!<", ">", "|", "|-\n",
        "|2\n", ">+\n", "?", "? ", "<<", "---", "\n---\n", "...", "%", "%YAML 1.2\n", "%TAG ! !\n", "@", "$", "${A}",
        "export ", "A=", "true", "null", "~", "inf", "1979-05-27", "07:32", "/", "//", "/*", "\0", "\u{feff}",
        "\u{85}", "\u{2028}", "\u{a0}", "\u{7f}",
    ];
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    (0..count).map(move |_| {
        (0..1 + random(24))
            .map(|_| PIECES[random(PIECES.len())])
            .collect()
    })
}

#[test]
fn no_text_makes_a_parser_panic() {
    for text in generate(20_000) {
        for format in FORMATS {
            let _ = parse(&text, format);
        }
    }
}

#[test]
fn every_line_is_a_line_of_the_document() {
    fn check(node: &Node, last: u32) -> bool {
        let inside = |line| (1..=last).contains(&line);
        inside(node.line)
            && match &node.value {
                NodeValue::List(items) => items.iter().all(|item| check(item, last)),
                NodeValue::Map(entries) => entries
                    .iter()
                    .all(|entry| inside(entry.line) && check(&entry.value, last)),
                _ => true,
            }
    }
    for text in generate(20_000) {
        // A lone carriage return ends a line in YAML only, so the formats would count differently.
        let text = text.replace('\r', "");
        let last = u32::try_from(text.split('\n').count()).unwrap();
        for format in FORMATS {
            if let Ok(document) = parse(&text, format) {
                assert!(check(&document.document.root, last), "{format:?}: {text:?}");
            }
        }
    }
}
