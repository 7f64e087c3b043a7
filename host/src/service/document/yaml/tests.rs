//! YAML: lines, block scalars, tags, and what is refused.

use super::super::{
    DocumentFormat::Yaml,
    tests::{error_of, render},
};

#[test]
fn every_part_has_its_line() {
    let text = "# c\na: 1\nm:\n  # c\n  k: v\n  l:\n    - x\n    - [y,\n       z]\n";
    assert_eq!(
        render(text, Yaml),
        r#"{a@2: 1@2, m@3: {k@5: "v"@5, l@6: ["x"@7, ["y"@8, "z"@9]@8]@7}@5}@2"#
    );
}

#[test]
fn duplicate_keys_are_kept() {
    assert_eq!(
        render("a: 1\nb: 2\na: 3\n", Yaml),
        "{a@1: 1@1, b@2: 2@2, a@3: 3@3}@1"
    );
}

#[test]
fn block_scalars_begin_at_their_indicator_and_keep_their_lines() {
    assert_eq!(
        render("a: |\n  x\n   y\n\n  z\nb: 1\n", Yaml),
        r#"{a@1: "x\n y\n\nz\n"@1, b@6: 1@6}@1"#
    );
    assert_eq!(render("a: >-\n\n  x\n  y\n", Yaml), r#"{a@1: "\nx y"@1}@1"#);
    assert_eq!(
        render("- |+\n  x\n\n- |\n  | y\n", Yaml),
        r#"["x\n\n"@1, "| y\n"@4]@1"#
    );
    assert_eq!(
        render("a: |\r\n  x\r\n  y\r\n", Yaml),
        r#"{a@1: "x\ny\n"@1}@1"#
    );
    assert_eq!(render("a: |\nb: >\n", Yaml), r#"{a@1: ""@1, b@2: ""@2}@1"#);
}

#[test]
fn the_end_of_the_text_is_not_a_line_end() {
    for (text, value) in [
        ("a: |\n  x", r#""x""#),
        ("a: |\n  é\n  x", r#""é\nx""#),
        ("a: >\n  é\n  x", r#""é x""#),
        ("a: |+\n  x", r#""x""#),
        ("a: |-\n  x", r#""x""#),
        ("a: |\n  x\n ", r#""x\n""#),
        ("a: |+\n  x\n\n ", r#""x\n\n""#),
        ("a: |\n  x\n# c", r#""x\n""#),
        ("a: |\n  x\n", r#""x\n""#),
        ("a: |\r  x\r", r#""x\n""#),
        ("a: \"x\n\n  \"", r#""x\n""#),
    ] {
        assert_eq!(
            render(text, Yaml),
            format!("{{a@1: {value}@1}}@1"),
            "{text:?}"
        );
    }
    assert_eq!(
        render("m:\n  a: |\n    x\n  b: 1", Yaml),
        r#"{m@1: {a@2: "x\n"@2, b@4: 1@4}@2}@1"#
    );
}

#[test]
fn every_kind_of_line_end_counts_as_one() {
    for end in ["\n", "\r", "\r\n"] {
        let text = ["a: x", "b: [", "  y]", "c: d"].join(end);
        assert_eq!(
            render(&text, Yaml),
            r#"{a@1: "x"@1, b@2: ["y"@3]@2, c@4: "d"@4}@1"#
        );
    }
}

#[test]
fn a_value_below_its_key_has_a_line_of_its_own() {
    assert_eq!(
        render("a:\n  x\nb:\n  ''\n", Yaml),
        r#"{a@1: "x"@2, b@3: ""@4}@1"#
    );
}

#[test]
fn a_missing_value_is_null_on_the_line_of_its_key() {
    assert_eq!(
        render("a:\nb:\n\n\nc: {d, e: }\n", Yaml),
        "{a@1: null@1, b@2: null@2, c@5: {d@5: null@5, e@5: null@5}@5}@1"
    );
    assert_eq!(render("", Yaml), "null@1");
}

#[test]
fn quotes_and_the_tag_str_make_a_string() {
    assert_eq!(
        render(
            r#"[1, '1', "tr\u00fce", true, ~, 0x1F, !!int 2, !!str 3, ! 4, 'it''s']"#,
            Yaml
        ),
        r#"[1@1, "1"@1, "trüe"@1, true@1, null@1, 0x1F@1, 2@1, "3"@1, "4"@1, "it's"@1]@1"#
    );
}

#[test]
fn a_tag_that_changes_the_value_is_refused() {
    assert_eq!(
        error_of("a: !vault aGk=", Yaml),
        "line 1, column 4: the value is encrypted: decrypt it with `ansible-vault` first",
    );
    for tag in ["!!binary", "!x", "!<tag:example.com,2000:x>", "!!int '1' #"] {
        assert_eq!(
            error_of(&format!("a: 1\nb: {tag} aGk="), Yaml),
            "line 2, column 4: a tag changes the meaning of the value; write the plain value instead",
            "{tag}"
        );
    }
}

#[test]
fn yaml_that_the_protocol_cannot_express_is_refused() {
    let second = "line 2, column 1: a second document begins, but only one is supported";
    assert_eq!(error_of("a: 1\n---\nb: 2\n", Yaml), second);
    let key = "a key must be a plain or quoted string, not a list, a map or an alias";
    assert_eq!(
        error_of("? [a]\n: 1", Yaml),
        format!("line 1, column 3: {key}")
    );
    assert_eq!(
        error_of("- &x a\n- *x : 1", Yaml),
        format!("line 2, column 3: {key}")
    );
    assert!(
        error_of("a: &x {b: 1}\nc:\n  <<: *x\n", Yaml).starts_with("line 3, column 3: merge keys")
    );
    assert_eq!(
        error_of("a: x\0y", Yaml),
        "line 1, column 5: the document contains a NUL character"
    );
}
