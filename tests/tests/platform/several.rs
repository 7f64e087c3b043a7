//! Several secrets at once, some of them, and whose they are.

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::World;

use crate::stored;

/// Four secrets, of which `OLD` was never used, `IDLE` was long ago, and `BUSY` just now.
fn four() -> World {
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

fn names(world: &World, words: &[&str]) -> Vec<String> {
    let line = [&["secrets", "list", "-o", "json"], words].concat();
    let list = world.tw(line).exits(0).says("").json();
    let secrets = list["secrets"].as_array().expect("a list");
    secrets
        .iter()
        .map(|secret| secret["name"].as_str().expect("a name").to_owned())
        .collect()
}

#[test]
fn several_are_deleted_by_their_names() {
    let world = four();
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
    assert_eq!(names(&world, &[]), ["BUSY", "API_KEY"]);
}

#[test]
fn where_one_of_several_is_missing_none_is_deleted() {
    let world = four();
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
        .misused("one of '--names' is empty");
    for which in [&["-n", "NOWHERE"][..], &["-i", "7"], &["--names", "A,B"]] {
        let line = [&["secrets", "delete", "--ignore-missing"], which].concat();
        world
            .tw(line)
            .exits(0)
            .prints("\n  No secrets to delete at user workspace\n\n");
    }
}

#[test]
fn what_was_deleted_before_a_failure_is_said() {
    let world = four();
    world
        .sandbox
        .fault(Fault::on("DELETE", "/pipeline-secrets/1003").status(400));
    world
        .tw(["secrets", "delete", "--names", "OLD,IDLE,BUSY"])
        .fails_with("deleted before that: 'OLD'");
    assert_eq!(names(&world, &[]), ["BUSY", "IDLE", "API_KEY"]);
}

#[test]
fn confirmation_is_asked_for_only_when_that_is_wanted() {
    let world = four();
    world
        .tw(["secrets", "delete", "-n", "OLD", "--confirm"])
        .misused("there is no terminal to ask on");
    world.saw([]);
    let asked = |key: &str| {
        let line = world.command(["secrets", "delete", "-n", "OLD", "--confirm"]);
        tw_tests::Terminal::start(line)
            .until("Delete 'OLD' at user workspace?")
            .types(key)
            .ends()
    };
    asked("n\r").exits(1).showed("Nothing was deleted");
    // Every letter of it was once taken for an answer.
    asked("not today\rmaybe\rno\r")
        .exits(1)
        .showed("type y or n")
        .showed("Nothing was deleted");
    assert_eq!(stored(&world).len(), 4);
    asked("y\r").exits(0);
    assert_eq!(stored(&world).len(), 3);
}

#[test]
fn one_and_several_exclude_each_other() {
    let world = four();
    for words in [
        &["-n", "A", "--names", "B"][..],
        &["-i", "1", "--names", "B"],
        &["-n", "A", "-n", "B"],
    ] {
        let line = [&["secrets", "delete"], words].concat();
        world.tw(line).exits(2).prints("");
    }
    world.saw([]);
}

#[test]
fn some_are_listed_by_a_pattern() {
    let world = four();
    assert_eq!(names(&world, &["--filter", "*Y"]), ["BUSY", "API_KEY"]);
    assert_eq!(names(&world, &["--filter", "?LD"]), ["OLD"]);
    assert_eq!(names(&world, &["--filter", "old"]), Vec::<String>::new());
    world
        .tw(["secrets", "list", "--filter", "X*"])
        .exits(0)
        .prints_with("No secrets found");
}

#[test]
fn they_are_listed_in_the_order_that_is_wanted() {
    let world = four();
    assert_eq!(
        names(&world, &["--sort", "name"]),
        ["API_KEY", "BUSY", "IDLE", "OLD"]
    );
    assert_eq!(
        names(&world, &["--sort", "created"]),
        ["OLD", "BUSY", "IDLE", "API_KEY"]
    );
    assert_eq!(
        names(&world, &["--sort", "used"]),
        ["API_KEY", "OLD", "IDLE", "BUSY"]
    );
    let list = world
        .tw(["secrets", "list", "--sort", "name"])
        .exits(0)
        .stdout;
    let at = |name: &str| list.find(name).expect("it is listed");
    assert!(
        at("API_KEY") < at("BUSY") && at("BUSY") < at("IDLE"),
        "{list}"
    );
    world
        .tw(["secrets", "list", "--sort", "size"])
        .misused("--sort");
}

#[test]
fn those_that_no_run_needs_are_found() {
    let world = four();
    // All of it was long before today.
    assert_eq!(names(&world, &["--unused-for", "1w"]).len(), 4);
    assert_eq!(names(&world, &["--unused-for", "40000d"]).len(), 0);
    // The last use counts, not the birth; what can't be read, or has never been dated, is not called unused.
    let now = std::time::SystemTime::now();
    let yesterday = jiff::Timestamp::try_from(now).expect("a moment") - jiff::Span::new().hours(30);
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
    assert_eq!(names(&world, &["--unused-for", "1w"]), ["IDLE"]);
    assert_eq!(names(&world, &["--unused-for", "1d"]), ["BUSY", "IDLE"]);
    // A duration may reach further back than the calendar does.
    assert!(names(&world, &["--unused-for", "4294967295w"]).is_empty());
    for time in ["90", "d", "90m", "-1d", "soon", "1.5d", "2 weeks", "P1D"] {
        let time = format!("--unused-for={time}");
        world.tw(["secrets", "list", &time]).misused("--unused-for");
    }
}

#[test]
fn the_users_own_are_meant_though_the_environment_names_a_workspace() {
    let world = four();
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
    let world = four();
    for variable in [None, Some("101")] {
        for words in [["--user", "-w", "100"], ["-w", "100", "--user"]] {
            let mut line = world.command([&["secrets", "list"], &words[..]].concat());
            if let Some(workspace) = variable {
                line = line.env("TOWER_WORKSPACE_ID", workspace);
            }
            line.run()
                .misused("error: ")
                .says_with("'--user'")
                .says_with("'--workspace <WORKSPACE>'")
                .says_with("cannot be used with")
                .says_with("Usage: tw secrets list");
        }
    }
    world.saw([]);
}
