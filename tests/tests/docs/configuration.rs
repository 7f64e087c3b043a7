//! The reference of the configuration: its example is valid, its session prints what it shows, and it names every key.

use std::fs;

use tw_tests::World;

use crate::{parse_blocks, parse_session, read_document};

fn read() -> String {
    read_document("docs/configuration.md")
}

#[test]
fn the_example_of_a_configuration_is_valid() {
    let examples = parse_blocks(&read(), "configuration");
    assert_eq!(examples.len(), 1);
    for (_, text) in examples {
        let world = World::new();
        let folder = world.installation.home().join(".config/tw");
        fs::create_dir_all(&folder).expect("the folder can be made");
        fs::write(folder.join("config.toml"), text).expect("the file can be written");
        let ran = world.tw(["config", "check"]).exits(0);
        ran.prints_with("\"state\": \"valid\"").says("");
    }
}

#[test]
fn the_session_with_profiles_prints_what_it_shows() {
    let sessions = parse_blocks(&read(), "console");
    assert_eq!(sessions.len(), 1);
    for (_, block) in sessions {
        let world = World::new();
        let home = world.installation.home().display().to_string();
        for (line, output) in parse_session(&block) {
            let ran = world.installation.command(line).run().exits(0).says("");
            let shown = ran.stdout.replace(&home, "~").replace("\r\n", "\n");
            assert_eq!(shown, output);
        }
    }
}

#[test]
fn the_reference_names_every_setting() {
    let text = read();
    let world = World::new();
    let ran = world.tw(["config", "show", "-o", "json"]).exits(0);
    let shown = ran.json();
    let rows = shown["settings"].as_array().expect("a list");
    for row in rows {
        let key = row["key"].as_str().expect("a text");
        assert!(text.contains(&format!("`{key}`")), "`{key}` is missing");
    }
}
