//! TLS: the system's roots, read only when a server shows its certificate, and a private CA before them.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore,
    SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
};

use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind};

const NO_KEY: &str = "there is no private key in it that can be used";

/// Who we are: a certificate with those above it, and its key.
pub(super) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    chain_path: PathBuf,
    key_path: PathBuf,
}

/// The identity in these PEM files, which can be one.
pub(super) fn identity(certificate: &Path, key: Option<&PathBuf>) -> Result<Identity, Error> {
    let read = |path: &Path| {
        let pem = std::fs::read(path).map(Zeroizing::new);
        pem.map_err(|error| unusable_identity(path, error))
    };
    let pem = read(certificate)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let chain = chain.map_err(|error| unusable_identity(certificate, error))?;
    if chain.is_empty() {
        return Err(unusable_identity(
            certificate,
            "there is no certificate in it",
        ));
    }
    // One file is read once: it can be a pipe.
    let (key, pem) = match key {
        Some(key) => (key.as_path(), read(key)?),
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

/// Why these two are no identity.
fn misfit(error: &TlsError, chain_path: PathBuf, key_path: PathBuf) -> Error {
    let (path, reason) = match error {
        TlsError::InvalidCertificate(_) => {
            let reason = "its first certificate is damaged, or not of X.509 version 3";
            (chain_path, reason)
        }
        TlsError::InconsistentKeys(_) => (key_path, "it is not the key of the certificate"),
        _ => (key_path, NO_KEY),
    };
    unusable_identity(&path, reason)
}

/// Makes the error of a client certificate, or of its key.
pub(super) fn unusable_identity(path: &Path, reason: impl std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::Input,
        format!(
            "Cannot use the client certificate or key '{}': {reason}",
            path.display()
        ),
    )
    .hint("`--client-cert` and `--client-key` name PEM files, or one that has both")
}

/// The configuration, with the certificates of this PEM file trusted beside the system's.
pub(crate) fn configuration(ca: Option<&Path>) -> Result<ClientConfig, Error> {
    configuration_of(ca, None)
}

/// The same for whoever says who we are, if the server asks.
pub(super) fn configuration_of(
    ca: Option<&Path>,
    identity: Option<Identity>,
) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let private = ca.map(|path| private(path, &provider)).transpose()?;
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
            .map_err(|error| misfit(&error, chain_path, key_path))?,
    };
    configuration.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(configuration)
}

fn private(
    path: &Path,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Error> {
    let failed = |reason: &dyn std::fmt::Display| {
        Error::new(
            ErrorKind::Input,
            format!(
                "Cannot read the CA certificate '{}': {reason}",
                path.display()
            ),
        )
        .hint("it should be a PEM file with a certificate in it")
    };
    let pem = std::fs::read(path).map_err(|error| failed(&error))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| failed(&error))?;
        roots.add(certificate).map_err(|error| failed(&error))?;
    }
    if roots.is_empty() {
        return Err(failed(&"there is no certificate in it"));
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| failed(&error))
}

/// Asks the private CA first, and the system only about what the private CA doesn't know: reading the system's roots takes
/// milliseconds, and a plain http URL never gets here.
#[derive(Debug)]
struct Verifier {
    private: Option<Arc<WebPkiServerVerifier>>,
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
            match private.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                now,
            ) {
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
