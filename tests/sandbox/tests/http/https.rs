//! Tests of https with the sandbox's private authority, over HTTP/1.1 and HTTP/2.

use reqwest::blocking::{Client, ClientBuilder};
use reqwest::{Certificate, Identity, Version};
use tw_sandbox::{Fault, Sandbox};

/// Configures a client that trusts only this authority.
fn trust(pem: &str) -> ClientBuilder {
    // The call fails if another test has already installed the provider, which is fine.
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
fn a_refusal_over_http_2_is_refused_stream() {
    let sandbox = Sandbox::builder()
        .fault(Fault::on("GET", "/user-info").refuse().times(1))
        .start_https();
    let client = trust(sandbox.ca_pem().unwrap())
        .retry(reqwest::retry::never())
        .build()
        .unwrap();
    let error = client
        .get(format!("{}/user-info", sandbox.url()))
        .bearer_auth(sandbox.token())
        .send()
        .unwrap_err();
    let mut source: Option<&dyn std::error::Error> = Some(&error);
    let reason = std::iter::from_fn(|| {
        let error = source?;
        source = error.source();
        Some(error)
    })
    .find_map(|error| error.downcast_ref::<h2::Error>()?.reason());
    assert_eq!(reason, Some(h2::Reason::REFUSED_STREAM), "{error:?}");
}

#[test]
fn a_client_certificate_is_required_only_if_the_builder_asks_for_it() {
    let sandbox = Sandbox::builder().require_client_cert().start_https();
    let get = |client: ClientBuilder| {
        client
            .build()
            .unwrap()
            .get(format!("{}/service-info", sandbox.url()))
            .send()
    };
    let pem = sandbox.ca_pem().unwrap();
    assert!(get(trust(pem)).is_err());
    let identity = Identity::from_pem(sandbox.client_pem().unwrap().as_bytes()).unwrap();
    assert_eq!(get(trust(pem).identity(identity)).unwrap().status(), 200);
    assert_eq!(Sandbox::builder().start_https().client_pem(), None);
}

#[test]
fn plain_http_has_no_authority() {
    assert_eq!(Sandbox::builder().start().ca_pem(), None);
}
