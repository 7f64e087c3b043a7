//! Output on a terminal: bold headings, colored messages, hints and hyperlinks.
#![cfg(unix)]

use std::{fs::File, io::Read};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tw_sandbox::Fault;
use tw_tests::{Tw, World};

use crate::start_with_secret;

/// Runs a command line on a new terminal, and returns all that the terminal showed and the exit code.
fn run_on_terminal(mut tw: Tw) -> (String, Option<i32>) {
    let terminal =
        openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudoterminal can be opened");
    grantpt(&terminal)
        .and_then(|()| unlockpt(&terminal))
        .expect("a new terminal belongs to this process");
    let name = ptsname(&terminal, Vec::new()).expect("a terminal has a name");
    let screen = || {
        let path = name.to_str().expect("the name is UTF-8");
        File::options()
            .read(true)
            .write(true)
            .open(path)
            .expect("the terminal can be opened")
    };
    tw = tw.env("TERM", "xterm-256color");
    let mut child = tw
        .command()
        .stdin(screen())
        .stdout(screen())
        .stderr(screen())
        .spawn()
        .expect("tw can be started");
    // The command holds this process's copies of the terminal's other end. The loop below ends only when they are closed.
    drop(tw);
    let mut shown = Vec::new();
    let mut buffer = [0; 4096];
    let mut terminal = File::from(terminal);
    // Reading fails as soon as no process has the other end open.
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

/// Runs a command line on a terminal and returns what the terminal showed.
fn show(world: &World, line: &[&str]) -> String {
    run_on_terminal(world.command(line.iter().copied())).0
}

#[test]
fn headings_are_bold() {
    let world = start_with_secret();
    let list = show(&world, &["secrets", "list"]);
    assert!(
        list.starts_with("\n  \u{1b}[1mSecrets at user workspace:\u{1b}[0m\n\n"),
        "{list:?}"
    );
    let view = show(&world, &["secrets", "view", "-n", "KEY"]);
    assert!(
        view.starts_with("\n  \u{1b}[1mSecret at user workspace:\u{1b}[0m\n\n"),
        "{view:?}"
    );
}

#[test]
fn messages_of_changes_are_yellow() {
    let world = World::new();
    let add = show(&world, &["secrets", "add", "-n", "KEY", "-v", "x"]);
    let (hint, add) = add.split_once('\n').unwrap_or_default();
    assert!(
        hint.contains("a value on the command line can be seen"),
        "{hint}"
    );
    assert_eq!(
        add,
        "\n  \u{1b}[33mNew secret 'KEY' (1001) added at user workspace\u{1b}[0m\n\n"
    );
    let delete = show(&world, &["secrets", "delete", "-n", "KEY"]);
    assert_eq!(
        delete,
        "\n  \u{1b}[33mSecret 'KEY' deleted at user workspace\u{1b}[0m\n\n"
    );
}

#[test]
fn errors_are_red_and_have_a_hint() {
    let world = World::new();
    let (view, code) = run_on_terminal(world.command(["secrets", "view", "-n", "KEY"]));
    assert_eq!(code, Some(1));
    assert!(
        view.contains("\u{1b}[31mUnknown secret 'KEY' at user workspace\u{1b}[0m\n\n"),
        "{view:?}"
    );
    assert!(
        view.contains("HINT:") && view.contains("`tw secrets list --insecure`"),
        "{view:?}"
    );
    let nowhere = show(&world, &["secrets", "list", "-w", "75"]);
    assert!(
        nowhere.contains("HINT:") && nowhere.contains("`tw workspaces list --insecure`"),
        "{nowhere:?}"
    );
}

#[test]
fn a_failure_of_the_api_names_the_call_on_a_terminal() {
    let world = World::new();
    let tw = world.command(["secrets", "list"]);
    let (shown, _) = run_on_terminal(tw.env("TOWER_ACCESS_TOKEN", "another"));
    let call = format!(
        "{} answered GET /pipeline-secrets with status 401\n",
        world.sandbox.url()
    );
    assert!(shown.contains(&call), "{shown}");
    assert!(
        shown.contains("the token comes from the variable TOWER_ACCESS_TOKEN"),
        "{shown}"
    );
}

#[test]
fn a_long_retry_after_is_reported_as_a_hint() {
    for (after, time) in [
        ("3600", "in 3600 seconds"),
        (
            "Fri, 01 Jan 2100 00:00:00 GMT",
            "after Fri, 01 Jan 2100 00:00:00 GMT",
        ),
    ] {
        let world = start_with_secret();
        let full = Fault::on("*", "*").status(429);
        world.sandbox.fault(full.header("Retry-After", after));
        let shown = show(&world, &["secrets", "list"]);
        let hint = format!("the server asks you to try again {time}\n");
        assert!(shown.contains(&hint), "{shown}");
        world.saw(["GET /pipeline-secrets"]);
        let whoami = show(&world, &["whoami"]);
        assert!(whoami.contains(hint.trim_end()), "{whoami}");
        assert!(!whoami.contains("--rate"), "{whoami}");
        world.saw(["GET /user-info"]);
    }
}

#[test]
fn hints_appear_only_on_a_terminal() {
    let world = World::new();
    world
        .tw(["secrets", "view", "-n", "KEY"])
        .fails("Unknown secret 'KEY' at user workspace");
}

#[test]
fn ids_are_hyperlinks_to_their_pages() {
    let world = World::new();
    let server = world.sandbox.url();
    let link = |page: &str, text: &str| {
        format!("\u{1b}]8;;{server}{page}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
    };
    let workspaces = show(&world, &["workspaces", "list"]);
    assert!(
        workspaces.contains(&link("/orgs/acme/workspaces/research/launchpad", "100")),
        "{workspaces:?}"
    );
    let organizations = show(&world, &["organizations", "list"]);
    assert!(
        organizations.contains(&link("/orgs/globex/workspaces", "20")),
        "{organizations:?}"
    );
    let below = world
        .command(["organizations", "list"])
        .env("TOWER_API_ENDPOINT", format!("{server}/api"));
    let (below, _) = run_on_terminal(below);
    assert!(
        below.contains(&link("/orgs/acme/workspaces", "10")),
        "{below:?}"
    );
}

#[test]
fn links_and_colors_keep_the_columns_aligned() {
    let world = start_with_secret();
    for group in ["workspaces", "organizations", "secrets"] {
        let plain = world.tw([group, "list"]).exits(0).stdout;
        let colored = show(&world, &[group, "list"]);
        assert_eq!(strip_sequences(&colored), plain);
    }
}

/// Removes the escape sequences from a text.
fn strip_sequences(text: &str) -> String {
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
fn json_has_no_colors_on_a_terminal() {
    let world = start_with_secret();
    let plain = world.tw(["secrets", "list", "-o", "json"]).exits(0).stdout;
    assert_eq!(show(&world, &["secrets", "list", "-o", "json"]), plain);
}

#[test]
fn no_color_removes_every_escape_sequence() {
    let world = start_with_secret();
    let lines = [
        &["secrets", "list"][..],
        &["secrets", "add", "-n", "NEW", "-v", "x"],
        &["secrets", "view", "-n", "NONE"],
        &["secrets", "add", "--nmae", "x"],
        &["secrets"],
        &["secrets", "--help"],
    ];
    let is_colored = |line: &&&[&str]| {
        let tw = world.command(line.iter().copied()).env("NO_COLOR", "1");
        run_on_terminal(tw).0.contains('\u{1b}')
    };
    let colored: Vec<_> = lines.iter().filter(is_colored).collect();
    assert!(colored.is_empty(), "{colored:?}");
}

#[test]
fn an_empty_no_color_is_ignored() {
    let world = start_with_secret();
    let (shown, _) = run_on_terminal(world.command(["secrets", "list"]).env("NO_COLOR", ""));
    assert!(shown.contains("\u{1b}[1m"), "{shown:?}");
}
