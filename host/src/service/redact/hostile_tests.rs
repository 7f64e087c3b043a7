//! Tests of the budget: hostile texts are not shown, and other texts are.

use super::{
    NOT_SEARCHED, RESERVE, Redactor,
    tests::{json, percent, redactor},
};

#[test]
fn a_text_that_takes_too_long_to_search_is_not_shown() {
    let slashes = redactor(&"\\".repeat(100));
    let nested = Redactor::new(None);
    for number in 1..2000 {
        nested.add(&"a".repeat(number));
    }
    for (redactor, text) in [
        (&slashes, "\\".repeat(60_000)),
        (&nested, "a".repeat(60_000)),
    ] {
        assert_eq!(redactor.redact(&text), NOT_SEARCHED);
        let json = serde_json::json!({ "message": text }).to_string();
        for body in [text, json] {
            let shown = String::from_utf8(redactor.redact_body(body.into_bytes())).unwrap();
            assert!(shown.contains(NOT_SEARCHED) && shown.len() < 100, "{shown}");
        }
    }
}

#[test]
fn long_texts_without_a_secret_are_shown() {
    let redactor = redactor("correct horse");
    for part in [
        "the quick brown fox\n",
        "<a href=\"/a?b=%20c&amp;d\">&nbsp;</a>",
        "Größe €",
        "0123456789abcdef ",
    ] {
        for length in [60_000, 400_000] {
            let text = part.repeat(length / part.len());
            assert!(redactor.redact(&text) == text, "{part}");
        }
    }
    let rows = r#"{"id":1234567,"name":"a name","date":"2022-10-05T12:42:21Z"},"#.repeat(6000);
    let json = format!("[{rows}null]").into_bytes();
    assert!(redactor.redact_body(json.clone()) == json);
}

#[test]
fn hostile_texts_use_up_the_reserve_and_then_only_short_texts_are_searched() {
    let redactor = redactor("correct horse");
    redactor.add(&"\\".repeat(100));
    let plain = "the quick brown fox\n".repeat(3000);
    assert!(redactor.redact(&plain) == plain);
    assert_eq!(redactor.redact(&"\\".repeat(60_000)), NOT_SEARCHED);
    let taken = redactor.secrets().taken;
    assert!(taken > 100_000, "{taken}");
    redactor.secrets().taken = RESERVE;
    assert_eq!(redactor.redact(&plain), NOT_SEARCHED);
    let short = format!("<{}>", json(&percent("correct horse")));
    assert_eq!(redactor.redact(&short), "<[redacted]>");
}
