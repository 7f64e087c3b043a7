use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;

use super::*;

pub(super) fn redactor(secret: &str) -> Redactor {
    let redactor = Redactor::new(None);
    redactor.add(secret);
    redactor
}

/// Encodes as `JSON.stringify` does.
pub(super) fn json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Encodes as HTML templates do.
fn html(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

pub(super) fn percent(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn base64(text: &str) -> String {
    STANDARD_NO_PAD.encode(text)
}

#[test]
fn a_secret_is_found_in_every_encoding() {
    let secret = "pass\"\\word/+ ö\n𝄞\u{202e}";
    let redactor = redactor(secret);
    let texts = [
        secret.to_owned(),
        serde_json::to_string(secret).unwrap(),
        "pass\\\"\\\\word\\/+ \\u00f6\\u000A\\uD834\\udd1e\\u202E".to_owned(),
        percent(secret),
        percent(secret).to_lowercase(),
        percent(secret).replace("%20", "+"),
        tw_render::text::visible(secret).into_owned(),
        html(secret),
        "pass&#x22;\\word/+ &#246;&#xa;&#119070;&#x202E;".to_owned(),
        base64(secret) + "==",
        URL_SAFE_NO_PAD.encode(secret),
    ];
    for text in texts {
        let shown = redactor.redact(&format!("before {text} after"));
        assert!(
            shown.contains(REDACTED) && !shown.contains("word"),
            "{shown}"
        );
        assert!(
            shown.starts_with("before ") && shown.ends_with(" after"),
            "{shown}"
        );
    }
}

#[test]
fn a_secret_is_found_with_its_control_characters_escaped() {
    let secret = "pass\tword\u{8}and\u{c}more";
    let text = "<pass\\tword\\band\\fmore>";
    assert_eq!(redactor(secret).redact(text), "<[redacted]>");
}

#[test]
fn a_secret_is_found_with_html_entities_that_have_names() {
    let secret = "<pass> & \"word's\"";
    let text = "(&lt;pass&gt; &amp; &quot;word&apos;s&quot;)";
    assert_eq!(redactor(secret).redact(text), "([redacted])");
}

#[test]
fn a_secret_is_found_in_an_encoding_within_another() {
    let secret = "p<a&s's\"\\word/+ ö\n𝄞";
    let redactor = redactor(secret);
    let ascii = |_: &str| "p\\u003ca\\u0026s's\\\"\\\\word\\/+ \\u00f6\\n\\ud834\\udd1e".to_owned();
    let encodings: [&dyn Fn(&str) -> String; 5] = [&ascii, &json, &percent, &html, &base64];
    for (at, inner) in encodings.iter().enumerate() {
        // Base64 within base64 is not decoded.
        let outers = if at == 4 { 1..4 } else { 1..5 };
        for outer in &encodings[outers] {
            let text = outer(&inner(secret));
            let shown = redactor.redact(&format!("before {text} after"));
            assert_eq!(shown, "before [redacted] after", "{text}");
        }
    }
}

#[test]
fn a_secret_is_found_in_base64_at_any_offset() {
    let secret = "pass\"\\word/+ ö?>~";
    let redactor = redactor(secret);
    for begin in ["", "u", "us", "user:", "{\"value\":\""] {
        for end in ["", "\"", "\"}", "\"}\n"] {
            for secret in [secret, &json(secret)] {
                let text = format!("{begin}{secret}{end}");
                for encoded in [base64(&text), URL_SAFE_NO_PAD.encode(&text)] {
                    for encoded in [percent(&encoded), encoded] {
                        let shown = redactor.redact(&format!("before {encoded} after"));
                        let left = shown
                            .strip_prefix("before ")
                            .and_then(|shown| shown.strip_suffix(" after"))
                            .and_then(|shown| shown.split_once(REDACTED))
                            .unwrap_or_else(|| panic!("{text}: {shown}"));
                        // Only the text around the secret is left.
                        assert_eq!(left.0.len(), begin.len() * 4 / 3, "{text}: {shown}");
                        assert!(left.1.len() <= end.len() * 4 / 3 + 4, "{text}: {shown}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_shortest_secret_is_found_in_base64() {
    let shown = redactor("pass-123").redact("<cGFzcy0xMjM=>");
    assert_eq!(shown, "<[redacted]=>");
}

#[test]
fn a_secret_is_found_in_base64_within_a_path() {
    let redactor = redactor("correct horse");
    // The letters and slashes around the base64 look like more of it.
    for end in ["", "/", "/a", "/ab", "/abc", "/abcd"] {
        let shown = redactor.redact(&format!("GET /v1/{}{end}", base64("correct horse..")));
        let text = shown.replace("[redacted]", "*");
        assert_eq!(text, format!("GET /v1/*4u{end}"));
    }
}

#[test]
fn a_secret_is_found_in_base64_on_several_lines() {
    let redactor = redactor("correct horse battery staple");
    let (first, second) = ("Y29ycmVjdCBob3J", "zZSBiYXR0ZXJ5IHN0YXBsZQ==");
    for line_end in ["\n", "\r\n", "\\n", "\\r\\n", "%0A"] {
        let shown = redactor.redact(&format!("<{first}{line_end}{second}>"));
        assert_eq!(shown, "<[redacted]==>", "{line_end}");
    }
}

#[test]
fn a_secret_of_several_lines_is_found_trimmed_and_with_other_line_ends() {
    for secret in ["first-line\nsecond-line\n", "first-line\r\nsecond-line\r\n"] {
        let redactor = redactor(secret);
        for text in [
            secret,
            "first-line\nsecond-line",
            "first-line\r\nsecond-line",
            "first-line\\r\\nsecond-line",
            "first-line",
            "second-line",
        ] {
            let shown = redactor.redact(&format!("before {text} after"));
            assert!(
                shown.starts_with("before [redacted]") && !shown.contains("line"),
                "{text}: {shown}"
            );
        }
    }
    let mac = redactor("first-line\rsecond-line");
    for text in ["first-line", "second-line", "first-line\nsecond-line"] {
        let shown = mac.redact(&format!("it:\n{text}\nis so"));
        assert_eq!(shown, "it:\n[redacted]\nis so", "{text}");
    }
    let shown = redactor("  only-one-line ").redact("<only-one-line>");
    assert_eq!(shown, "<[redacted]>");
    let shown = redactor("only-one-line\n").redact("Invalid value: only-one-line");
    assert_eq!(shown, "Invalid value: [redacted]");
}

#[test]
fn a_secret_is_found_in_upper_and_lower_case() {
    let redactor = redactor("Straße-Äpfel-99");
    for text in [
        "straße-äpfel-99",
        "Stra\\xc3\\x9fe-\\xc3\\x84pfel-99",
        "Stra\\xdfe-\\xc4pfel-99",
    ] {
        assert_eq!(redactor.redact(text), "[redacted]", "{text}");
    }
}

#[test]
fn a_secret_that_looks_encoded_is_found_in_every_encoding() {
    let secret = "C:\\new\\u0041 100%41 &lt;\"x\"";
    let redactor = redactor(secret);
    let quoted = secret.replace('"', "\\\"");
    let encodings = [json(secret), html(secret), percent(secret), base64(secret)];
    let twice = [json(&html(&json(secret))), percent(&html(&json(secret)))];
    for text in encodings
        .into_iter()
        .chain(twice)
        .chain([secret.to_owned(), quoted])
    {
        assert_eq!(
            redactor.redact(&format!("<{text}>")),
            "<[redacted]>",
            "{text}"
        );
    }
}

#[test]
fn a_secret_that_looks_encoded_twice_is_found_in_two_encodings() {
    // HTML encodes the ampersands of this secret and leaves its percent sign.
    let secret = "&amp;lt;pass%2541word";
    let shown = redactor(secret).redact(&format!("<{}>", html(&html(secret))));
    assert_eq!(shown, "<[redacted]>");
}

#[test]
fn a_sign_before_a_secret_stays_if_it_forms_no_escape() {
    let shown = redactor("walk-horse").redact("100%walk-horse");
    assert_eq!(shown, "100%[redacted]");
}

#[test]
fn a_secret_is_found_after_a_sign_that_forms_an_escape_with_it() {
    for (secret, text) in [
        ("nick@host.example", "CORP\\nick%40host.example"),
        ("nick \"of\" example", "CORP\\nick \\\"of\\\" example"),
        ("41 \"of\" example", "100%41%20%22of%22%20example"),
    ] {
        let shown = redactor(secret).redact(text);
        assert!(
            shown.ends_with("[redacted]") && !shown.contains("ick"),
            "{shown}"
        );
    }
}

#[test]
fn the_longest_of_several_secrets_is_replaced() {
    let redactor = Redactor::new(None);
    for secret in [
        "password",
        "password-1",
        "password-1-long",
        "password-2",
        "long-way",
    ] {
        redactor.add(secret);
        // A search between the additions divides the secrets into several sets.
        assert_eq!(redactor.redact(secret), "[redacted]");
    }
    for (text, shown) in [
        ("<password-1-long>", "<[redacted]>"),
        ("<password-1-lon>", "<[redacted]-lon>"),
        ("<password-3>", "<[redacted]-3>"),
        ("<passwor>", "<passwor>"),
        // The two secrets overlap in this text.
        ("<password-1-long-way>", "<[redacted]>"),
        ("<password password-2>", "<[redacted] [redacted]>"),
    ] {
        assert_eq!(redactor.redact(text), shown);
    }
}

#[test]
fn a_part_of_a_token_and_what_the_token_is_made_of_are_hidden() {
    let signature = "f6d2c0b18a7e4d3fabcdefS3cretsignature";
    let token = base64(&format!("{{\"tid\": 1234}}.{signature}"));
    let redactor = Redactor::new(Token::parse(&token).as_ref());
    let hidden = |text: &str| {
        let shown = redactor.redact(&format!("<{text}>"));
        assert_eq!(shown, "<[redacted]>", "{text}");
    };
    hidden(&token);
    hidden(&token[1..]);
    hidden(&token[..token.len() - 1]);
    hidden(&token[20..36]);
    hidden(&format!("{{\"tid\": 1234}}.{signature}"));
    hidden(signature);
    hidden(&signature[4..20]);
    hidden(&base64(&token[3..]));
    let halves = format!("{} {}", &token[..24], &token[24..]);
    let shown = redactor.redact(&halves);
    assert_eq!(shown, "[redacted] [redacted]");
    let short = &token[20..35];
    assert_eq!(redactor.redact(short), short);
}

#[test]
fn secrets_that_are_added_one_by_one_are_all_found() {
    let redactor = Redactor::new(None);
    let secrets: Vec<String> = (0..100)
        .map(|number| format!("secret-{number:03}"))
        .collect();
    for secret in &secrets {
        redactor.add(secret);
        assert_eq!(redactor.redact(secret), "[redacted]");
    }
    let shown = redactor.redact(&secrets.join(" "));
    assert_eq!(shown, vec!["[redacted]"; 100].join(" "));
}

#[test]
fn a_text_without_secrets_stays() {
    let text = "nothing %4 \\u12 \\ % + ö to see";
    assert_eq!(redactor("a secret that isn't there").redact(text), text);
}

#[test]
fn a_short_secret_is_replaced_only_in_a_failure_and_only_alone() {
    assert_eq!(redactor("y").redact("my value"), "my value");
    let body = |secret, text: &str| {
        String::from_utf8(redactor(secret).redact_body(text.as_bytes().to_vec())).unwrap()
    };
    assert_eq!(body("1234", "no 1234, 12345"), "no [redacted], 12345");
    assert_eq!(
        body("12345678", r#"{"12345678":12345678,"n":1}"#),
        r#"{"[redacted]":"[redacted]","n":1}"#
    );
    for number in [
        "12345678901234567.89",
        "123456789012345678901234567890",
        "1234567.10",
    ] {
        let text = format!(r#"{{"message":"no","value":{number},"n":98765432109876543.21}}"#);
        let expected = r#"{"message":"no","value":"[redacted]","n":98765432109876543.21}"#;
        assert_eq!(body(number, &text), expected);
    }
    let json = r#"{"message":"body '{\"value\":\"pa \\\"q\"}'"}"#;
    for secret in ["pa \\\"q", "pa \"q"] {
        assert_eq!(
            body(secret, json),
            r#"{"message":"body '{\"value\":\"[redacted]\"}'"}"#
        );
    }
    for text in ["<pa \"q>", "<pa &quot;q>", "<pa+%22q>", "(pa%2520%2522q)"] {
        assert!(body("pa \"q", text).contains("[redacted]"), "{text}");
    }
    assert_eq!(
        body("y", r#"{"message":"not y"}"#),
        r#"{"message":"not y"}"#
    );
    assert_eq!(redactor("1234").redact("no 1234"), "no 1234");
}

#[test]
fn a_body_without_secrets_keeps_its_bytes() {
    for body in [&b"{ \"a\" : [1, null] }\n"[..], b"plain"] {
        assert_eq!(redactor("correct horse").redact_body(body.to_vec()), body);
    }
}

proptest! {
    #[test]
    fn any_secret_is_found_in_any_two_encodings(
        secret in "[a-f0-9xun%&;#\\\\/+ \"'<>öß\n𝄞]{8,24}",
        inner in 0..5_usize,
        outer in 0..4_usize,
    ) {
        let encodings: [fn(&str) -> String; 5] = [str::to_owned, json, percent, html, base64];
        let text = encodings[outer](&encodings[inner](&secret));
        prop_assert_eq!(redactor(&secret).redact(&format!("<{text}>")), "<[redacted]>");
    }
}
