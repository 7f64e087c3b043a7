//! dotenv: names, quotes, comments and line ends.

use proptest::prelude::*;

use super::super::DocumentFormat::Dotenv;
use super::super::tests::{error_of, render};
use super::*;

#[test]
fn names_and_values_have_their_lines() {
    assert_eq!(
        render("# c\n\nA=1\n  B = two words \nA=again", Dotenv),
        r#"{A@3: "1"@3, B@4: "two words"@4, A@5: "again"@5}@1"#
    );
    assert_eq!(render("", Dotenv), "{}@1");
}

#[test]
fn export_is_skipped_unless_it_is_the_name() {
    assert_eq!(
        render(
            "export A=1\nexport\tB=2\nexport=3\nexport = 4\nexported=5",
            Dotenv
        ),
        r#"{A@1: "1"@1, B@2: "2"@2, export@3: "3"@3, export@4: "4"@4, exported@5: "5"@5}@1"#
    );
}

#[test]
fn a_comment_begins_after_a_blank_only() {
    assert_eq!(
        render(
            "A=x # c\nB=x#y\nC= # c\nD=#x\nE='#' # c\nF=a\t#c\n  # c",
            Dotenv
        ),
        r##"{A@1: "x"@1, B@2: "x#y"@2, C@3: ""@3, D@4: "#x"@4, E@5: "#"@5, F@6: "a"@6}@1"##
    );
}

#[test]
fn white_space_other_than_blanks_is_part_of_a_value() {
    assert_eq!(
        render("A=x\u{a0}#y\nB=\u{2028}x\u{2028}\nC=\u{a0}#x\n", Dotenv),
        "{A@1: \"x\\u{a0}#y\"@1, B@2: \"\\u{2028}x\\u{2028}\"@2, C@3: \"\\u{a0}#x\"@3}@1"
    );
    for text in ["A\u{a0}=x", "\u{a0}A=x"] {
        assert_eq!(
            error_of(text, Dotenv),
            "line 1, column 1: a name can contain only letters, digits, `_`, `-` and `.`"
        );
    }
}

#[test]
fn nothing_is_substituted() {
    assert_eq!(
        render("A=$HOME\nB=\"${HOME} \\$HOME\"\nC='$HOME'\nD=$(id)", Dotenv),
        r#"{A@1: "$HOME"@1, B@2: "${HOME} $HOME"@2, C@3: "$HOME"@3, D@4: "$(id)"@4}@1"#
    );
}

#[test]
fn only_double_quotes_have_escapes() {
    let value = |text| render(text, Dotenv);
    assert_eq!(
        value(r#"A="\n\r\t\"\\\$\q""#),
        r#"{A@1: "\n\r\t\"\\$\\q"@1}@1"#
    );
    assert_eq!(value(r#"A='\n"`'"#), r#"{A@1: "\\n\"`"@1}@1"#);
    assert_eq!(value(r#"A=`\n"'`"#), r#"{A@1: "\\n\"'"@1}@1"#);
    assert_eq!(value(r#"A=\n"x"it's"#), r#"{A@1: "\\n\"x\"it's"@1}@1"#);
}

#[test]
fn an_unknown_escape_before_a_line_end_is_kept() {
    assert_eq!(
        render("A=\"x\\q\ny\"\nB=\"\\\rz\"", Dotenv),
        r#"{A@1: "x\\q\ny"@1, B@3: "\\\rz"@3}@1"#
    );
}

#[test]
fn the_rest_of_a_folded_value_does_not_pass_for_a_name() {
    let rest = "line 2, column 1: this looks like the rest of the previous value";
    for text in ["A=x\nab/c=d", "A=x\nab+c=d", "A=x\nabcd==", "A=x\nab/c=="] {
        assert_eq!(error_of(text, Dotenv), rest);
    }
    assert_eq!(render("abcd=", Dotenv), r#"{abcd@1: ""@1}@1"#);
}

#[test]
fn a_quoted_value_can_have_several_lines() {
    let text = "A='x\n# y\nB=1'\nC=2";
    assert_eq!(
        render(text, Dotenv),
        r#"{A@1: "x\n# y\nB=1"@1, C@4: "2"@4}@1"#
    );
}

#[test]
fn windows_line_ends_are_not_part_of_a_value() {
    assert_eq!(
        render("A=1\r\n\r\nB='x\r\ny'\r\nC=\"z\\\r\n\"\r\nD=\r\n", Dotenv),
        r#"{A@1: "1"@1, B@3: "x\ny"@3, C@5: "z\\\n"@5, D@7: ""@7}@1"#
    );
}

#[test]
fn names_and_values_can_contain_more_than_letters() {
    assert_eq!(
        render("A=a=b==\nü.x-1=né", Dotenv),
        r#"{A@1: "a=b=="@1, ü.x-1@2: "né"@2}@1"#
    );
}

#[test]
fn an_error_has_a_place_and_a_reason() {
    for (text, error) in [
        ("A=1\nB", "line 2, column 1: an `=` is missing"),
        ("export A", "line 1, column 8: an `=` is missing"),
        ("A: 1", "line 1, column 1: an `=` is missing"),
        (" = 1", "line 1, column 2: a name is missing before the `=`"),
        (
            "A B=1",
            "line 1, column 1: a name can contain only letters, digits, `_`, `-` and `.`",
        ),
        (
            "'A'=1",
            "line 1, column 1: a name can contain only letters, digits, `_`, `-` and `.`",
        ),
        (
            "A=1\nB='x\nC=2\n",
            "line 2, column 3: a quote is not closed",
        ),
        ("B=\"x\\\"", "line 1, column 3: a quote is not closed"),
        (
            "A=1\rB=2\r",
            "line 1, column 3: the line contains a carriage return; put the value in quotes, or end the line with a line feed",
        ),
        (
            "# c\rA=1\nB=2",
            "line 1, column 1: the line contains a carriage return; put the value in quotes, or end the line with a line feed",
        ),
        (
            "A='x' # c\rB=1\n",
            "line 1, column 6: the line contains a carriage return; put the value in quotes, or end the line with a line feed",
        ),
        (
            "A=1\nuser:secret@host?a=b",
            "line 2, column 1: a name can contain only letters, digits, `_`, `-` and `.`",
        ),
        (
            "A='x\ny'z",
            "line 2, column 3: there is text after the closing quote",
        ),
        (
            "A='x'#c",
            "line 1, column 6: there is text after the closing quote",
        ),
    ] {
        assert_eq!(error_of(text, Dotenv), error, "{text}");
    }
}

/// Returns every way to write this value.
fn spellings(value: &str) -> Vec<String> {
    let mut escaped = String::new();
    for letter in value.chars() {
        match letter {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '"' | '\\' => escaped.extend(['\\', letter]),
            _ => escaped.push(letter),
        }
    }
    let mut spellings = vec![
        format!("\"{escaped}\""),
        format!("\"{escaped}\" # a comment"),
    ];
    // An unescaped carriage return can't be written: it is part of a line end, or refused.
    if !value.contains('\r') {
        let quotes = ['\'', '`'].into_iter();
        let quotes = quotes.filter(|quote| !value.contains(*quote));
        spellings.extend(quotes.map(|quote| format!("{quote}{value}{quote}")));
        if !value.contains(['\n', '#', '"', '\'', '`']) && value.trim_matches(BLANKS) == value
            // A line that ends in nothing but `=` is taken for the rest of a base64 value.
            && (value.is_empty() || value.contains(|letter| letter != '='))
        {
            spellings.push(value.to_owned());
        }
    }
    spellings
}

proptest! {
    #[test]
    fn a_value_that_is_written_in_any_way_is_read_back(
        values in prop::collection::vec(("[a-zA-Z_][a-zA-Z0-9_]{0,9}", "[ -~\n\r\t\u{a0}é𝄞]{0,20}|[#\"'`\\\\ \n\r\\$]{0,9}"), 1..8),
        spelling in any::<prop::sample::Index>(),
        end in prop::sample::select(vec!["\n", "\r\n", "\n\n# a comment\n"]),
    ) {
        let mut text = String::new();
        for (at, (name, value)) in values.iter().enumerate() {
            let export = if at % 2 == 0 { "export " } else { "" };
            let spellings = spellings(value);
            text += &format!("{export}{name}={}{end}", spelling.get(&spellings));
        }
        let NodeValue::Map(entries) = parse(&text).unwrap().0.value else {
            panic!("not a map");
        };
        let read = entries.into_iter().map(|entry| match entry.value.value {
            NodeValue::Text(value) => (entry.key, value),
            _ => panic!("not a text"),
        });
        prop_assert_eq!(read.collect::<Vec<_>>(), values);
    }
}

#[test]
fn values_that_other_programs_would_expand_are_found() {
    let lines = |text| parse(text).unwrap().1.references;
    assert_eq!(lines("A=${X}\nB=$(id)\n\nC=\"\n${X}\"\n"), [1, 2, 4]);
    for text in [
        "A=$X",
        "A='${X} $(id)'",
        "A=`${X}`",
        "A=\"\\${X} \\$(id)\"",
        "A=x # ${X}",
        "# ${X}",
        "A=\"${\nB=1",
    ] {
        let found = parse(text).map_or(Vec::new(), |(_, doubts)| doubts.references);
        assert_eq!(found, [] as [u32; 0], "{text}");
    }
}

#[test]
fn values_that_end_before_a_comment_are_found() {
    let lines = |text| parse(text).unwrap().1.comments;
    assert_eq!(lines("A=x # y\n\nB=pass #word\nC=\t# z\n"), [1, 3, 4]);
    for text in [
        "A=x#y",
        "A=#y",
        "# A=x # y",
        "A='x' # y",
        "A=\"x # y\"",
        "A=x  ",
    ] {
        assert_eq!(lines(text), [] as [u32; 0], "{text}");
    }
}
