//! On a terminal: the heading is bold, a change's message yellow, an error red, a hint below it, and numbers are links.
#![cfg(unix)]

use std::{fs::File, io::Read};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tw_sandbox::Fault;
use tw_tests::{Tw, World};

use crate::one_secret;

/// Runs it on a terminal of its own, and gives all that it shows there and its exit code.
fn on_terminal(mut tw: Tw) -> (String, Option<i32>) {
    let terminal =
        openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("there are pseudoterminals");
    grantpt(&terminal)
        .and_then(|()| unlockpt(&terminal))
        .expect("a new one is ours");
    let name = ptsname(&terminal, Vec::new()).expect("it has a name");
    let screen = || {
        let path = name.to_str().expect("the name is text");
        File::options()
            .read(true)
            .write(true)
            .open(path)
            .expect("it can be opened")
    };
    tw = tw.env("TERM", "xterm-256color");
    let mut child = tw
        .command()
        .stdin(screen())
        .stdout(screen())
        .stderr(screen())
        .spawn()
        .expect("tw can be started");
    // Its ends that this process holds are closed, so that the reading ends when the child does.
    drop(tw);
    let mut shown = Vec::new();
    let mut buffer = [0; 4096];
    let mut terminal = File::from(terminal);
    // Where nobody holds the other end any more, reading fails.
    while let Ok(read @ 1..) = terminal.read(&mut buffer) {
        shown.extend_from_slice(&buffer[..read]);
    }
    let status = child.wait().expect("a child can be waited for");
    (
        String::from_utf8(shown)
            .expect("tw prints UTF-8")
            .replace("\r\n", "\n"),
        status.code(),
    )
}

/// The line on a terminal.
fn shown(world: &World, line: &[&str]) -> String {
    on_terminal(world.command(line.iter().copied())).0
}

#[test]
fn a_heading_is_bold() {
    let world = one_secret();
    let list = shown(&world, &["secrets", "list"]);
    assert!(
        list.starts_with("\n  \u{1b}[1mSecrets at user workspace:\u{1b}[0m\n\n"),
        "{list:?}"
    );
    let view = shown(&world, &["secrets", "view", "-n", "KEY"]);
    assert!(
        view.starts_with("\n  \u{1b}[1mSecret at user workspace:\u{1b}[0m\n\n"),
        "{view:?}"
    );
}

#[test]
fn the_message_of_a_change_is_yellow() {
    let world = World::new();
    let add = shown(&world, &["secrets", "add", "-n", "KEY", "-v", "x"]);
    let (hint, add) = add.split_once('\n').unwrap_or_default();
    assert!(
        hint.contains("a value on the command line can be seen"),
        "{hint}"
    );
    assert_eq!(
        add,
        "\n  \u{1b}[33mNew secret 'KEY' (1001) added at user workspace\u{1b}[0m\n\n"
    );
    let delete = shown(&world, &["secrets", "delete", "-n", "KEY"]);
    assert_eq!(
        delete,
        "\n  \u{1b}[33mSecret 'KEY' deleted at user workspace\u{1b}[0m\n\n"
    );
}

#[test]
fn an_error_is_red_and_a_hint_says_what_to_do() {
    let world = World::new();
    let (view, code) = on_terminal(world.command(["secrets", "view", "-n", "KEY"]));
    assert_eq!(code, Some(1));
    assert!(
        view.contains("\u{1b}[31mUnknown secret 'KEY' at user workspace\u{1b}[0m\n\n"),
        "{view:?}"
    );
    assert!(
        view.contains("HINT:") && view.contains("`tw secrets list`"),
        "{view:?}"
    );
    let nowhere = shown(&world, &["secrets", "list", "-w", "75"]);
    assert!(
        nowhere.contains("HINT:") && nowhere.contains("`tw workspaces list`"),
        "{nowhere:?}"
    );
}

#[test]
fn a_server_that_wants_more_time_than_is_waited_is_told_of() {
    for (after, told) in [
        ("3600", "in 3600 seconds"),
        (
            "Fri, 01 Jan 2100 00:00:00 GMT",
            "after Fri, 01 Jan 2100 00:00:00 GMT",
        ),
    ] {
        let world = one_secret();
        let full = Fault::on("*", "*").status(429);
        world.sandbox.fault(full.header("Retry-After", after));
        let shown = shown(&world, &["secrets", "list"]);
        let hint = format!("the server asks you to try again {told}\n");
        assert!(shown.contains(&hint), "{shown}");
        world.saw(["GET /pipeline-secrets"]);
    }
}

#[test]
fn without_a_terminal_there_is_no_hint() {
    let world = World::new();
    world
        .tw(["secrets", "view", "-n", "KEY"])
        .fails("Unknown secret 'KEY' at user workspace");
}

#[test]
fn a_number_is_a_link_to_its_page() {
    let world = World::new();
    let server = world.sandbox.url();
    let link = |page: &str, text: &str| {
        format!("\u{1b}]8;;{server}{page}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
    };
    let workspaces = shown(&world, &["workspaces", "list"]);
    assert!(
        workspaces.contains(&link("/orgs/acme/workspaces/research/launchpad", "100")),
        "{workspaces:?}"
    );
    let organizations = shown(&world, &["organizations", "list"]);
    assert!(
        organizations.contains(&link("/orgs/globex/workspaces", "20")),
        "{organizations:?}"
    );
    let below = world
        .command(["organizations", "list"])
        .env("TOWER_API_ENDPOINT", format!("{server}/api"));
    let (below, _) = on_terminal(below);
    assert!(
        below.contains(&link("/orgs/acme/workspaces", "10")),
        "{below:?}"
    );
}

#[test]
fn links_and_colours_leave_the_columns_where_they_are() {
    let world = World::new();
    for group in ["workspaces", "organizations", "secrets"] {
        let plain = world.tw([group, "list"]).exits(0).stdout;
        let colored = shown(&world, &[group, "list"]);
        assert_eq!(without_sequences(&colored), plain);
    }
}

/// The text as it stands on the screen.
fn without_sequences(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, sequence)) = rest.split_once('\u{1b}') {
        out += before;
        let end = match sequence.starts_with(']') {
            true => "\u{1b}\\",
            false => "m",
        };
        rest = sequence.split_once(end).map_or("", |(_, after)| after);
    }
    out + rest
}

#[test]
fn json_is_plain_on_a_terminal_too() {
    let world = one_secret();
    let plain = world.tw(["secrets", "list", "-o", "json"]).exits(0).stdout;
    assert_eq!(shown(&world, &["secrets", "list", "-o", "json"]), plain);
}

#[test]
fn whoever_wants_no_colour_gets_none() {
    let world = one_secret();
    let lines = [
        &["secrets", "list"][..],
        &["workspaces", "list"],
        &["secrets", "add", "-n", "NEW", "-v", "x"],
        &["secrets", "view", "-n", "NONE"],
        &["secrets", "add", "--nmae", "x"],
        &["secrets"],
        &["secrets", "--help"],
    ];
    let is_colored = |line: &&&[&str]| {
        let tw = world.command(line.iter().copied()).env("NO_COLOR", "1");
        on_terminal(tw).0.contains('\u{1b}')
    };
    let colored: Vec<_> = lines.iter().filter(is_colored).collect();
    assert!(colored.is_empty(), "{colored:?}");
}

#[test]
fn an_empty_variable_is_no_wish() {
    let world = one_secret();
    let (shown, _) = on_terminal(world.command(["secrets", "list"]).env("NO_COLOR", ""));
    assert!(shown.contains("\u{1b}[1m"), "{shown:?}");
}
