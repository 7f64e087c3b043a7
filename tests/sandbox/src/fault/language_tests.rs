//! Tests of the fault language and its error messages.

use std::time::Duration;

use super::FaultError;
use crate::Fault;

fn parse(text: &str) -> Fault {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn error(text: &str) -> String {
    text.parse::<Fault>().expect_err(text).to_string()
}

#[test]
fn each_word_equals_its_builder_method() {
    let on = || Fault::on("POST", "/pipeline-secrets");
    let ms = Duration::from_millis;
    for (words, fault) in [
        ("status=500 times=1", on().status(500).times(1)),
        ("times=1 status=500", on().status(500).times(1)),
        (
            "status=429 retry-after=3",
            on().status(429).header("Retry-After", "3"),
        ),
        (
            "status=503 header=Retry-After:1 after=2",
            on().status(503).header("Retry-After", "1").after(2),
        ),
        (
            "status=502 html=<h1>x</h1>",
            on().status(502).html("<h1>x</h1>"),
        ),
        ("text=\"not now\"", on().text("not now")),
        (
            r#"json='{"message": "no"}' status=403"#,
            on().json(r#"{"message": "no"}"#).status(403),
        ),
        ("status=403 empty", on().status(403).empty()),
        ("status=504 processed", on().status(504).processed()),
        ("not-json", on().not_json()),
        (
            "redirect=https://other.example/",
            on().redirect("https://other.example/", 302),
        ),
        ("status=307 redirect=/x", on().redirect("/x", 307)),
        ("redirect=/x status=307", on().redirect("/x", 307)),
        ("delay=200ms", on().delay(ms(200))),
        (
            "delay=1.5s reset=before",
            on().delay(ms(1500)).reset_before(),
        ),
        ("reset=after", on().reset_after()),
        ("refuse", on().refuse()),
        ("truncate times=1", on().truncate().times(1)),
        ("oversized=64m", on().oversized(64 << 20)),
        ("oversized=3k", on().oversized(3072)),
        ("oversized=7", on().oversized(7)),
        ("drip=1/100ms", on().slow_drip(1, ms(100))),
        ("echo", on().echo()),
    ] {
        assert_eq!(
            parse(&format!("POST /pipeline-secrets {words}")),
            fault,
            "{words}"
        );
    }
}

#[test]
fn the_method_may_be_in_lower_case_and_words_may_be_separated_by_several_blanks() {
    assert_eq!(
        parse("  get   /orgs\techo "),
        Fault::on("GET", "/orgs").echo()
    );
    assert_eq!(parse("* * echo"), Fault::on("*", "*").echo());
}

#[test]
fn a_fault_needs_a_route_and_an_effect() {
    for text in ["", "GET", "status=500"] {
        assert_eq!(text.parse::<Fault>(), Err(FaultError::NoRoute), "{text}");
    }
    assert_eq!(
        "GET /orgs times=1".parse::<Fault>(),
        Err(FaultError::NoEffect)
    );
    assert_eq!(
        "GET orgs echo".parse::<Fault>(),
        Err(FaultError::Path("orgs".into()))
    );
    assert_eq!(
        "G=T /orgs echo".parse::<Fault>(),
        Err(FaultError::Method("G=T".into()))
    );
    assert_eq!(
        "'' /orgs echo".parse::<Fault>(),
        Err(FaultError::Method("".into()))
    );
}

#[test]
fn an_error_names_the_word_and_the_expected_value() {
    assert!(
        error("GET /orgs stauts=500")
            .starts_with("unknown word `stauts=500`; the words are times, ")
    );
    assert_eq!(
        error("GET /orgs status=99"),
        "`status=99`: expected a status from 200 to 599"
    );
    assert_eq!(
        error("GET /orgs status"),
        "`status` needs a value: a status from 200 to 599"
    );
    assert_eq!(error("GET /orgs echo=1"), "`echo` takes no value");
    assert_eq!(
        error("GET /orgs delay=5"),
        "`delay=5`: expected a time, such as 200ms, 1.5s or 2m"
    );
    assert_eq!(
        error("GET /orgs delay=-1s"),
        "`delay=-1s`: expected a time, such as 200ms, 1.5s or 2m"
    );
    assert_eq!(
        error("GET /orgs reset=now"),
        "`reset=now`: expected before or after"
    );
    assert_eq!(
        error("GET /orgs oversized=1t"),
        "`oversized=1t`: expected a number of bytes, such as 500, 500k or 64m"
    );
    assert_eq!(
        error("GET /orgs drip=0/1s"),
        "`drip=0/1s`: expected bytes and a time, such as 1/100ms"
    );
    assert_eq!(
        error("GET /orgs header=x"),
        "`header=x`: expected a name and a value, such as Retry-After:1"
    );
    assert_eq!(error("GET /orgs text='x"), "a quote is not closed");
}

#[test]
fn two_effects_cannot_be_combined() {
    assert_eq!(
        error("GET /orgs status=500 reset=before"),
        "`status` and `reset` cannot be combined"
    );
    assert_eq!(
        error("GET /orgs truncate echo"),
        "`truncate` and `echo` cannot be combined"
    );
}
