//! Where a package comes from: a file, a URL, a registry, or an index that knows where.

use std::path::{Path, PathBuf};

use reqwest::Url;
use semver::{Comparator, Op, Version, VersionReq};
use tw_render::text::visible;

use super::{
    archive,
    oci::{self, Place},
};
use crate::{
    error::{Error, ErrorKind},
    files,
    trust::keys::{self, is_name},
};

/// What `tw plugin install` takes.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    File(PathBuf),
    Url(Url),
    Registry(Place),
    /// `INDEX/NAME[@VERSION-REQ]`.
    Index {
        index: String,
        name: String,
        wanted: VersionReq,
    },
}

impl Source {
    /// Reads what was typed. A path that could be something else begins with `./` or is there.
    ///
    /// # Errors
    /// It is none of the four.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        if let Some(place) = Self::place(text)? {
            return Ok(place);
        }
        let is_path = text.ends_with(archive::SUFFIX)
            || text.starts_with(['.', '/', '~'])
            || Path::new(text).exists();
        if is_path || Path::new(text).is_absolute() {
            return Ok(Self::File(text.into()));
        }
        let (place, wanted) = text.split_once('@').unwrap_or((text, "*"));
        match place.split_once('/') {
            Some((index, name)) if is_name(index) && is_name(name) => Ok(Self::Index {
                index: index.to_owned(),
                name: name.to_owned(),
                wanted: requirement(wanted)?,
            }),
            _ => Err(Error::new(ErrorKind::Input, format!("`{}` is no source of a plugin", visible(text))).hint("a source is a file, an https URL, `oci://HOST/REPO:VERSION` or `INDEX/NAME`; `tw plugin search` finds names")),
        }
    }

    /// Reads where a package is, as an index or a lock says it; relative to the folder or URL of the index.
    ///
    /// # Errors
    /// It is no such place.
    pub(crate) fn resolve(text: &str, base: Option<&Base>) -> Result<Self, Error> {
        if let Some(place) = Self::place(text)? {
            return Ok(place);
        }
        let nowhere = || {
            Error::new(
                ErrorKind::Input,
                format!("`{}` is no place of a package", visible(text)),
            )
            .hint("tell whoever keeps the index")
        };
        match base {
            Some(Base::Url(url)) => url.join(text).map(Self::Url).map_err(|_| nowhere()),
            Some(Base::Folder(folder)) => Ok(Self::File(folder.join(text))),
            None if Path::new(text).is_absolute() => Ok(Self::File(text.into())),
            None => Err(nowhere()),
        }
    }

    /// A URL or a place in a registry; none where the text is neither.
    ///
    /// # Errors
    /// It is an address that can't be used.
    pub(super) fn place(text: &str) -> Result<Option<Self>, Error> {
        if text.starts_with(oci::SCHEME) {
            return text.parse().map(|place| Some(Self::Registry(place)));
        }
        if !text.contains("://") {
            return Ok(None);
        }
        match Url::parse(text) {
            // It would stand in every lock and listing.
            Ok(url) if !url.username().is_empty() || url.password().is_some() => Err(Error::new(
                ErrorKind::Failure,
                "the address has a name or a password in it",
            )
            .hint("use an address without")),
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(Self::Url(url))),
            _ => Err(Error::new(
                ErrorKind::Input,
                format!("`{}` is no address that tw knows", visible(text)),
            )
            .hint("an address begins with https:// or oci://")),
        }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Url(url) => write!(f, "{url}"),
            Self::Registry(place) => write!(f, "{place}"),
            Self::Index { index, name, .. } => write!(f, "{index}/{name}"),
        }
    }
}

/// What relative places in an index are relative to.
#[derive(Debug, Clone)]
pub(crate) enum Base {
    Folder(PathBuf),
    Url(Url),
}

/// A source as a message may show it, whatever was typed: neither a password nor a signed query.
pub(crate) fn shown(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => super::download::shown(&url),
        _ => visible(text).into_owned(),
    }
}

/// The name of the signature's file, behind whose name it stands.
pub(crate) fn signature_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(keys::SUFFIX);
    name.into()
}

/// The signature beside a file; none where there is none.
///
/// # Errors
/// It can't be read.
pub(crate) fn signature_beside(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let path = signature_of(path);
    match files::read_at_most(&path, files::MAX_TEXT) {
        Ok(signature) => Ok(Some(signature)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::unreadable(&path, error)),
    }
}

/// Where the signature of what is at this URL is.
pub(super) fn signature_at(url: &Url) -> Url {
    let mut signature = url.clone();
    signature.set_path(&format!("{}{}", url.path(), keys::SUFFIX));
    signature
}

/// This version and no other.
pub(super) fn exactly(version: &Version) -> VersionReq {
    VersionReq {
        comparators: vec![Comparator {
            op: Op::Exact,
            major: version.major,
            minor: Some(version.minor),
            patch: Some(version.patch),
            pre: version.pre.clone(),
        }],
    }
}

/// A version that is wanted: a bare one is that one and no other.
fn requirement(text: &str) -> Result<VersionReq, Error> {
    if let Ok(version) = text.parse() {
        return Ok(exactly(&version));
    }
    text.parse().map_err(|_| {
        Error::new(
            ErrorKind::Input,
            format!("`{}` is no version", visible(text)),
        )
        .hint("write `1.2.3` for one, or a range as `^1.2`, `>=1, <2`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> String {
        match Source::parse(text) {
            Ok(Source::File(path)) => format!("file {}", path.display()),
            Ok(Source::Url(url)) => format!("url {url}"),
            Ok(Source::Registry(place)) => format!("registry {place}"),
            Ok(Source::Index {
                index,
                name,
                wanted,
            }) => format!("index {index} {name} {wanted}"),
            Err(problem) => problem.to_string(),
        }
    }

    #[test]
    fn each_kind_is_told_from_the_others() {
        assert_eq!(parsed("hello-1.0.0.tar.gz"), "file hello-1.0.0.tar.gz");
        assert_eq!(parsed("./a/b"), "file ./a/b");
        assert_eq!(parsed("/a/b"), "file /a/b");
        assert_eq!(
            parsed("https://x.example/h.tar.gz"),
            "url https://x.example/h.tar.gz"
        );
        assert_eq!(
            parsed("oci://reg.example/h:1"),
            "registry oci://reg.example/h:1"
        );
        assert_eq!(parsed("acme/hello"), "index acme hello *");
        assert_eq!(parsed("acme/hello@1.2.3"), "index acme hello =1.2.3");
        assert_eq!(parsed("acme/hello@^1"), "index acme hello ^1");
        assert_eq!(parsed("acme/hello@new"), "`new` is no version");
        assert_eq!(parsed("hello"), "`hello` is no source of a plugin");
        assert_eq!(
            parsed("ftp://x/y"),
            "`ftp://x/y` is no address that tw knows"
        );
        assert_eq!(
            parsed("file:///etc/passwd"),
            "`file:///etc/passwd` is no address that tw knows"
        );
    }
}
