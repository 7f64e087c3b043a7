//! The line on the terminal that says what is waited for.
#![cfg(unix)]

use std::time::Duration;

use tw_sandbox::Fault;
use tw_tests::{Signal, Terminal, Tw, World};

use crate::start_with_secret;

/// The delay of an answer that never comes: one hour, which no test waits.
const FOREVER: Duration = Duration::from_secs(3600);

/// Starts a world whose server answers the next request of this kind late.
fn start_with_slow(path: &str, delay: Duration) -> World {
    let world = start_with_secret();
    let slow = Fault::on("GET", path).delay(delay).times(1);
    world.sandbox.fault(slow);
    world
}

#[test]
fn a_terminal_says_what_is_waited_for_until_the_answer_is_there() {
    for (line, path, shown) in [
        (&["secrets", "list"][..], "/pipeline-secrets", "KEY"),
        (&["whoami"], "/user-info", "demo"),
        (&["whoami", "-o", "json"], "/user-info", "demo"),
        (&["info"], "/service-info", "demo"),
        (&["doctor"], "/service-info", "token"),
    ] {
        let world = start_with_slow(path, Duration::from_secs(1));
        let tw = world.command(line.iter().copied());
        let running = Terminal::start_all_at(tw, 100, 40).until("Waiting for 127.0.0.1");
        let left = running.until(shown).ends().works_as_before();
        let rows = left.rows();
        // The line is removed before the result.
        let is_left = rows.iter().any(|row| row.contains("Waiting"));
        assert!(!is_left, "{line:?}: {rows:?}: {:?}", left.screen);
    }
}

#[test]
fn nothing_is_left_of_the_line_after_a_result_that_goes_elsewhere() {
    let world = start_with_slow("/user-info", Duration::from_secs(1));
    let tw = world.command(["whoami", "-o", "json"]);
    let left = Terminal::start(tw).until("Waiting for").ends().exits(0);
    assert_eq!(left.rows(), [""], "{:?}", left.screen);
    assert_eq!(left.json()["user"], "demo");
}

#[test]
fn a_terminal_says_when_a_call_is_repeated() {
    let world = start_with_secret();
    let full = Fault::on("GET", "/pipeline-secrets")
        .status(429)
        .header("Retry-After", "2");
    world.sandbox.fault(full.times(1));
    let tw = world.command(["secrets", "list"]);
    let running = Terminal::start_all_at(tw, 100, 40).until("429, again in ");
    running.until("KEY").ends().exits(0);
}

#[test]
fn the_time_of_the_next_call_counts_what_tw_itself_holds_back() {
    let once = || {
        let full = Fault::on("GET", "/pipeline-secrets").status(429);
        full.header("Retry-After", "0").times(1)
    };
    let world = start_with_secret();
    // Without an answer that was accepted, the next call is sent after two seconds.
    world.sandbox.fault(once());
    let ran = world.tw(["-v", "secrets", "list"]).exits(0);
    let (_, after) = ran
        .stderr
        .split_once("* retrying GET /pipeline-secrets in ")
        .expect("the call is repeated");
    let (time, _) = after.split_once(" ms").expect("the time is named");
    let time: u32 = time.parse().expect("the time is a number");
    assert!((1000..=2000).contains(&time), "{ran}");
    world.sandbox.fault(once());
    let tw = world.command(["secrets", "list"]);
    let left = Terminal::start_all_at(tw, 100, 40).until("KEY").ends();
    let screen = left.exits(0).showed("429, again in 2 s").screen;
    // Before and after, a call waits for the server.
    let (from, to) = (screen.find("429, again"), screen.rfind("429, again"));
    let held_back = &screen[from.unwrap_or_default()..to.unwrap_or_default()];
    assert!(!held_back.contains("Waiting for"), "{screen}");
}

#[test]
fn a_terminal_says_that_the_rate_limit_holds_a_call_back() {
    let world = start_with_secret();
    let line = ["--rate", "1", "secrets", "list", "-w", "100"];
    let tw = world.command(line);
    let running = Terminal::start_all_at(tw, 100, 40).until("Waiting for the rate limit");
    running.ends();
}

#[test]
fn nothing_is_left_of_the_line_after_a_signal() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        for (line, path) in [
            (&["secrets", "list"][..], "/pipeline-secrets"),
            (&["whoami"], "/user-info"),
            (&["doctor"], "/service-info"),
        ] {
            let world = start_with_slow(path, FOREVER);
            let tw = world.command(line.iter().copied());
            let running = Terminal::start_all_at(tw, 100, 40);
            // What is typed meanwhile stands behind the line.
            let running = running.until("Waiting for").types("typed").until("typed");
            let left = running.gets(signal).ends().exits(130).works_as_before();
            let rows = left.rows();
            assert_eq!(rows, ["", " ERROR: Interrupted", "", ""], "{line:?}");
        }
    }
}

#[test]
fn a_narrow_terminal_has_one_row_for_the_line() {
    let world = start_with_slow("/user-info", Duration::from_secs(1));
    let tw = world.command(["whoami", "-o", "json"]);
    let running = Terminal::start_all_at(tw, 20, 10).until("Waiting for 127.…");
    let left = running.until("demo").ends().exits(0);
    let shown = left.rows().join("\n");
    assert!(!shown.contains("Waiting"), "{:?}", left.screen);
    for frame in left.screen.split('\r') {
        let (frame, _) = frame.split_once("\u{1b}[K").unwrap_or_default();
        assert!(frame.chars().count() < 20, "{:?}", left.screen);
    }
}

#[test]
fn nothing_is_said_about_waiting_where_it_would_disturb() {
    let slow = || start_with_slow("/pipeline-secrets", Duration::from_secs(1));
    slow().tw(["secrets", "list"]).exits(0).says("");
    let run = |tw: Tw| Terminal::start_all_at(tw, 100, 40).ends().exits(0);
    let quiet = slow();
    run(quiet.command(["secrets", "list", "-q"])).never_showed("Waiting");
    // Every line is JSON.
    let json = slow();
    let list = json.command(["secrets", "list"]);
    run(list.env("TW_ERROR_FORMAT", "json")).never_showed("Waiting");
    let json = start_with_slow("/user-info", Duration::from_secs(1));
    let whoami = json.command(["whoami", "--error-format", "json"]);
    run(whoami).never_showed("Waiting");
}

#[cfg(target_os = "linux")]
#[test]
fn a_background_job_does_not_write_over_the_prompt() {
    let world = start_with_slow("/pipeline-secrets", Duration::from_secs(1));
    let home = world.installation.home();
    // With -m, a job gets a process group of its own.
    let script = "\"$0\" --insecure secrets list & wait";
    let shell = Tw::new("/usr/bin/setsid".as_ref(), &home)
        .args(["-w", "-c", "sh", "-mc", script])
        .args([world.installation.tw()])
        .env("TOWER_API_ENDPOINT", world.sandbox.url())
        .env("TOWER_ACCESS_TOKEN", world.sandbox.token());
    let left = Terminal::start_all_at(shell, 100, 40).until("KEY").ends();
    left.exits(0).never_showed("Waiting");
}
