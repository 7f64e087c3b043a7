//! What holds for every format: names, depth, errors without the document's text, and no panic on any input.

use std::fmt::Write;
use std::path::Path;

use tw_plugin_protocol::{Node, NodeValue};

use super::DocumentFormat::{self, Dotenv, Json, Toml, Yaml};
use super::parse;

const FORMATS: [DocumentFormat; 4] = [Dotenv, Json, Yaml, Toml];

/// The document in one line, each key and value with `@` and its line.
pub(super) fn shown(text: &str, format: DocumentFormat) -> String {
    let document = parse(text, format).unwrap();
    assert_eq!(document.format, format.name());
    let mut shown = String::new();
    show(&document.root, &mut shown);
    shown
}

/// The error as it is displayed.
pub(super) fn refused(text: &str, format: DocumentFormat) -> String {
    parse(text, format)
        .map(|_| "no error")
        .unwrap_err()
        .to_string()
}

fn show(node: &Node, into: &mut String) {
    match &node.value {
        NodeValue::Null => into.push_str("null"),
        NodeValue::Boolean(value) => write!(into, "{value}").unwrap(),
        NodeValue::Number(number) => into.push_str(number),
        NodeValue::Text(text) => write!(into, "{text:?}").unwrap(),
        NodeValue::List(items) => {
            into.push('[');
            for (index, item) in items.iter().enumerate() {
                into.push_str(if index == 0 { "" } else { ", " });
                show(item, into);
            }
            into.push(']');
        }
        NodeValue::Map(entries) => {
            into.push('{');
            for (index, entry) in entries.iter().enumerate() {
                into.push_str(if index == 0 { "" } else { ", " });
                write!(into, "{}@{}: ", entry.key, entry.line).unwrap();
                show(&entry.value, into);
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
fn a_format_is_found_by_the_name_of_the_file() {
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
fn a_byte_order_mark_is_no_part_of_the_document() {
    for (text, format) in [
        ("A=1", Dotenv),
        (r#"{"A": 1}"#, Json),
        ("A: 1", Yaml),
        ("A = 1", Toml),
    ] {
        assert_eq!(
            shown(&format!("\u{feff}{text}"), format),
            shown(text, format)
        );
    }
}

#[test]
fn nesting_is_bounded_at_the_same_depth_in_every_format() {
    let lists = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    for format in [Json, Yaml] {
        assert!(parse(&lists(30), format).is_ok());
        for depth in [31, 300, 20_000] {
            assert!(refused(&lists(depth), format).ends_with("more than 30 deep"));
        }
    }
    let toml = |depth| format!("a = {}", lists(depth));
    assert!(parse(&toml(29), Toml).is_ok());
    for depth in [30, 300, 20_000] {
        assert!(refused(&toml(depth), Toml).ends_with("more than 30 deep"));
    }
    assert!(parse(&"- ".repeat(100_000), Yaml).is_err());
    assert!(parse(&"{\"a\":".repeat(100_000), Json).is_err());
    assert!(parse(&"a = {b = ".repeat(100_000), Toml).is_err());
}

#[test]
fn no_error_holds_text_of_the_document() {
    // What one of the formats refuses; each `S` becomes a text that no message may show.
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

/// Texts of pieces that mean something in some format, the same in every run.
fn texts(count: usize) -> impl Iterator<Item = String> {
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
    for text in texts(20_000) {
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
    for text in texts(20_000) {
        // Alone it ends a line in YAML only.
        let text = text.replace('\r', "");
        let last = u32::try_from(text.split('\n').count()).unwrap();
        for format in FORMATS {
            if let Ok(document) = parse(&text, format) {
                assert!(check(&document.root, last), "{format:?}: {text:?}");
            }
        }
    }
}
