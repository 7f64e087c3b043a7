//! The command lines of the documents are understood.

use std::collections::BTreeSet;

use tw_tests::World;

use crate::read_document;

/// Returns the lines of a document's blocks that begin with `tw`, without the comments at their ends.
fn read_lines(name: &str) -> BTreeSet<String> {
    let document = read_document(name);
    let blocks = document.split("```").skip(1).step_by(2);
    // An example in a help is indented by two blanks, and other lines of a help by more.
    let lines = blocks
        .flat_map(str::lines)
        .map(|line| line.strip_prefix("  ").unwrap_or(line));
    let commands = lines.filter(|line| line.starts_with("tw "));
    let ends = |line: &str| {
        [line.find("  "), line.find(" #")]
            .into_iter()
            .flatten()
            .min()
    };
    commands
        .map(|line| line[..ends(line).unwrap_or(line.len())].to_owned())
        .collect()
}

#[test]
fn every_command_line_of_the_documents_is_understood() {
    let names = [
        "README.md",
        "docs/configuration.md",
        "docs/errors.md",
        "docs/packages.md",
        "docs/reference.md",
        "docs/usage.md",
    ];
    let mut number = 0;
    for line in names.into_iter().flat_map(read_lines) {
        let words = shell_words::split(&line)
            .unwrap_or_else(|_| panic!("the quotes are not closed: {line}"));
        let is_argument = |word: &&str| !["|", "<", ">"].contains(word);
        let words = words[1..].iter().map(String::as_str);
        let world = World::new();
        let tw = world.command(words.take_while(is_argument));
        let tw = tw.env("SHELL", "/bin/bash");
        // Nothing listens there, so no line leaves this machine.
        let ran = tw.env("HTTPS_PROXY", "http://127.0.0.1:9").run();
        assert_ne!(ran.status.code(), Some(2), "{line}: {}", ran.stderr);
        number += 1;
    }
    assert!(number > 50, "{number}");
}
