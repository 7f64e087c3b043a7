//! A server that sends what would steer a terminal: it is shown replaced, and JSON escapes it.

use tw_sandbox::{Fault, Organization, Sandbox, Secret, User, Workspace};
use tw_tests::{Ran, World};

/// Colour, a title, a carriage return, a line, the other reading direction, a C1 introducer, a byte order mark.
const HOSTILE: &str =
    "a\u{1b}[31m\u{1b}]0;x\u{7}\rb\nc\u{202e}d\u{9b}2Je\u{2066}f\u{feff}g\u{7f}\u{8}";
const SHOWN: &str = "a␛[31m␛]0;x␇␍b␊c�d�2Je�f�g␡␈";

/// Nothing but visible characters and the lines of tw itself.
#[track_caller]
pub(crate) fn is_harmless(ran: &Ran) {
    for text in [&ran.stdout, &ran.stderr] {
        let steers = |character: char| {
            (character.is_control() && character != '\n')
                || matches!(character, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        };
        assert!(!text.chars().any(steers), "{ran}");
    }
}

#[test]
fn in_the_name_of_a_secret() {
    let world = World::with(Sandbox::builder().secret(Secret::new(HOSTILE, "x").undated()));
    let list = world
        .tw(["secrets", "list"])
        .exits(0)
        .says("")
        .prints_with(&format!("| {SHOWN} |"));
    is_harmless(&list);
    let view = world
        .tw(["secrets", "view", "-i", "1001"])
        .exits(0)
        .says("")
        .prints_with(&format!("| {SHOWN} "));
    is_harmless(&view);
    let update = world
        .tw(["secrets", "update", "-i", "1001", "-v", "y"])
        .exits(0)
        .says("");
    is_harmless(&update.prints(&format!(
        "\n  Secret '{SHOWN}' updated at user workspace\n\n"
    )));
    let delete = world
        .tw(["secrets", "delete", "-i", "1001"])
        .exits(0)
        .says("");
    is_harmless(&delete.prints(&format!(
        "\n  Secret '{SHOWN}' deleted at user workspace\n\n"
    )));
}

#[test]
fn in_json() {
    let world = World::with(Sandbox::builder().secret(Secret::new(HOSTILE, "x").undated()));
    let list = world
        .tw(["secrets", "list", "-o", "json"])
        .exits(0)
        .says("");
    is_harmless(&list);
    assert_eq!(list.json()["secrets"][0]["name"], HOSTILE);
    let delete = world
        .tw(["secrets", "delete", "-i", "1001", "-o", "json"])
        .exits(0)
        .says("");
    is_harmless(&delete);
    assert_eq!(delete.json()["secret"]["name"], HOSTILE);
}

#[test]
fn in_a_date() {
    let secret = Secret::new("KEY", "x").undated().used(HOSTILE);
    let world = World::with(Sandbox::builder().secret(secret));
    let list = world
        .tw(["secrets", "list"])
        .exits(0)
        .says("")
        .prints_with(SHOWN);
    is_harmless(&list);
}

#[test]
fn in_the_names_of_people_and_places() {
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
        is_harmless(
            &world
                .tw(line.iter().copied())
                .exits(0)
                .says("")
                .prints_with(SHOWN),
        );
        is_harmless(
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
        is_harmless(&json.exits(0));
    }
}

#[test]
fn in_an_error() {
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
            is_harmless(&ran);
            assert!(
                ran.stderr.contains(&format!("\n ERROR: {SHOWN}\n\n")),
                "{ran}"
            );
        }
    }
}

#[test]
fn in_a_redirect() {
    let world = World::with(
        Sandbox::builder().fault(Fault::on("*", "*").redirect("/%1b[31m\u{9b}x?\u{202e}", 302)),
    );
    is_harmless(&world.tw(["secrets", "list", "-v"]).exits(1).prints(""));
}

#[test]
fn in_what_a_person_typed() {
    let world = World::new();
    is_harmless(
        &world
            .tw(["secrets", "view", "-n", HOSTILE])
            .fails(&format!("Unknown secret '{SHOWN}' at user workspace")),
    );
    is_harmless(&world.tw(["secrets", "list", "-w", HOSTILE]).exits(1));
    is_harmless(&world.tw(["secrets", "list", "-u", HOSTILE]).exits(1));
}
