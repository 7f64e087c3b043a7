//! Who decides that a package is installed: a person who is asked, or one who said so before.

use std::fs;

use tw_tests::Terminal;

use crate::given::{FIRST, Given, library, patched, secret_key};

#[test]
fn without_a_terminal_and_without_yes_nothing_is_installed() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme"));
    let ran = given.tw(["plugin", "install", &package.display().to_string()]);
    ran.says_with("fruit-001 70.0.100").misused("--yes");
    given.has_no(1);
}

#[test]
fn at_a_terminal_the_person_decides() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme")).display().to_string();
    let asked = || {
        Terminal::start(given.command(["plugin", "install", &package]))
            .until("Install fruit-001 70.0.100?")
    };
    asked()
        .types("\r")
        .ends()
        .exits(1)
        .showed("Nothing was changed")
        .works_as_before();
    given.has_no(1);
    asked().types("y\r").ends().exits(0).works_as_before();
    given.runs(1, FIRST);
}

#[test]
fn what_comes_into_conflict_is_said_before() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    let rival = patched(
        library(2, FIRST),
        br#"{"name":"fruit-002","about""#,
        br#"{"name":"fruit-001","about""#,
    );
    fs::write(given.work().join("input.so"), rival).unwrap();
    fs::write(given.work().join("LICENSE"), "Free.").unwrap();
    fs::write(given.work().join("README.md"), "# Rival").unwrap();
    let key = secret_key("acme").display().to_string();
    let packed = given
        .tw(["plugin", "pack", "input.so", "--sign", &key, "-o", "json"])
        .exits(0)
        .json();
    given
        .tw([
            "plugin",
            "install",
            "--yes",
            packed["path"].as_str().unwrap(),
        ])
        .exits(0)
        .says_with("conflicts   another plugin has `fruit-001`");
    given
        .tw(["fruit-001"])
        .fails_with("claimed by several plugins");
    given.tw(["plugin", "remove", "fruit-002"]).exits(0);
    given.runs(1, FIRST);
}

#[test]
fn a_question_that_is_interrupted_leaves_the_terminal_as_it_was() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme")).display().to_string();
    Terminal::start(given.command(["plugin", "install", &package]))
        .until("Install fruit-001 70.0.100?")
        .interrupts()
        .ends()
        .exits(130)
        .showed("Interrupted")
        .works_as_before();
    Terminal::start(given.command(["plugin", "key", "generate", "my.key"]))
        .until("Password of the new key")
        .until_unseen()
        .interrupts()
        .ends()
        .exits(130)
        .works_as_before();
    given.has_no(1);
}

#[test]
fn one_key_is_not_an_answer_yet() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme")).display().to_string();
    Terminal::start(given.command(["plugin", "install", &package]))
        .until("Install fruit-001 70.0.100?")
        .types("yn\r\r")
        .ends()
        .exits(1)
        .showed("type y or n")
        .showed("Nothing was changed");
    given.has_no(1);
}
