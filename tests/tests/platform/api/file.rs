//! `--output-file`.

use std::{fs, path::PathBuf};

use tw_sandbox::{Fault, Sandbox};
use tw_tests::World;

use super::serve_pets;

fn out(world: &World) -> PathBuf {
    world.installation.home().join("out")
}

#[test]
fn the_answer_is_saved_and_nothing_is_printed() {
    let all: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let world = serve_pets(|pets| pets.body("text/csv", all.clone()));
    let line = ["api", "/pets", "--output-file", "out"];
    world.tw(line).exits(0).prints("").says("");
    assert!(fs::read(out(&world)).is_ok_and(|saved| saved == all));
    let ran = world
        .tw(["api", "/pets", "--output-file", "out", "-i"])
        .exits(0);
    assert!(ran.stdout.starts_with("HTTP/1.1 200\n"), "{ran}");
    assert!(ran.stdout.ends_with("\n\n"), "{ran}");
}

#[test]
fn a_failed_answer_is_printed_and_an_old_file_stays() {
    let body = r#"{"message": "No pet 7"}"#;
    let world = serve_pets(|pets| pets.status(404).json(body));
    fs::write(out(&world), "old").expect("the home can be written");
    let error = "\n ERROR: No pet 7\n\n";
    world
        .tw(["api", "/pets/7", "--output-file", "out"])
        .exits(1)
        .prints(body)
        .says(error);
    assert_eq!(fs::read_to_string(out(&world)).ok().as_deref(), Some("old"));
}

#[test]
fn an_answer_that_breaks_off_leaves_no_file() {
    let world = World::with(Sandbox::builder().fault(Fault::on("GET", "*").truncate()));
    let line = [
        "api",
        "/service-info",
        "--output-file",
        "out",
        "--retries",
        "0",
    ];
    world
        .tw(line)
        .fails_with("The server's answer to GET /service-info is cut short");
    let left = fs::read_dir(world.installation.home()).expect("the home can be read");
    let names = left.flatten().map(|entry| entry.file_name());
    let visible: Vec<_> = names.filter(|name| name != ".cache").collect();
    assert!(visible.is_empty(), "{visible:?}");
}

#[test]
fn a_file_that_cannot_be_written_is_reported_and_nothing_is_sent() {
    let world = super::serve_nothing();
    world
        .tw(["api", "/pets", "--output-file", "missing/out"])
        .fails("missing/out can't be written: No such file or directory");
    world.saw([]);
}

#[test]
fn pages_cannot_be_saved_as_a_file() {
    let world = World::new();
    world
        .tw(["api", "/pets", "--paginate", "--output-file", "out"])
        .rejects("--output-file");
    world.saw([]);
}
