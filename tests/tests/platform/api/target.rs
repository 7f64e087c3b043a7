//! The method, the path and the query.

use tw_tests::{Answer, Server, World};

use super::{assert_refused, send, serve_nothing};

#[test]
fn the_method_is_get_or_the_one_before_the_path() {
    let world = serve_nothing();
    assert_eq!(send(&world, &["/pets"]).method, "GET");
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH"] {
        assert_eq!(send(&world, &[method, "/pets"]).method, method);
        let lower = method.to_lowercase();
        assert_eq!(send(&world, &[&lower, "/pets"]).method, method);
    }
}

#[test]
fn the_method_is_post_if_something_is_sent() {
    let world = serve_nothing();
    for option in [["-f", "a=b"], ["-F", "a=1"], ["--input", "-"]] {
        let line = [&["/pets"][..], &option].concat();
        assert_eq!(send(&world, &line).method, "POST", "{option:?}");
    }
}

#[test]
fn a_path_needs_no_leading_slash() {
    let world = serve_nothing();
    for path in ["pets", "/pets"] {
        assert_eq!(send(&world, &[path]).path, "/pets");
    }
}

#[test]
fn a_path_is_below_the_path_of_the_endpoint() {
    let world = serve_nothing();
    let below = |path: &str| {
        let endpoint = format!("{}/api", world.sandbox.url());
        let tw = world.command(["api", path]);
        tw.env("TOWER_API_ENDPOINT", endpoint).run()
    };
    below("/pets").exits(0);
    world.saw(["GET /api/pets"]);
    let message = "error: `/../pets` is neither a path below the API nor a URL\n\nUsage: ";
    below("/../pets").exits(2).prints("").says_with(message);
    world.saw([]);
}

#[test]
fn the_query_comes_from_the_path_and_from_options() {
    let world = serve_nothing();
    let line = ["/pets?max=5", "--query", "search=a b&c", "--query", "x="];
    let request = send(&world, &line);
    assert_eq!(request.query.as_deref(), Some("max=5&search=a+b%26c&x="));
    world
        .tw(["api", "/pets", "--query", "x"])
        .rejects("invalid value 'x' for '--query <KEY=VALUE>': expected 'key=value'");
}

#[test]
fn a_wrong_method_and_a_missing_path_are_usage_errors() {
    let world = World::new();
    assert_refused(
        &world,
        &["FETCH", "/pets"],
        "'FETCH' is not a method: expected one of GET, HEAD, POST, PUT, PATCH, DELETE",
    );
    assert_refused(
        &world,
        &["delete"],
        "there is no path after DELETE; '/delete' is a path",
    );
    world.tw(["api"]).rejects("<METHOD|PATH>");
}

#[test]
fn a_complete_url_below_the_endpoint_gets_the_token_and_no_workspace() {
    let world = serve_nothing();
    let url = format!("{}/pets", world.sandbox.url());
    let request = send(&world, &[&url, "-w", "100"]);
    let token = format!("Bearer {}", world.sandbox.token());
    assert_eq!(request.header("authorization"), Some(token.as_str()));
    assert_eq!(request.query, None);
}

#[test]
fn another_server_gets_no_token() {
    let server =
        Server::start(|asked| Answer::ok(format!("{:?}", asked.headers.get("authorization"))));
    let world = World::new();
    let url = format!("{}/pets", server.url());
    world.tw(["api", &url]).exits(0).prints("None").says("");
    world.saw([]);
}

#[test]
fn a_redirect_to_another_server_is_not_followed() {
    let server = Server::start(|_| Answer::ok("from another server"));
    let to = server.url();
    let world = super::serve_pets(move |pets| pets.redirect(&to, 302));
    world
        .tw(["api", "/pets"])
        .fails_with("which is not the API");
    assert!(server.seen().is_empty());
}

#[test]
fn the_root_options_apply() {
    let world = serve_nothing();
    world
        .command(["api", "/pets", "-t", "another-token"])
        .run()
        .exits(0);
    let request = super::find_request(&world);
    assert_eq!(
        request.header("authorization"),
        Some("Bearer another-token")
    );
    world
        .command(["api", "/pets"])
        .without_env("TOWER_ACCESS_TOKEN")
        .run()
        .fails("Missing TOWER_ACCESS_TOKEN environment variable or 'tw -t <token> ...' parameter");
}
