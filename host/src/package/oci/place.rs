//! A place in a registry, as people write it.

use std::str::FromStr;

use oci_client::Reference;
use tw_render::text::visible;

use super::SCHEME;
use crate::{
    error::{Error, ErrorKind},
    store::Digest,
};

/// A place in a registry: `oci://HOST/REPO[:TAG|@DIGEST]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Place {
    pub(super) reference: Reference,
    /// Whether it has neither tag nor digest: then it is the newest version that is there.
    is_open: bool,
}

impl FromStr for Place {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |reason: &str| {
            Error::new(
                ErrorKind::Input,
                format!("`{}` is no address in a registry: {reason}", visible(text)),
            )
            .hint("one looks like oci://registry.example/plugins/hello:1.0.0")
        };
        let rest = text.strip_prefix(SCHEME).unwrap_or(text);
        let (host, repository) = rest
            .split_once('/')
            .ok_or_else(|| wrong("there is no `/` after the host"))?;
        // What has no host is taken for one of a well-known registry by others.
        if !(host.contains(['.', ':']) || host == "localhost") || repository.is_empty() {
            return Err(wrong("it begins with no host"));
        }
        if !host
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c))
        {
            return Err(wrong("its host isn't the name or the address of one"));
        }
        let (name, digest) = match repository.split_once('@') {
            Some((name, digest)) => (name, Some(digest.to_owned())),
            None => (repository, None),
        };
        // A colon behind the last slash is a tag's; the host's own is gone already.
        let (name, tag) = match name.rsplit_once(':') {
            Some((name, tag)) => (name, Some(tag.to_owned())),
            None => (name, None),
        };
        if !name.split('/').all(is_part) {
            return Err(wrong(
                "a repository has small letters, digits and `.`, `_`, `-` between slashes",
            ));
        }
        if !tag.as_deref().is_none_or(is_tag) {
            return Err(wrong(
                "a tag has letters, digits and `.`, `_`, `-`, at most 128 of them",
            ));
        }
        if let Some(Err(error)) = digest.as_deref().map(str::parse::<Digest>) {
            return Err(wrong(error));
        }
        let is_open = tag.is_none() && digest.is_none();
        let (host, name) = (host.to_owned(), name.to_owned());
        // The crate's own parser makes its regular expression first, which takes 50 ms.
        let reference = match (tag, digest) {
            (_, Some(digest)) => Reference::with_digest(host, name, digest),
            (tag, None) => {
                Reference::with_tag(host, name, tag.unwrap_or_else(|| "latest".to_owned()))
            }
        };
        Ok(Self { reference, is_open })
    }
}

/// Whether it can stand between two slashes of a repository.
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
        match self.is_open {
            true => f.write_str(&self.repository()),
            false => write!(f, "{SCHEME}{}", self.reference.whole()),
        }
    }
}

impl Place {
    /// The tag, where there is one and no digest.
    pub(crate) fn tag(&self) -> Option<&str> {
        let reference = &self.reference;
        reference
            .tag()
            .filter(|_| !self.is_open && reference.digest().is_none())
    }

    /// Whether it has neither tag nor digest.
    pub(crate) fn is_open(&self) -> bool {
        self.is_open
    }

    /// The repository without tag and digest: where other versions are.
    pub(crate) fn repository(&self) -> String {
        let reference = &self.reference;
        format!(
            "{SCHEME}{}/{}",
            reference.registry(),
            reference.repository()
        )
    }

    /// The same repository, with this tag.
    pub(crate) fn tagged(&self, tag: &str) -> Self {
        let (registry, repository) = (self.reference.registry(), self.reference.repository());
        let place = Reference::with_tag(registry.to_owned(), repository.to_owned(), tag.to_owned());
        Self {
            reference: place,
            is_open: false,
        }
    }

    /// The same repository, with what has this digest.
    pub(crate) fn with_digest(&self, digest: &Digest) -> Self {
        Self {
            reference: self.reference.clone_with_digest(digest.to_string()),
            is_open: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host() {
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
