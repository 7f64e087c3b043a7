//! Tests of the encodings that mail, dumps and old servers use.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::tests::{percent, redactor};

#[test]
fn a_secret_is_found_with_any_html_entity() {
    let secret = "a$b(c)@d{e}:ö~€";
    let text = "<a&dollar;b&lpar;c&rpar;&commat;d&lcub;e&#X7d;&colon;&ouml;&#0126;&euro;>";
    assert_eq!(redactor(secret).redact(text), "<[redacted]>");
    // Not an entity.
    let text = "<a&nothing;b&lpar;c>";
    assert_eq!(redactor(secret).redact(text), text);
}

#[test]
fn a_secret_is_found_in_hexadecimal() {
    let secret = "Straße/+ 99";
    let redactor = redactor(secret);
    let digits = |between: &str| {
        let bytes = secret.bytes().map(|byte| format!("{byte:02x}"));
        bytes.collect::<Vec<_>>().join(between)
    };
    for hex in [
        digits(""),
        digits(" "),
        digits(":"),
        digits("-"),
        digits("\n"),
    ] {
        for hex in [
            hex.to_uppercase(),
            format!("0a{hex}"),
            format!("0{hex}"),
            hex,
        ] {
            let shown = redactor.redact(&format!("<{hex}>"));
            let left = shown.replace("[redacted]", "");
            assert!(
                left.len() <= 5 && left.len() < shown.len(),
                "{hex}: {shown}"
            );
        }
    }
    let text = percent(&digits("")).replace('6', "%36");
    assert_eq!(redactor.redact(&format!("<{text}>")), "<[redacted]>");
}

#[test]
fn a_secret_is_found_in_quoted_printable() {
    let redactor = redactor("Straße=/+ 99\nand more");
    for text in [
        "<Stra=C3=9Fe=3D/+ 99\nand more>",
        "<stra=c3=9fe=3d=2f=2b=2099=0Aand more>",
        "<Stra=DFe=3D/+ 99=0D=\r\n=0Aand=20=\nmore>",
        "<Stra=C3=\r\n=9Fe=3D/+ 99=0Aand=20mo=\r\nre>",
    ] {
        let text = text.replace("=0D=\r\n", "");
        assert_eq!(redactor.redact(&text), "<[redacted]>", "{text}");
    }
    let shown = super::tests::redactor("deadbeef-99").redact("key=deadbeef-99");
    // `=de` is also an encoded letter.
    assert_eq!(shown, "key[redacted]");
}

#[test]
fn a_secret_is_found_in_latin_1() {
    for text in ["<Stra%DFe-99>", "<Stra%dfe%2D99>", "<Stra\\xdfe-99>"] {
        assert_eq!(redactor("Straße-99").redact(text), "<[redacted]>", "{text}");
    }
}

#[test]
fn a_short_secret_is_found_in_packed_texts_of_a_server() {
    for secret in ["pw9Z", "ab12CD7"] {
        let redactor = redactor(secret);
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        let base64 = STANDARD.encode(secret);
        for text in [hex.to_uppercase(), hex, base64] {
            let shown = redactor.redact_foreign(&format!("<{text}>"));
            assert!(!shown.contains(text.trim_end_matches('=')), "{shown}");
            assert!(shown.contains("[redacted]"), "{shown}");
        }
    }
}
