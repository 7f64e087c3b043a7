//! Questions to the user, with and without a terminal.

use serde_json::json;
use tw_tests::{Terminal, World};

use crate::{Probe, set_up};

/// Starts `tw probe prompt …` on a terminal.
fn ask(world: &World, arguments: &[&str]) -> Terminal {
    Terminal::start(world.probe(["prompt"]).args(arguments))
}

/// Starts a command that asks for a text, and waits until the terminal reads single keys.
fn ask_for_keys(world: &World, arguments: &[&str]) -> Terminal {
    let question = arguments[1];
    ask(world, arguments).until(question).until_each_key()
}

/// Starts a command that asks for a secret, and waits until the terminal's echo is off.
fn ask_unseen(world: &World, arguments: &[&str]) -> Terminal {
    let question = arguments[1];
    ask(world, arguments).until(question).until_unseen()
}

#[test]
fn without_a_terminal_a_question_fails_and_is_quoted() {
    let world = set_up();
    assert_eq!(world.probe_json(["prompt", "somebody"]), false);
    for question in ["text", "secret", "confirm"] {
        let (kind, message) = world.probe_failure(["prompt", question, "Who are\nyou?"]);
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
fn a_terminal_is_interactive() {
    let left = ask(&set_up(), &["somebody"]).ends().exits(0);
    assert_eq!(left.json(), true);
}

#[test]
fn a_text_answer_is_returned() {
    let left = ask_for_keys(&set_up(), &["text", "Who are you?"])
        .types("Ada\r")
        .ends()
        .exits(0);
    assert_eq!(left.json(), json!({ "answer": "Ada" }));
    left.works_as_before();
}

#[test]
fn an_empty_answer_means_the_default() {
    let world = set_up();
    let left = ask_for_keys(&world, &["text", "Who?", "--default", "nobody"]);
    let left = left.types("\r").ends().exits(0).showed("nobody");
    assert_eq!(left.json(), json!({ "answer": "nobody" }));
    let left = ask_for_keys(&world, &["text", "Who?"])
        .types("\r")
        .ends()
        .exits(0);
    assert_eq!(left.json(), json!({ "answer": "" }));
}

#[test]
fn a_secret_is_not_echoed() {
    let left = ask_unseen(&set_up(), &["secret", "Password"])
        .types("correct horse\n")
        .ends()
        .exits(0);
    assert_eq!(left.json(), json!({ "letters": 13 }));
    left.never_showed("correct").works_as_before();
}

#[test]
fn a_typed_secret_is_redacted_in_messages() {
    let left = ask_unseen(&set_up(), &["secret", "Password", "--leak"])
        .types("correct horse\n")
        .ends();
    left.exits(1)
        .never_showed("horse")
        .showed("it is [redacted]");
}

#[test]
fn a_secret_is_asked_for_again_until_both_entries_match() {
    let world = set_up();
    let terminal = ask_unseen(&world, &["secret", "Password", "--again", "Once more"]);
    let terminal = terminal.types("one\n");
    let terminal = terminal
        .until("Once more")
        .until_unseen()
        .types("another\n");
    let terminal = terminal.until("The entries do not match");
    let terminal = terminal.until("Password").until_unseen().types("four\n");
    let terminal = terminal.until("Once more").until_unseen().types("four\n");
    let left = terminal.ends().exits(0);
    assert_eq!(left.json(), json!({ "letters": 4 }));
    left.never_showed("another").works_as_before();
}

#[test]
fn an_empty_secret_is_not_asked_for_again() {
    let world = set_up();
    for typed in ["\n", "\u{4}"] {
        let asked = ask_unseen(&world, &["secret", "Password", "--again", "Once more"]);
        let left = asked.types(typed).ends().exits(1);
        left.showed("Nothing was typed")
            .never_showed("Once more")
            .works_as_before();
    }
}

#[test]
fn a_secret_longer_than_a_terminal_line_is_taken_whole() {
    let asked = ask_unseen(&set_up(), &["secret", "Password"]);
    let left = asked.types(&format!("{}\n", "x".repeat(20_000))).ends();
    assert_eq!(left.exits(0).json(), json!({ "letters": 20_000 }));
}

#[test]
fn a_paste_of_several_lines_is_one_secret() {
    let asked = ask_unseen(&set_up(), &["secret", "Password"]);
    let asked = asked.types("\u{1b}[200~one\rtwo\rthree\u{1b}[201~");
    let left = asked.until("[pasted 3 lines]").types("\r").ends().exits(0);
    assert_eq!(left.json(), json!({ "letters": 13 }));
    left.never_showed("two").works_as_before();
}

#[test]
fn several_lines_without_the_marks_of_a_paste_are_refused() {
    let world = set_up();
    for (typed, is_one) in [
        ("one\r\n", true),
        ("one\rtwo\r", false),
        ("one\ntwo", false),
    ] {
        let left = ask_unseen(&world, &["secret", "Password"])
            .types(typed)
            .ends();
        let left = left
            .exits(i32::from(!is_one))
            .never_showed("two")
            .works_as_before();
        if !is_one {
            left.showed("Several lines came at once, and this terminal doesn't mark them as one paste, so none was taken");
        }
    }
}

#[test]
fn keys_that_edit_a_secret_work() {
    let asked = ask_unseen(&set_up(), &["secret", "Password"]);
    let left = asked
        .types("wrong\u{15}ab\u{7f}\u{1b}[Dc\r")
        .ends()
        .exits(0);
    assert_eq!(left.json(), json!({ "letters": 2 }));
}

#[test]
fn a_confirmation_returns_yes_no_or_the_default() {
    let world = set_up();
    for (arguments, typed, yes) in [
        (&["confirm", "Sure?"][..], "y\r", true),
        (&["confirm", "Sure?"], "n\r", false),
        (&["confirm", "Sure?"], "\r", false),
        (&["confirm", "Sure?", "--yes"], "\r", true),
        // The end of the input (Ctrl-D) means no, whatever the default is.
        (&["confirm", "Sure?", "--yes"], "\u{4}", false),
        (&["confirm", "Sure?"], "\u{4}", false),
    ] {
        let asked = ask(&world, arguments).until("Sure?");
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
fn control_characters_in_a_question_are_made_visible() {
    let world = set_up();
    let terminal = ask(&world, &["text", "Who\u{1b}]0;you?"]).until("Who␛]0;you?");
    let left = terminal.until_each_key().types("\r").ends().exits(0);
    left.never_showed("\u{1b}]0;");
}

#[test]
fn ctrl_c_at_a_text_ends_the_run_and_restores_the_terminal() {
    // The question reads single keys, so Ctrl-C arrives as a character.
    let left = ask_for_keys(&set_up(), &["text", "Who?"])
        .types("\u{3}")
        .ends();
    let left = left.exits(130).showed("Interrupted").works_as_before();
    assert_eq!(left.stdout, "");
}

#[test]
fn ctrl_c_at_a_confirmation_ends_the_run_and_restores_the_terminal() {
    let left = ask(&set_up(), &["confirm", "Sure?"])
        .until("Sure?")
        .interrupts()
        .ends();
    let left = left.exits(130).showed("Interrupted").works_as_before();
    assert_eq!(left.stdout, "");
}

#[test]
fn a_key_or_a_signal_that_ends_programs_restores_the_terminal_at_a_secret() {
    let world = set_up();
    let ends: [fn(Terminal) -> Terminal; 4] = [
        |asked| asked.types("a\u{3}"),
        |asked| asked.types("a\u{1c}"),
        Terminal::interrupts,
        Terminal::quits,
    ];
    for end in ends {
        let left = end(ask_unseen(&world, &["secret", "Password"])).ends();
        let left = left.exits(130).works_as_before().showed("Interrupted");
        assert_eq!(left.stdout, "");
    }
}

#[test]
fn control_characters_in_a_paste_belong_to_the_secret() {
    let asked = ask_unseen(&set_up(), &["secret", "Password"]);
    let pasted = "\u{1b}[200~a\u{3}b\u{4}c\u{11}d\u{13}e\u{1a}f\u{1c}g\u{1b}[201~\r";
    let left = asked.types(pasted).ends().exits(0).works_as_before();
    assert_eq!(left.json(), json!({ "letters": 13 }));
}

#[test]
fn ctrl_c_ends_a_paste_whose_end_is_lost() {
    let asked = ask_unseen(&set_up(), &["secret", "Password"]);
    let left = asked.types("\u{1b}[200~a\u{3}").ends().exits(130);
    left.works_as_before().showed("Interrupted");
}

#[test]
fn a_secret_stays_unseen_after_a_stop() {
    let asked = ask_unseen(&set_up(), &["secret", "Password"]);
    let asked = asked.types("correct").pauses().until("Password: ");
    let left = asked.until_unseen().types(" horse\r").ends().exits(0);
    assert_eq!(left.json(), json!({ "letters": 13 }));
    left.never_showed("horse").works_as_before();
}

#[test]
fn an_interrupt_signal_at_a_text_ends_the_run_and_restores_the_terminal() {
    let left = ask_for_keys(&set_up(), &["text", "Who?"])
        .interrupts()
        .ends();
    let left = left.exits(130).works_as_before().showed("Interrupted");
    assert_eq!(left.stdout, "");
}

#[test]
fn a_doubled_interrupt_at_a_secret_restores_the_terminal() {
    // The host counts two signals within 50 ms as one key press.
    let left = ask_unseen(&set_up(), &["secret", "Password"])
        .interrupts()
        .interrupts()
        .ends();
    left.exits(130).works_as_before();
}

#[test]
fn the_end_of_input_at_a_secret_is_a_failure() {
    let left = ask_unseen(&set_up(), &["secret", "Password", "--report"])
        .types("\u{4}")
        .ends()
        .exits(0);
    assert_eq!(left.json()["kind"], "input");
    left.works_as_before();
}

#[test]
fn one_item_of_a_list_is_chosen_with_the_arrow_keys() {
    let world = set_up();
    let line = ["choose", "Which pet?", "rex", "to\u{1b}m", "rosa"];
    let left = ask_for_keys(&world, &line)
        .types("\u{1b}[B\r")
        .ends()
        .exits(0);
    assert_eq!(left.json(), json!([1]));
    left.showed("to␛m").works_as_before();
}

#[test]
fn several_items_of_a_list_are_chosen_with_the_space_key() {
    let world = set_up();
    let line = [
        "choose",
        "Which pets?",
        "rex",
        "tom",
        "rosa",
        "--several",
        "--chosen",
        "2",
    ];
    let left = ask_for_keys(&world, &line).types(" \r").ends().exits(0);
    assert_eq!(left.json(), json!([0, 2]));
    let line = ["choose", "Which pets?", "rex", "--several"];
    let left = ask_for_keys(&world, &line).types("\r").ends().exits(0);
    assert_eq!(left.json(), json!([]));
}

#[test]
fn nothing_is_chosen_after_esc_and_an_interrupt_ends_the_run() {
    let world = set_up();
    let line = ["choose", "Which pet?", "rex", "tom"];
    let left = ask_for_keys(&world, &line).types("\u{1b}").ends().exits(1);
    left.showed("Nothing was chosen").works_as_before();
    let left = ask_for_keys(&world, &line).types("\u{3}").ends().exits(130);
    left.works_as_before();
}

#[test]
fn an_empty_list_and_a_missing_terminal_are_refused() {
    let world = set_up();
    let left = ask(&world, &["choose", "Which pet?"]).ends().exits(1);
    left.showed("There is nothing to choose from");
    let (kind, message) = world.probe_failure(["prompt", "choose", "Which pet?", "rex"]);
    assert_eq!(kind, "not_interactive");
    assert_eq!(message, "There is no terminal to ask on: Which pet?");
    let (kind, _) = world.probe_failure(["prompt", "edit", "a text"]);
    assert_eq!(kind, "not_interactive");
}

/// Starts `tw probe prompt edit`, with this editor.
fn edit(world: &World, editor: &str) -> Terminal {
    let line = ["edit", "one\n", "--extension", "yaml"];
    let tw = world.probe(["prompt"]).args(line).env("EDITOR", editor);
    Terminal::start(tw)
}

#[test]
fn a_text_is_edited_in_the_users_editor() {
    let world = set_up();
    let seen = world.installation.home().join("seen");
    let script = "for file; do :; done; echo two >> \"$file\"; ls -l \"$file\" > seen; env >> seen; test -t 0 && test -t 1 && echo terminal >> seen";
    std::fs::write(world.installation.home().join("editor"), script).expect("a file");
    let left = edit(&world, "sh editor --wait").ends().exits(0);
    assert_eq!(left.json(), "one\ntwo\n");
    let seen = std::fs::read_to_string(seen).expect("the editor ran");
    assert!(seen.starts_with("-rw-------"), "{seen}");
    assert!(
        seen.lines()
            .next()
            .is_some_and(|line| line.ends_with(".yaml")),
        "{seen}"
    );
    assert!(
        seen.contains("terminal") && !seen.contains(world.sandbox.token()),
        "{seen}"
    );
}

#[test]
fn an_editor_that_fails_keeps_the_edited_text_and_says_where() {
    let world = set_up();
    let left = edit(&world, "echo secret > $TMPDIR/x; false")
        .ends()
        .exits(1);
    let left = left
        .showed("failed, so the text is unchanged")
        .showed("the edited text is in ");
    left.works_as_before();
    edit(&world, "no-such-editor").ends().exits(1);
}
