//! Strings that break programs: as names, as values, and in responses.

use serde_json::{Map, json};
use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::World;

use crate::{
    file::{start_with_file, write},
    hostile::assert_harmless,
};

#[rustfmt::skip]
const NAUGHTY: &[&str] = &[
    // Null, true, false and numbers in other languages.
    "undefined", "null", "NULL", "nil", "None", "true", "false", "NaN", "Infinity", "-Infinity", "0", "-0", "1/0", "0x0", "1e309", "1_000", "٣", "½",
    // Strings with a meaning in shells, queries, templates and formats.
    "$HOME", "${IFS}", "$(id)", "`id`", "!!", "~", "*", "?", "&&", "||", ";", "|", "<", ">", "\\", "'", "\"", "%s%s%s%n", "%00", "%0d%0a", "{0}", "{{7*7}}",
    "#{1}", "<script>alert(1)</script>", "' OR 1=1 --", "../../etc/passwd", "C:\\con", "/dev/null", "http://a:b@c/?d#e", "--help", "-", "--", "@file", "=x",
    // Blanks and invisible characters.
    " ", "  a  ", "\t", "a\tb", "\u{a0}", "\u{200b}", "\u{2060}", "\u{ad}", "\u{180e}", "\u{3164}",
    // Line breaks of every kind.
    "\n", "\r", "\r\n", "a\nb", "a\rb", "\u{85}", "\u{2028}", "\u{2029}", "\u{b}", "\u{c}",
    // Control characters, bidirectional controls and noncharacters.
    "\u{1}", "\u{7}", "\u{8}\u{8}", "\u{1b}[2J", "\u{1b}]0;t\u{7}", "\u{7f}", "\u{9b}31m", "\u{202e}abc", "\u{2066}a\u{2069}", "\u{feff}", "\u{fffe}", "\u{ffff}",
    // Combining, wide and right-to-left characters, and letters that case folding makes longer.
    "e\u{301}", "Z\u{351}\u{36b}\u{343}algo", "漢字", "עברית", "العربية", "हिन्दी", "👩\u{200d}👩\u{200d}👧", "🏳\u{fe0f}\u{200d}🌈", "𝒳", "ß", "İ", "ﬁ", "Å", "ﷺ",
];

#[test]
fn every_source_of_a_value_keeps_naughty_strings() {
    let file: Map<_, _> = NAUGHTY
        .iter()
        .enumerate()
        .map(|(at, value)| (format!("NAME_{at}"), json!(value)))
        .collect();
    let world = start_with_file("a.json", serde_json::Value::Object(file).to_string());
    assert_harmless(&world.tw(["secrets", "import", "a.json"]).exits(0));
    let stored = world.sandbox.secrets(None);
    for (at, value) in NAUGHTY.iter().enumerate() {
        let name = format!("NAME_{at}");
        let secret = stored.iter().find(|secret| secret.name == name);
        assert_eq!(secret.map(|secret| secret.value.as_str()), Some(*value));
        write(&world, "value", value);
        let line = "secrets update -n KEY --value-file value --raw";
        assert_harmless(&world.tw(line.split(' ')).exits(0));
        assert_eq!(world.sandbox.secrets(None)[0].value, *value);
        let typed = format!("--value={value}");
        assert_harmless(
            &world
                .tw(["secrets", "update", "-n", "KEY", &typed])
                .exits(0),
        );
        assert_eq!(world.sandbox.secrets(None)[0].value, *value);
    }
}

#[test]
fn naughty_strings_are_refused_as_names_unless_they_are_valid() {
    let world = World::new();
    for name in NAUGHTY {
        let named = format!("--name={name}");
        let is_name = tw_sandbox::name::is_valid(name);
        let added = world.tw(["secrets", "add", &named, "-v", "x"]);
        assert_harmless(&added.exits(if is_name { 0 } else { 2 }));
        let viewed = world.tw(["secrets", "view", &named]);
        assert_harmless(&viewed.exits(i32::from(!is_name)));
        let deleted = world.tw(["secrets", "delete", &named]);
        assert_harmless(&deleted.exits(i32::from(!is_name)));
        write(&world, "a.json", json!({*name: "x"}).to_string());
        let planned = world.tw(["secrets", "import", "a.json", "--dry-run"]);
        assert_harmless(&planned.exits(i32::from(!is_name)));
    }
    assert!(world.sandbox.secrets(None).is_empty());
}

#[test]
fn naughty_strings_from_a_server_never_break_the_output() {
    let secrets = NAUGHTY.iter().fold(Sandbox::builder(), |sandbox, text| {
        sandbox.secret(Secret::new(text, "x").undated().used(text))
    });
    let world = World::with(secrets);
    assert_harmless(&world.tw(["secrets", "list"]).exits(0));
    let list = world.tw(["secrets", "list", "-o", "json"]).exits(0);
    assert_harmless(&list);
    for (at, text) in NAUGHTY.iter().enumerate() {
        assert_eq!(list.json()["secrets"][at]["name"], *text);
    }
    for format in ["dotenv", "json", "yaml"] {
        assert_harmless(&world.tw(["secrets", "export", "--format", format]).exits(0));
    }
    for text in NAUGHTY {
        world.sandbox.clear_faults();
        let message = json!({"message": text}).to_string();
        world
            .sandbox
            .fault(Fault::on("*", "*").status(400).json(&message));
        let ran = world.tw(["secrets", "list"]).exits(1).prints("");
        assert_harmless(&ran.says_with("\n ERROR: "));
    }
}
