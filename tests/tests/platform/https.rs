//! https with a private CA.

use std::path::PathBuf;

use tw_sandbox::{Sandbox, Secret};
use tw_tests::{Installation, World};

/// A server with https and one secret, and the file of its CA.
fn secure() -> (World, PathBuf) {
    let sandbox = Sandbox::builder()
        .secret(Secret::new("KEY", "first"))
        .start_https();
    let world = World::of(sandbox, Installation::bundled());
    let ca = file(
        &world,
        "ca.pem",
        world.sandbox.ca_pem().expect("https has a CA"),
    );
    (world, ca)
}

/// A file with this content in the home.
fn file(world: &World, name: &str, content: &str) -> PathBuf {
    let path = world.installation.home().join(name);
    std::fs::write(&path, content).expect("the home can be written");
    path
}

#[test]
fn the_option_names_the_ca() {
    let (world, ca) = secure();
    let ca = ca.to_str().expect("the path is text");
    world
        .tw(["--cacert", ca, "secrets", "list"])
        .exits(0)
        .says("")
        .prints_with(" KEY ");
    world
        .tw(["secrets", "list", "--cacert", ca])
        .exits(0)
        .says("")
        .prints_with(" KEY ");
    world
        .tw([
            "secrets",
            "add",
            "-n",
            "NEW",
            "-v",
            "x",
            &format!("--cacert={ca}"),
        ])
        .exits(0)
        .says("");
}

#[test]
fn the_variable_names_the_ca_and_the_option_beats_it() {
    let (world, ca) = secure();
    world
        .command(["secrets", "list"])
        .env("TW_CACERT", &ca)
        .run()
        .exits(0)
        .says("")
        .prints_with(" KEY ");
    let tw = world.command(["secrets", "list", "--cacert"]).args([&ca]);
    tw.env("TW_CACERT", "/nowhere/ca.pem")
        .run()
        .exits(0)
        .says("");
}

#[test]
fn a_path_is_relative_to_where_tw_is_started() {
    let (world, _) = secure();
    world
        .tw(["secrets", "list", "--cacert", "ca.pem"])
        .exits(0)
        .says("");
}

#[test]
fn without_it_the_server_is_not_trusted() {
    let (world, _) = secure();
    for insecure in [&[][..], &["--insecure"]] {
        let line = insecure
            .iter()
            .copied()
            .chain(["secrets", "add", "-n", "NEW", "-v", "x"]);
        let ran = world.command(line).env("TW_CACERT", "").run();
        ran.fails_with("certificate").says_with(world.sandbox.url());
    }
    world.saw([]);
}

#[test]
fn the_ca_of_another_does_not_help() {
    let (world, _) = secure();
    let (_, other) = secure();
    world
        .command(["secrets", "list"])
        .env("TW_CACERT", &other)
        .run()
        .fails_with("certificate");
    world.saw([]);
}

#[test]
fn several_certificates_in_one_file() {
    let (world, _) = secure();
    let (other, _) = secure();
    let pems = [&other, &world].map(|world| world.sandbox.ca_pem().expect("https has a CA"));
    let both = file(
        &world,
        "both.pem",
        &format!("# ours\n{}\n# and theirs\n{}", pems[0], pems[1]),
    );
    world
        .command(["secrets", "list"])
        .env("TW_CACERT", both)
        .run()
        .exits(0)
        .says("");
}

#[test]
fn a_file_that_is_no_certificate_is_named() {
    let (world, _) = secure();
    let broken =
        "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n";
    for (name, content) in [
        ("empty.pem", ""),
        ("text.pem", "no certificate\n"),
        ("broken.pem", broken),
        ("half.pem", &broken[..40]),
    ] {
        let path = file(&world, name, content);
        let ran = world
            .command(["secrets", "list"])
            .args(["--cacert".as_ref(), path.as_os_str()])
            .run();
        ran.fails_with(name);
        world
            .command(["secrets", "list"])
            .env("TW_CACERT", &path)
            .run()
            .fails_with(name);
    }
    for path in ["missing.pem", "/"] {
        world
            .tw(["secrets", "list", "--cacert", path])
            .fails_with(&format!("'{path}'"));
    }
    world.saw([]);
}
