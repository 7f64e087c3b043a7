//! `tw secrets export`: a file for `import` with names, dates, and empty values to fill in.

use tw_sandbox::{Sandbox, Secret, Workspace};
use tw_tests::World;

use crate::{assert_text, file::write, list_stored};

const WARNING: &str = "warning: plugin `secrets`: values can't be read from the Platform: fill them in before the import\n";

const HEAD: &str = "# Secrets at \"user\" workspace; values can't be read from the Platform: fill them in before the import\n";

fn start_with_two_secrets() -> World {
    World::with(
        Sandbox::builder()
            .clock("2022-10-05T12:42:21Z")
            .secret(Secret::new("KEY", "first").used("2022-10-04T00:00:00Z"))
            .secret(Secret::new("OLD", "old").undated()),
    )
}

#[test]
fn export_writes_dotenv_by_default() {
    let ran = start_with_two_secrets()
        .tw(["secrets", "export"])
        .exits(0)
        .says(WARNING);
    assert_text("export_dotenv", &ran.stdout);
}

#[test]
fn export_writes_json_and_yaml() {
    let export = |format: &str| {
        start_with_two_secrets()
            .tw(["secrets", "export", "--format", format])
            .exits(0)
            .says(WARNING)
            .stdout
    };
    assert_text("export_json", &export("json"));
    assert_text("export_yaml", &export("yaml"));
}

#[test]
fn export_prints_the_data_of_list_with_a_place_for_each_value_in_the_other_formats() {
    let world = start_with_two_secrets();
    let list = world.tw(["secrets", "list", "-o", "json"]).json();
    let export = world.tw(["secrets", "export", "-o", "json"]).exits(0);
    let mut export = export.says(WARNING).json();
    for secret in export["secrets"].as_array_mut().expect("it is a list") {
        let secret = secret.as_object_mut().expect("it is an object");
        assert_eq!(secret.remove("value"), Some("".into()));
    }
    assert_eq!(export, list);
    let names = world.tw(["secrets", "export", "-o", "names"]).exits(0);
    names.prints("KEY\nOLD\n").says("");
}

#[test]
fn import_accepts_an_export_in_an_output_format_once_its_values_are_filled_in() {
    for (format, empty) in [("json", "\"value\": \"\""), ("yaml", "value: \"\"")] {
        let world = start_with_two_secrets();
        let file = format!("a.{format}");
        let text = world.tw(["secrets", "export", "-o", format]).stdout;
        write(&world, &file, &text);
        world
            .tw(["secrets", "import", &file])
            .fails_with("the value of 'KEY' is empty: fill it in");
        let filled = match format {
            "json" => text.replace(empty, "\"value\": \"new\""),
            _ => text.replace(empty, "value: new"),
        };
        write(&world, &file, filled);
        world.tw(["secrets", "import", &file]).exits(0);
        assert_eq!(list_stored(&world), ["1001 KEY=new", "1002 OLD=new"]);
    }
}

#[test]
fn import_accepts_an_export_once_its_values_are_filled_in() {
    for (format, file, filled) in [
        ("dotenv", "a.env", ["KEY=", "KEY=second"]),
        (
            "json",
            "a.json",
            [
                "\"KEY\",\n      \"value\": \"\"",
                "\"KEY\",\n      \"value\": \"second\"",
            ],
        ),
        (
            "yaml",
            "a.yaml",
            ["\"KEY\"\n    value: \"\"", "\"KEY\"\n    value: \"second\""],
        ),
    ] {
        let world = start_with_two_secrets();
        let text = world.tw(["secrets", "export", "--format", format]).stdout;
        write(&world, file, &text);
        world
            .tw(["secrets", "import", file])
            .fails_with("the value of 'KEY' is empty: fill it in");
        assert_eq!(list_stored(&world), ["1001 KEY=first", "1002 OLD=old"]);
        write(&world, file, text.replace(filled[0], filled[1]));
        world
            .tw(["secrets", "import", file])
            .fails_with("the value of 'OLD' is empty: fill it in");
        world
            .tw(["secrets", "import", file, "--allow-empty"])
            .exits(0);
        assert_eq!(list_stored(&world), ["1001 KEY=second", "1002 OLD="]);
    }
}

#[test]
fn export_of_no_secrets_is_well_formed_and_import_accepts_it() {
    for (format, file, expected) in [
        ("dotenv", "a.env", HEAD.to_owned()),
        ("json", "a.json", "{\n  \"secrets\": []\n}\n".to_owned()),
        ("yaml", "a.yaml", format!("{HEAD}secrets: []\n")),
    ] {
        let world = World::new();
        let text = world
            .tw(["secrets", "export", "--format", format])
            .exits(0)
            .stdout;
        assert_eq!(text, expected);
        write(&world, file, text);
        world
            .tw(["secrets", "import", file])
            .exits(0)
            .prints_with("No secrets to change");
    }
}

#[test]
fn text_from_the_server_adds_no_line_to_an_export() {
    let secret = Secret::new("A\nEVIL=1\nB", "x")
        .undated()
        .used("now\nEVIL=1");
    let world = World::with(
        Sandbox::builder()
            .secret(secret)
            .secret(Secret::new("KEY", "x").undated().used("now\nEVIL=1"))
            .workspace(Workspace::new(102, 10, "re\nEVIL=1\rEVIL=1")),
    );
    for (format, file, workspace) in [
        ("dotenv", "a.env", "--user"),
        ("json", "a.json", "--user"),
        ("yaml", "a.yaml", "--user"),
        ("dotenv", "b.env", "--workspace=102"),
        ("yaml", "b.yaml", "--workspace=102"),
    ] {
        let text = world
            .tw(["secrets", "export", workspace, "--format", format])
            .exits(0)
            .stdout;
        let mut lines = text.split(['\n', '\r']);
        assert!(!lines.any(|line| line.starts_with("EVIL")), "{text}");
        write(&world, file, text);
        world
            .tw(["secrets", "import", file, "--dry-run", "--allow-empty"])
            .exits(0);
    }
}
