//! The documentation is true: a file that the README shows is that file, a terminal session prints what the README shows, and examples work.
#![allow(clippy::expect_used, reason = "a failed test panics with its reason")]

use tw_sandbox::Sandbox;
use tw_tests::{Installation, World, artifacts, fixtures_of, root};

mod configuration;
mod help;
mod lines;
mod packages;
mod reference;
mod security;
mod stability;

fn read_readme() -> String {
    read_document("README.md")
}

/// Reads a document of the repository.
fn read_document(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).expect("the document is there")
}

/// Returns the code blocks of the README that follow a comment `<!-- KIND: TEXT -->`, each with the comment's text.
fn readme_blocks(kind: &str) -> Vec<(String, String)> {
    parse_blocks(&read_readme(), kind)
}

/// Returns the code blocks of any document that follow a comment `<!-- KIND: TEXT -->`, each with the comment's text.
fn parse_blocks(text: &str, kind: &str) -> Vec<(String, String)> {
    let begin = format!("<!-- {kind}: ");
    let parts = text.split(&begin).skip(1).map(|part| {
        let (about, rest) = part
            .split_once(" -->\n```")
            .expect("a block follows the comment");
        let (_, rest) = rest.split_once('\n').expect("the block has lines");
        let (block, _) = rest.split_once("```\n").expect("the block ends");
        (about.to_owned(), block.to_owned())
    });
    parts.collect()
}

/// Returns the command lines of a terminal session, each with its output.
fn parse_session(block: &str) -> Vec<(Vec<&str>, &str)> {
    let commands = block.split("$ tw ").skip(1);
    commands
        .map(|command| command.split_once('\n').expect("a command line ends"))
        .map(|(line, output)| (line.split(' ').collect(), output))
        .collect()
}

#[test]
fn a_file_in_the_readme_has_the_content_of_the_file() {
    let files = readme_blocks("file");
    assert!(!files.is_empty());
    for (name, shown) in files {
        let file = std::fs::read_to_string(root().join(&name)).expect("the file is there");
        assert_eq!(shown, file, "the README shows other content of {name}");
    }
}

#[test]
fn a_terminal_session_in_the_readme_prints_what_it_shows() {
    let sessions = readme_blocks("console");
    assert_eq!(sessions.len(), 3);
    for (given, block) in sessions {
        let installation = Installation::bundled();
        if given.ends_with("and hello") {
            installation.add("hello", &fixtures_of("examples/hello")["tw-plugin-hello"]);
        }
        let world = World::of(
            Sandbox::builder().clock("2026-11-23T10:00:00Z").start(),
            installation,
        );
        for (name, text) in readme_blocks("given") {
            std::fs::write(world.installation.home().join(name), text)
                .expect("the file can be written");
        }
        let lines = parse_session(&block);
        assert!(!lines.is_empty());
        for (line, output) in lines {
            world.tw(line).exits(0).prints(output).says("");
        }
    }
}

#[test]
fn every_example_in_the_help_of_the_bundled_plugins_works() {
    let world = World::new();
    let write = |name: &str, text: &str| {
        let path = world.installation.home().join(name);
        std::fs::write(path, text).expect("the file can be written");
    };
    write("secrets.env", "API_KEY=1\nB2=2\n");
    write("key.txt", "first");
    write("secret.json", r#"{"value": "second"}"#);
    // The order matters: a later command needs the secrets of an earlier one.
    let commands = [
        &["api"][..],
        &["secrets", "add"],
        &["secrets", "list"],
        &["secrets", "view"],
        &["secrets", "update"],
        &["secrets", "import"],
        &["secrets", "sync"],
        &["secrets", "export"],
        &["secrets", "delete"],
        &["workspaces", "list"],
        &["organizations", "list"],
    ];
    for command in commands {
        for line in read_examples(&world, command) {
            let ran = world.tw(line.split(' ')).exits(0);
            match command {
                [_, "export"] => ran.says_with("values can't be read"),
                _ => ran.says(""),
            };
        }
    }
}

/// Returns the command lines of the examples in a command's help, without `tw`.
fn read_examples(world: &World, command: &[&str]) -> Vec<String> {
    let line = command.iter().copied().chain(["--help"]);
    let help = world.tw(line).exits(0).stdout;
    let (_, examples) = help.split_once("Examples:\n").expect("there are examples");
    let lines = examples
        .lines()
        .filter_map(|line| line.trim().strip_prefix("tw "));
    lines
        .map(|line| line.split("  ").next().unwrap_or(line).to_owned())
        .collect()
}

#[test]
fn the_demo_shows_the_five_commands() {
    let readme = read_readme();
    assert!(readme.contains("cargo demo"), "the README's first command");
    let demo = std::process::Command::new(env!("CARGO_BIN_EXE_demo"))
        .output()
        .expect("the demo runs");
    let shown = String::from_utf8_lossy(&demo.stdout);
    assert!(
        demo.status.success(),
        "{shown}{}",
        String::from_utf8_lossy(&demo.stderr)
    );
    for command in ["add", "list", "view", "update", "delete"] {
        assert!(
            shown.contains(&format!("$ tw secrets {command}")),
            "{shown}"
        );
    }
    assert!(
        shown.contains("New secret 'API_KEY' (1001) added at user workspace"),
        "{shown}"
    );
}

#[test]
fn plugins_have_no_runtime_http_tls_or_argument_parser_among_their_dependencies() {
    for plugin in artifacts().plugins.keys() {
        let mut cargo = std::process::Command::new(env!("CARGO"));
        let tree = cargo.current_dir(root()).args([
            "tree",
            "--locked",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--package",
            plugin,
        ]);
        let tree = tree.output().expect("cargo runs");
        let tree = String::from_utf8_lossy(&tree.stdout).into_owned();
        assert!(tree.contains("tw-plugin-api "), "{tree}");
        for heavy in [
            "tokio", "reqwest", "hyper", "clap", "rustls", "ring", "openssl",
        ] {
            assert!(
                !tree
                    .lines()
                    .any(|line| line.starts_with(&format!("{heavy} "))),
                "{plugin} depends on {heavy}:\n{tree}"
            );
        }
    }
}
