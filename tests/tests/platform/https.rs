//! HTTPS with a private CA.

use std::path::PathBuf;

use tw_sandbox::{Sandbox, Secret, ServerCertificate};
use tw_tests::{Installation, World};

/// Starts an HTTPS server with one secret, and returns the path of its CA file too.
fn start_https() -> (World, PathBuf) {
    start_with(ServerCertificate::Signed)
}

/// Starts an HTTPS server like [`start_https`], whose certificate is of this kind.
fn start_with(certificate: ServerCertificate) -> (World, PathBuf) {
    let sandbox = Sandbox::builder()
        .secret(Secret::new("KEY", "first"))
        .certificate(certificate)
        .start_https();
    let world = World::of(sandbox, Installation::bundled());
    let ca = write_file(
        &world,
        "ca.pem",
        world.sandbox.ca_pem().expect("an HTTPS sandbox has a CA"),
    );
    (world, ca)
}

/// Writes a file into the home and returns its path.
fn write_file(world: &World, name: &str, content: &str) -> PathBuf {
    let path = world.installation.home().join(name);
    std::fs::write(&path, content).expect("the home can be written");
    path
}

#[test]
fn cacert_trusts_the_ca_of_a_file() {
    let (world, ca) = start_https();
    let ca = ca.to_str().expect("the path is UTF-8");
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
fn cacert_wins_over_its_environment_variable() {
    let (world, ca) = start_https();
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
fn a_ca_path_is_relative_to_the_working_directory() {
    let (world, _) = start_https();
    world
        .tw(["secrets", "list", "--cacert", "ca.pem"])
        .exits(0)
        .says("");
}

#[test]
fn a_server_with_an_unknown_ca_is_refused_even_with_insecure() {
    let (world, _) = start_https();
    for insecure in [&[][..], &["--insecure"]] {
        let line = insecure
            .iter()
            .copied()
            .chain(["secrets", "add", "-n", "NEW", "-v", "x"]);
        let ran = world.command(line).env("TW_CACERT", "").run();
        ran.fails_with("its certificate is signed by an unknown authority")
            .says_with(world.sandbox.url());
    }
    world.saw([]);
}

#[test]
fn the_certificate_of_a_single_server_can_be_trusted() {
    for kind in [ServerCertificate::SelfSigned, ServerCertificate::Pinned] {
        let (world, file) = start_with(kind);
        let line = ["secrets", "list", "--cacert"];
        let trusting = world.command(line).args([&file]).run();
        trusting.exits(0).says("").prints_with(" KEY ");
        // Another server's certificate is not trusted for being self-signed too.
        let (_world, other) = start_with(kind);
        let other = world.command(line).args([&other]).run();
        other
            .fails_with("Cannot connect to https://")
            .says_with(": its certificate is ");
        world
            .command(["secrets", "list"])
            .env("TW_CACERT", "")
            .run()
            .fails_with(": its certificate is ");
    }
}

#[test]
fn a_trusted_certificate_must_be_valid_and_have_the_servers_name() {
    for (kind, reason) in [
        (ServerCertificate::Expired, "its certificate expired on "),
        (
            ServerCertificate::NotYetValid,
            "its certificate is not valid before ",
        ),
        (
            ServerCertificate::OtherName,
            "its certificate is for other.example, not for 127.0.0.1",
        ),
    ] {
        let (world, file) = start_with(kind);
        let line = ["secrets", "list", "--cacert"];
        world.command(line).args([&file]).run().fails_with(reason);
        world.saw([]);
    }
}

#[test]
fn a_server_with_another_ca_is_refused() {
    let (world, _) = start_https();
    let (_, other) = start_https();
    world
        .command(["secrets", "list"])
        .env("TW_CACERT", &other)
        .run()
        .fails_with("certificate");
    world.saw([]);
}

#[test]
fn a_ca_file_may_have_several_certificates() {
    let (world, _) = start_https();
    let (other, _) = start_https();
    let pems =
        [&other, &world].map(|world| world.sandbox.ca_pem().expect("an HTTPS sandbox has a CA"));
    let both = write_file(
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
fn a_ca_file_without_a_valid_certificate_is_refused_by_name() {
    let (world, _) = start_https();
    let broken =
        "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n";
    for (name, content) in [
        ("empty.pem", ""),
        ("text.pem", "no certificate\n"),
        ("broken.pem", broken),
        ("half.pem", &broken[..40]),
    ] {
        let path = write_file(&world, name, content);
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
