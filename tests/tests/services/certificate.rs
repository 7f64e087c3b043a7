//! Clients that show a certificate; and HTTP/2, which https is spoken in.

use std::path::Path;

use tw_sandbox::{Fault, Sandbox};
use tw_tests::World;

use crate::{
    Probe, probe_of,
    proxy::{asks, secure},
};

/// A world on https whose clients have to show a certificate, and the one that they have.
fn asking() -> World {
    let world = probe_of(Sandbox::builder().require_client_cert().start_https());
    let file = |name: &str, content: &str| {
        std::fs::write(world.installation.home().join(name), content)
            .expect("the home can be written");
    };
    file("ca.pem", world.sandbox.ca_pem().expect("https has a CA"));
    let both = world.sandbox.client_pem().expect("clients have one");
    let (certificate, key) =
        both.split_at(both.find("-----BEGIN PRIVATE").expect("there is a key"));
    file("both.pem", both);
    file("certificate.pem", certificate);
    file("key.pem", key);
    file("none.pem", "nothing\n");
    world
}

#[test]
fn a_client_shows_its_certificate() {
    let world = asking();
    for line in [
        &[
            "--client-cert",
            "certificate.pem",
            "--client-key",
            "key.pem",
        ][..],
        &["--client-cert", "both.pem"],
    ] {
        asks(&world).args(line).run().exits(0).says("");
    }
    let tw = asks(&world).env("TW_CLIENT_CERT", "certificate.pem");
    tw.env("TW_CLIENT_KEY", "key.pem").run().exits(0).says("");
    let tw = asks(&world).args(["--client-cert", "both.pem", "--client-key", "both.pem"]);
    tw.env("TW_CLIENT_CERT", "none.pem")
        .env("TW_CLIENT_KEY", "none.pem")
        .run()
        .exits(0)
        .says("");
}

#[test]
fn without_a_certificate_there_is_no_answer() {
    let world = asking();
    let line = ["http", "send", "get", "/pets", "--cacert", "ca.pem"];
    assert_eq!(world.met(line).0, "network");
    world.saw([]);
}

#[test]
fn a_file_without_a_certificate_or_a_key_is_named() {
    let world = asking();
    for (line, file) in [
        (&["--client-cert", "none.pem"][..], "none.pem"),
        (&["--client-cert", "missing.pem"], "missing.pem"),
        (&["--client-cert", "certificate.pem"], "certificate.pem"),
        (
            &[
                "--client-cert",
                "certificate.pem",
                "--client-key",
                "none.pem",
            ],
            "none.pem",
        ),
        (&["--client-key", "key.pem"], "key.pem"),
    ] {
        let ran = asks(&world).args(line).run();
        ran.fails_with(&format!(
            "Cannot use the client certificate or key '{file}': "
        ))
        .never_shows("PRIVATE");
    }
    world.saw([]);
}

#[test]
fn a_certificate_and_a_key_that_do_not_go_together_are_told_apart() {
    let (world, other) = (asking(), asking());
    let (home, others) = (world.installation.home(), other.installation.home());
    let key = others.join("key.pem");
    let damaged = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    std::fs::write(home.join("damaged.pem"), damaged).expect("the home can be written");
    for (certificate, key, file, reason) in [
        (
            "certificate.pem",
            key.as_path(),
            key.as_path(),
            "it is not the key of the certificate",
        ),
        (
            "damaged.pem",
            Path::new("key.pem"),
            Path::new("damaged.pem"),
            "its first certificate is damaged, or not of X.509 version 3",
        ),
    ] {
        let tw = asks(&world)
            .args(["--client-cert", certificate, "--client-key"])
            .args([key]);
        tw.run().fails_with(&format!(
            "Cannot use the client certificate or key '{}': {reason}",
            file.display()
        ));
    }
    world.saw([]);
}

#[test]
fn what_a_server_refuses_unseen_is_sent_again_as_often_as_is_said() {
    for (retries, calls, fails) in [("0", 1, true), ("2", 3, true), ("3", 4, false)] {
        let refused = Fault::on("POST", "/pets").refuse().times(3);
        let sandbox = Sandbox::builder().fault(refused);
        let sandbox = sandbox.fault(Fault::on("POST", "/pets").json("{}"));
        let world = probe_of(sandbox.start_https());
        let ca = world.sandbox.ca_pem().expect("https has a CA");
        std::fs::write(world.installation.home().join("ca.pem"), ca).expect("it can be written");
        let line = [
            "http",
            "send",
            "post",
            "/pets",
            "--cacert",
            "ca.pem",
            "--retries",
            retries,
        ];
        match fails {
            false => assert_eq!(world.got(line)["status"], 200),
            true => {
                let (kind, message) = world.met(line);
                assert_eq!(kind, "network");
                let why = "HTTP/2: refused stream before processing any application logic";
                assert_eq!(message, format!("POST /pets failed: {why}"));
            }
        }
        assert_eq!(world.sandbox.hits("POST", "/pets"), calls);
    }
}

#[test]
fn a_certificate_and_its_key_can_come_through_one_pipe() {
    let world = asking();
    let home = world.installation.home();
    let both = std::fs::read(home.join("both.pem")).expect("it is there");
    let pipe = home.join("pipe.pem");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.is_ok_and(|status| status.success()));
    let writer = std::thread::spawn(move || std::fs::write(pipe, both));
    asks(&world)
        .args(["--client-cert", "pipe.pem"])
        .run()
        .exits(0);
    assert!(writer.join().is_ok_and(|written| written.is_ok()));
}

#[test]
fn another_server_does_not_see_the_certificate() {
    // It would ask for one, and refuse who has none.
    let (world, other) = (probe_of(Sandbox::builder().start()), asking());
    let folder = other.installation.home();
    let url = format!("{}/service-info", other.sandbox.url());
    let tw = world.probe(["http", "send", "get", &url, "--report", "--anonymous"]);
    let ran = tw
        .args([
            "--client-cert".as_ref(),
            folder.join("both.pem").as_os_str(),
        ])
        .args(["--cacert".as_ref(), folder.join("ca.pem").as_os_str()])
        .run();
    assert_eq!(ran.exits(0).json()["kind"], "network");
    other.saw([]);
}

#[test]
fn https_is_spoken_in_http_2_over_one_connection() {
    let world = secure();
    let line = [
        "-v",
        "batch",
        "send",
        "--concurrency",
        "1",
        "GET /service-info",
        "GET /service-info",
    ];
    let ran = world
        .probe(line)
        .args(["--cacert", "ca.pem"])
        .run()
        .exits(0);
    ran.says_with("(HTTP/2.0, ")
        .says_with(", new connection)")
        .says_with(", same connection)");
}
