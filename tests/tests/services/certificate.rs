//! Client certificates, and HTTP/2 over https.

use std::path::Path;

use tw_sandbox::{Fault, Sandbox};
use tw_tests::World;

use crate::{
    Probe,
    proxy::{ask_api, set_up_https},
    set_up_on,
};

/// Starts a sandbox that requires client certificates, and writes its CA and a client certificate with its key into the home.
fn set_up_client_certificate() -> World {
    let world = set_up_on(Sandbox::builder().require_client_cert().start_https());
    let file = |name: &str, content: &str| {
        std::fs::write(world.installation.home().join(name), content)
            .expect("the home can be written");
    };
    file("ca.pem", world.sandbox.ca_pem().expect("https has a CA"));
    let both = world
        .sandbox
        .client_pem()
        .expect("clients have a certificate");
    let (certificate, key) =
        both.split_at(both.find("-----BEGIN PRIVATE").expect("the file has a key"));
    file("both.pem", both);
    file("certificate.pem", certificate);
    file("key.pem", key);
    file("none.pem", "nothing\n");
    world
}

#[test]
fn the_client_certificate_is_presented_to_the_server() {
    let world = set_up_client_certificate();
    for line in [
        &[
            "--client-cert",
            "certificate.pem",
            "--client-key",
            "key.pem",
        ][..],
        &["--client-cert", "both.pem"],
    ] {
        ask_api(&world).args(line).run().exits(0).says("");
    }
    let tw = ask_api(&world).env("TW_CLIENT_CERT", "certificate.pem");
    tw.env("TW_CLIENT_KEY", "key.pem").run().exits(0).says("");
    let tw = ask_api(&world).args(["--client-cert", "both.pem", "--client-key", "both.pem"]);
    tw.env("TW_CLIENT_CERT", "none.pem")
        .env("TW_CLIENT_KEY", "none.pem")
        .run()
        .exits(0)
        .says("");
}

#[test]
fn a_server_that_requires_a_certificate_answers_nobody_without_one() {
    let world = set_up_client_certificate();
    let line = ["http", "send", "get", "/pets", "--cacert", "ca.pem"];
    assert_eq!(world.probe_failure(line).0, "network");
    world.saw([]);
}

#[test]
fn a_file_without_a_certificate_or_a_key_is_reported_by_name() {
    let world = set_up_client_certificate();
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
        let ran = ask_api(&world).args(line).run();
        ran.fails_with(&format!(
            "Cannot use the client certificate or key '{file}': "
        ))
        .never_shows("PRIVATE");
    }
    world.saw([]);
}

#[test]
fn a_key_in_a_damaged_file_is_never_shown() {
    let world = set_up_client_certificate();
    let read = |name: &str| {
        std::fs::read_to_string(world.installation.home().join(name))
            .expect("the setup wrote the file")
    };
    let (certificate, key) = (read("certificate.pem"), read("key.pem"));
    let in_one_line = key.replace('\n', " ");
    let cut = key.replace("-----END", "");
    let joined = key.replacen("KEY-----\n", "KEY", 1);
    let odd = key.replace('M', "!");
    for damaged in [in_one_line, cut, joined, odd] {
        std::fs::write(
            world.installation.home().join("damaged.pem"),
            format!("{certificate}{damaged}"),
        )
        .expect("the home can be written");
        for option in ["--client-cert", "--cacert"] {
            let tw = ask_api(&world).args([option, "damaged.pem"]);
            let ran = tw.run();
            // Neither the text nor its bytes.
            for line in key.lines().filter(|line| !line.starts_with('-')) {
                let bytes = format!("{:?}", &line.as_bytes()[..8]);
                let bytes = bytes.trim_matches(['[', ']']);
                assert!(!ran.stderr.contains(bytes), "{ran}");
                assert!(!ran.stderr.contains(&line[..8]), "{ran}");
            }
        }
    }
}

#[test]
fn a_wrong_key_and_a_damaged_certificate_have_different_messages() {
    let (world, other) = (set_up_client_certificate(), set_up_client_certificate());
    let (home, others) = (world.installation.home(), other.installation.home());
    let key = others.join("key.pem");
    let damaged = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    std::fs::write(home.join("damaged.pem"), damaged).expect("the home can be written");
    for (certificate, key, file, reason) in [
        (
            "certificate.pem",
            key.as_path(),
            key.as_path(),
            "it does not belong to the certificate",
        ),
        (
            "damaged.pem",
            Path::new("key.pem"),
            Path::new("damaged.pem"),
            "its first certificate is damaged, or is not X.509 version 3",
        ),
    ] {
        let tw = ask_api(&world)
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
fn a_stream_that_the_server_refuses_unprocessed_is_retried_within_the_budget() {
    for (retries, calls, fails) in [("0", 1, true), ("2", 3, true), ("3", 4, false)] {
        let refused = Fault::on("POST", "/pets").refuse().times(3);
        let sandbox = Sandbox::builder().fault(refused);
        let sandbox = sandbox.fault(Fault::on("POST", "/pets").json("{}"));
        let world = set_up_on(sandbox.start_https());
        let ca = world.sandbox.ca_pem().expect("https has a CA");
        std::fs::write(world.installation.home().join("ca.pem"), ca)
            .expect("the home can be written");
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
            false => assert_eq!(world.probe_json(line)["status"], 200),
            true => {
                let (kind, message) = world.probe_failure(line);
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
    let world = set_up_client_certificate();
    let home = world.installation.home();
    let both = std::fs::read(home.join("both.pem")).expect("the file can be read");
    let pipe = home.join("pipe.pem");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.is_ok_and(|status| status.success()));
    let writer = std::thread::spawn(move || std::fs::write(pipe, both));
    ask_api(&world)
        .args(["--client-cert", "pipe.pem"])
        .run()
        .exits(0);
    assert!(writer.join().is_ok_and(|written| written.is_ok()));
}

#[test]
fn the_client_certificate_is_not_presented_to_another_server() {
    // The other server requires a certificate, so the connection fails because tw presents none.
    let (world, other) = (
        set_up_on(Sandbox::builder().start()),
        set_up_client_certificate(),
    );
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
fn https_uses_http_2_over_one_connection() {
    let world = set_up_https();
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
