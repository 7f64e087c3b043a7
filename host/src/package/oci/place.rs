//! Addresses in a registry: `oci://HOST/REPO[:TAG|@DIGEST]`.

use std::str::FromStr;

use semver::Version;
use tw_render::text::visible;

use super::SCHEME;
use crate::{
    error::{Error, ErrorKind},
    store::Digest,
};

/// A place in a registry: `oci://HOST/REPO[:TAG|@DIGEST]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Place {
    host: String,
    pub(super) repository: String,
    reference: Reference,
}

/// The last part of an address.
#[derive(Debug, Clone, PartialEq)]
enum Reference {
    /// The address has neither a tag nor a digest: it means the newest version.
    Newest,
    Tag(String),
    Digest(Digest),
}

/// Returns the tag of a version. A tag can't have the `+` before build metadata, so it has `_` there, as in Helm.
pub(crate) fn tag_of(version: &str) -> String {
    version.replace('+', "_")
}

/// Returns the version that a tag stands for; `None` if the tag is not a version.
pub(super) fn version_of(tag: &str) -> Option<Version> {
    tag.replace('_', "+").parse().ok()
}

impl FromStr for Place {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = |reason: &str| {
            Error::new(
                ErrorKind::Input,
                format!(
                    "`{}` is not an address in a registry: {reason}",
                    visible(text)
                ),
            )
            .hint("an address looks like oci://registry.example/plugins/hello:1.0.0")
        };
        let rest = text.strip_prefix(SCHEME).unwrap_or(text);
        let (host, repository) = rest
            .split_once('/')
            .ok_or_else(|| invalid("there is no `/` after the host"))?;
        // Other tools complete an address without a host with docker.io, which would send people to a stranger's image.
        if !(host.contains(['.', ':']) || host == "localhost") || repository.is_empty() {
            return Err(invalid("it doesn't begin with a host"));
        }
        if !host
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c))
        {
            return Err(invalid("its host is not valid"));
        }
        let (name, digest) = match repository.split_once('@') {
            Some((name, digest)) => (name, Some(digest.to_owned())),
            None => (repository, None),
        };
        // The host with its port was split off above, so a colon here begins a tag.
        let (name, tag) = match name.rsplit_once(':') {
            Some((name, tag)) => (name, Some(tag.to_owned())),
            None => (name, None),
        };
        if !name.split('/').all(is_part) {
            return Err(invalid(
                "a repository has small letters, digits and `.`, `_`, `-` between slashes",
            ));
        }
        if !tag.as_deref().is_none_or(is_tag) {
            return Err(invalid(
                "a tag has letters, digits and `.`, `_`, `-`, at most 128 of them",
            ));
        }
        let reference = match (tag, digest) {
            (_, Some(digest)) => Reference::Digest(digest.parse().map_err(invalid)?),
            (Some(tag), None) => Reference::Tag(tag),
            (None, None) => Reference::Newest,
        };
        Ok(Self {
            host: host.to_owned(),
            repository: name.to_owned(),
            reference,
        })
    }
}

/// True if a text can stand between two slashes of a repository.
fn is_part(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.starts_with(letter)
        && text.ends_with(letter)
        && text.chars().all(|c| letter(c) || "._-".contains(c))
}

fn is_tag(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.starts_with(letter)
        && text.len() <= 128
        && text.chars().all(|c| letter(c) || ".-".contains(c))
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.repository())?;
        match &self.reference {
            Reference::Newest => Ok(()),
            Reference::Tag(tag) => write!(f, ":{tag}"),
            Reference::Digest(digest) => write!(f, "@{digest}"),
        }
    }
}

impl Place {
    /// Returns the host that serves the registry, with its port. Docker Hub's addresses have another host than its server.
    pub(super) fn server(&self) -> &str {
        match self.host.as_str() {
            "docker.io" => "index.docker.io",
            host => host,
        }
    }

    /// Returns the name by which a registry knows the version.
    pub(super) fn reference(&self) -> String {
        match &self.reference {
            Reference::Newest => "latest".to_owned(),
            Reference::Tag(tag) => tag.clone(),
            Reference::Digest(digest) => digest.to_string(),
        }
    }

    /// Returns the digest; `None` if the address has none.
    pub(super) fn digest(&self) -> Option<&Digest> {
        match &self.reference {
            Reference::Digest(digest) => Some(digest),
            _ => None,
        }
    }

    /// Returns the tag; `None` if the address has no tag, or has a digest.
    pub(crate) fn tag(&self) -> Option<&str> {
        match &self.reference {
            Reference::Tag(tag) => Some(tag),
            _ => None,
        }
    }

    /// True if the address has neither a tag nor a digest, and so means the newest version.
    pub(crate) fn is_open(&self) -> bool {
        self.reference == Reference::Newest
    }

    /// Returns the address of the repository, without a tag or a digest.
    pub(crate) fn repository(&self) -> String {
        format!("{SCHEME}{}/{}", self.host, self.repository)
    }

    /// Returns the address of a tag in the same repository.
    pub(crate) fn with_tag(&self, tag: &str) -> Self {
        self.with_reference(Reference::Tag(tag.to_owned()))
    }

    /// Returns the address of a version in the same repository.
    pub(crate) fn with_version(&self, version: &Version) -> Self {
        self.with_tag(&tag_of(&version.to_string()))
    }

    /// Returns the version that the tag stands for; `None` if there is no tag, or the tag is not a version.
    pub(crate) fn version(&self) -> Option<Version> {
        self.tag().and_then(version_of)
    }

    /// Returns the address of a digest in the same repository.
    pub(crate) fn with_digest(&self, digest: &Digest) -> Self {
        self.with_reference(Reference::Digest(*digest))
    }

    fn with_reference(&self, reference: Reference) -> Self {
        Self {
            reference,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_has_an_underscore_before_build_metadata() {
        let version: Version = "1.4.2-rc.1+build.5".parse().unwrap();
        let place: Place = "oci://reg.example/hello".parse().unwrap();
        let place = place.with_version(&version);
        assert_eq!(place.tag(), Some("1.4.2-rc.1_build.5"));
        assert_eq!(place.version(), Some(version));
        for tag in ["latest", "1.4", "1.4.2_a_b", "1.4.2_"] {
            assert_eq!(version_of(tag), None, "{tag}");
        }
    }

    #[test]
    fn only_addresses_with_a_host_and_valid_parts_are_accepted() {
        for text in [
            "oci://hello",
            "oci://plugins/hello:1",
            "oci://",
            "oci://reg.example/",
            "oci://reg.example/UPPER:1",
            "oci://me:s3cret@reg.example/a:1",
            "oci://reg.example?x/a:1",
            "oci://reg.example/a//b",
            "oci://reg.example/a/",
            "oci://reg.example/a:",
            "oci://reg.example/a:-x",
            "oci://reg.example/a:x y",
            "oci://reg.example/a@sha256:short",
            "oci://reg.example/a?x=1:1",
        ] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
        let place: Place = "oci://reg.example:5000/a/b:1.0.0".parse().unwrap();
        assert_eq!(place.to_string(), "oci://reg.example:5000/a/b:1.0.0");
        assert_eq!(place.repository(), "oci://reg.example:5000/a/b");
        assert_eq!(place.tag(), Some("1.0.0"));
        assert!(!place.is_open());
        let place: Place = "oci://reg.example:5000/a/b".parse().unwrap();
        assert_eq!(place.to_string(), "oci://reg.example:5000/a/b");
        assert!(place.is_open() && place.tag().is_none());
    }
}
