//! A certificate authority of the sandbox's own, and the server certificate that it signed.

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::error::Error;

/// The name of HTTP/2 in the handshake.
pub(super) const HTTP_2: &[u8] = b"h2";
const HTTP_1_1: &[u8] = b"http/1.1";

/// Some systems refuse certificates that are valid for years, and a sandbox lives for minutes.
const DAYS_VALID: i64 = 90;

/// What https needs: the server's half, and what a client has to trust.
pub(crate) struct Identity {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) ca_pem: String,
    /// A client's certificate and its key, where clients have to show one.
    pub(crate) client_pem: Option<String>,
}

impl Identity {
    /// Makes a new authority and a certificate for `localhost`, `127.0.0.1` and `::1`; and one for a client, if each has to show one.
    pub(crate) fn generate(asks_clients: bool) -> Result<Self, Error> {
        let problem = |error: rcgen::Error| Error::Certificate(error.to_string());

        let mut ca = CertificateParams::default();
        ca.distinguished_name
            .push(DnType::CommonName, "tw-sandbox private CA");
        ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        limit_validity(&mut ca)?;
        let ca_key = KeyPair::generate().map_err(problem)?;
        let authority = ca.self_signed(&ca_key).map_err(problem)?;
        let ca_pem = authority.pem();
        let issuer = Issuer::new(ca, ca_key);

        let names = ["localhost", "127.0.0.1", "::1"].map(String::from);
        let mut server = CertificateParams::new(names).map_err(problem)?;
        server
            .distinguished_name
            .push(DnType::CommonName, "tw-sandbox");
        server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        server.use_authority_key_identifier_extension = true;
        limit_validity(&mut server)?;
        let key = KeyPair::generate().map_err(problem)?;
        let certificate = server.signed_by(&key, &issuer).map_err(problem)?;

        let client_pem = asks_clients.then(|| client(&issuer)).transpose()?;

        let problem = |error: tokio_rustls::rustls::Error| Error::Certificate(error.to_string());
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(problem)?;
        let builder = match asks_clients {
            false => builder.with_no_client_auth(),
            true => {
                let problem = |error: &dyn std::error::Error| Error::Certificate(error.to_string());
                let mut roots = RootCertStore::empty();
                roots
                    .add(authority.into())
                    .map_err(|error| problem(&error))?;
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                        .build()
                        .map_err(|error| problem(&error))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder
            .with_single_cert(
                vec![certificate.into()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .map_err(problem)?;
        config.alpn_protocols = vec![HTTP_2.to_vec(), HTTP_1_1.to_vec()];
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            ca_pem,
            client_pem,
        })
    }
}

/// A client's certificate and its key, as PEM.
fn client(issuer: &Issuer<'_, KeyPair>) -> Result<String, Error> {
    let problem = |error: rcgen::Error| Error::Certificate(error.to_string());
    let mut client = CertificateParams::default();
    client
        .distinguished_name
        .push(DnType::CommonName, "a client of tw-sandbox");
    client.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    limit_validity(&mut client)?;
    let key = KeyPair::generate().map_err(problem)?;
    let certificate = client.signed_by(&key, issuer).map_err(problem)?;
    Ok(certificate.pem() + &key.serialize_pem())
}

/// From yesterday, for clocks that are behind, until [`DAYS_VALID`] days from now.
fn limit_validity(certificate: &mut CertificateParams) -> Result<(), Error> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let day = |days: i64| {
        let date = today
            .checked_add(days.days())
            .map_err(|error| Error::Certificate(error.to_string()))?;
        Ok::<_, Error>(date_time_ymd(
            date.year().into(),
            date.month().unsigned_abs(),
            date.day().unsigned_abs(),
        ))
    };
    certificate.not_before = day(-1)?;
    certificate.not_after = day(DAYS_VALID)?;
    Ok(())
}
