//! The source of a package: a file, a URL, a registry, or an index.

use std::path::{Path, PathBuf};

use reqwest::Url;
use semver::{Comparator, Op, Version, VersionReq};
use tw_render::text::visible;

use super::{
    archive, download,
    oci::{self, Place},
};
use crate::{
    error::{Error, ErrorKind},
    files,
    trust::keys::{self, is_name},
};

/// A source, as `tw plugin install` takes it.
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
    /// Parses what a user typed. A file is recognized by its path alone: a file in the working directory must not stand in for a name.
    ///
    /// # Errors
    /// The text is none of the four kinds of sources.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        if is_path(text) {
            return Ok(Self::File(text.into()));
        }
        if let Some(source) = Self::parse_address(text)? {
            return Ok(source);
        }
        if text.ends_with(archive::SUFFIX) {
            return Ok(Self::File(text.into()));
        }
        let (place, wanted) = text.split_once('@').unwrap_or((text, "*"));
        match place.split_once('/') {
            Some((index, name)) if is_name(index) && is_name(name) => Ok(Self::Index {
                index: index.to_owned(),
                name: name.to_owned(),
                wanted: parse_requirement(wanted)?,
            }),
            _ => Err(Error::new(
                ErrorKind::Input,
                format!("`{}` is not a plugin source", visible(text)),
            )
            .hint(
                "a source is `./FILE`, an https URL, `oci://HOST/REPO:VERSION` or `INDEX/NAME`; \
                 `tw plugin search` finds names",
            )),
        }
    }

    /// Parses the address of a package in an index or a lock file. A relative address is relative to `base`.
    ///
    /// # Errors
    /// The text is not an address, or is relative and there is no base.
    pub(crate) fn resolve(text: &str, base: Option<&Base>) -> Result<Self, Error> {
        if let Some(source) = Self::parse_address(text)? {
            return Ok(source);
        }
        let invalid = || {
            Error::new(
                ErrorKind::Input,
                format!("`{}` is not the address of a package", visible(text)),
            )
            .hint("tell the maintainer of the index")
        };
        match base {
            Some(Base::Url(url)) => url.join(text).map(Self::Url).map_err(|_| invalid()),
            Some(Base::Folder(folder)) => Ok(Self::File(folder.join(text))),
            None if Path::new(text).is_absolute() => Ok(Self::File(text.into())),
            None => Err(invalid()),
        }
    }

    /// Parses a URL or a place in a registry; returns `None` if the text is neither.
    ///
    /// # Errors
    /// The address has an unsupported scheme, or contains a password.
    pub(super) fn parse_address(text: &str) -> Result<Option<Self>, Error> {
        if text.starts_with(oci::SCHEME) {
            return text.parse().map(|place| Some(Self::Registry(place)));
        }
        if !text.contains("://") {
            return Ok(None);
        }
        match Url::parse(text) {
            // Lock files and listings show the address.
            Ok(url) if !url.username().is_empty() || url.password().is_some() => Err(Error::new(
                ErrorKind::Refused,
                "the address contains a user name or a password",
            )
            .hint("use an address without them")),
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(Self::Url(url))),
            _ => Err(Error::new(
                ErrorKind::Input,
                format!("`{}` is not an address that tw supports", visible(text)),
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

/// True if a text can be nothing but a path: it begins with a folder or a drive, such as `./`, `../`, `/`, `~/` or `C:/`.
pub(crate) fn is_path(text: &str) -> bool {
    let is_separator = |c: char| c == '/' || (cfg!(windows) && c == '\\');
    let has_drive = text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        && text.get(1..).is_some_and(|rest| rest.starts_with([':']))
        && text
            .get(2..)
            .is_some_and(|rest| rest.starts_with(['/', '\\']));
    let first = text.split(is_separator).next().unwrap_or_default();
    has_drive || text.starts_with(is_separator) || matches!(first, "." | ".." | "~")
}

/// The base of the relative addresses in an index.
#[derive(Debug, Clone)]
pub(crate) enum Base {
    Folder(PathBuf),
    Url(Url),
}

/// Renders a source for a message, without the password and the query of a URL.
pub(crate) fn display_source(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => download::display_url(&url),
        _ => visible(text).into_owned(),
    }
}

/// Returns the path of a file's signature: `FILE.minisig`.
pub(crate) fn signature_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(keys::SUFFIX);
    name.into()
}

/// Reads the signature beside a file; returns `None` if there is no signature.
///
/// # Errors
/// The signature can't be read.
pub(crate) fn signature_beside(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let path = signature_of(path);
    match files::read_at_most(&path, files::MAX_TEXT) {
        Ok(signature) => Ok(Some(signature)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::unreadable(&path, error)),
    }
}

/// Returns the URL of the signature of the file at a URL.
pub(super) fn signature_at(url: &Url) -> Url {
    let mut signature = url.clone();
    signature.set_path(&format!("{}{}", url.path(), keys::SUFFIX));
    signature
}

/// Returns a requirement that only this version meets.
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

/// Parses a version requirement. A bare version means exactly this version, not a compatible one as in semver.
fn parse_requirement(text: &str) -> Result<VersionReq, Error> {
    if let Ok(version) = text.parse() {
        return Ok(exactly(&version));
    }
    text.parse().map_err(|_| {
        Error::new(
            ErrorKind::Input,
            format!("`{}` is not a version", visible(text)),
        )
        .hint("write `1.2.3` for one version, or a range such as `^1.2` or `>=1, <2`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> String {
        match Source::parse(text) {
            Ok(Source::File(path)) => format!("file {}", path.display()),
            Ok(Source::Url(url)) => format!("url {url}"),
            Ok(Source::Registry(place)) => format!("registry {place}"),
            Ok(Source::Index {
                index,
                name,
                wanted,
            }) => format!("index {index} {name} {wanted}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn each_kind_of_source_is_recognized() {
        assert_eq!(parse("hello-1.0.0.tar.gz"), "file hello-1.0.0.tar.gz");
        assert_eq!(parse("./a/b"), "file ./a/b");
        assert_eq!(parse("/a/b"), "file /a/b");
        assert_eq!(parse("../a"), "file ../a");
        assert_eq!(parse("~/a"), "file ~/a");
        assert_eq!(parse("C:/a"), "file C:/a");
        assert_eq!(parse("./https://x"), "file ./https://x");
        assert_eq!(parse("a/b.tar.gz"), "file a/b.tar.gz");
        // The package's own folder has files with these names.
        assert_eq!(parse("src/package"), "index src package *");
        assert_eq!(parse("src"), "`src` is not a plugin source");
        assert_eq!(parse(".hidden"), "`.hidden` is not a plugin source");
        assert_eq!(
            parse("https://x.example/h.tar.gz"),
            "url https://x.example/h.tar.gz"
        );
        assert_eq!(
            parse("oci://reg.example/h:1"),
            "registry oci://reg.example/h:1"
        );
        assert_eq!(parse("acme/hello"), "index acme hello *");
        assert_eq!(parse("acme/hello@1.2.3"), "index acme hello =1.2.3");
        assert_eq!(parse("acme/hello@^1"), "index acme hello ^1");
        assert_eq!(parse("acme/hello@new"), "`new` is not a version");
        assert_eq!(parse("hello"), "`hello` is not a plugin source");
        assert_eq!(
            parse("ftp://x/y"),
            "`ftp://x/y` is not an address that tw supports"
        );
        assert_eq!(
            parse("file:///etc/passwd"),
            "`file:///etc/passwd` is not an address that tw supports"
        );
    }
}
