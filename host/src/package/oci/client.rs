//! The registry client: connections, credentials, and what the errors mean.

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
    files::show_path,
    process::variable,
};

/// The credentials for a registry. Without a name and a password, docker's configuration has them.
#[derive(Default)]
pub(crate) struct Login {
    pub(crate) username: Option<String>,
    pub(crate) password: Option<Zeroizing<String>>,
}

impl Registry<'_> {
    pub(super) fn client(&self, place: &Place) -> Result<Client, Error> {
        // Fails if the process has a provider already, which then stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let registry = place.reference.resolve_registry().to_owned();
        let host = registry
            .rsplit_once(':')
            .map_or(registry.as_str(), |(host, _)| host);
        let is_plain = download::may_be_plain(Some(host), self.settings.insecure);
        // The client uses the same proxy variables as every other request.
        let scheme = if is_plain { "http" } else { "https" };
        if let Ok(url) = format!("{scheme}://{registry}").parse() {
            proxy::check(&url)?;
        }
        let network = self.settings.network()?;
        let configuration = ClientConfig {
            protocol: match is_plain {
                true => ClientProtocol::HttpsExcept(vec![registry]),
                false => ClientProtocol::Https,
            },
            extra_root_certificates: self.certificates()?,
            connect_timeout: Some(network.connect_timeout),
            read_timeout: Some(network.read_timeout),
            user_agent: download::AGENT,
            ..ClientConfig::default()
        };
        Client::try_from(configuration).map_err(|error| explain(place, error))
    }

    /// Reads the CA certificate of the settings.
    fn certificates(&self) -> Result<Vec<Certificate>, Error> {
        let Some(path) = &self.settings.ca_certificate else {
            return Ok(Vec::new());
        };
        let data = std::fs::read(path).map_err(|error| {
            Error::new(
                ErrorKind::Input,
                format!(
                    "the CA certificate {} can't be read: {error}",
                    show_path(path)
                ),
            )
            .hint("check `--cacert` and TW_CACERT")
        })?;
        let encoding = CertificateEncoding::Pem;
        Ok(vec![Certificate { encoding, data }])
    }

    pub(super) fn auth(&self, place: &Place) -> Result<RegistryAuth, Error> {
        if let (Some(username), Some(password)) = (&self.login.username, &self.login.password) {
            return Ok(RegistryAuth::Basic(username.clone(), password.to_string()));
        }
        let host = place.reference.resolve_registry();
        let Some(file) = open_docker_configuration(host)? else {
            return Ok(RegistryAuth::Anonymous);
        };
        match docker_credential::get_credential_from_reader(file, host) {
            Ok(DockerCredential::UsernamePassword(username, password)) => {
                Ok(RegistryAuth::Basic(username, password))
            }
            Ok(DockerCredential::IdentityToken(token)) => Ok(RegistryAuth::Bearer(token)),
            Err(CredentialRetrievalError::NoCredentialConfigured) => Ok(RegistryAuth::Anonymous),
            // docker's credential helpers say this if they have no credentials for the registry.
            Err(CredentialRetrievalError::HelperFailure { stdout, .. })
                if stdout.contains("credentials not found") =>
            {
                Ok(RegistryAuth::Anonymous)
            }
            // A credential helper's other output may contain secrets, so it is not shown.
            Err(CredentialRetrievalError::HelperFailure { helper, .. }) => Err(Error::new(
                ErrorKind::Failure,
                format!(
                    "the credential helper `{}` failed for {host}",
                    visible(&helper)
                ),
            )
            .hint(format!("run `docker login {host}` to see why"))),
            Err(error) => Err(Error::new(
                ErrorKind::Input,
                format!(
                    "docker's configuration has no usable credentials for {host}: {}",
                    visible(&error.to_string())
                ),
            )
            .hint(format!("log in again: `docker login {host}`"))),
        }
    }
}

/// Opens docker's configuration, which has the credentials; returns `None` if there is no such file.
fn open_docker_configuration(host: &str) -> Result<Option<File>, Error> {
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
                show_path(&path)
            ),
        )
        .hint("make the file readable")),
    }
}

/// The meaning of a registry's refusal.
#[derive(Debug, Clone, Copy)]
pub(super) enum Refusal {
    /// The credentials are missing or not sufficient.
    Login,
    /// The registry has nothing at the address.
    Nothing,
}

impl Refusal {
    /// Recognizes a refusal; returns `None` for another error.
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
            // Some requests of the crate return the status as a reqwest error.
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

    fn explain(self, place: &Place) -> Error {
        let host = place.reference.resolve_registry();
        match self {
            Self::Login => Error::new(
                ErrorKind::Http,
                format!("the registry {host} refused the login"),
            )
            .hint(format!(
                "log in with `docker login {host}`, or use `--username NAME --password-stdin`"
            )),
            Self::Nothing => {
                Error::new(ErrorKind::NotFound, format!("there is nothing at {place}"))
                    .hint("check the address and the version")
            }
        }
    }
}

/// Explains an error of the registry client. Texts from the registry are shown, but never decide anything.
pub(super) fn explain(place: &Place, error: OciDistributionError) -> Error {
    const ASK: &str = "try again later, or ask the registry's administrator";
    if let Some(refusal) = Refusal::of(&error) {
        return refusal.explain(place);
    }
    let registry = format!("the registry {}", place.reference.resolve_registry());
    let status = |code: u16| {
        let message = format!("{registry} answered with status {code}");
        Error::new(ErrorKind::Http, message).hint(ASK)
    };
    match error {
        OciDistributionError::ServerError { code, .. } => status(code),
        OciDistributionError::RequestError(error) => match error.status() {
            Some(code) => status(code.as_u16()),
            None => download::unreachable(&registry, &error),
        },
        OciDistributionError::RegistryError { envelope, .. } => {
            let text = envelope.to_string();
            let message = format!("{registry} refused the request: {}", visible(&text));
            Error::new(ErrorKind::Http, message).hint("ask the registry's administrator")
        }
        OciDistributionError::DigestError(error) => {
            let text = error.to_string();
            let message = format!(
                "{registry} sent content that doesn't match its digest: {}",
                visible(&text)
            );
            Error::new(ErrorKind::InvalidResponse, message).hint(ASK)
        }
        other => {
            let text = other.to_string();
            let message = format!(
                "{registry} sent an answer that tw can't read: {}",
                visible(&text)
            );
            Error::new(ErrorKind::InvalidResponse, message)
                .hint("check that the address is that of an OCI registry")
        }
    }
}
