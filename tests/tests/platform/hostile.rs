//! Control and bidirectional characters in text from a server: console output replaces them, and JSON escapes them.

use tw_sandbox::{Fault, Organization, Sandbox, Secret, User, Workspace};
use tw_tests::{Ran, World};

/// A color, a title, a carriage return, a line feed, right-to-left controls, a C1 introducer, a byte order mark, DEL and backspace.
const HOSTILE: &str =
    "a\u{1b}[31m\u{1b}]0;x\u{7}\rb\nc\u{202e}d\u{9b}2Je\u{2066}f\u{feff}g\u{7f}\u{8}";
const SHOWN: &str = "a␛[31m␛]0;x␇␍b␊c�d�2Je�f�g␡␈";

/// Asserts that neither stream has control or bidirectional characters, except line feeds.
#[track_caller]
pub(crate) fn assert_harmless(ran: &Ran) {
    for text in [&ran.stdout, &ran.stderr] {
        let steers = |character: char| {
            (character.is_control() && character != '\n')
                || matches!(character, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        };
        assert!(!text.chars().any(steers), "{ran}");
    }
}

#[test]
fn control_characters_in_a_secrets_name_are_replaced() {
    let world = World::with(Sandbox::builder().secret(Secret::new(HOSTILE, "x").undated()));
    let list = world
        .tw(["secrets", "list"])
        .exits(0)
        .says("")
        .prints_with(&format!("| {SHOWN} |"));
    assert_harmless(&list);
    let view = world
        .tw(["secrets", "view", "-i", "1001"])
        .exits(0)
        .says("")
        .prints_with(&format!("| {SHOWN} "));
    assert_harmless(&view);
    let update = world
        .tw(["secrets", "update", "-i", "1001", "-v", "y"])
        .exits(0)
        .says("");
    assert_harmless(&update.prints(&format!(
        "\n  Secret '{SHOWN}' updated at user workspace\n\n"
    )));
    let delete = world
        .tw(["secrets", "delete", "-i", "1001"])
        .exits(0)
        .says("");
    assert_harmless(&delete.prints(&format!(
        "\n  Secret '{SHOWN}' deleted at user workspace\n\n"
    )));
}

#[test]
fn control_characters_are_escaped_in_json() {
    let world = World::with(Sandbox::builder().secret(Secret::new(HOSTILE, "x").undated()));
    let list = world
        .tw(["secrets", "list", "-o", "json"])
        .exits(0)
        .says("");
    assert_harmless(&list);
    assert_eq!(list.json()["secrets"][0]["name"], HOSTILE);
    let delete = world
        .tw(["secrets", "delete", "-i", "1001", "-o", "json"])
        .exits(0)
        .says("");
    assert_harmless(&delete);
    assert_eq!(delete.json()["secret"], HOSTILE);
}

#[test]
fn control_characters_in_a_date_are_replaced() {
    let secret = Secret::new("KEY", "x").undated().used(HOSTILE);
    let world = World::with(Sandbox::builder().secret(secret));
    let list = world
        .tw(["secrets", "list"])
        .exits(0)
        .says("")
        .prints_with(SHOWN);
    assert_harmless(&list);
}

#[test]
fn control_characters_in_user_organization_and_workspace_names_are_replaced() {
    let world = World::with(
        Sandbox::builder()
            .user(User::new(1, HOSTILE))
            .organization(Organization::new(30, HOSTILE))
            .workspace(Workspace::new(300, 30, HOSTILE)),
    );
    for line in [
        &["workspaces", "list"][..],
        &["organizations", "list"],
        &["secrets", "list", "-w", "300"],
        &["secrets", "add", "-n", "KEY", "-v", "x", "-w", "300"],
    ] {
        assert_harmless(
            &world
                .tw(line.iter().copied())
                .exits(0)
                .says("")
                .prints_with(SHOWN),
        );
        assert_harmless(
            &world
                .tw(["secrets", "view", "-n", "none", "-w", "300"])
                .exits(1)
                .says_with(SHOWN),
        );
        let json = world.tw(line
            .iter()
            .copied()
            .chain(["--output", "json", "--overwrite"])
            .filter(|word| line.contains(&"add") || *word != "--overwrite"));
        assert_harmless(&json.exits(0));
    }
}

#[test]
fn control_characters_in_a_servers_message_are_replaced() {
    let message = serde_json::json!({ "message": HOSTILE }).to_string();
    for status in [400, 403, 500] {
        let world = World::with(
            Sandbox::builder().fault(Fault::on("*", "*").status(status).json(&message)),
        );
        for command in crate::failures::COMMANDS
            .into_iter()
            .filter(|command| !command.contains(&"-i"))
        {
            let ran = world.tw(command.iter().copied().chain(["--verbose"]));
            assert_harmless(&ran);
            assert!(
                ran.stderr.contains(&format!("\n ERROR: {SHOWN}\n\n")),
                "{ran}"
            );
        }
    }
}

#[test]
fn control_characters_in_a_redirect_are_replaced() {
    let world = World::with(
        Sandbox::builder().fault(Fault::on("*", "*").redirect("/%1b[31m\u{9b}x?\u{202e}", 302)),
    );
    assert_harmless(&world.tw(["secrets", "list", "-v"]).exits(1).prints(""));
}

#[test]
fn control_characters_in_arguments_are_replaced_in_errors() {
    let world = World::new();
    assert_harmless(
        &world
            .tw(["secrets", "view", "-n", HOSTILE])
            .fails(&format!("Unknown secret '{SHOWN}' at user workspace")),
    );
    assert_harmless(&world.tw(["secrets", "list", "-w", HOSTILE]).exits(1));
    assert_harmless(&world.tw(["secrets", "list", "-u", HOSTILE]).exits(1));
}
