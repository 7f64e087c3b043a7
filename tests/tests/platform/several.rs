//! Several secrets at once: `delete --names`, the filters and orders of `list`, and `--user`.

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::World;

use crate::list_stored;

/// Starts a world with four secrets of the user and one of a workspace.
///
/// `IDLE` was last used nine months before `BUSY`; `OLD` and `API_KEY` were never used.
fn start_with_four_secrets() -> World {
    let created = "2022-01-01T00:00:00Z";
    World::with(
        Sandbox::builder()
            .clock("2022-10-05T12:42:21Z")
            .secret(
                Secret::new("BUSY", "1")
                    .created(created)
                    .used("2022-10-05T00:00:00Z"),
            )
            .secret(Secret::new("OLD", "2").created("2021-01-01T00:00:00Z"))
            .secret(
                Secret::new("IDLE", "3")
                    .created(created)
                    .used("2022-01-02T00:00:00Z"),
            )
            .secret(Secret::new("API_KEY", "4").created("2022-10-01T00:00:00Z"))
            .secret(Secret::new("THEIRS", "5").workspace(100)),
    )
}

fn list_names(world: &World, words: &[&str]) -> Vec<String> {
    let line = [&["secrets", "list", "-o", "json"], words].concat();
    let list = world.tw(line).exits(0).says("").json();
    let secrets = list["secrets"].as_array().expect("`secrets` is an array");
    secrets
        .iter()
        .map(|secret| {
            secret["name"]
                .as_str()
                .expect("`name` is a string")
                .to_owned()
        })
        .collect()
}

#[test]
fn delete_accepts_several_names_in_one_run() {
    let world = start_with_four_secrets();
    world
        .tw(["secrets", "delete", "--names", "OLD,IDLE,OLD"])
        .exits(0)
        .prints("\n  Secrets 'OLD', 'IDLE' deleted at user workspace\n\n")
        .says("");
    world.saw([
        "GET /pipeline-secrets",
        "DELETE /pipeline-secrets/1002",
        "DELETE /pipeline-secrets/1003",
    ]);
    assert_eq!(list_names(&world, &[]), ["BUSY", "API_KEY"]);
}

#[test]
fn delete_with_a_missing_name_deletes_nothing_unless_ignore_missing() {
    let world = start_with_four_secrets();
    world
        .tw(["secrets", "delete", "--names", "OLD,NOWHERE"])
        .fails("Unknown secret 'NOWHERE' at user workspace");
    world.saw(["GET /pipeline-secrets"]);
    world
        .tw([
            "secrets",
            "delete",
            "--names",
            "OLD,NOWHERE",
            "--ignore-missing",
            "-o",
            "json",
        ])
        .exits(0)
        .prints(
            r#"{
  "secrets": [
    {
      "id": 1002,
      "name": "OLD",
      "dateCreated": "2021-01-01T00:00:00Z",
      "lastUpdated": "2022-10-05T12:42:21Z"
    }
  ],
  "workspaceRef": "user"
}
"#,
        );
    world
        .tw([
            "secrets",
            "delete",
            "-n",
            "NOWHERE",
            "--ignore-missing",
            "-o",
            "json",
        ])
        .exits(0)
        .prints("{\n  \"secrets\": [],\n  \"workspaceRef\": \"user\"\n}\n");
    world
        .tw(["secrets", "delete", "--names", "IDLE, "])
        .rejects("one of '--names' is empty");
    for which in [&["-n", "NOWHERE"][..], &["-i", "7"], &["--names", "A,B"]] {
        let line = [&["secrets", "delete", "--ignore-missing"], which].concat();
        world
            .tw(line)
            .exits(0)
            .prints("\n  No secrets to delete at user workspace\n\n");
    }
}

#[test]
fn delete_reports_what_it_deleted_before_a_failure() {
    let world = start_with_four_secrets();
    world
        .sandbox
        .fault(Fault::on("DELETE", "/pipeline-secrets/1003").status(400));
    world
        .tw(["secrets", "delete", "--names", "OLD,IDLE,BUSY"])
        .fails_with("deleted before that: 'OLD'");
    assert_eq!(list_names(&world, &[]), ["BUSY", "IDLE", "API_KEY"]);
}

#[test]
fn delete_with_confirm_needs_a_terminal() {
    let world = start_with_four_secrets();
    world
        .tw(["secrets", "delete", "-n", "OLD", "--confirm"])
        .rejects("there is no terminal to ask on");
    world.saw([]);
}

#[cfg(unix)]
#[test]
fn delete_with_confirm_asks_on_a_terminal() {
    let world = start_with_four_secrets();
    let answer = |key: &str| {
        let line = world.command(["secrets", "delete", "-n", "OLD", "--confirm"]);
        tw_tests::Terminal::start(line)
            .until("Delete 'OLD' at user workspace?")
            .types(key)
            .ends()
    };
    answer("n\r").exits(1).showed("Nothing was deleted");
    // Only `y` and `n` are answers, not the letters of a longer word.
    answer("not today\rmaybe\rno\r")
        .exits(1)
        .showed("type y or n")
        .showed("Nothing was deleted");
    assert_eq!(list_stored(&world).len(), 4);
    answer("y\r").exits(0);
    assert_eq!(list_stored(&world).len(), 3);
}

#[test]
fn delete_refuses_names_with_name_or_id() {
    let world = start_with_four_secrets();
    for words in [
        &["-n", "A", "--names", "B"][..],
        &["-i", "1", "--names", "B"],
        &["-n", "A", "-n", "B"],
    ] {
        let line = [&["secrets", "delete"], words].concat();
        world.tw(line).rejects("--name");
    }
    world.saw([]);
}

#[test]
fn list_filters_names_by_a_pattern() {
    let world = start_with_four_secrets();
    assert_eq!(list_names(&world, &["--filter", "*Y"]), ["BUSY", "API_KEY"]);
    assert_eq!(list_names(&world, &["--filter", "?LD"]), ["OLD"]);
    assert_eq!(
        list_names(&world, &["--filter", "old"]),
        Vec::<String>::new()
    );
    world
        .tw(["secrets", "list", "--filter", "X*"])
        .exits(0)
        .prints_with("No secrets found");
}

#[test]
fn list_sorts_by_the_given_column() {
    let world = start_with_four_secrets();
    assert_eq!(
        list_names(&world, &["--sort", "name"]),
        ["API_KEY", "BUSY", "IDLE", "OLD"]
    );
    assert_eq!(
        list_names(&world, &["--sort", "created"]),
        ["OLD", "BUSY", "IDLE", "API_KEY"]
    );
    assert_eq!(
        list_names(&world, &["--sort", "used"]),
        ["API_KEY", "OLD", "IDLE", "BUSY"]
    );
    let list = world
        .tw(["secrets", "list", "--sort", "name"])
        .exits(0)
        .stdout;
    let at = |name: &str| list.find(name).expect("the secret is listed");
    assert!(
        at("API_KEY") < at("BUSY") && at("BUSY") < at("IDLE"),
        "{list}"
    );
    world
        .tw(["secrets", "list", "--sort", "size"])
        .rejects("--sort");
}

#[test]
fn list_unused_for_finds_secrets_by_last_use_or_creation() {
    let world = start_with_four_secrets();
    // The dates of all four are years before today.
    assert_eq!(list_names(&world, &["--unused-for", "1w"]).len(), 4);
    assert_eq!(list_names(&world, &["--unused-for", "40000d"]).len(), 0);
    // The last use counts, or the creation if a secret was never used. A secret without dates doesn't count as unused.
    let now = std::time::SystemTime::now();
    let yesterday =
        jiff::Timestamp::try_from(now).expect("the time is valid") - jiff::Span::new().hours(30);
    let created = "2020-01-01T00:00:00Z";
    let world = World::with(
        Sandbox::builder()
            .secret(
                Secret::new("BUSY", "1")
                    .created(created)
                    .used(&yesterday.strftime("%FT%TZ").to_string()),
            )
            .secret(Secret::new("IDLE", "2").created(created))
            .secret(Secret::new("UNDATED", "3").undated()),
    );
    assert_eq!(list_names(&world, &["--unused-for", "1w"]), ["IDLE"]);
    assert_eq!(
        list_names(&world, &["--unused-for", "1d"]),
        ["BUSY", "IDLE"]
    );
    // A duration may reach further back than the calendar does.
    assert!(list_names(&world, &["--unused-for", "4294967295w"]).is_empty());
    for time in ["90", "d", "90m", "-1d", "soon", "1.5d", "2 weeks", "P1D"] {
        let time = format!("--unused-for={time}");
        world.tw(["secrets", "list", &time]).rejects("--unused-for");
    }
}

#[test]
fn user_wins_over_the_workspace_of_the_environment() {
    let world = start_with_four_secrets();
    let list = |words: &[&str]| {
        let line = [&["secrets", "list"], words].concat();
        world.command(line).env("TOWER_WORKSPACE_ID", "100").run()
    };
    list(&[]).exits(0).prints_with("THEIRS");
    world.sandbox.clear_requests();
    list(&["--user"])
        .exits(0)
        .prints_with("Secrets at user workspace");
    world.saw(["GET /pipeline-secrets"]);
}

#[test]
fn user_with_a_typed_workspace_is_refused_before_any_request() {
    let world = start_with_four_secrets();
    for variable in [None, Some("101")] {
        for words in [["--user", "-w", "100"], ["-w", "100", "--user"]] {
            let mut line = world.command([&["secrets", "list"], &words[..]].concat());
            if let Some(workspace) = variable {
                line = line.env("TOWER_WORKSPACE_ID", workspace);
            }
            line.run()
                .rejects("error: ")
                .says_with("'--user'")
                .says_with("'--workspace <WORKSPACE>'")
                .says_with("cannot be used with")
                .says_with("Usage: tw secrets list");
        }
    }
    world.saw([]);
}
