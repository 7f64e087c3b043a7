//! The token and a secret's value are shown nowhere: not in a log, not in an error, not when the server repeats them, not in the home.

use std::path::Path;

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::{Ran, World};

use crate::stored;

const TOKEN: &str = "eyJ0aWQi.SENTINEL_token-9+/=";
const VALUE: &str = "SENTINEL \"value\"\\of/two+words-ö~";

/// What both have in them, plainly and in base64.
const TRACES: [&str; 3] = ["SENTINEL", "sentinel", "U0VOVElORU"];

/// Every way in which a server or a log may write the two.
const TOKEN_WRITTEN: [&str; 4] = [
    TOKEN,
    "ZXlKMGFXUWkuU0VOVElORUxfdG9rZW4tOSsvPQ==",
    // As `encodeURIComponent` has it, and with small letters.
    "eyJ0aWQi.SENTINEL_token-9%2B%2F%3D",
    "eyJ0aWQi.SENTINEL_token-9%2b%2f%3d",
];
const VALUE_IN_JSON: &str = VALUE_WRITTEN[1];
const VALUE_WRITTEN: [&str; 15] = [
    VALUE,
    // In JSON: as most write it, all in ASCII, and with the slash escaped.
    r#"SENTINEL \"value\"\\of/two+words-ö~"#,
    r#"SENTINEL \"value\"\\of/two+words-\u00f6~"#,
    r#"SENTINEL \"value\"\\of\/two+words-ö~"#,
    "U0VOVElORUwgInZhbHVlIlxvZi90d28rd29yZHMtw7Z+",
    "U0VOVElORUwgInZhbHVlIlxvZi90d28rd29yZHMtw7Z-",
    // As `encodeURIComponent` has it, and as a form.
    "SENTINEL%20%22value%22%5Cof%2Ftwo%2Bwords-%C3%B6~",
    "SENTINEL+%22value%22%5Cof%2Ftwo%2Bwords-%C3%B6%7E",
    // In small letters, and in lines.
    "sentinel \"value\"\\of/two+words-ö~",
    "U0VOVElORUwgInZhb\nHVlIlxvZi90d28rd2\r\n9yZHMtw7Z+",
    // In a page.
    r"SENTINEL &quot;value&quot;\of/two+words-ö~",
    r"SENTINEL &#34;value&#x22;\of/two+words-&#246;~",
    // JSON in JSON, in an address, and in base64.
    r#"SENTINEL \\\"value\\\"\\\\of/two+words-\\u00f6~"#,
    "SENTINEL%20%5C%22value%5C%22%5C%5Cof%2Ftwo%2Bwords-%C3%B6~",
    "U0VOVElORUwgXCJ2YWx1ZVwiXFxvZi90d28rd29yZHMtXHUwMGY2fg==",
];

const ADD: [&str; 6] = ["secrets", "add", "-n", "KEY", "-v", VALUE];

fn world() -> World {
    World::with(
        Sandbox::builder()
            .token(TOKEN)
            .secret(Secret::new("OLD", "first")),
    )
}

/// A world in which every request meets this fault.
fn struck(fault: Fault) -> World {
    World::with(
        Sandbox::builder()
            .token(TOKEN)
            .secret(Secret::new("OLD", "first"))
            .fault(fault),
    )
}

#[track_caller]
fn shows_nothing(ran: Ran) -> Ran {
    TRACES.iter().fold(ran, |ran, trace| ran.never_shows(trace))
}

/// No file below this folder has any of it in it.
fn holds_nothing(folder: &Path) {
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            holds_nothing(&path);
            continue;
        }
        let content = std::fs::read(&path).expect("the file can be read");
        for trace in TRACES {
            let found = content
                .windows(trace.len())
                .any(|window| window == trace.as_bytes());
            assert!(!found, "{} has {trace} in it", path.display());
        }
    }
}

#[test]
fn not_in_the_log_of_what_is_done() {
    let world = world();
    for line in [
        &ADD[..],
        &["secrets", "add", "-n", "KEY", "--overwrite", "-v", VALUE],
        &["secrets", "update", "-n", "KEY", "-v", VALUE],
        &["secrets", "list"],
        &["secrets", "delete", "-n", "KEY"],
        &["workspaces", "list"],
        &["plugin", "list"],
    ] {
        shows_nothing(world.tw(line.iter().copied().chain(["--verbose"])).exits(0));
    }
    shows_nothing(world.tw(["-t", TOKEN, "-v", "secrets", "list"]).exits(0));
    holds_nothing(&world.installation.home());
}

#[test]
fn the_value_arrives_all_the_same() {
    let world = world();
    world.tw(ADD).exits(0);
    assert_eq!(
        stored(&world),
        ["1001 OLD=first".to_owned(), format!("1002 KEY={VALUE}")]
    );
}

#[test]
fn not_when_the_server_repeats_the_request() {
    for method in ["POST", "PUT", "GET", "*"] {
        let world = struck(Fault::on(method, "*").echo());
        for line in [
            &ADD[..],
            &["secrets", "update", "-n", "OLD", "-v", VALUE],
            &["secrets", "add", "-n", "OLD", "--overwrite", "-v", VALUE],
            &["secrets", "add", "-n", "KEY", "-w", "100", "-v", VALUE],
            &["workspaces", "list"],
        ] {
            shows_nothing(world.tw(line.iter().copied()));
            shows_nothing(
                world.tw(line
                    .iter()
                    .copied()
                    .chain(["--verbose", "--output", "json"])),
            );
        }
        holds_nothing(&world.installation.home());
    }
    let world = struck(Fault::on("POST", "*").echo());
    let ran = world.tw(ADD);
    ran.fails_with("Could not process the request")
        .says_with("[redacted]");
}

/// Those of the spellings that the line shows when the server has them in an error.
fn spellings_shown(line: &[&str], spellings: &[&'static str]) -> Vec<&'static str> {
    let is_shown = |spelling: &&'static str| {
        let message =
            serde_json::json!({ "message": format!("No such thing: <{spelling}>.") }).to_string();
        let world = struck(Fault::on("*", "*").status(400).json(&message));
        let ran = world
            .tw(line.iter().copied())
            .fails_with("No such thing: <");
        TRACES.iter().any(|trace| ran.stderr.contains(trace))
    };
    spellings.iter().copied().filter(is_shown).collect()
}

#[test]
fn not_however_the_server_writes_the_token() {
    let none: [&str; 0] = [];
    assert_eq!(
        spellings_shown(&["secrets", "list", "-v"], &TOKEN_WRITTEN),
        none
    );
    assert_eq!(
        spellings_shown(&["workspaces", "list"], &TOKEN_WRITTEN),
        none
    );
}

#[test]
fn not_however_the_server_writes_the_value() {
    let none: [&str; 0] = [];
    assert_eq!(spellings_shown(&ADD, &VALUE_WRITTEN), none);
}

#[test]
fn not_beside_what_is_no_text() {
    let mut body =
        format!(r#"{{"message": "not <{VALUE_IN_JSON}> of {TOKEN}", "junk": ""#).into_bytes();
    body.extend(b"\xff\"}");
    let fault = Fault::on("POST", "*")
        .status(400)
        .body("application/json", body);
    let ran = struck(fault)
        .tw(ADD)
        .fails_with("not <[redacted]> of [redacted]");
    shows_nothing(ran);
}

#[test]
fn not_a_value_of_several_lines() {
    let value = "SENTINEL first line\n\tSENTINEL second line\r\n";
    let add = ["secrets", "add", "-n", "KEY", "-v", value];
    let world = struck(Fault::on("POST", "*").echo());
    shows_nothing(world.tw(add.into_iter().chain(["--verbose"])).exits(1));
    for said in [
        value.trim(),
        "SENTINEL first line\r\n\tSENTINEL second line\r\n",
        "SENTINEL first line\n\tSENTINEL second line",
        "SENTINEL first line",
        "SENTINEL second line",
    ] {
        let message = serde_json::json!({ "message": format!("Not so: <{said}>") });
        let fault = Fault::on("POST", "*")
            .status(400)
            .json(&message.to_string());
        let ran = struck(fault).tw(add).fails_with("Not so: <");
        shows_nothing(ran);
    }
}

#[test]
fn not_when_the_server_sends_it_where_it_has_no_place() {
    let bodies = [
        format!("{{\"secretId\": {}}}", serde_json::json!(TOKEN)),
        format!("{{\"secretId\": {}}}", serde_json::json!(VALUE)),
        format!("{TOKEN} {VALUE}"),
        format!("{{\"{TOKEN}\": 1"),
    ];
    for body in bodies {
        let world = struck(Fault::on("POST", "*").json(&body));
        shows_nothing(
            world
                .tw(ADD.into_iter().chain(["--verbose"]))
                .exits(1)
                .prints(""),
        );
    }
}

#[test]
fn not_when_the_server_puts_it_into_an_address() {
    let to = [
        "/",
        "http://127.0.0.1:1/?token=",
        "http://127.0.0.1:1/",
        "bad:",
    ]
    .map(|to| format!("{to}{TOKEN}"));
    let is_shown = |to: &&String| {
        let world = struck(Fault::on("*", "*").redirect(to, 302));
        let ran = world
            .tw(["secrets", "list", "--verbose"])
            .exits(1)
            .prints("");
        TRACES.iter().any(|trace| ran.stderr.contains(trace))
    };
    let shown: Vec<_> = to.iter().filter(is_shown).collect();
    assert!(shown.is_empty(), "{shown:?}");
}

#[test]
fn not_when_nobody_answers() {
    let world = world();
    for address in ["http://127.0.0.1:1", "http://platform.invalid", "nonsense"] {
        let ran = world
            .command(ADD.into_iter().chain(["--verbose"]))
            .env("TOWER_API_ENDPOINT", address)
            .run();
        shows_nothing(ran.exits(1).prints(""));
    }
    world.sandbox.fault(Fault::on("*", "*").reset_after());
    shows_nothing(
        world
            .tw(ADD.into_iter().chain(["--verbose"]))
            .exits(1)
            .prints(""),
    );
}

#[test]
fn not_when_the_command_line_is_wrong() {
    let world = world();
    for line in [
        &["secrets", "add", "-n", "KEY", "--vlaue=SENTINEL"][..],
        &["secrets", "add", "-n", "KEY", "--vlaue", "SENTINEL"],
        &["secrets", "add", "-n", "KEY", "-xSENTINEL"],
        &["secrets", "add", "-v", "SENTINEL", "extra"],
        &["secrets", "add", "-v", "SENTINEL"],
        &["secrets", "add", "--nmae", "KEY", "-v", "SENTINEL"],
        &[
            "secrets", "add", "-n", "KEY", "-v", "SENTINEL", "-v", "SENTINEL",
        ],
        &["secrets", "add", "-n", "KEY", "-v", "SENTINEL", "-w"],
        &["secrets", "ad", "-n", "KEY", "-v", "SENTINEL"],
        &["secret", "add", "-n", "KEY", "-v", "SENTINEL"],
        &["secrets", "list", "-n", "KEY", "-v", "SENTINEL"],
        &["secrets", "update", "-v", "SENTINEL"],
        &["secrets", "update", "-i", "x", "-v", "SENTINEL"],
        &["secrets", "list", "--acces-token=SENTINEL"],
        &["secrets", "list", "--acces-token", "SENTINEL"],
        &["-t", "SENTINEL", "secrets", "lst"],
        &["-tSENTINEL", "secrets", "list", "extra"],
    ] {
        shows_nothing(world.tw(line.iter().copied()).exits(2).prints(""));
    }
    world.saw([]);
}

#[test]
fn not_when_a_value_comes_without_its_option_or_in_two_words() {
    let world = world();
    let lines = [
        &["secrets", "add", "-n", "KEY", "SENTINEL"][..],
        &["secrets", "add", "-n", "KEY", "-v", "open", "SENTINEL"],
        &["secrets", "update", "-n", "KEY", "SENTINEL"],
        &[
            "secrets",
            "add",
            "-n",
            "KEY",
            "-v",
            "x",
            "--overwrite=SENTINEL",
        ],
    ];
    let is_shown = |line: &&&[&str]| {
        let ran = world.tw(line.iter().copied()).exits(2).prints("");
        ran.stderr.contains("SENTINEL")
    };
    let shown: Vec<_> = lines.iter().filter(is_shown).collect();
    assert!(shown.is_empty(), "{shown:?}");
    world.saw([]);
}

#[test]
fn the_environment_of_a_broken_command_line_is_not_shown_either() {
    let world = world();
    for line in [
        &["--help"][..],
        &["secrets", "add", "--help"],
        &["secrets"],
        &["nonsense"],
    ] {
        shows_nothing(
            world
                .command(line.iter().copied())
                .env("TOWER_WORKSPACE_ID", "SENTINEL")
                .run(),
        );
    }
}

#[test]
fn what_stands_in_a_file_shows_nowhere() {
    for (fault, exit) in [
        (Fault::on("POST", "*").echo(), 1),
        (Fault::on("GET", "*").echo(), 1),
        (Fault::on("POST", "*").reset_after(), 0),
        (Fault::on("POST", "*").reset_before(), 1),
        (Fault::on("*", "/nothing").echo(), 0),
    ] {
        let world = struck(fault);
        let file = serde_json::json!({ "KEY": VALUE, "OLD": VALUE }).to_string();
        let line = ["secrets", "import", "-", "--format", "json", "--verbose"];
        let ran = world.command(line).input(&file).run();
        shows_nothing(ran.exits(exit));
        holds_nothing(&world.installation.home());
        // Nor what can't be read of it.
        let ran = world.command(line).input(&file[..file.len() - 3]).run();
        shows_nothing(ran.fails_with("line 1"));
    }
}
