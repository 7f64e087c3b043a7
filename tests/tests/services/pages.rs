//! Lists that a plugin reads page by page.

use serde_json::{Value, json};
use tw_sandbox::{Builder, Fault, Sandbox};
use tw_tests::{Terminal, World, interrupt};

use crate::{LIMIT, Probe, set_up_with};

/// Returns the JSON of a page with these pets, and with these fields after them.
fn page(names: &[&str], more: &str) -> String {
    let pets: Vec<Value> = names.iter().map(|name| json!({ "name": name })).collect();
    format!(r#"{{"pets":{}{more}}}"#, json!(pets))
}

/// Makes `GET /pets` answer with these pages in their order, each once.
fn serve(pages: &[String]) -> Builder {
    let pages = pages.iter();
    pages.fold(Sandbox::builder(), |sandbox, page| {
        sandbox.fault(Fault::on("GET", "/pets").json(page).times(1))
    })
}

/// Reads the list and asserts that it is complete and that these pets are in it.
#[track_caller]
fn assert_names(world: &World, arguments: &[&str], names: &[&str]) {
    let got = world.probe_json(["pages", "read", "/pets"].iter().chain(arguments).copied());
    assert_eq!(got, json!({ "names": names, "error": null, "ended": true }));
}

/// Reads the list, and returns the names before the failure and the message of the failure.
fn read_until_failure(world: &World, arguments: &[&str]) -> (Value, String) {
    let got = world.probe_json(["pages", "read", "/pets"].iter().chain(arguments).copied());
    assert_eq!(got["ended"], true, "{got}");
    let message = got["error"]["message"].as_str();
    let message = message.expect("there is a failure").to_owned();
    (got["names"].clone(), message)
}

#[test]
fn a_list_is_read_by_offset_until_its_total_size() {
    let total = r#","totalSize":5"#;
    let world = set_up_with(serve(&[
        page(&["a", "b"], total),
        page(&["c", "d"], total),
        page(&["e"], total),
    ]));
    assert_names(
        &world,
        &["--size", "2", "--query", "q=x"],
        &["a", "b", "c", "d", "e"],
    );
    world.saw([
        "GET /pets?q=x&max=2&offset=0",
        "GET /pets?q=x&max=2&offset=2",
        "GET /pets?q=x&max=2&offset=4",
    ]);
}

#[test]
fn a_list_without_a_total_size_ends_with_an_empty_page() {
    // A page can be shorter than asked for, because the server has a limit of its own.
    let pages = [page(&["a", "b"], ""), page(&["c"], ""), page(&[], "")];
    let world = set_up_with(serve(&pages));
    assert_names(&world, &[], &["a", "b", "c"]);
    world.saw([
        "GET /pets?max=100&offset=0",
        "GET /pets?max=100&offset=2",
        "GET /pets?max=100&offset=3",
    ]);
    let world = set_up_with(serve(&[page(&[], r#","totalSize":7"#)]));
    assert_names(&world, &[], &[]);
}

#[test]
fn a_list_begins_at_the_offset_of_the_request() {
    let world = set_up_with(serve(&[page(&["c"], r#","totalSize":3"#)]));
    assert_names(
        &world,
        &["--query", "offset=2", "--query", "max=10"],
        &["c"],
    );
    world.saw(["GET /pets?max=10&offset=2"]);
}

#[test]
fn a_list_is_read_by_cursor_until_there_is_none() {
    for end in ["", r#","next":null"#, r#","next":"""#] {
        let world = set_up_with(serve(&[
            page(&["a"], r#","next":"x/1""#),
            page(&[], r#","next":"y""#),
            page(&["b"], end),
        ]));
        assert_names(&world, &["--cursor", "next"], &["a", "b"]);
        world.saw(["GET /pets", "GET /pets?next=x%2F1", "GET /pets?next=y"]);
    }
}

#[test]
fn no_page_is_requested_before_its_items_are_used() {
    let world = set_up_with(serve(&[page(&["a", "b"], ""), page(&["c"], "")]));
    assert_names(&world, &["--first", "2"], &["a", "b"]);
    world.saw(["GET /pets?max=100&offset=0"]);
}

#[test]
fn a_list_that_never_ends_fails() {
    let endless =
        |page: &str| set_up_with(Sandbox::builder().fault(Fault::on("GET", "/pets").json(page)));
    let repeats = "The server's list at GET /pets repeats a page";
    // A server that ignores the offset returns the first page again and again.
    let world = endless(&page(&["a"], ""));
    let (names, message) = read_until_failure(&world, &[]);
    assert_eq!((names, message.as_str()), (json!(["a"]), repeats));
    let world = endless(&page(&["a"], r#","next":"x""#));
    let (names, message) = read_until_failure(&world, &["--cursor", "next"]);
    assert_eq!((names, message.as_str()), (json!(["a"]), repeats));
    let pages = ["a", "b", "c", "d"].map(|name| page(&[name], ""));
    let world = set_up_with(serve(&pages));
    let (names, message) = read_until_failure(&world, &["--max-pages", "3"]);
    assert_eq!(names, json!(["a", "b", "c"]));
    assert_eq!(
        message,
        "The server's list at GET /pets has more than 3 pages"
    );
}

#[test]
fn a_failed_page_ends_the_list_after_the_pages_before_it() {
    for (second, what) in [
        (
            Fault::on("GET", "/pets")
                .status(404)
                .json(r#"{"message":"gone"}"#),
            "gone",
        ),
        (
            Fault::on("GET", "/pets").json(r#"{"pets":[{"name":"c"},{"name":["hunter2"]}]}"#),
            "The server's answer to GET /pets is not of the expected form: pets[1].name: expected a string, found a list",
        ),
        (
            Fault::on("GET", "/pets").json(r#"{"items":["hunter2"]}"#),
            "The server's answer to GET /pets is not of the expected form: pets: missing field",
        ),
        (
            Fault::on("GET", "/pets").json(r#"{"pets":[],"next":["hunter2"]}"#),
            "The server's answer to GET /pets is not of the expected form: next: expected a string, found a list",
        ),
        (
            Fault::on("GET", "/pets").text("hunter2"),
            "The server's answer to GET /pets is not JSON (line 1, column 1)",
        ),
    ] {
        let world = set_up_with(serve(&[page(&["a"], r#","next":"x""#)]).fault(second));
        let (names, message) = read_until_failure(&world, &["--cursor", "next"]);
        assert_eq!((names, message.as_str()), (json!(["a"]), what));
    }
}

#[test]
fn an_interrupt_ends_the_list() {
    let never = Fault::on("GET", "/pets")
        .json("{}")
        .delay(LIMIT * 10)
        .after(1);
    let world = set_up_with(serve(&[page(&["a"], "")]).fault(never));
    let running = world.probe(["pages", "read", "/pets"]).start();
    assert!(world.sandbox.wait_for_hits("GET", "/pets", 2, LIMIT));
    interrupt(running.id());
    let got = running.ends().exits(130).json();
    assert_eq!(got["names"], json!(["a"]));
    assert_eq!(
        (&got["error"]["kind"], &got["ended"]),
        (&json!("cancelled"), &json!(true))
    );
}

#[test]
fn a_label_shows_how_many_items_were_read() {
    let slow = Fault::on("GET", "/pets")
        .json(&page(&["b", "c"], r#","totalSize":3"#))
        .delay(LIMIT / 60)
        .after(1);
    let world = set_up_with(serve(&[page(&["a"], r#","totalSize":3"#)]).fault(slow));
    let read = world.probe(["pages", "read", "/pets", "--label", "Reading pets"]);
    let left = Terminal::start(read).ends().exits(0);
    left.showed("Reading pets").showed("1/3");
}
