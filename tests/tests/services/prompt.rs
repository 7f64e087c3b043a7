//! Questions to the person: at a terminal, and where there is none.

use serde_json::json;
use tw_tests::{Terminal, World};

use crate::{Probe, probe};

/// Starts `tw probe prompt …` on a terminal.
fn asks(world: &World, arguments: &[&str]) -> Terminal {
    Terminal::start(world.probe(["prompt"]).args(arguments))
}

/// Starts one that asks for a text, and waits until it takes keys.
fn asks_keys(world: &World, arguments: &[&str]) -> Terminal {
    let question = arguments[1];
    asks(world, arguments).until(question).until_each_key()
}

/// Starts one that asks for a secret, and waits until it takes it.
fn asks_unseen(world: &World, arguments: &[&str]) -> Terminal {
    let question = arguments[1];
    asks(world, arguments).until(question).until_unseen()
}

#[test]
fn without_a_terminal_nobody_is_asked_and_the_question_is_told() {
    let world = probe();
    assert_eq!(world.got(["prompt", "somebody"]), false);
    for question in ["text", "secret", "confirm"] {
        let (kind, message) = world.met(["prompt", question, "Who are\nyou?"]);
        let expected = "There is no terminal to ask on: Who are␊you?";
        assert_eq!(
            (kind.as_str(), message.as_str()),
            ("not_interactive", expected)
        );
        let ran = world
            .probe(["prompt", question, "Who are you?"])
            .input("me\ny\n")
            .run();
        ran.fails("There is no terminal to ask on: Who are you?");
    }
}

#[test]
fn at_a_terminal_there_is_somebody() {
    let left = asks(&probe(), &["somebody"]).ends().exits(0);
    assert_eq!(left.json(), true);
}

#[test]
fn a_text_is_asked_for() {
    let left = asks_keys(&probe(), &["text", "Who are you?"])
        .types("Ada\r")
        .ends()
        .exits(0);
    assert_eq!(left.json(), json!({ "answer": "Ada" }));
    left.works_as_before();
}

#[test]
fn an_empty_answer_is_the_default_or_empty() {
    let world = probe();
    let left = asks_keys(&world, &["text", "Who?", "--default", "nobody"]);
    let left = left.types("\r").ends().exits(0).showed("nobody");
    assert_eq!(left.json(), json!({ "answer": "nobody" }));
    let left = asks_keys(&world, &["text", "Who?"])
        .types("\r")
        .ends()
        .exits(0);
    assert_eq!(left.json(), json!({ "answer": "" }));
}

#[test]
fn a_secret_is_typed_unseen() {
    let left = asks_unseen(&probe(), &["secret", "Password"])
        .types("correct horse\n")
        .ends()
        .exits(0);
    assert_eq!(left.json(), json!({ "letters": 13 }));
    left.never_showed("correct").works_as_before();
}

#[test]
fn a_secret_that_was_typed_is_redacted_wherever_it_shows() {
    let left = asks_unseen(&probe(), &["secret", "Password", "--leak"])
        .types("correct horse\n")
        .ends();
    left.exits(1)
        .never_showed("horse")
        .showed("it is [redacted]");
}

#[test]
fn a_secret_is_asked_twice_and_again_until_both_are_the_same() {
    let world = probe();
    let terminal = asks_unseen(&world, &["secret", "Password", "--again", "Once more"]);
    let terminal = terminal.types("one\n");
    let terminal = terminal
        .until("Once more")
        .until_unseen()
        .types("another\n");
    let terminal = terminal.until("They are not the same");
    let terminal = terminal.until("Password").until_unseen().types("four\n");
    let terminal = terminal.until("Once more").until_unseen().types("four\n");
    let left = terminal.ends().exits(0);
    assert_eq!(left.json(), json!({ "letters": 4 }));
    left.never_showed("another").works_as_before();
}

#[test]
fn nothing_is_not_asked_twice() {
    let world = probe();
    for typed in ["\n", "\u{4}"] {
        let asked = asks_unseen(&world, &["secret", "Password", "--again", "Once more"]);
        let left = asked.types(typed).ends().exits(1);
        left.showed("Nothing was typed")
            .never_showed("Once more")
            .works_as_before();
    }
}

#[test]
fn more_than_a_terminal_takes_is_not_cut() {
    let most = if cfg!(target_vendor = "apple") {
        1023
    } else {
        4095
    };
    for (length, is_whole) in [(most - 1, true), (most, false), (most + 905, false)] {
        let world = probe();
        let asked = asks_unseen(&world, &["secret", "Password"]);
        let left = asked.types(&format!("{}\n", "x".repeat(length))).ends();
        match is_whole {
            true => assert_eq!(left.exits(0).json(), json!({ "letters": length })),
            false => drop(
                left.exits(1)
                    .showed(&format!("A terminal takes no more than {most} bytes")),
            ),
        }
    }
}

#[test]
fn a_yes_or_a_no_is_asked_for() {
    let world = probe();
    for (arguments, typed, yes) in [
        (&["confirm", "Sure?"][..], "y\r", true),
        (&["confirm", "Sure?"], "n\r", false),
        (&["confirm", "Sure?"], "\r", false),
        (&["confirm", "Sure?", "--yes"], "\r", true),
        // The end of the input is no yes.
        (&["confirm", "Sure?", "--yes"], "\u{4}", false),
        (&["confirm", "Sure?"], "\u{4}", false),
    ] {
        let asked = asks(&world, arguments).until("Sure?");
        let left = asked.types(typed).ends().exits(0);
        assert_eq!(
            left.json(),
            json!({ "yes": yes }),
            "{arguments:?} {typed:?}"
        );
        left.works_as_before();
    }
}

#[test]
fn a_question_cannot_steer_the_terminal() {
    let world = probe();
    let terminal = asks(&world, &["text", "Who\u{1b}]0;you?"]).until("Who␛]0;you?");
    let left = terminal.until_each_key().types("\r").ends().exits(0);
    left.never_showed("\u{1b}]0;");
}

#[test]
fn ctrl_c_at_a_text_ends_the_run_and_gives_the_terminal_back() {
    // The question takes the keys one by one, and this one with them.
    let left = asks_keys(&probe(), &["text", "Who?"]).types("\u{3}").ends();
    let left = left.exits(130).showed("Interrupted").works_as_before();
    assert_eq!(left.stdout, "");
}

#[test]
fn ctrl_c_at_a_yes_or_no_ends_the_run_and_gives_the_terminal_back() {
    let left = asks(&probe(), &["confirm", "Sure?"])
        .until("Sure?")
        .interrupts()
        .ends();
    let left = left.exits(130).showed("Interrupted").works_as_before();
    assert_eq!(left.stdout, "");
}

#[test]
fn ctrl_c_at_a_secret_ends_the_run_and_gives_the_terminal_back() {
    // There the terminal passes it on as a signal.
    let left = asks_unseen(&probe(), &["secret", "Password"])
        .interrupts()
        .ends();
    let left = left.exits(130).works_as_before().showed("Interrupted");
    assert_eq!(left.stdout, "");
}

#[test]
fn an_interruption_at_a_text_ends_the_run_and_gives_the_terminal_back() {
    let left = asks_keys(&probe(), &["text", "Who?"]).interrupts().ends();
    let left = left.exits(130).works_as_before().showed("Interrupted");
    assert_eq!(left.stdout, "");
}

#[test]
fn two_at_a_secret_give_the_terminal_back_too() {
    let left = asks_unseen(&probe(), &["secret", "Password"])
        .interrupts()
        .interrupts()
        .ends();
    left.exits(130).works_as_before();
}

#[test]
fn the_end_of_input_is_no_answer() {
    let left = asks_unseen(&probe(), &["secret", "Password", "--report"])
        .types("\u{4}")
        .ends()
        .exits(0);
    assert_eq!(left.json()["kind"], "input");
    left.works_as_before();
}
