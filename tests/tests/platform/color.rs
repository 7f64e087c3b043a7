//! Colors and links: `--color`, the variables about them, and the stream.
#![cfg(unix)]

use tw_tests::{Terminal, Tw, World};

use crate::start_with_secret;

const BOLD: &str = "\u{1b}[1m";
const LINK: &str = "\u{1b}]8;;";

/// Runs a command whose standard streams are the terminal, and returns what the terminal showed.
fn show(tw: Tw) -> String {
    Terminal::start_all(tw).ends().screen
}

#[test]
fn color_always_colors_what_is_for_people_and_nothing_else() {
    let world = start_with_secret();
    let list = world.tw(["secrets", "list", "--color", "always"]).exits(0);
    let heading = format!("\n  {BOLD}Secrets at user workspace:");
    assert!(list.stdout.starts_with(&heading), "{list}");
    for format in ["json", "yaml", "csv", "tsv", "names", "jsonl"] {
        let line = ["secrets", "list", "-o", format];
        let plain = world.tw(line).exits(0).stdout;
        world
            .tw(line.into_iter().chain(["--color=always"]))
            .prints(&plain);
    }
    let filtered = world.tw([
        "secrets",
        "list",
        "--jq",
        ".secrets[].name",
        "--color=always",
    ]);
    filtered.prints("KEY\n");
    for line in [
        &["secrets", "view", "-n", "NONE", "--color", "always"][..],
        &["--color=always", "secrets", "--bad"],
        &["secrets", "--bad", "--color=always"],
    ] {
        let failed = world.tw(line.iter().copied());
        assert!(failed.stderr.contains("\u{1b}["), "{failed}");
    }
    for line in [
        &["--help", "--color", "always"][..],
        &["plugin", "list", "--color=always"],
    ] {
        let shown = world.tw(line.iter().copied()).exits(0);
        assert!(shown.stdout.contains("\u{1b}["), "{shown}");
    }
}

#[test]
fn a_state_has_the_color_of_its_meaning() {
    let world = start_with_secret();
    let home = world.installation.home();
    std::fs::write(home.join("s.env"), "KEY=second\n").expect("the file can be written");
    let green = |text: &str| format!("| \u{1b}[32m{text}\u{1b}[0m");
    let list = world.tw(["plugin", "list", "--color", "always"]);
    list.exits(0).prints_with(&green("ok"));
    let import = world.tw(["secrets", "import", "s.env", "--color=always"]);
    import.exits(0).prints_with(&green("done"));
    let file = world.installation.home().join(".config/tw/config.toml");
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("the folder can be made");
    std::fs::write(&file, "htpp = 1\n").expect("the file can be written");
    let check = world.tw(["config", "check", "--color", "always"]).exits(1);
    check.prints_with("| \u{1b}[31minvalid\u{1b}[0m");
}

#[test]
fn without_colors_no_output_of_any_kind_has_one() {
    let world = start_with_secret();
    let lines = [
        &["secrets", "list"][..],
        &["secrets", "view", "-n", "NONE"],
        &["secrets", "add", "--nmae", "x"],
        &["secrets"],
        &["secrets", "--help"],
        &["plugin", "list"],
    ];
    for line in lines {
        let command = || world.command(line.iter().copied());
        for (name, value) in [("NO_COLOR", "1"), ("CLICOLOR", "0"), ("FORCE_COLOR", "0")] {
            let shown = show(command().env(name, value));
            assert!(!shown.contains('\u{1b}'), "{name}: {shown:?}");
        }
        let shown = show(command().args(["--color", "never"]).env("FORCE_COLOR", "1"));
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
    }
}

#[test]
fn variables_force_colors_in_a_pipe() {
    let world = start_with_secret();
    for name in ["CLICOLOR_FORCE", "FORCE_COLOR"] {
        let list = world.command(["secrets", "list"]).env(name, "1").run();
        assert!(list.stdout.contains(BOLD), "{list}");
        let failed = world
            .command(["secrets", "view", "-n", "NONE"])
            .env(name, "1")
            .run();
        assert!(failed.stderr.contains("\u{1b}[31m"), "{failed}");
        let list = world
            .command(["secrets", "list"])
            .env(name, "1")
            .env("NO_COLOR", "1");
        let list = list.run();
        assert!(!list.stdout.contains('\u{1b}'), "{list}");
    }
}

#[test]
fn each_stream_decides_for_itself() {
    let world = start_with_secret();
    // Standard output is a pipe, and standard error is the terminal.
    let left = Terminal::start(world.command(["secrets", "view", "-n", "NONE"])).ends();
    assert!(left.screen.contains("\u{1b}[31m"), "{:?}", left.screen);
    let left = Terminal::start(world.command(["secrets", "list"]))
        .ends()
        .exits(0);
    assert!(!left.stdout.contains('\u{1b}'), "{:?}", left.stdout);
    let help = Terminal::start(world.command(["secrets", "--help"]))
        .ends()
        .exits(0);
    assert!(!help.stdout.contains('\u{1b}'), "{:?}", help.stdout);
}

#[test]
fn links_and_colors_do_not_depend_on_each_other() {
    let world = World::new();
    let list = || world.command(["workspaces", "list"]);
    let colorless = show(list().env("NO_COLOR", "1"));
    assert!(
        colorless.contains(LINK) && !colorless.contains(BOLD),
        "{colorless:?}"
    );
    let linkless = show(list().env("FORCE_HYPERLINK", "0"));
    assert!(
        linkless.contains(BOLD) && !linkless.contains(LINK),
        "{linkless:?}"
    );
    let colored = world.tw(["workspaces", "list", "--color", "always"]).stdout;
    assert!(
        colored.contains(BOLD) && !colored.contains(LINK),
        "{colored:?}"
    );
    let linked = list().env("FORCE_HYPERLINK", "1").run().stdout;
    assert!(
        linked.contains(LINK) && !linked.contains(BOLD),
        "{linked:?}"
    );
    let json = list()
        .args(["-o", "acme", "--output", "json"])
        .env("FORCE_HYPERLINK", "1");
    assert!(!json.run().stdout.contains('\u{1b}'));
}

#[test]
fn an_unknown_choice_is_refused() {
    let world = World::new();
    world
        .tw(["secrets", "list", "--color", "sometimes"])
        .rejects("invalid value 'sometimes' for '--color <WHEN>'");
}
