//! `--input`.

use tw_tests::World;

use super::{find_request, send, serve_nothing};
use crate::file::write;

#[test]
fn a_file_is_sent_unchanged() {
    let world = serve_nothing();
    let all: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    write(&world, "data.bin", &all);
    let request = send(&world, &["PUT", "/pets/7", "--input", "data.bin"]);
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert!(request.body == all);
}

#[test]
fn standard_input_is_sent_unchanged() {
    let world = serve_nothing();
    let all: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let tw = world.command(["api", "/pets", "--input", "-"]);
    tw.input(&all).run().exits(0).says("");
    assert!(find_request(&world).body == all);
}

/// A shell passes such a pipe for `<(command)`.
#[cfg(unix)]
#[test]
fn a_pipe_is_sent_too() {
    let world = serve_nothing();
    let tw = world.command(["api", "/pets", "--input", "/dev/stdin"]);
    tw.input("{\"a\": 1}").run().exits(0).says("");
    assert_eq!(find_request(&world).body, b"{\"a\": 1}");
}

#[test]
fn a_get_and_a_delete_can_have_an_input() {
    let world = serve_nothing();
    write(&world, "query.json", "{}");
    for line in [
        &["GET", "/pets", "--input", "query.json"][..],
        &["DELETE", "/pets", "--input", "query.json", "--yes"],
    ] {
        let request = send(&world, line);
        assert_eq!(
            (request.method.as_str(), request.body.as_slice()),
            (line[0], &b"{}"[..])
        );
    }
}

#[test]
fn an_input_that_cannot_be_read_is_reported_and_nothing_is_sent() {
    let world = serve_nothing();
    world
        .tw(["api", "/pets", "--input", "missing.json"])
        .fails("missing.json can't be read: No such file or directory");
    world
        .tw(["api", "/pets", "--input", "."])
        .fails_with("can't be read");
    world.saw([]);
}

#[test]
fn a_standard_input_that_cannot_be_read_is_reported() {
    let world: World = serve_nothing();
    let mut tw = world.command(["api", "/pets", "--input", "-"]);
    // A folder can be opened and not be read.
    let folder = std::fs::File::open("/").expect("a folder can be opened");
    let output = tw.command().stdin(folder).output().expect("tw runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("standard input can't be read"), "{stderr}");
    world.saw([]);
}
