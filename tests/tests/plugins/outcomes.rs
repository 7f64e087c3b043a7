//! The end of a run: exit codes, warnings, failures, and answers that cannot be parsed.

use serde_json::json;
use tw_tests::{Installation, Terminal};

use crate::{given::Given, puppet::set_up_puppet_in};

fn set_up() -> Given {
    set_up_puppet_in(Installation::bare(), &[])
}

/// Makes the puppet send its result in pieces by these calls.
fn set_up_with_rows(calls: &[&str]) -> Given {
    set_up_puppet_in(Installation::bare(), &["output"])
        .env("TW_PUPPET_CALLS", calls.join("\n"))
        .env("TW_PUPPET_VALUE", "")
}

#[test]
fn a_result_can_set_exit_codes_from_3_to_125() {
    let mut given = set_up();
    // 1, 2 and 130 have a fixed meaning for every command, and codes above 125 belong to the shell.
    for (code, exit) in [
        (0, 0),
        (3, 3),
        (125, 125),
        (1, 1),
        (2, 1),
        (126, 1),
        (130, 1),
        (255, 1),
    ] {
        given = given.env(
            "TW_PUPPET_OUTCOME",
            json!({ "exit_code": code }).to_string(),
        );
        given.tw(["puppet"]).exits(exit).prints("").says("");
    }
}

#[test]
fn a_failure_exits_with_its_code_or_the_code_of_its_kind() {
    let mut given = set_up();
    for (failure, exit) in [
        (json!({}), 1),
        (json!({ "exit_code": 3 }), 3),
        (json!({ "exit_code": 125 }), 125),
        (json!({ "exit_code": 1 }), 1),
        (json!({ "exit_code": 2 }), 2),
        (json!({ "exit_code": 130 }), 130),
        (json!({ "exit_code": 0 }), 1),
        (json!({ "exit_code": 126 }), 1),
        (json!({ "exit_code": 255 }), 1),
        (json!({ "kind": "usage" }), 2),
        (json!({ "kind": "cancelled" }), 130),
        (json!({ "kind": "usage", "exit_code": 7 }), 7),
        (json!({ "kind": "a_kind_of_later" }), 1),
    ] {
        let mut failure = failure;
        failure["message"] = json!("Something failed");
        given = given.env("TW_PUPPET_FAILURE", failure.to_string());
        given
            .tw(["puppet"])
            .exits(exit)
            .prints("")
            .says_with("Something failed\n");
    }
}

#[test]
fn a_result_with_warnings_is_a_success() {
    let outcome = json!({ "warnings": ["first", "second\n\u{1b}[1mline"] });
    let given = set_up()
        .env("TW_PUPPET_OUTCOME", outcome.to_string())
        .env("TW_PUPPET_VALUE", "{\"a\":1}");
    let ran = given
        .tw(["puppet", "-o", "json"])
        .exits(0)
        .says_with("warning: plugin `puppet`: first\nwarning: plugin `puppet`: second");
    assert_eq!(ran.json(), json!({ "a": 1 }));
    assert_eq!(ran.stderr.lines().count(), 2, "{ran}");
    ran.never_shows("\u{1b}");
}

#[test]
fn a_failure_without_a_message_names_the_plugin() {
    let mut given = set_up();
    for failure in ["", "{}", "null", "{\"message\":null}"] {
        given = given.env("TW_PUPPET_FAILURE", failure);
        given
            .tw(["puppet"])
            .fails("The plugin `puppet`: it failed without saying why");
    }
}

#[test]
fn the_text_of_a_failure_is_shown_whatever_stands_beside_it() {
    let mut given = set_up();
    for failure in [
        "the disk is full",
        "\"the disk is full\"",
        "{\"message\":\"the disk is full\",\"warnings\":null}",
        "{\"message\":\"the disk is full\",\"exit_code\":300}",
        "{\"message\":\"the disk is full\",\"exit_code\":\"9\",\"status\":1E400,\"hint\":{}}",
        "{\"kind\":7,\"message\":\"the disk is full\"}",
    ] {
        given = given.env("TW_PUPPET_FAILURE", failure);
        given.tw(["puppet"]).fails_with("the disk is full\n");
    }
    given
        .env(
            "TW_PUPPET_FAILURE",
            "{\"message\":\"it broke\",\"warnings\":\"first\"}",
        )
        .tw(["puppet"])
        .exits(1)
        .says("warning: plugin `puppet`: first\n\n ERROR: it broke\n\n");
}

#[test]
fn an_outcome_with_an_unreadable_part_is_never_a_wrong_success() {
    let given = set_up().env("TW_PUPPET_VALUE", "{\"a\":1}");
    let run = |given: Given, outcome: &str| {
        let given = given.env("TW_PUPPET_OUTCOME", outcome);
        (given.tw(["puppet", "-o", "json"]), given)
    };
    let mut given = given;
    for outcome in [
        "{\"exit_code\":300}",
        "{\"exit_code\":-1}",
        "{\"exit_code\":\"3\"}",
        "{\"failure\":\"it broke\"}",
        "{\"failure\":{}}",
        "{\"failure\":5,\"exit_code\":null}",
    ] {
        let (ran, next) = run(given, outcome);
        assert_eq!(ran.exits(1).json(), json!({ "a": 1 }), "{outcome}");
        given = next;
    }
    for outcome in [
        "{\"view\":7}",
        "{\"view\":{\"view\":\"table\",\"columns\":5}}",
        "{\"warnings\":null}",
        "null",
        "",
    ] {
        let (ran, next) = run(given, outcome);
        assert_eq!(ran.exits(0).json(), json!({ "a": 1 }), "{outcome}");
        given = next;
    }
}

#[test]
fn an_unreadable_answer_names_the_plugin() {
    let mut given = set_up();
    for outcome in ["not JSON", "7", "[]", "{\"exit_code\":"] {
        given = given.env("TW_PUPPET_OUTCOME", outcome);
        given
            .tw(["puppet"])
            .fails("The plugin `puppet`: its answer can't be read");
    }
    let given = set_up().env("TW_PUPPET_VALUE", "{\"half\":");
    given
        .tw(["puppet"])
        .fails("The plugin `puppet`: its result can't be read");
    given.others_work(0);
}

#[test]
fn numbers_of_a_result_keep_their_digits() {
    let number = "12345678901234567.89";
    let long = "123456789012345678901234567890";
    let value = format!("{{\"a\":{number},\"b\":[{long},1.0,1e5,-0]}}");
    let given = set_up().env("TW_PUPPET_VALUE", value);
    let json = format!(
        "{{\n  \"a\": {number},\n  \"b\": [\n    {long},\n    1.0,\n    1e5,\n    -0\n  ]\n}}\n"
    );
    given.tw(["puppet", "-o", "json"]).exits(0).prints(&json);
    let ran = given.tw(["puppet"]).exits(0);
    ran.prints_with(&format!(" {number} "))
        .prints_with(&format!(" {long}, 1.0, 1e5, -0 "));
}

#[test]
fn numbers_of_rows_sent_in_pieces_keep_their_digits() {
    let calls = [
        "output.begin {\"view\":{\"rows\":\"/pets\"}}\t{\"total\":2.0,\"pets\":[]}",
        "output.rows {}\t[12345678901234567.89]",
        "output.rows {}\t[1e5]",
        "output.end {}",
    ];
    let given = set_up_with_rows(&calls);
    let json = "{\n  \"total\": 2.0,\n  \"pets\": [\n    12345678901234567.89,\n    1e5\n  ]\n}\n";
    given.tw(["puppet", "-o", "json"]).exits(0).prints(json);
}

#[test]
fn a_number_too_large_for_json_readers_is_named_with_its_place() {
    let reason =
        "its result can't be read: the number 1E400 at /pets/1/size is too large for JSON readers";
    let message = format!("The plugin `puppet`: {reason}");
    let pets = "{\"pets\":[{\"size\":1},{\"size\":1E400}]}";
    let given = set_up().env("TW_PUPPET_VALUE", pets);
    given.tw(["puppet"]).prints("").fails(&message);
    given
        .tw(["puppet", "-o", "json"])
        .prints("")
        .fails(&message);

    let calls = [
        "output.begin {\"view\":{\"rows\":\"/pets\"}}\t{\"pets\":[]}",
        "output.rows {}\t[{\"size\":1}]",
        "output.rows {}\t[{\"size\":1E400}]",
        "output.end {}",
    ];
    let given = set_up_with_rows(&calls);
    given.tw(["puppet"]).prints("").fails(&message);
}

#[test]
fn a_failure_beside_an_unreadable_result_keeps_its_message() {
    let outcome = json!({ "failure": { "message": "b is left", "exit_code": 7 } });
    let mut given = set_up().env("TW_PUPPET_OUTCOME", outcome.to_string());
    for (value, reason) in [
        (
            "[-1e999]",
            "the number -1e999 at /0 is too large for JSON readers",
        ),
        ("{\"half\":", "its result can't be read"),
    ] {
        given = given.env("TW_PUPPET_VALUE", value);
        let ran = given.tw(["puppet"]).exits(7).prints("");
        ran.says_with("b is left").says_with(reason);
    }
}

#[test]
fn control_characters_in_a_failure_are_not_printed() {
    let failure = json!({ "message": "one\ntwo\u{1b}[31m\u{202e}three\u{7}" });
    let given = set_up().env("TW_PUPPET_FAILURE", failure.to_string());
    let ran = given.tw(["puppet"]).exits(1).prints("");
    assert_eq!(ran.stderr.lines().count(), 3, "{ran}");
    ran.never_shows("\u{1b}")
        .never_shows("\u{202e}")
        .never_shows("\u{7}");
}

#[test]
fn an_interrupted_command_says_once_that_it_was_interrupted() {
    let calls = r#"log.write {"level":"warning","message":"waiting"}
clock.sleep {"ms":60000}"#;
    for (failure, shown) in [
        (
            json!({ "kind": "cancelled", "message": "Interrupted" }),
            "ERROR: Interrupted\r\n",
        ),
        (
            json!({ "kind": "failure", "message": "1 of 2 is done" }),
            "ERROR: Interrupted: 1 of 2 is done\r\n",
        ),
    ] {
        let outcome = json!({ "failure": failure });
        let given = set_up()
            .env("NO_COLOR", "1")
            .env("TW_PUPPET_CALLS", calls)
            .env("TW_PUPPET_OUTCOME", outcome.to_string());
        Terminal::start(given.command(["puppet", "-o", "json"]))
            .until("waiting")
            .interrupts()
            .ends()
            .exits(130)
            .showed(shown);
    }
}
