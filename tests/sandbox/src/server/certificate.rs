//! Creates a private certificate authority, the server certificate and the client certificate.

use std::error::Error as StdError;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::error::Error;

/// The ALPN name of HTTP/2.
pub(super) const HTTP_2: &[u8] = b"h2";
const HTTP_1_1: &[u8] = b"http/1.1";

/// Some systems refuse certificates that are valid for years. A sandbox runs for minutes.
const DAYS_VALID: i64 = 90;

/// The kind of the server's certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerCertificate {
    /// The private authority signed it.
    #[default]
    Signed,
    /// It is self-signed, and that of an authority, as `openssl req -x509` makes it. [`Sandbox::ca_pem`](crate::Sandbox::ca_pem) returns it.
    SelfSigned,
    /// An authority signed it that the client doesn't get. [`Sandbox::ca_pem`](crate::Sandbox::ca_pem) returns the certificate of the server.
    Pinned,
    /// Self-signed, and no longer valid.
    Expired,
    /// Self-signed, and not valid yet.
    NotYetValid,
    /// Self-signed, for `other.example` and not for this server.
    OtherName,
}

impl ServerCertificate {
    fn is_self_signed(self) -> bool {
        !matches!(self, Self::Signed | Self::Pinned)
    }

    fn names(self) -> &'static [&'static str] {
        match self {
            Self::OtherName => &["other.example"],
            _ => &["localhost", "127.0.0.1", "::1"],
        }
    }

    /// Returns the first and the last day of its validity, counted from today.
    fn days(self) -> (i64, i64) {
        match self {
            Self::Expired => (-10, -5),
            Self::NotYetValid => (5, 10),
            // From yesterday, for clients whose clock is behind.
            _ => (-1, DAYS_VALID),
        }
    }
}

/// The TLS configuration of the server, and the certificates that its clients need.
pub(crate) struct Identity {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) ca_pem: String,
    /// The client certificate and its key. `None` if clients need no certificate.
    pub(crate) client_pem: Option<String>,
}

impl Identity {
    /// Creates a new authority and a server certificate for `localhost`, `127.0.0.1` and `::1`. If `requires_client_certificate` is
    /// true, also creates a client certificate.
    pub(crate) fn generate(
        kind: ServerCertificate,
        requires_client_certificate: bool,
    ) -> Result<Self, Error> {
        let (authority, issuer) = generate_authority()?;
        let (certificate, key) = generate_server(kind, &issuer)?;
        let ca_pem = match kind {
            ServerCertificate::Signed => authority.pem(),
            _ => certificate.pem(),
        };
        let client_pem = requires_client_certificate
            .then(|| generate_client_pem(&issuer))
            .transpose()?;
        let client_authority = requires_client_certificate.then_some(authority);
        let config = configure(client_authority, certificate, &key).map_err(describe)?;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            ca_pem,
            client_pem,
        })
    }
}

fn describe(error: impl Into<Box<dyn StdError>>) -> Error {
    Error::Certificate(error.into().to_string())
}

fn generate_authority() -> Result<(Certificate, Issuer<'static, KeyPair>), Error> {
    let mut ca = create_params("tw-sandbox private CA", &[])?;
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate().map_err(describe)?;
    let authority = ca.self_signed(&key).map_err(describe)?;
    Ok((authority, Issuer::new(ca, key)))
}

fn generate_server(
    kind: ServerCertificate,
    issuer: &Issuer<'_, KeyPair>,
) -> Result<(Certificate, KeyPair), Error> {
    let mut server = create_params("tw-sandbox", kind.names())?;
    limit_validity(&mut server, kind.days())?;
    let key = KeyPair::generate().map_err(describe)?;
    let certificate = match kind.is_self_signed() {
        true => {
            server.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            server.self_signed(&key)
        }
        false => {
            server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            server.use_authority_key_identifier_extension = true;
            server.signed_by(&key, issuer)
        }
    };
    Ok((certificate.map_err(describe)?, key))
}

/// Creates a client certificate and returns it with its key, as PEM.
fn generate_client_pem(issuer: &Issuer<'_, KeyPair>) -> Result<String, Error> {
    let mut client = create_params("a client of tw-sandbox", &[])?;
    client.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate().map_err(describe)?;
    let certificate = client.signed_by(&key, issuer).map_err(describe)?;
    Ok(certificate.pem() + &key.serialize_pem())
}

/// Builds the server's TLS configuration. With a `client_authority`, clients must present a certificate that it signed.
fn configure(
    client_authority: Option<Certificate>,
    certificate: Certificate,
    key: &KeyPair,
) -> Result<ServerConfig, Box<dyn StdError>> {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    let builder = match client_authority {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.into())?;
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let mut config = builder.with_single_cert(vec![certificate.into()], key)?;
    config.alpn_protocols = vec![HTTP_2.to_vec(), HTTP_1_1.to_vec()];
    Ok(config)
}

/// Creates the parameters of a certificate with a common name, alternative names and a limited validity.
fn create_params(common_name: &str, names: &[&str]) -> Result<CertificateParams, Error> {
    let names: Vec<String> = names.iter().copied().map(String::from).collect();
    let mut params = CertificateParams::new(names).map_err(describe)?;
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    limit_validity(&mut params, ServerCertificate::Signed.days())?;
    Ok(params)
}

/// Makes a certificate valid from the first to the last of these days, counted from today.
fn limit_validity(
    certificate: &mut CertificateParams,
    (first, last): (i64, i64),
) -> Result<(), Error> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let day = |days: i64| {
        let date = today.checked_add(days.days()).map_err(describe)?;
        Ok::<_, Error>(date_time_ymd(
            date.year().into(),
            date.month().unsigned_abs(),
            date.day().unsigned_abs(),
        ))
    };
    certificate.not_before = day(first)?;
    certificate.not_after = day(last)?;
    Ok(())
}
