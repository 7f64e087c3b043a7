//! Questions of built-in commands for a token and for a password.

use tw_tests::{Terminal, World};

use crate::login::{TOKEN, start, tw};

/// Starts a command line that asks for a secret on a terminal.
fn ask(world: &World, line: &[&str], question: &str) -> Terminal {
    let asked = Terminal::start_all_at(tw(world, line), 80, 24);
    asked.until(question).until_unseen()
}

#[test]
fn a_token_that_is_not_typed_ends_the_login_with_one_answer() {
    let world = start();
    for typed in ["\r", "\u{4}"] {
        let left = ask(&world, &["login"], "Access token for").types(typed);
        let left = left.ends().exits(1).works_as_before();
        let left = left
            .showed("Nothing was typed")
            .showed("pass the token with `--token-stdin`");
        assert_eq!(left.screen.matches("Access token for").count(), 1);
    }
    let left = ask(&world, &["login"], "Access token for").types("two words\r");
    let left = left.ends().exits(1).never_showed("two words");
    left.showed("What was typed isn't one token");
    world.saw([]);
}

#[test]
fn a_token_and_a_password_stay_unseen_after_a_stop() {
    let world = start();
    let (begin, end) = TOKEN.split_at(8);
    let asked = ask(&world, &["login"], "Access token for").types(begin);
    let asked = asked.pauses().until("Access token for").until_unseen();
    let left = asked.types(&format!("{end}\r")).ends().exits(0);
    left.never_showed(end).works_as_before();
    let line = ["plugin", "key", "generate", "key"];
    let asked = ask(&world, &line, "Password of the new key").types("correct");
    let asked = asked
        .pauses()
        .until("Password of the new key")
        .until_unseen();
    let asked = asked.types(" horse\r").until("Repeat the password: ");
    let left = asked
        .until_unseen()
        .types("correct horse\r")
        .ends()
        .exits(0);
    left.never_showed("horse").works_as_before();
}

#[test]
fn a_new_password_is_asked_for_until_both_entries_are_equal() {
    let world = start();
    let line = ["plugin", "key", "generate", "key"];
    let asked = ask(&world, &line, "Password of the new key").types("one\r");
    let asked = asked.until("Repeat the password: ").until_unseen();
    let asked = asked.types("other\r").until("The entries do not match");
    let left = asked.until_unseen().types("\r").ends().exits(1);
    left.showed("Nothing was typed")
        .showed("set TW_SIGNING_PASSWORD")
        .works_as_before();
}

#[test]
fn a_key_that_ends_programs_ends_a_login() {
    let world = start();
    for key in ["\u{3}", "\u{1c}"] {
        let left = ask(&world, &["login"], "Access token for").types(key);
        let left = left.ends().exits(130).works_as_before();
        assert_eq!(left.screen.matches("Interrupted").count(), 1);
    }
    let left = ask(&world, &["login"], "Access token for").quits();
    left.ends().exits(130).works_as_before();
}
