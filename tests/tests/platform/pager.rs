//! The pager: when it is used, and that no result is lost with it.
#![cfg(unix)]

use tw_sandbox::{Sandbox, Secret};
use tw_tests::{Left, Terminal, Tw, World};

/// Starts a world with 30 secrets.
fn start() -> World {
    let secrets = (0..30).map(|n| Secret::new(&format!("KEY_{n}"), "x"));
    World::with(secrets.fold(Sandbox::builder(), |sandbox, secret| sandbox.secret(secret)))
}

/// Runs a command on a terminal with this many rows.
fn show(tw: Tw, rows: u16) -> Left {
    Terminal::start_all_at(tw, 100, rows).ends()
}

/// A pager that marks each line.
const MARK: &str = "sed 's/^/> /'";

#[test]
fn only_a_result_that_is_longer_than_the_terminal_is_paged() {
    let world = start();
    for line in [&["secrets", "list"][..], &["plugin", "info", "secrets"]] {
        let command = || world.command(line.iter().copied()).env("PAGER", MARK);
        show(command(), 10).exits(0).showed("> ");
        show(command(), 60).exits(0).never_showed("> ");
        show(command().args(["--no-pager"]), 10)
            .exits(0)
            .never_showed("> ");
        show(command().args(["-o", "json"]), 10)
            .exits(0)
            .never_showed("> ");
        // A terminal that doesn't say its size has 24 rows.
        let unknown = Terminal::start_all(command()).ends().exits(0);
        match line[0] {
            "secrets" => unknown.showed("> "),
            _ => unknown.never_showed("> "),
        };
        // Standard output is a pipe.
        Terminal::start(command())
            .ends()
            .exits(0)
            .never_showed("> ");
    }
}

#[test]
fn tw_pager_comes_before_pager_and_can_turn_it_off() {
    let world = start();
    let command = || world.command(["secrets", "list"]).env("PAGER", MARK);
    let own = command().env("TW_PAGER", "sed 's/^/own> /'");
    show(own, 10).exits(0).showed("own> ");
    for off in ["", "cat"] {
        show(command().env("TW_PAGER", off), 10)
            .exits(0)
            .never_showed("> ");
    }
    let none = world.command(["secrets", "list"]);
    show(none, 10).exits(0).showed("KEY_29");
}

#[test]
fn a_pager_that_fails_or_ends_early_loses_nothing() {
    let world = start();
    for pager in ["no-such-pager", "false", "/", "exit 3", "'"] {
        for line in [&["secrets", "list"][..], &["plugin", "info", "secrets"]] {
            let tw = world.command(line.iter().copied()).env("TW_PAGER", pager);
            let left = show(tw, 10).exits(0);
            let last = if line[0] == "plugin" {
                "State"
            } else {
                "KEY_29"
            };
            left.showed(last);
        }
    }
    let missing = world
        .command(["secrets", "list"])
        .env("TW_PAGER", "no-such-pager -x");
    show(missing, 10)
        .showed("warning: the pager `no-such-pager -x`, which TW_PAGER names, can't be started");
    // A terminal that can't move its cursor shows no pager.
    let dumb = world.command(["secrets", "list"]).env("TW_PAGER", MARK);
    show(dumb.env("TERM", "dumb"), 10)
        .exits(0)
        .never_showed("> ");
    // The user has seen enough.
    let tw = world
        .command(["secrets", "list"])
        .env("TW_PAGER", "head -n 3");
    show(tw, 10).exits(0).never_showed("KEY_29");
}

#[test]
fn a_pager_knows_no_token() {
    let world = start();
    let token = world.sandbox.token().to_owned();
    let tw = world
        .command(["secrets", "list"])
        .env("TW_PAGER", "env; cat >/dev/null");
    show(tw, 10)
        .exits(0)
        .showed("LESS=FRX")
        .never_showed(&token);
}

#[test]
fn ctrl_c_belongs_to_the_pager() {
    let world = start();
    for line in [&["secrets", "list"][..], &["plugin", "info", "secrets"]] {
        let pager =
            "trap 'echo stays' INT; echo begun; cat >/dev/null; read key </dev/stdout; echo left";
        let tw = world.command(line.iter().copied()).env("TW_PAGER", pager);
        let running = Terminal::start_all_at(tw, 100, 10).until("begun");
        // The shell may run the trap only after it has read the key.
        let running = running.interrupts().types("q\n").until("stays");
        running.ends().exits(0).showed("left").works_as_before();
    }
}

#[test]
fn a_pager_that_goes_on_after_ctrl_c_ends_as_usual() {
    let world = start();
    // As `less`, this program is a child of the shell, and the shell gets Ctrl-C too.
    let program = world.installation.home().join("pager");
    let script = "#!/bin/sh\ntrap 'echo stays' INT; echo begun; cat >/dev/null; read key </dev/stdout; echo left\n";
    std::fs::write(&program, script).expect("the home can be written");
    let sleeper = world.installation.home().join("sleeper");
    let script = "echo begun\nexec sleep 60\n";
    std::fs::write(&sleeper, script).expect("the home can be written");
    for line in [&["secrets", "list"][..], &["plugin", "info", "secrets"]] {
        let pager = format!("sh '{}'", program.display());
        let tw = world.command(line.iter().copied()).env("TW_PAGER", pager);
        let running = Terminal::start_all_at(tw, 100, 10).until("begun");
        // The shell may run the trap only after it has read the key.
        let running = running.interrupts().types("q\n").until("stays");
        running.ends().exits(0).showed("left");
        let tw = world.command(line.iter().copied());
        let tw = tw.env("TW_PAGER", format!("sh '{}'", sleeper.display()));
        let running = Terminal::start_all_at(tw, 100, 10).until("begun");
        running.interrupts().ends().exits(130);
    }
}
