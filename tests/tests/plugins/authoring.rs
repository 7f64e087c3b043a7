//! Crate attributes and profiles that an author may use.

use serde_json::json;
use tw_plugin_test::Answer;
use tw_tests::{artifacts, compile_error, fixtures_of, root, target};

use crate::given::{Given, HEALTHY};

#[test]
fn a_crate_that_forbids_unsafe_code_and_denies_warnings_can_be_a_plugin() {
    let source = root().join("tests/fixtures/healthy/src/lib.rs");
    let source = std::fs::read_to_string(source).expect("the fixture is there");
    assert!(source.contains("#![forbid(unsafe_code)]\n#![deny(warnings, missing_docs)]"));
    let given = Given::healthy();
    given.tw(["healthy"]).exits(0).prints(HEALTHY).says("");
    given
        .tw(["healthy", "-o", "json"])
        .exits(0)
        .prints("{\n  \"healthy\": true\n}\n")
        .says("");
}

#[test]
fn a_plugin_with_panic_abort_does_not_compile() {
    let error = compile_error("tests/fixtures/panic-abort");
    assert!(
        error.contains("a tw plugin can't be built with panic = \"abort\"")
            && error.contains("Remove the setting from the profile"),
        "{error}"
    );
}

/// Returns the mistakes of the fixture: the name of each, and the number of its line.
fn mistakes(source: &str) -> Vec<(usize, &str)> {
    let lines = source.lines().enumerate();
    let after = lines.skip_while(|(_, line)| *line != "mistakes! {");
    let named = after.filter_map(|(at, line)| {
        let (name, _) = line.trim_start().split_once(" { ")?;
        Some((at + 1, name))
    });
    named.collect()
}

#[test]
fn each_mistake_in_an_argument_is_one_error_at_its_place() {
    let folder = "tests/fixtures/wrong-arguments";
    let error = compile_error(folder);
    let source = std::fs::read_to_string(root().join(folder).join("src/lib.rs"));
    let source = source.expect("the fixture is there");
    let mistakes = mistakes(&source);
    assert!(mistakes.len() > 15, "{mistakes:?}");
    for (line, name) in &mistakes {
        let place = format!("--> src/lib.rs:{line}:");
        let count = error.matches(&place).count();
        assert_eq!(count, 1, "{name} has {count} errors: {error}");
    }
    // Three mistakes are not in the list: a variant with a field, a type without `FromStr`, and a key of a setting.
    let errors = error.lines().filter(|line| line.starts_with("error"));
    let errors = errors.filter(|line| !line.starts_with("error: could not compile"));
    assert_eq!(errors.count(), mistakes.len() + 3, "{error}");
    for text in [
        "a variant of a `Choice` can't have fields",
        "the documentation of the derive `Config` lists the keys of `#[config(…)]`",
        "`complete` needs a value that is neither a secret nor a choice",
        "`Option<tw_plugin_api::__private::Parsed<Opaque>>` can't be the type of an argument",
        "`u128` can't be the type of an argument",
        "`min` needs an integer, an `f64`, a `Duration` or a `Size`",
        "`delimiter` needs a `Vec`",
        "a flag needs `long` or `short`; an `Option<bool>` takes `true` or `false`",
        "the limit is outside of the range of the field's type",
        "the default is a number, and the field is not",
        "a field of `exactly_one_of` must be an `Option`, a `Vec` or a flag",
    ] {
        assert!(error.contains(text), "no {text:?} in {error}");
    }
}

#[test]
fn the_example_passes_its_own_tests() {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["test", "--locked", "--target-dir"])
        .arg(target().join("examples"))
        .current_dir(root().join("examples/hello"))
        .env("TW", &artifacts().tw)
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("3 passed"), "{printed}");
}

/// Returns the authors' test kit with the plugin `probe`.
fn probe_in_the_test_kit() -> tw_plugin_test::Tw {
    let probe = &fixtures_of("tests/fixtures-api")["tw-plugin-probe"];
    tw_plugin_test::Tw::of(&artifacts().tw, probe)
}

#[test]
fn the_test_kit_shows_requests_and_answers_them() {
    let tw = probe_in_the_test_kit()
        .env("PROBE_NAME", "max")
        .config("[plugin.probe]\nmax-rows = 7\n");
    let probe = |line: &[&str]| {
        let line = ["-o", "json", "probe"].iter().chain(line);
        tw.run(line).exits(0).json()
    };
    let defaults = probe(&["config", "defaults"]);
    assert_eq!(
        (&defaults["rows"], &defaults["name"]),
        (&json!(7), &json!("max"))
    );
    assert_eq!(tw.requests(), []);
    tw.answer("GET /pets", &["rex"]);
    tw.answer("GET /pets?max=2", &["rex", "tom"]);
    let taken = Answer::json(409, &json!({ "message": "taken" }));
    tw.answer_with("POST /pets", taken);
    let send = |line: &[&str]| probe(&[&["http", "send"], line].concat());
    assert_eq!(send(&["get", "/pets?max=1"])["body"], json!(["rex"]));
    assert_eq!(send(&["get", "/pets?max=2"])["body"], json!(["rex", "tom"]));
    let answer = send(&["post", "/pets", "--json", "{\"a\": 1}"]);
    assert_eq!(answer["status"], 409);
    assert_eq!(send(&["get", "/cats"])["status"], 404);
    let requests = tw.requests();
    let first = &requests[0];
    assert_eq!(
        (first.method.as_str(), first.url.as_str()),
        ("GET", "/pets?max=1")
    );
    assert_eq!(requests[2].body, "{\"a\":1}");
    let token = format!("Bearer {}", tw_plugin_test::TOKEN);
    assert_eq!(requests[2].header("authorization"), Some(token.as_str()));
}

#[test]
fn the_test_kit_fails_a_run_whose_plugin_has_a_mistake() {
    let tw = probe_in_the_test_kit();
    let run = || tw.run(["probe", "output", "mistaken", "--rows", "/nothing"]);
    let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
    let reason = failed.expect_err("the mistake fails the test");
    let reason = reason.downcast_ref::<String>().expect("a reason");
    assert!(reason.starts_with("the plugin has a mistake: "), "{reason}");
}
