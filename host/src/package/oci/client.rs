//! The client: how a registry is reached, who asks it, and what its failures mean.

use std::{fs::File, path::PathBuf};

use docker_credential::{CredentialRetrievalError, DockerCredential};
use oci_client::{
    Client,
    client::{Certificate, CertificateEncoding, ClientConfig, ClientProtocol},
    errors::{OciDistributionError, OciErrorCode},
    secrets::RegistryAuth,
};
use tw_render::text::visible;
use zeroize::Zeroizing;

use super::{Place, Registry, download};
use crate::service::http::proxy;
use crate::{
    error::{Error, ErrorKind},
    process::variable,
};

/// Who asks a registry: nobody else than docker's own configuration says, unless it was said on the command line.
#[derive(Default)]
pub(crate) struct Login {
    pub(crate) username: Option<String>,
    pub(crate) password: Option<Zeroizing<String>>,
}

impl Registry<'_> {
    pub(super) fn client(&self, place: &Place) -> Result<Client, Error> {
        // Where another one is the process's already, it stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let registry = place.reference.resolve_registry().to_owned();
        let host = registry
            .rsplit_once(':')
            .map_or(registry.as_str(), |(host, _)| host);
        let protocol = match download::may_be_plain(Some(host), self.settings.insecure) {
            true => ClientProtocol::HttpsExcept(vec![registry]),
            false => ClientProtocol::Https,
        };
        // It goes by the same variables.
        let scheme = match protocol {
            ClientProtocol::Https => "https",
            _ => "http",
        };
        if let Ok(url) = format!("{scheme}://{}", place.reference.resolve_registry()).parse() {
            proxy::check(&url)?;
        }
        let ca = self.settings.ca_certificate.as_ref().map(|path| {
            let data = std::fs::read(path).map_err(|error| {
                Error::new(
                    ErrorKind::Input,
                    format!(
                        "the CA certificate {} can't be read: {error}",
                        path.display()
                    ),
                )
                .hint("see `--cacert` and TW_CACERT")
            })?;
            let encoding = CertificateEncoding::Pem;
            Ok(Certificate { encoding, data })
        });
        let network = self.settings.network()?;
        let configuration = ClientConfig {
            protocol,
            extra_root_certificates: ca.into_iter().collect::<Result<_, Error>>()?,
            connect_timeout: Some(network.connect_timeout),
            read_timeout: Some(network.read_timeout),
            user_agent: download::AGENT,
            ..ClientConfig::default()
        };
        Client::try_from(configuration).map_err(|error| failed(place, error))
    }

    pub(super) fn auth(&self, place: &Place) -> Result<RegistryAuth, Error> {
        if let (Some(username), Some(password)) = (&self.login.username, &self.login.password) {
            return Ok(RegistryAuth::Basic(username.clone(), password.to_string()));
        }
        let host = place.reference.resolve_registry();
        let Some(file) = docker_configuration(host)? else {
            return Ok(RegistryAuth::Anonymous);
        };
        match docker_credential::get_credential_from_reader(file, host) {
            Ok(DockerCredential::UsernamePassword(username, password)) => {
                Ok(RegistryAuth::Basic(username, password))
            }
            Ok(DockerCredential::IdentityToken(token)) => Ok(RegistryAuth::Bearer(token)),
            Err(CredentialRetrievalError::NoCredentialConfigured) => Ok(RegistryAuth::Anonymous),
            // A helper that has none says so, in words that all of docker's use.
            Err(CredentialRetrievalError::HelperFailure { stdout, .. })
                if stdout.contains("credentials not found") =>
            {
                Ok(RegistryAuth::Anonymous)
            }
            // What else a helper said can hold anything.
            Err(CredentialRetrievalError::HelperFailure { helper, .. }) => Err(Error::new(
                ErrorKind::Failure,
                format!(
                    "the credential helper `{}` failed for {host}",
                    visible(&helper)
                ),
            )
            .hint(format!("`docker login {host}` shows what is wrong with it"))),
            Err(error) => Err(Error::new(
                ErrorKind::Failure,
                format!(
                    "docker's configuration has no usable credentials for {host}: {}",
                    visible(&error.to_string())
                ),
            )
            .hint(format!("`docker login {host}` makes them anew"))),
        }
    }
}

/// The file in which docker keeps credentials; none where there is none.
fn docker_configuration(host: &str) -> Result<Option<File>, Error> {
    let home = || {
        Some(PathBuf::from(variable("HOME").or_else(|| variable("USERPROFILE"))?).join(".docker"))
    };
    let folder = variable("DOCKER_CONFIG").map(PathBuf::from).or_else(home);
    let Some(path) = folder.map(|folder| folder.join("config.json")) else {
        return Ok(None);
    };
    match File::open(&path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::new(
            ErrorKind::Input,
            format!(
                "docker's credentials for {host} in {} can't be read: {error}",
                path.display()
            ),
        )
        .hint("make the file readable")),
    }
}

/// What a registry won't give.
#[derive(Debug, Clone, Copy)]
pub(super) enum Refusal {
    /// It doesn't let this person in.
    Login,
    /// There is nothing.
    Nothing,
}

impl Refusal {
    pub(super) fn of(error: &OciDistributionError) -> Option<Self> {
        let of_status = |code: u16| match code {
            401 | 403 => Some(Self::Login),
            404 => Some(Self::Nothing),
            _ => None,
        };
        match error {
            OciDistributionError::UnauthorizedError { .. }
            | OciDistributionError::AuthenticationFailure(_) => Some(Self::Login),
            OciDistributionError::ImageManifestNotFoundError(_) => Some(Self::Nothing),
            OciDistributionError::ServerError { code, .. } => of_status(*code),
            // Some requests make an error of a status themselves.
            OciDistributionError::RequestError(error) => of_status(error.status()?.as_u16()),
            OciDistributionError::RegistryError { envelope, .. } => {
                envelope.errors.iter().find_map(|error| match error.code {
                    OciErrorCode::Unauthorized | OciErrorCode::Denied => Some(Self::Login),
                    OciErrorCode::ManifestUnknown
                    | OciErrorCode::NameUnknown
                    | OciErrorCode::BlobUnknown
                    | OciErrorCode::NotFound => Some(Self::Nothing),
                    _ => None,
                })
            }
            _ => None,
        }
    }
}

/// What a registry answered, in words. Its own texts are shown and never interpreted.
pub(super) fn failed(place: &Place, error: OciDistributionError) -> Error {
    let host = place.reference.resolve_registry();
    match Refusal::of(&error) {
        Some(Refusal::Login) => {
            return Error::new(
                ErrorKind::Http,
                format!("the registry {host} doesn't let you in"),
            )
            .hint(format!(
                "`docker login {host}`, or `--username NAME --password-stdin`"
            ));
        }
        Some(Refusal::Nothing) => {
            return Error::new(ErrorKind::NotFound, format!("there is nothing at {place}"))
                .hint("see that the address and the version are right");
        }
        None => {}
    }
    let status = |code: u16| {
        Error::new(
            ErrorKind::Http,
            format!("the registry {host} answered with status {code}"),
        )
        .hint("try again later, or ask whoever runs it")
    };
    match error {
        OciDistributionError::ServerError { code, .. } => status(code),
        OciDistributionError::RequestError(error) => match error.status() {
            Some(code) => status(code.as_u16()),
            None => download::unreachable(&format!("the registry {host}"), &error),
        },
        OciDistributionError::RegistryError { envelope, .. } => Error::new(
            ErrorKind::Http,
            format!(
                "the registry {host} refuses: {}",
                visible(&envelope.to_string())
            ),
        )
        .hint("ask whoever runs it"),
        OciDistributionError::DigestError(error) => Error::new(
            ErrorKind::InvalidResponse,
            format!(
                "what the registry {host} sends is not what it says it is: {}",
                visible(&error.to_string())
            ),
        )
        .hint("try again later, or ask whoever runs it"),
        other => Error::new(
            ErrorKind::InvalidResponse,
            format!(
                "the registry {host} answered what is not understood: {}",
                visible(&other.to_string())
            ),
        )
        .hint("see that the address is that of an OCI registry"),
    }
}
