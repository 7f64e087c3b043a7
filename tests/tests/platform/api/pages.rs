//! `--paginate`.

use tw_sandbox::{Fault, Sandbox};
use tw_tests::World;

use super::{assert_refused, serve_pets};

/// Starts a world whose server answers the requests for `/pets` with these bodies, in this order.
fn serve_pages(pages: &[&str]) -> World {
    let page = |body: &&str| Fault::on("GET", "/pets*").json(body).times(1);
    let faults = pages.iter().map(page);
    World::with(faults.fold(Sandbox::builder(), tw_sandbox::Builder::fault))
}

#[test]
fn all_pages_are_one_document_with_the_fields_of_the_first() {
    let world = serve_pages(&[
        r#"{"kind":"pet", "pets":[{"id": 1.50}, 2], "totalSize": 5, "hasMore": true}"#,
        r#"{"kind":"?","pets":[3,4],"totalSize":5,"hasMore":true}"#,
        r#"{"pets":[5],"totalSize":5,"hasMore":false}"#,
    ]);
    world.tw(["api", "/pets", "--paginate"]).exits(0).says("").prints(
        "{\"kind\":\"pet\",\"pets\":[{\"id\": 1.50},2,3,4,5],\"totalSize\":5,\"hasMore\":false}\n",
    );
    world.saw([
        "GET /pets",
        "GET /pets?max=100&offset=2",
        "GET /pets?max=100&offset=4",
    ]);
}

#[test]
fn the_typed_size_and_offset_of_pages_are_kept() {
    let pages = [
        r#"{"pets":[3,4],"totalSize":6}"#,
        r#"{"pets":[5,6],"totalSize":6}"#,
    ];
    for (line, first, second) in [
        (
            &["/pets?max=2&a=b&offset=2"][..],
            "GET /pets?max=2&a=b&offset=2",
            "GET /pets?a=b&max=2&offset=4",
        ),
        (
            &["/pets", "--query", "offset=2", "--query", "max=2"],
            "GET /pets?offset=2&max=2",
            "GET /pets?max=2&offset=4",
        ),
        (
            &["GET", "/pets", "-F", "offset=2", "-F", "max=2", "-f", "a=b"],
            "GET /pets?a=b&offset=2&max=2",
            "GET /pets?a=b&max=2&offset=4",
        ),
    ] {
        let world = serve_pages(&pages);
        let line = [&["api", "--paginate"][..], line].concat();
        let all = "{\"pets\":[3,4,5,6],\"totalSize\":6}\n";
        world.tw(line).exits(0).says("").prints(all);
        world.saw([first, second]);
    }
}

#[test]
fn pages_with_a_cursor_are_followed() {
    let world = serve_pages(&[
        r#"{"objects":[],"nextPageToken":"a b"}"#,
        r#"{"objects":[1],"nextPageToken":"c"}"#,
        r#"{"objects":[2]}"#,
    ]);
    world
        .tw(["api", "/pets", "--paginate"])
        .exits(0)
        .says("")
        .prints("{\"objects\":[1,2],\"nextPageToken\":null}\n");
    world.saw([
        "GET /pets",
        "GET /pets?nextPageToken=a+b",
        "GET /pets?nextPageToken=c",
    ]);
}

#[test]
fn pages_without_a_total_end_with_an_empty_page() {
    let world = serve_pages(&[
        r#"{"pets":[1],"hasMore":true}"#,
        r#"{"pets":[2],"hasMore":true}"#,
        r#"{"pets":[],"hasMore":false}"#,
    ]);
    let all = "{\"pets\":[1,2],\"hasMore\":false}\n";
    world
        .tw(["api", "/pets", "--paginate"])
        .exits(0)
        .prints(all);
}

#[test]
fn the_tasks_of_a_run_count_their_total_under_another_name() {
    let world = serve_pages(&[
        r#"{"tasks":[1],"total":2}"#,
        r#"{"tasks":[2],"total":2}"#,
        r#"{"tasks":[]}"#,
    ]);
    let all = "{\"tasks\":[1,2],\"total\":2}\n";
    world
        .tw(["api", "/pets", "--paginate"])
        .exits(0)
        .prints(all);
}

#[test]
fn an_answer_without_more_pages_is_printed_unchanged() {
    for body in [
        r#"{ "pets" : [1], "totalSize": 1 }"#,
        r#"{"pets":[],"totalSize":9}"#,
        r#"{"pets":[1],"others":[2]}"#,
        r#"{"pets":[1],"nextPageToken":""}"#,
        "[1, 2]",
        "not JSON",
        "",
    ] {
        let world = serve_pets(|pets| pets.json(body));
        let ran = world.tw(["api", "/pets", "--paginate"]).exits(0);
        ran.prints(body).says("");
        world.saw(["GET /pets"]);
    }
}

#[test]
fn more_pages_of_several_lists_are_an_error() {
    for body in [
        r#"{"pets":[1],"others":[2],"totalSize":5}"#,
        r#"{"nextPageToken":"x"}"#,
    ] {
        let world = serve_pets(|pets| pets.json(body));
        world
            .tw(["api", "/pets", "--paginate"])
            .fails("The answer has more pages, and more than one list or none");
    }
}

#[test]
fn a_server_that_repeats_a_page_is_an_error() {
    let world = serve_pets(|pets| pets.json(r#"{"pets":[1],"totalSize":3}"#));
    world
        .tw(["api", "/pets", "--paginate"])
        .exits(1)
        .says("\n ERROR: The server's list 'pets' repeats its first page\n\n");
    let second = r#"{"pets":[2],"totalSize":9}"#;
    let world = serve_pages(&[r#"{"pets":[1],"totalSize":9}"#, second, second]);
    world
        .tw(["api", "/pets", "--paginate"])
        .exits(1)
        .says("\n ERROR: The server's list at GET /pets repeats a page\n\n");
}

#[test]
fn a_failure_of_the_first_page_is_printed_and_of_a_later_one_is_only_reported() {
    let failure = r#"{"message":"No more"}"#;
    let world = serve_pets(|pets| pets.status(400).json(failure));
    let ran = world.tw(["api", "/pets", "--paginate"]).exits(1);
    ran.prints(failure).says("\n ERROR: No more\n\n");
    let world = serve_pages(&[r#"{"pets":[1],"totalSize":3}"#]);
    world
        .sandbox
        .fault(Fault::on("GET", "/pets*").status(400).json(failure));
    let ran = world.tw(["api", "/pets", "--paginate"]).exits(1);
    let ran = ran.says("\n ERROR: No more\n\n");
    assert!(!ran.stdout.contains("No more"), "{ran}");
    // A part of a document is not valid JSON, so no reader takes it for the whole.
    assert!(serde_json::from_str::<serde_json::Value>(&ran.stdout).is_err());
}

#[test]
fn include_prints_the_head_of_the_first_page() {
    let world = serve_pages(&[
        r#"{"pets":[1],"totalSize":2}"#,
        r#"{"pets":[2],"totalSize":2}"#,
    ]);
    let ran = world.tw(["api", "/pets", "--paginate", "-i"]).exits(0);
    assert_eq!(ran.stdout.matches("HTTP/1.1 200\n").count(), 1, "{ran}");
    assert!(
        ran.stdout
            .ends_with("\n\n{\"pets\":[1,2],\"totalSize\":2}\n"),
        "{ran}"
    );
}

#[test]
fn only_a_get_has_pages() {
    let world = World::new();
    let message = "'--paginate' needs the method GET";
    assert_refused(&world, &["POST", "/pets", "--paginate"], message);
    assert_refused(&world, &["/pets", "-f", "a=b", "--paginate"], message);
    world
        .tw(["api", "GET", "/pets", "--paginate", "--input", "-"])
        .rejects("--input");
}
