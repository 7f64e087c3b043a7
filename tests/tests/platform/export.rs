//! `tw secrets export`: a file for `import` with names, dates, and empty values to fill in.

use tw_sandbox::{Sandbox, Secret, Workspace};
use tw_tests::World;

use crate::{assert_text, file::write, list_stored};

const WARNING: &str = "warning: plugin `secrets`: values can't be read from the Platform: fill them in before the import\n";

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
fn export_prints_the_data_of_list_with_output_json() {
    let world = start_with_two_secrets();
    let list = world.tw(["secrets", "list", "-o", "json"]).json();
    let export = world
        .tw(["secrets", "export", "-o", "json"])
        .exits(0)
        .json();
    assert_eq!(export, list);
}

#[test]
fn import_accepts_an_export_once_its_values_are_filled_in() {
    for (format, file, filled) in [
        ("dotenv", "a.env", ["KEY=", "KEY=second"]),
        (
            "json",
            "a.json",
            ["\"KEY\", \"value\": \"\"", "\"KEY\", \"value\": \"second\""],
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
fn import_accepts_an_export_without_secrets() {
    for (format, file) in [("dotenv", "a.env"), ("json", "a.json"), ("yaml", "a.yaml")] {
        let world = World::new();
        let text = world
            .tw(["secrets", "export", "--format", format])
            .exits(0)
            .stdout;
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
