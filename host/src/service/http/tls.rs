//! TLS: the certificates that are trusted, and the client certificate. A private CA is tried first; the system's root certificates are read only if
//! a server needs them.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore,
    SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{
        CertificateDer, PrivateKeyDer, ServerName, UnixTime,
        pem::{self, PemObject},
    },
    server::ParsedCertificate,
};

use zeroize::Zeroizing;

use super::tls_error;
use crate::{
    config::Sourced,
    error::{Error, ErrorKind},
    files::show_path,
};

const NO_KEY: &str = "it contains no usable private key";

/// A client certificate with its chain, and its private key.
pub(crate) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    chain_path: Sourced<PathBuf>,
    key_path: Sourced<PathBuf>,
}

/// Reads a client certificate and its key from PEM files. Without `key`, both are in one file.
pub(crate) fn read_identity(
    certificate: &Sourced<PathBuf>,
    key: Option<&Sourced<PathBuf>>,
) -> Result<Identity, Error> {
    let read = |path: &Sourced<PathBuf>| {
        let pem = std::fs::read(&path.value).map(Zeroizing::new);
        pem.map_err(|error| unusable_identity(path, error))
    };
    let pem = read(certificate)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let chain = chain.map_err(|error| unusable_identity(certificate, explain_pem(&error)))?;
    if chain.is_empty() {
        return Err(unusable_identity(certificate, "it contains no certificate"));
    }
    // If both are in one file, it is read only once, because it can be a pipe.
    let (key, pem) = match key {
        Some(key) => (key, read(key)?),
        None => (certificate, pem),
    };
    let private = PrivateKeyDer::from_pem_slice(&pem);
    Ok(Identity {
        chain,
        key: private.map_err(|_| unusable_identity(key, NO_KEY))?,
        chain_path: certificate.to_owned(),
        key_path: key.to_owned(),
    })
}

/// Explains why a PEM file can't be read. The parser's own messages quote the file, which can contain a private key.
fn explain_pem(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::MissingSectionEnd { .. } => {
            "a line that begins with `-----END` is missing; each of these lines, and each line of base64, must stand by itself"
        }
        pem::Error::IllegalSectionStart { .. } => {
            "a line that begins with `-----BEGIN` is not complete"
        }
        pem::Error::Base64Decode(_) => "a part of it is not base64",
        pem::Error::SectionTooLarge => "a part of it is too large",
        _ => "it is not a PEM file",
    }
}

/// Explains why a certificate and a key can't be used together.
fn explain_mismatch(
    error: &TlsError,
    chain_path: Sourced<PathBuf>,
    key_path: Sourced<PathBuf>,
) -> Error {
    let (path, reason) = match error {
        TlsError::InvalidCertificate(_) => {
            let reason = "its first certificate is damaged, or is not X.509 version 3";
            (chain_path, reason)
        }
        TlsError::InconsistentKeys(_) => (key_path, "it does not belong to the certificate"),
        _ => (key_path, NO_KEY),
    };
    unusable_identity(&path, reason)
}

pub(super) fn unusable_identity(path: &Sourced<PathBuf>, reason: impl std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::Input,
        format!(
            "Cannot use the client certificate or key '{}': {reason}",
            show_path(&path.value)
        ),
    )
    .hint(path.explain("a client certificate and its key are PEM files, or one file with both"))
}

/// Returns a TLS configuration that trusts the system's root certificates and those in the PEM file `ca`.
pub(crate) fn configuration(ca: Option<&Sourced<PathBuf>>) -> Result<ClientConfig, Error> {
    configuration_with(ca, None)
}

/// Returns a configuration like [`configuration`], which also presents a client certificate to a server that asks for one.
pub(super) fn configuration_with(
    ca: Option<&Sourced<PathBuf>>,
    identity: Option<Identity>,
) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let private = ca.map(|path| Private::read(path, &provider)).transpose()?;
    let verifier = Verifier {
        private,
        system: OnceLock::new(),
        provider: Arc::clone(&provider),
    };
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let versions = versions.map_err(|error| Error::system(std::io::Error::other(error)))?;
    let verified = versions
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut configuration = match identity {
        None => verified.with_no_client_auth(),
        Some(Identity {
            chain,
            key,
            chain_path,
            key_path,
        }) => verified
            .with_client_auth_cert(chain, key)
            .map_err(|error| explain_mismatch(&error, chain_path, key_path))?,
    };
    configuration.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(configuration)
}

/// The certificates in the file of a private CA.
#[derive(Debug)]
struct Private {
    /// Verifies servers whose certificate one of them has signed.
    verifier: Arc<WebPkiServerVerifier>,
    /// A server can present one of them as its own certificate. It is then trusted for its names, until its end.
    certificates: Vec<CertificateDer<'static>>,
}

impl Private {
    fn read(path: &Sourced<PathBuf>, provider: &Arc<CryptoProvider>) -> Result<Self, Error> {
        let unusable = |reason: &dyn std::fmt::Display| {
            Error::new(
                ErrorKind::Input,
                format!(
                    "Cannot read the CA certificate '{}': {reason}",
                    show_path(&path.value)
                ),
            )
            .hint(path.explain("it must be a PEM file with a certificate"))
        };
        let pem = std::fs::read(&path.value).map_err(|error| unusable(&error))?;
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        let certificates = certificates.map_err(|error| unusable(&explain_pem(&error)))?;
        if certificates.is_empty() {
            return Err(unusable(&"it contains no certificate"));
        }
        let mut roots = RootCertStore::empty();
        for certificate in &certificates {
            let added = roots.add(certificate.clone());
            added.map_err(|_| unusable(&"it contains a damaged certificate"))?;
        }
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
                .build()
                .map_err(|error| unusable(&error))?;
        Ok(Self {
            verifier,
            certificates,
        })
    }

    /// Verifies a server's certificate. The dates of the certificate are checked before its issuer, so a certificate that is in the file only
    /// needs the right name.
    fn verify(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let verified = self.verifier.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        let has_other_issuer = match &verified {
            Err(TlsError::InvalidCertificate(CertificateError::UnknownIssuer)) => true,
            // A self-signed certificate is usually one of an authority.
            Err(TlsError::InvalidCertificate(CertificateError::Other(other))) => {
                other.to_string() == tls_error::IS_CA
            }
            _ => false,
        };
        if has_other_issuer && self.certificates.iter().any(|own| own == end_entity) {
            verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
            return Ok(ServerCertVerified::assertion());
        }
        verified
    }
}

/// Verifies a server's certificate against the private CA first, and against the system's roots only if the private CA did not sign it. Reading the
/// system's roots takes milliseconds.
#[derive(Debug)]
struct Verifier {
    private: Option<Private>,
    system: OnceLock<Result<rustls_platform_verifier::Verifier, TlsError>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        if let Some(private) = &self.private {
            match private.verify(end_entity, intermediates, server_name, ocsp_response, now) {
                Err(TlsError::InvalidCertificate(CertificateError::UnknownIssuer)) => {}
                verified => return verified,
            }
        }
        let system = self
            .system
            .get_or_init(|| rustls_platform_verifier::Verifier::new(Arc::clone(&self.provider)));
        let system = system.as_ref().map_err(Clone::clone)?;
        system.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
