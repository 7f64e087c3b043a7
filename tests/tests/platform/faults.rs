//! Commands against a server that breaks the rules: no hang, no false success, no change made twice, no token at another server, and no secret and no
//! flood in the output.

use tw_tests::{
    Answer, Installation, Ran, Server, Tw,
    faults::{ANSWERS, Fault, FaultServer, TOKEN, Then},
};

const VALUE: &str = "SENTINEL-value";

/// A command, and the state of the server after its success. `None` if the command changes nothing.
type Command = (&'static [&'static str], Option<&'static [&'static str]>);

const COMMANDS: [Command; 8] = [
    (&["secrets", "list"], None),
    (
        &["secrets", "add", "-n", "NEW", "-v", VALUE],
        Some(&["KEY=first", "NEW=SENTINEL-value"]),
    ),
    (&["secrets", "view", "-n", "KEY"], None),
    (
        &["secrets", "update", "-n", "KEY", "-v", VALUE],
        Some(&["KEY=SENTINEL-value"]),
    ),
    (
        &["secrets", "add", "-n", "KEY", "-v", VALUE, "--overwrite"],
        Some(&["KEY=SENTINEL-value"]),
    ),
    (&["secrets", "delete", "-n", "KEY"], Some(&[])),
    (&["secrets", "list", "-w", "acme/research"], None),
    (
        &["secrets", "import", "new.env"],
        Some(&["KEY=first", "NEW=SENTINEL-value"]),
    ),
];

/// The requests that faults hit: each run fails at another step.
const METHODS: [&[&str]; 3] = [
    &["GET", "POST", "PUT", "DELETE"],
    &["POST", "PUT", "DELETE"],
    &["GET"],
];

/// The number of bytes that a failure may print.
const MOST_OUTPUT: usize = 16 << 10;

fn command(installation: &Installation, server: &FaultServer, line: &[&str]) -> Tw {
    installation
        .command(["--insecure", "--read-timeout", "0.5", "--retries", "1"])
        .args(line)
        .env("TOWER_API_ENDPOINT", server.url())
        .env("TOWER_ACCESS_TOKEN", TOKEN)
}

/// Asserts what holds for every run, whatever the server does.
#[track_caller]
fn assert_sound(case: &str, ran: &Ran, server: &FaultServer, after: Option<&[&str]>) {
    let secrets: Vec<String> = server
        .secrets()
        .iter()
        .map(|secret| format!("{}={}", secret.name, secret.value))
        .collect();
    let changes = server.changes();
    match ran.status.code() {
        Some(0) => {
            let after = after.unwrap_or(&["KEY=first"]);
            assert_eq!(secrets, after, "{case}: it is not done: {ran}");
        }
        Some(1) => assert!(ran.stderr.contains("ERROR: "), "{case}: {ran}"),
        _ => panic!("{case}: {ran}"),
    }
    // A change that is no longer certain is said to be so, or the error describes the answer.
    let is_told = ["unknown", "status ", "answer", "redirect"];
    let is_told = is_told.iter().any(|word| ran.stderr.contains(word));
    let is_done = changes.is_empty() || ran.status.success();
    assert!(is_done || is_told, "{case}: {changes:?}: {ran}");
    // Creating is never repeated. The other changes may be: they have the same effect twice.
    let created = changes.iter().filter(|change| change.starts_with("POST "));
    assert!(created.count() <= 1, "{case}: {changes:?}: {ran}");
    for output in [&ran.stdout, &ran.stderr] {
        assert!(!output.contains("SENTINEL"), "{case}: {ran}");
        // In hexadecimal.
        assert!(!output.contains("53454E54494E454C"), "{case}: {ran}");
        assert!(!output.contains('\u{1b}'), "{case}: {ran}");
        let length = output.len();
        assert!(length < MOST_OUTPUT, "{case}: {length} bytes");
    }
}

fn run_all(faults: impl Iterator<Item = (usize, &'static (&'static str, Fault))>) {
    let installation = Installation::bundled();
    let home = installation.home();
    std::fs::write(home.join("new.env"), format!("NEW={VALUE}\n")).expect("the home is writable");
    let other = Server::start(|_| Answer::ok(r#"{"pipelineSecrets":[]}"#));
    for (at, (name, fault)) in faults {
        // Each fault meets a few commands, at different steps.
        for turn in 0..3 {
            let (line, after) = COMMANDS[(at + turn * 3) % COMMANDS.len()];
            let methods = METHODS[(at + turn) % METHODS.len()];
            let server = FaultServer::start(fault.clone(), methods, &other.url());
            let verbose: &[&str] = if turn == 1 { &["--verbose"] } else { &[] };
            let ran = command(&installation, &server, &[verbose, line].concat()).run();
            let case = format!("{name}, for {methods:?}");
            assert_sound(&case, &ran, &server, after);
        }
    }
    assert_eq!(other.seen(), Vec::<String>::new());
}

#[test]
fn commands_withstand_wrong_answers() {
    run_all(ANSWERS.iter().enumerate().step_by(2));
}

#[test]
fn commands_withstand_more_wrong_answers() {
    run_all(ANSWERS.iter().enumerate().skip(1).step_by(2));
}

#[test]
fn without_a_fault_every_command_succeeds() {
    let installation = Installation::bundled();
    let home = installation.home();
    std::fs::write(home.join("new.env"), format!("NEW={VALUE}\n")).expect("the home is writable");
    for (line, after) in COMMANDS {
        let server = FaultServer::start(Fault::Close, &[], "");
        let ran = command(&installation, &server, line).run();
        match line.contains(&"-w") {
            true => ran.fails_with("Workspace"),
            false => {
                assert_sound("no fault", &ran, &server, after);
                ran.exits(0)
            }
        };
    }
}

#[test]
fn an_answer_that_is_not_http_is_reported_in_words() {
    for (answer, reason) in [
        (
            "SSH-2.0-OpenSSH_9.9\r\n".to_owned(),
            "the server's answer is not HTTP",
        ),
        (
            format!("HTTP/1.1 200 x\r\nA: {}\r\n\r\n", "b".repeat(1 << 20)),
            "the head of the server's answer is too large",
        ),
    ] {
        let fault = Fault::Raw(answer.into_bytes(), Then::Wait);
        let server = FaultServer::start(fault, &["GET"], "");
        command(&Installation::bundled(), &server, &["secrets", "list"])
            .run()
            .fails_with(&format!("GET /pipeline-secrets failed: {reason}\n"));
    }
}
