//! The token and a secret's value never appear in a log, in an error, or in a file of the home, even if the server repeats them.

use std::path::Path;

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::{Ran, World};

use crate::list_stored;

const TOKEN: &str = "eyJ0aWQi.SENTINEL_token-9+/=";
const VALUE: &str = "SENTINEL \"value\"\\of/two+words-ö~";

/// The parts of token and value that no output may have: plain, in lowercase, and in base64.
const TRACES: [&str; 3] = ["SENTINEL", "sentinel", "U0VOVElORU"];

/// The encodings of the token that a server may use.
const TOKEN_WRITTEN: [&str; 4] = [
    TOKEN,
    "ZXlKMGFXUWkuU0VOVElORUxfdG9rZW4tOSsvPQ==",
    // As `encodeURIComponent` writes it, and with lowercase hex digits.
    "eyJ0aWQi.SENTINEL_token-9%2B%2F%3D",
    "eyJ0aWQi.SENTINEL_token-9%2b%2f%3d",
];

const VALUE_IN_JSON: &str = VALUE_WRITTEN[1];

/// The encodings of the value that a server may use.
const VALUE_WRITTEN: [&str; 15] = [
    VALUE,
    // In JSON: with only the necessary escapes, in ASCII only, and with the slash escaped.
    r#"SENTINEL \"value\"\\of/two+words-ö~"#,
    r#"SENTINEL \"value\"\\of/two+words-\u00f6~"#,
    r#"SENTINEL \"value\"\\of\/two+words-ö~"#,
    "U0VOVElORUwgInZhbHVlIlxvZi90d28rd29yZHMtw7Z+",
    "U0VOVElORUwgInZhbHVlIlxvZi90d28rd29yZHMtw7Z-",
    // As `encodeURIComponent` writes it, and form-encoded.
    "SENTINEL%20%22value%22%5Cof%2Ftwo%2Bwords-%C3%B6~",
    "SENTINEL+%22value%22%5Cof%2Ftwo%2Bwords-%C3%B6%7E",
    // In lowercase, and in base64 with line breaks.
    "sentinel \"value\"\\of/two+words-ö~",
    "U0VOVElORUwgInZhb\nHVlIlxvZi90d28rd2\r\n9yZHMtw7Z+",
    // Escaped in HTML, with named and with numeric entities.
    r"SENTINEL &quot;value&quot;\of/two+words-ö~",
    r"SENTINEL &#34;value&#x22;\of/two+words-&#246;~",
    // JSON inside JSON, inside a URL, and inside base64.
    r#"SENTINEL \\\"value\\\"\\\\of/two+words-\\u00f6~"#,
    "SENTINEL%20%5C%22value%5C%22%5C%5Cof%2Ftwo%2Bwords-%C3%B6~",
    "U0VOVElORUwgXCJ2YWx1ZVwiXFxvZi90d28rd29yZHMtXHUwMGY2fg==",
];

const ADD: [&str; 6] = ["secrets", "add", "-n", "KEY", "-v", VALUE];

/// Starts a world with the token and one other secret.
fn start() -> World {
    World::with(
        Sandbox::builder()
            .token(TOKEN)
            .secret(Secret::new("OLD", "first")),
    )
}

/// Starts the world of [`start`] with this fault.
fn start_with_fault(fault: Fault) -> World {
    World::with(
        Sandbox::builder()
            .token(TOKEN)
            .secret(Secret::new("OLD", "first"))
            .fault(fault),
    )
}

#[track_caller]
fn assert_shows_nothing(ran: Ran) -> Ran {
    TRACES.iter().fold(ran, |ran, trace| ran.never_shows(trace))
}

/// Asserts that no file below this folder has a trace of token or value.
fn assert_holds_nothing(folder: &Path) {
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            assert_holds_nothing(&path);
            continue;
        }
        let content = std::fs::read(&path).expect("the file can be read");
        for trace in TRACES {
            let found = content
                .windows(trace.len())
                .any(|window| window == trace.as_bytes());
            assert!(!found, "{} contains {trace}", path.display());
        }
    }
}

#[test]
fn verbose_shows_neither_token_nor_value() {
    for verbose in ["--verbose", "--verbose=2"] {
        assert_verbose_shows_nothing(verbose);
    }
}

fn assert_verbose_shows_nothing(verbose: &str) {
    let world = start();
    for line in [
        &ADD[..],
        &["secrets", "add", "-n", "KEY", "--overwrite", "-v", VALUE],
        &["secrets", "update", "-n", "KEY", "-v", VALUE],
        &["secrets", "list"],
        &["secrets", "delete", "-n", "KEY"],
        &["workspaces", "list"],
        &["plugin", "list"],
    ] {
        assert_shows_nothing(world.tw(line.iter().copied().chain([verbose])).exits(0));
    }
    assert_shows_nothing(world.tw(["-t", TOKEN, verbose, "secrets", "list"]).exits(0));
    assert_holds_nothing(&world.installation.home());
}

#[test]
fn the_server_gets_the_value_unredacted() {
    let world = start();
    world.tw(ADD).exits(0);
    assert_eq!(
        list_stored(&world),
        ["1001 OLD=first".to_owned(), format!("1002 KEY={VALUE}")]
    );
}

#[test]
fn an_error_that_repeats_the_request_is_redacted() {
    for method in ["POST", "PUT", "GET", "*"] {
        let world = start_with_fault(Fault::on(method, "*").echo());
        for line in [
            &ADD[..],
            &["secrets", "update", "-n", "OLD", "-v", VALUE],
            &["secrets", "add", "-n", "OLD", "--overwrite", "-v", VALUE],
            &["secrets", "add", "-n", "KEY", "-w", "100", "-v", VALUE],
            &["workspaces", "list"],
        ] {
            assert_shows_nothing(world.tw(line.iter().copied()));
            assert_shows_nothing(world.tw(line.iter().copied().chain([
                "--verbose",
                "--output",
                "json",
            ])));
        }
        assert_holds_nothing(&world.installation.home());
    }
    let world = start_with_fault(Fault::on("POST", "*").echo());
    let ran = world.tw(ADD);
    ran.fails_with("Could not process the request")
        .says_with("[redacted]");
}

/// Returns the spellings that a command line shows if the server's error message contains them.
fn find_shown_spellings(line: &[&str], spellings: &[&'static str]) -> Vec<&'static str> {
    let is_shown = |spelling: &&'static str| {
        let message =
            serde_json::json!({ "message": format!("No such thing: <{spelling}>.") }).to_string();
        let world = start_with_fault(Fault::on("*", "*").status(400).json(&message));
        let ran = world
            .tw(line.iter().copied())
            .fails_with("No such thing: <");
        TRACES.iter().any(|trace| ran.stderr.contains(trace))
    };
    spellings.iter().copied().filter(is_shown).collect()
}

#[test]
fn the_token_is_redacted_in_every_encoding() {
    let none: [&str; 0] = [];
    assert_eq!(
        find_shown_spellings(&["secrets", "list", "-v"], &TOKEN_WRITTEN),
        none
    );
    assert_eq!(
        find_shown_spellings(&["workspaces", "list"], &TOKEN_WRITTEN),
        none
    );
}

#[test]
fn the_value_is_redacted_in_every_encoding() {
    let none: [&str; 0] = [];
    assert_eq!(find_shown_spellings(&ADD, &VALUE_WRITTEN), none);
}

#[test]
fn token_and_value_are_redacted_beside_invalid_utf8() {
    let mut body =
        format!(r#"{{"message": "not <{VALUE_IN_JSON}> of {TOKEN}", "junk": ""#).into_bytes();
    body.extend(b"\xff\"}");
    let fault = Fault::on("POST", "*")
        .status(400)
        .body("application/json", body);
    let ran = start_with_fault(fault)
        .tw(ADD)
        .fails_with("not <[redacted]> of [redacted]");
    assert_shows_nothing(ran);
}

#[test]
fn each_line_of_a_multiline_value_is_redacted() {
    let value = "SENTINEL first line\n\tSENTINEL second line\r\n";
    let add = ["secrets", "add", "-n", "KEY", "-v", value];
    let world = start_with_fault(Fault::on("POST", "*").echo());
    assert_shows_nothing(world.tw(add.into_iter().chain(["--verbose"])).exits(1));
    for excerpt in [
        value.trim(),
        "SENTINEL first line\r\n\tSENTINEL second line\r\n",
        "SENTINEL first line\n\tSENTINEL second line",
        "SENTINEL first line",
        "SENTINEL second line",
    ] {
        let message = serde_json::json!({ "message": format!("Not so: <{excerpt}>") });
        let fault = Fault::on("POST", "*")
            .status(400)
            .json(&message.to_string());
        let ran = start_with_fault(fault).tw(add).fails_with("Not so: <");
        assert_shows_nothing(ran);
    }
}

#[test]
fn token_and_value_are_redacted_in_malformed_responses() {
    let bodies = [
        format!("{{\"secretId\": {}}}", serde_json::json!(TOKEN)),
        format!("{{\"secretId\": {}}}", serde_json::json!(VALUE)),
        format!("{TOKEN} {VALUE}"),
        format!("{{\"{TOKEN}\": 1"),
    ];
    for body in bodies {
        let world = start_with_fault(Fault::on("POST", "*").json(&body));
        assert_shows_nothing(
            world
                .tw(ADD.into_iter().chain(["--verbose"]))
                .exits(1)
                .prints(""),
        );
    }
}

#[test]
fn the_token_is_redacted_in_a_redirect() {
    let to = [
        "/",
        "http://127.0.0.1:1/?token=",
        "http://127.0.0.1:1/",
        "bad:",
    ]
    .map(|to| format!("{to}{TOKEN}"));
    let is_shown = |to: &&String| {
        let world = start_with_fault(Fault::on("*", "*").redirect(to, 302));
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
fn connection_errors_show_neither_token_nor_value() {
    let world = start();
    for address in ["http://127.0.0.1:1", "http://platform.invalid", "nonsense"] {
        let ran = world
            .command(ADD.into_iter().chain(["--verbose"]))
            .env("TOWER_API_ENDPOINT", address)
            .run();
        assert_shows_nothing(ran.exits(1).prints(""));
    }
    world.sandbox.fault(Fault::on("*", "*").reset_after());
    assert_shows_nothing(
        world
            .tw(ADD.into_iter().chain(["--verbose"]))
            .exits(1)
            .prints(""),
    );
}

#[test]
fn usage_errors_never_show_a_value_or_a_token() {
    let world = start();
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
        assert_shows_nothing(world.tw(line.iter().copied()).exits(2).prints(""));
    }
    world.saw([]);
}

#[test]
fn usage_errors_never_show_a_value_without_its_option() {
    let world = start();
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
fn help_and_usage_errors_never_show_environment_variables() {
    let world = start();
    for line in [
        &["--help"][..],
        &["secrets", "add", "--help"],
        &["secrets"],
        &["nonsense"],
    ] {
        assert_shows_nothing(
            world
                .command(line.iter().copied())
                .env("TOWER_WORKSPACE_ID", "SENTINEL")
                .run(),
        );
    }
}

#[test]
fn import_never_shows_a_value_of_the_file() {
    for (fault, exit) in [
        (Fault::on("POST", "*").echo(), 1),
        (Fault::on("GET", "*").echo(), 1),
        (Fault::on("POST", "*").reset_after(), 0),
        (Fault::on("POST", "*").reset_before(), 1),
        (Fault::on("*", "/nothing").echo(), 0),
    ] {
        let world = start_with_fault(fault);
        let file = serde_json::json!({ "KEY": VALUE, "OLD": VALUE }).to_string();
        let line = ["secrets", "import", "-", "--format", "json", "--verbose"];
        let ran = world.command(line).input(&file).run();
        assert_shows_nothing(ran.exits(exit));
        assert_holds_nothing(&world.installation.home());
        // The file is cut off, so it is refused.
        let ran = world.command(line).input(&file[..file.len() - 3]).run();
        assert_shows_nothing(ran.fails_with("line 1"));
    }
}
