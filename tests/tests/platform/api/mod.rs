//! `tw api`: what it sends, what it prints, and how it fails.

mod answer;
mod delete;
mod fields;
mod file;
mod filter;
mod headers;
mod input;
mod pages;
mod secrecy;
mod stdout;
mod target;
mod workspace;

use tw_sandbox::{Fault, Request, Sandbox};
use tw_tests::World;

/// Starts a world whose server answers every request for `/pets`, and for what is below, with this fault.
fn serve_pets(fault: impl FnOnce(Fault) -> Fault) -> World {
    World::with(Sandbox::builder().fault(fault(Fault::on("*", "/pets*"))))
}

/// Starts a world whose server answers every request for `/pets` with an empty object.
fn serve_nothing() -> World {
    serve_pets(|pets| pets.json("{}"))
}

/// Returns the only request that the server received.
#[track_caller]
fn find_request(world: &World) -> Request {
    let mut requests = world.sandbox.requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    world.sandbox.clear_requests();
    requests.remove(0)
}

/// Runs `tw api` with this line, and returns the only request that the server received.
#[track_caller]
fn send(world: &World, line: &[&str]) -> Request {
    let line = ["api"].iter().chain(line).copied();
    world.tw(line).exits(0).says("");
    find_request(world)
}

/// Runs `tw api` with this line, which must be a usage error with this message, and asserts that nothing was sent.
#[track_caller]
fn assert_refused(world: &World, line: &[&str], message: &str) {
    let line = ["api"].iter().chain(line).copied();
    let error = format!("error: {message}\n\n");
    world.tw(line).exits(2).prints("").says_with(&error);
    world.saw([]);
}
