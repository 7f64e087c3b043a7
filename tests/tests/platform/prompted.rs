//! Values that a user types or pastes at the prompt.
#![cfg(unix)]

use tw_tests::{Terminal, World};

use crate::list_stored;

#[test]
fn a_missing_value_is_prompted_for_twice_without_echo() {
    let world = World::new();
    let line = world.command(["secrets", "add", "-n", "KEY"]);
    Terminal::start(line)
        .until("Value of KEY")
        .until_unseen()
        .types("typed by hand\n")
        .until("Once more")
        .until_unseen()
        .types("typed by hand\n")
        .ends()
        .exits(0)
        .never_showed("typed by hand")
        .works_as_before();
    assert_eq!(list_stored(&world), ["1001 KEY=typed by hand"]);
}

#[test]
fn a_pasted_key_is_stored_with_the_line_break_at_its_end() {
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----";
    for end in ["", "\n"] {
        let world = World::new();
        let line = world.command(["secrets", "add", "-n", "KEY"]);
        let pasted = format!("\u{1b}[200~{key}{end}\u{1b}[201~").replace('\n', "\r");
        let mut terminal = Terminal::start(line);
        for question in ["Value of KEY", "Once more"] {
            terminal = terminal
                .until(question)
                .until_unseen()
                .types(&pasted)
                .until("[pasted 3 lines]")
                .types("\r");
        }
        let left = terminal.ends().exits(0).works_as_before();
        left.never_showed("b3Bl")
            .showed("is a PEM block, so the line break at its end is stored too");
        assert_eq!(list_stored(&world), [format!("1001 KEY={key}\n")]);
    }
}

#[test]
fn lines_that_no_paste_marks_are_refused_and_value_file_is_named() {
    let world = World::new();
    let line = world.command(["secrets", "add", "-n", "KEY"]);
    let terminal = Terminal::start(line).until("Value of KEY").until_unseen();
    let left = terminal.types("one\rtwo\rthree\r").ends().exits(1);
    left.showed("Several lines came at once")
        .showed("`--value-file PATH` takes a value of any form")
        .never_showed("two")
        .works_as_before();
    world.saw([]);
}
