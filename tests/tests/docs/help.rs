//! `tw help` in all the ways to ask for it, its topics, and the man pages.

use tw_tests::{World, root};

#[test]
fn help_takes_the_root_options_and_the_flags_of_help() {
    let world = World::new();
    for (line, same) in [
        ("help -h", "help"),
        ("help --help", "help"),
        ("help -o json", "help"),
        ("help --insecure secrets", "help secrets"),
        ("help secrets --help", "help secrets"),
        ("help secrets -h", "help secrets"),
        ("help secrets --no-pager", "help secrets"),
        ("help options -o json", "help options"),
        ("help secrets view KEY", "help secrets view"),
        ("--help secrets", "help secrets"),
        ("-h secrets list", "help secrets list"),
        ("--help secrets list -o json", "help secrets list"),
        ("--insecure -h doctor", "help doctor"),
        ("--help help", "help"),
        ("--help options", "help options"),
    ] {
        let expected = world.tw(same.split(' ')).exits(0).stdout;
        world
            .tw(line.split(' '))
            .exits(0)
            .says("")
            .prints(&expected);
    }
    let colored = world.tw(["help", "secrets", "--color", "always"]);
    assert!(colored.exits(0).stdout.contains('\u{1b}'));
    world
        .tw(["help", "-o"])
        .rejects("a value is required for '--output <FORMAT>'");
    world
        .tw(["--help", "nothing"])
        .rejects("unrecognized subcommand");
}

#[test]
fn the_topics_fit_their_width_and_name_all_variables() {
    let world = World::new();
    for topic in ["environment", "exit-codes"] {
        let text = world.tw(["help", topic]).exits(0).stdout;
        let longest = text.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(100), "{text}");
    }
    let text = world.tw(["help", "environment"]).exits(0).stdout;
    for name in [
        "TOWER_ACCESS_TOKEN_FILE",
        "VISUAL",
        "EDITOR",
        "FORCE_HYPERLINK",
        "XDG_CONFIG_HOME",
    ] {
        assert!(text.contains(&format!("\n  {name} ")), "{text}");
    }
}

#[test]
#[cfg(unix)]
fn help_is_as_wide_as_the_terminal_and_paged() {
    use tw_tests::Terminal;

    let world = World::new();
    let show = |line: &str, width, rows| {
        let tw = world.command(line.split(' '));
        let tw = tw.env("TW_PAGER", "sed 's/^/> /'");
        Terminal::start_all_at(tw, width, rows).ends().exits(0)
    };
    for line in ["help environment", "help secrets add"] {
        show(line, 100, 10).showed("> ");
        show(line, 100, 90).never_showed("> ");
        show(&format!("{line} --no-pager"), 100, 10).never_showed("> ");
    }
    for width in [40, 80] {
        let left = show("help environment", width, 200);
        let longest = left
            .screen
            .lines()
            .map(|line| line.trim_end().chars().count());
        assert!(longest.max() <= Some(width.into()), "{}", left.screen);
    }
}

#[test]
fn options_without_an_effect_are_not_in_the_help_of_a_command() {
    let world = World::new();
    for line in [
        "completion bash --help",
        "completion --help",
        "generate man --help",
    ] {
        let help = world.tw(line.split(' ')).exits(0).stdout;
        for option in ["--output", "--jq", "--columns"] {
            assert!(!help.contains(option), "{line}: {help}");
        }
    }
    let path = world
        .tw(["config", "path", "--jq", ".path"])
        .exits(0)
        .stdout;
    world.tw(["config", "path"]).exits(0).prints(&path);
    let ran = world.tw(["config", "path", "--columns", "x"]).exits(0);
    ran.says_with("'--columns' has no effect");
}

#[test]
fn the_keys_of_a_profile_are_in_the_help_of_the_command_that_sets_them() {
    let help = World::new()
        .tw(["profile", "set", "--help"])
        .exits(0)
        .stdout;
    for key in ["endpoint", "workspace", "http.retries"] {
        assert!(help.contains(&format!("\n  {key}\n")), "{help}");
    }
}

#[test]
fn a_man_page_is_dated_names_other_pages_and_is_ascii() {
    let world = World::new();
    let folder = world.installation.home().join("man");
    let name = folder.to_str().expect("the path is UTF-8");
    let tw = world.command(["generate", "man", name]);
    tw.env("SOURCE_DATE_EPOCH", "1700000000").run().exits(0);
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("the page is there");
    let tw = read("tw.1");
    assert!(!tw.contains("help(1)"), "{tw}");
    assert!(tw.contains("tw\\-generate"), "{tw}");
    let page = read("tw-secrets-add.1");
    for text in [
        " 2023-11-14 ",
        "\\fBtw\\fR(1),\n\\fBtw\\-secrets\\fR(1)\n",
        "[OPTIONS] \\-\\-name <NAME>",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    for file in std::fs::read_dir(&folder).expect("the folder is there") {
        let path = file.expect("a file").path();
        let page = std::fs::read(&path).expect("the page can be read");
        assert!(page.is_ascii(), "{}", path.display());
    }
    let wrong = world.command(["generate", "man", name]);
    let wrong = wrong.env("SOURCE_DATE_EPOCH", "today").run();
    wrong.rejects("SOURCE_DATE_EPOCH should be a number of seconds");
    // A package is dated by its builder.
    let usage = std::fs::read_to_string(root().join("docs/usage.md"));
    assert!(
        usage
            .expect("the document is there")
            .contains("SOURCE_DATE_EPOCH")
    );
}
