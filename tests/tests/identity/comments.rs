//! Changes of the configuration keep the comments that don't belong to what is removed.

use std::fs;

use tw_tests::World;

use crate::Files;

/// Runs a command that changes a file, and returns the new text.
#[track_caller]
fn change(text: &str, line: &str) -> String {
    let world = World::new();
    world.configure(text);
    world.plain(line.split(' ')).exits(0).says("");
    fs::read_to_string(world.user_file()).expect("the file can be read")
}

#[test]
fn a_comment_above_a_blank_line_belongs_to_what_stands_above() {
    for (text, line, expected) in [
        (
            "[profile.a]\nworkspace = 1\n# of a\n\n# of b\n[profile.b]\nworkspace = 2\n\n# of c\n[profile.c]\n",
            "profile remove b",
            "[profile.a]\nworkspace = 1\n# of a\n\n# of c\n[profile.c]\n",
        ),
        // The sections of a profile can stand apart.
        (
            "[profile.b]\n\n[profile.a]\n# of a\n\n\n# of b\n[profile.b.http]\nrate = 1\n[profile.c]\n",
            "profile remove b",
            "\n[profile.a]\n# of a\n\n[profile.c]\n",
        ),
        (
            "[profile.a]\n# of a\n\n# of b\n[profile.b]\nworkspace = 2\n",
            "profile remove b",
            "[profile.a]\n# of a\n",
        ),
        (
            "[profile.a]\noutput = \"csv\"\n# of output\n\n# of workspace\nworkspace = 1\n",
            "profile unset a workspace",
            "[profile.a]\noutput = \"csv\"\n# of output\n",
        ),
        (
            "[profile.a]\r\n# of a\r\n\r\n# of b\r\n[profile.b]\r\n",
            "profile remove b",
            "[profile.a]\r\n# of a\r\n",
        ),
        (
            "[alias]\nx = \"info\"\n# of x\n\n# of y\ny = \"doctor\"\n",
            "alias delete y",
            "[alias]\nx = \"info\"\n# of x\n",
        ),
    ] {
        assert_eq!(change(text, line), expected, "{line}: {text}");
    }
}

#[test]
fn a_new_key_does_not_take_the_comment_of_the_first_section() {
    for (text, expected) in [
        (
            "# of a\n[profile.a]\n",
            "default-profile = \"a\"\n\n# of a\n[profile.a]\n",
        ),
        (
            "output = \"csv\"\n[profile.a]\n",
            "output = \"csv\"\ndefault-profile = \"a\"\n\n[profile.a]\n",
        ),
        (
            "output = \"csv\"\n\n[profile.a]\n",
            "output = \"csv\"\ndefault-profile = \"a\"\n\n[profile.a]\n",
        ),
    ] {
        assert_eq!(change(text, "profile use a"), expected, "{text}");
    }
}
