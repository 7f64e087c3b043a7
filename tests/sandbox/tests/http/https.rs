//! Tests of https with the sandbox's private authority, over HTTP/1.1 and HTTP/2.

use reqwest::blocking::{Client, ClientBuilder};
use reqwest::{Certificate, Version};
use tw_sandbox::{Fault, Sandbox};

/// Configures a client that trusts only this authority.
fn trust(pem: &str) -> ClientBuilder {
    // This fails if another test has already installed the provider, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .tls_certs_only([Certificate::from_pem(pem.as_bytes()).unwrap()])
}

#[test]
fn a_client_that_trusts_the_authority_connects_over_both_http_versions() {
    let sandbox = Sandbox::builder().start_https();
    assert!(sandbox.url().starts_with("https://127.0.0.1:"));
    let pem = sandbox.ca_pem().unwrap();
    for (client, version) in [
        (trust(pem), Version::HTTP_2),
        (trust(pem).http1_only(), Version::HTTP_11),
    ] {
        let client = client.build().unwrap();
        for host in ["127.0.0.1", "localhost"] {
            let url = format!("https://{host}:{}/user-info", sandbox.address().port());
            let answer = client.get(url).bearer_auth(sandbox.token()).send().unwrap();
            assert_eq!(
                (answer.status().as_u16(), answer.version()),
                (200, version),
                "{host}"
            );
        }
    }
}

#[test]
fn a_client_that_trusts_another_authority_does_not_connect() {
    let sandbox = Sandbox::builder().start_https();
    let other = Sandbox::builder().start_https();
    let client = trust(other.ca_pem().unwrap()).build().unwrap();
    assert!(client.get(sandbox.url()).send().unwrap_err().is_connect());
    assert_eq!(sandbox.requests(), []);
}

#[test]
fn faults_also_apply_to_http_2() {
    let sandbox = Sandbox::builder()
        .fault(Fault::on("GET", "/user-info").reset_after())
        .fault(Fault::on("GET", "/service-info").truncate())
        .fault(Fault::on("GET", "/orgs").oversized(100_000))
        .start_https();
    let client = trust(sandbox.ca_pem().unwrap())
        .retry(reqwest::retry::never())
        .build()
        .unwrap();
    let get = |path| {
        client
            .get(format!("{}{path}", sandbox.url()))
            .bearer_auth(sandbox.token())
            .send()
    };

    assert!(get("/user-info").is_err());
    assert_eq!(sandbox.hits("GET", "/user-info"), 1);
    assert!(
        get("/service-info")
            .and_then(|answer| answer.bytes())
            .is_err()
    );
    assert_eq!(
        get("/orgs")
            .and_then(|answer| answer.bytes())
            .unwrap()
            .len(),
        100_000
    );
}

#[test]
fn plain_http_has_no_authority() {
    assert_eq!(Sandbox::builder().start().ca_pem(), None);
}
