//! A file for import: names and what is known of them, and values that are left to fill in.

use tw_sandbox::{Sandbox, Secret, Workspace};
use tw_tests::World;

use crate::{file::write, stored};

const WARNING: &str = "warning: plugin `secrets`: values can't be read from the Platform: fill them in before the import\n";

const HEAD: &str = "# Secrets at \"user\" workspace; values can't be read from the Platform: fill them in before the import\n";

fn two() -> World {
    World::with(
        Sandbox::builder()
            .clock("2022-10-05T12:42:21Z")
            .secret(Secret::new("KEY", "first").used("2022-10-04T00:00:00Z"))
            .secret(Secret::new("OLD", "old").undated()),
    )
}

#[test]
fn as_lines_of_names() {
    two().tw(["secrets", "export"]).exits(0).says(WARNING).prints(
        "# Secrets at \"user\" workspace; values can't be read from the Platform: fill them in before the import\n\n# dateCreated: \"2022-10-05T12:42:21Z\"\n# lastUpdated: \"2022-10-05T12:42:21Z\"\n# lastUsed: \"2022-10-04T00:00:00Z\"\nKEY=\n\nOLD=\n",
    );
}

#[test]
fn as_json_and_as_yaml() {
    let export = |format: &str| {
        two()
            .tw(["secrets", "export", "--format", format])
            .exits(0)
            .says(WARNING)
            .stdout
    };
    assert_eq!(
        export("json"),
        r#"{
  "secrets": [
    {
      "name": "KEY",
      "value": "",
      "dateCreated": "2022-10-05T12:42:21Z",
      "lastUpdated": "2022-10-05T12:42:21Z",
      "lastUsed": "2022-10-04T00:00:00Z"
    },
    {
      "name": "OLD",
      "value": ""
    }
  ]
}
"#
    );
    assert_eq!(
        export("yaml"),
        "# Secrets at \"user\" workspace; values can't be read from the Platform: fill them in before the import\nsecrets:\n  - name: \"KEY\"\n    value: \"\"\n    dateCreated: \"2022-10-05T12:42:21Z\"\n    lastUpdated: \"2022-10-05T12:42:21Z\"\n    lastUsed: \"2022-10-04T00:00:00Z\"\n  - name: \"OLD\"\n    value: \"\"\n"
    );
}

#[test]
fn the_data_is_that_of_a_list() {
    let world = two();
    let list = world.tw(["secrets", "list", "-o", "json"]).json();
    let export = world
        .tw(["secrets", "export", "-o", "json"])
        .exits(0)
        .json();
    assert_eq!(export, list);
}

#[test]
fn import_takes_it_back_once_it_is_filled_in() {
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
        let world = two();
        let text = world.tw(["secrets", "export", "--format", format]).stdout;
        write(&world, file, &text);
        world
            .tw(["secrets", "import", file])
            .fails_with("the value of 'KEY' is empty: fill it in");
        assert_eq!(stored(&world), ["1001 KEY=first", "1002 OLD=old"]);
        write(&world, file, text.replace(filled[0], filled[1]));
        world
            .tw(["secrets", "import", file])
            .fails_with("the value of 'OLD' is empty: fill it in");
        world
            .tw(["secrets", "import", file, "--allow-empty"])
            .exits(0);
        assert_eq!(stored(&world), ["1001 KEY=second", "1002 OLD="]);
    }
}

#[test]
fn a_workspace_without_secrets() {
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
fn what_a_server_wrote_adds_no_line() {
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
