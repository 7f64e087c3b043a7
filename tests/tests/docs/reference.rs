//! `docs/reference.md` has the help of every command, so every change of the command line is visible in a review. Man pages have the same content.

use std::collections::BTreeSet;

use tw_tests::{World, root};

const FILE: &str = "docs/reference.md";

const INTRODUCTION: &str = "# Reference

This is the help of every command of `tw` and of the bundled plugins. It is generated: `UPDATE_REFERENCE=1 cargo test --workspace --test docs reference` writes it.
";

/// Returns the names of all commands that help lists, each with the names above it, and the help of each.
fn read_help(world: &World) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    let mut open = vec![Vec::<String>::new()];
    while let Some(path) = open.pop() {
        let line: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
        let help = world.tw(line).exits(0).stdout;
        let (_, rest) = help.split_once("\nCommands:\n").unwrap_or_default();
        let below = rest.lines().take_while(|line| !line.is_empty());
        let below = below
            .filter_map(|line| line.trim().split(' ').next())
            .filter(|name| *name != "help");
        let below: Vec<Vec<String>> = below
            .map(|name| path.iter().cloned().chain([name.to_owned()]).collect())
            .collect();
        open.extend(below.into_iter().rev());
        found.push((path, help));
    }
    found
}

#[test]
fn the_reference_has_the_help_of_every_command() {
    let mut reference = INTRODUCTION.to_owned();
    for (path, help) in read_help(&World::new()) {
        let name: Vec<&str> = ["tw"]
            .into_iter()
            .chain(path.iter().map(String::as_str))
            .collect();
        // An editor removes blanks at the ends of lines.
        let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
        reference += &format!(
            "\n## {}\n\n```text\n{}\n```\n",
            name.join(" "),
            lines.join("\n").trim_end()
        );
    }
    let path = root().join(FILE);
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(&path, &reference).expect("the file can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = written
        .lines()
        .zip(reference.lines())
        .find(|(one, other)| one != other);
    assert!(
        written == reference,
        "{FILE} is not up to date: {differs:?}; UPDATE_REFERENCE=1 writes it"
    );
}

#[test]
fn short_help_has_no_examples_and_says_where_more_is() {
    let world = World::new();
    for (path, _) in read_help(&world) {
        let line: Vec<&str> = path.iter().map(String::as_str).chain(["-h"]).collect();
        let help = world.tw(line).exits(0).stdout;
        assert!(!help.contains("Examples:"), "{help}");
        assert!(help.contains("tw help options"), "{help}");
        assert!(!help.contains("--read-timeout"), "{help}");
    }
}

#[test]
fn long_help_of_a_command_has_its_sections() {
    let world = World::new();
    for line in [
        &["secrets", "add", "--help"][..],
        &["help", "secrets", "add"],
        &["plugin", "install", "--help"],
    ] {
        let help = world.tw(line.iter().copied()).exits(0).stdout;
        for section in [
            "Examples:\n",
            "Environment:\n",
            "Exit codes:\n",
            "See also:\n",
        ] {
            assert!(help.contains(section), "{section} {help}");
        }
    }
    let help = world.tw(["secrets", "add", "--help"]).exits(0).stdout;
    assert!(
        help.contains("TOWER_WORKSPACE_ID       --workspace"),
        "{help}"
    );
}

#[test]
fn the_topics_of_help_are_complete() {
    let world = World::new();
    let options = world.tw(["help", "options"]).exits(0).says("").stdout;
    let environment = world.tw(["help", "environment"]).exits(0).says("").stdout;
    let codes = world.tw(["help", "exit-codes"]).exits(0).says("").stdout;
    for option in [
        "--access-token",
        "--read-timeout",
        "--error-format",
        "--jq",
        "--profile",
    ] {
        assert!(options.contains(option), "{options}");
    }
    let named = options.split("[env:").skip(1);
    let named = named.filter_map(|rest| rest.split(']').next());
    let names = named.flat_map(|names| {
        names.split(|letter: char| !letter.is_ascii_uppercase() && letter != '_')
    });
    for name in names.filter(|name| !name.is_empty()) {
        let row = format!("\n  {name} ");
        assert!(environment.contains(&row), "{row} {environment}");
    }
    assert!(codes.contains("130"), "{codes}");
    // A topic is no command.
    world.tw(["options"]).rejects("unrecognized subcommand");
}

#[test]
fn help_of_a_plugin_is_what_plugin_info_shows() {
    let world = World::new();
    let info = world.tw(["plugin", "info", "rest"]).exits(0).stdout;
    world.tw(["help", "rest"]).exits(0).prints(&info);
    // `secrets` is a plugin and a command, and the command is meant.
    let help = world.tw(["secrets", "--help"]).exits(0).stdout;
    world.tw(["help", "secrets"]).exits(0).prints(&help);
    world
        .tw(["help", "nothing"])
        .rejects("unrecognized subcommand");
}

#[test]
#[cfg(unix)]
fn external_commands_appear_in_help_and_are_not_run_by_it() {
    use std::os::unix::fs::PermissionsExt;

    let world = World::new();
    let folder = world.installation.home().join("bin");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let program = folder.join("tw-greet");
    std::fs::write(&program, "#!/bin/sh\necho \"greets: $*\"\n").expect("the file can be written");
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).expect("it is ours");
    let path = format!("{}:/usr/bin:/bin", folder.display());
    let tw = |line: &[&str]| {
        let tw = world.command(line.iter().copied());
        tw.env("PATH", &path).run().exits(0).stdout
    };
    let help = tw(&["help"]);
    assert!(
        help.contains("External commands (executables on PATH):\n  greet\n"),
        "{help}"
    );
    for line in ["--help", "-h"] {
        let help = tw(&[line]);
        assert!(!help.contains("greet"), "{help}");
    }
    let help = tw(&["help", "greet"]);
    let shown = program.canonicalize().expect("the file is there");
    assert!(help.contains(&format!("{}\n", shown.display())), "{help}");
    assert!(help.contains("`tw greet --help`"), "{help}");
    assert!(!help.contains("greets:"), "{help}");
}

#[test]
fn there_is_a_man_page_for_every_command() {
    let world = World::new();
    let folder = world.installation.home().join("man/man1");
    let name = folder.to_str().expect("the path is UTF-8");
    world
        .tw(["generate", "man", name])
        .exits(0)
        .says("")
        .prints("");
    let files = std::fs::read_dir(&folder).expect("the folder is there");
    let files: BTreeSet<String> = files
        .map(|file| {
            file.expect("a file")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let commands = read_help(&world).into_iter().map(|(path, _)| {
        let name: Vec<String> = ["tw".to_owned()].into_iter().chain(path).collect();
        format!("{}.1", name.join("-"))
    });
    assert_eq!(files, commands.collect());
    let page = std::fs::read_to_string(folder.join("tw-secrets-add.1")).expect("the page is there");
    for text in [".TH tw-secrets-add 1", "overwrite", "\n.SH EXAMPLES\n"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let page = std::fs::read_to_string(folder.join("tw.1")).expect("the page is there");
    let is_empty = |lines: &[&str]| lines[0] == ".TP" && lines[2].is_empty();
    let lines: Vec<&str> = page.lines().collect();
    assert!(!lines.windows(3).any(is_empty), "{page}");
    assert!(page.contains("Use colors: "), "{page}");
}

#[test]
#[cfg(unix)]
fn other_users_can_read_the_man_pages() {
    use std::os::unix::fs::PermissionsExt;

    let world = World::new();
    let folder = world.installation.home().join("man/man1");
    let name = folder.to_str().expect("the path is UTF-8");
    world.tw(["generate", "man", name]).exits(0);
    let mode = |path: &std::path::Path| {
        let data = path.metadata().expect("it is there");
        data.permissions().mode() & 0o777
    };
    // The umask of this process decides about the mode of a folder.
    let plain = world.installation.home().join("plain");
    std::fs::create_dir(&plain).expect("the folder can be made");
    assert_eq!(mode(&folder), mode(&plain));
    assert_eq!(mode(&world.installation.home().join("man")), mode(&plain));
}
