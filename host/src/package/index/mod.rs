//! Indices: signed documents that list plugins, with the addresses of their packages and the keys that sign them.
//!
//! An index is at a URL, in a folder, or in an OCI registry. The signature is a file beside the index (`index.json.minisig`), or a layer of the
//! artifact. Every change of an index increases its serial number, and a document with a lower number than one seen before is refused, because it could hide a newer version. The
//! last document is kept on this machine with its signature, so that `tw plugin search` works without a network.

mod document;

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use reqwest::Url;
use serde::{Deserialize, Serialize};
use tw_render::text::visible;

pub(crate) use self::document::{Document, Listing, Release, parse};
use super::{
    Context,
    oci::{self, Place},
    source::{Base, Source, is_path, signature_at, signature_beside},
};
use crate::{
    error::{Context as _, Error, ErrorKind},
    files::{self, show_path},
    owners::{self, Distrust},
    trust::{
        Policy,
        keys::{Key, Signature, is_name},
    },
};

/// The size limit for a document, in bytes.
const LARGEST: u64 = 8 << 20;
/// The size limit for a copy, in bytes: the document and its signature as JSON texts, in which a character can take six bytes.
const LARGEST_COPY: u64 = 6 * (LARGEST + files::MAX_TEXT);
/// The document's file name in a folder.
const FILE: &str = "index.json";

/// A known index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Configured {
    pub(crate) url: String,
    /// The public key that signs the document.
    pub(crate) key: Key,
    /// True if a policy prescribes the index.
    #[serde(skip)]
    pub(crate) prescribed: bool,
}

/// The copy of a document on this machine.
#[derive(Serialize, Deserialize)]
struct Copy {
    document: String,
    signature: String,
}

/// The indices that a process has fetched, and the errors of those that it couldn't fetch, by name.
#[derive(Default)]
pub(crate) struct Fetched(RefCell<BTreeMap<String, Result<Rc<Document>, Error>>>);

/// The known indices: those that the user added, and those that policies prescribe.
#[derive(Debug)]
pub(crate) struct Indices {
    /// The indices that the user added.
    own: BTreeMap<String, Configured>,
    /// All indices. If a policy and the user use the same name, the policy's index has it.
    known: BTreeMap<String, Configured>,
}

impl Indices {
    /// Reads the list of indices.
    ///
    /// # Errors
    /// The user's list can't be read.
    pub(crate) fn read(policy: &Policy) -> Result<Self, Error> {
        let own = match list_file() {
            Some(path) => read_list(&path)?,
            None => BTreeMap::new(),
        };
        let mut known = own.clone();
        for (name, index) in policy.indices() {
            let index = Configured {
                url: index.url.clone(),
                key: index.key.clone(),
                prescribed: true,
            };
            known.insert(name.to_owned(), index);
        }
        Ok(Self { own, known })
    }

    pub(crate) fn all(&self) -> &BTreeMap<String, Configured> {
        &self.known
    }

    /// Adds an index, after fetching it.
    ///
    /// # Errors
    /// The name is invalid or taken, or the index can't be fetched or isn't signed with the key.
    pub(crate) fn add(
        &mut self,
        name: &str,
        url: &str,
        key: &Key,
        context: &Context<'_>,
    ) -> Result<Document, Error> {
        if !is_name(name) {
            return Err(Error::new(
                ErrorKind::Input,
                format!("`{}` is not a valid index name", visible(name)),
            )
            .hint("use small letters, digits and hyphens"));
        }
        let index = Configured {
            url: parse_url(url)?,
            key: key.clone(),
            prescribed: false,
        };
        self.check_free(name, &index)?;
        let document = fetch(name, &index, context)?;
        self.own.insert(name.to_owned(), index);
        self.write()?;
        Ok(document)
    }

    /// Checks that no other index has this name.
    fn check_free(&self, name: &str, index: &Configured) -> Result<(), Error> {
        let Some(known) = self.known.get(name) else {
            return Ok(());
        };
        if known.url == index.url && known.key == index.key {
            return Ok(());
        }
        let hint = match known.prescribed {
            true => "choose another name: a policy prescribes the index with this name".to_owned(),
            false => format!(
                "choose another name, or remove the index first: `tw plugin index remove {name}`"
            ),
        };
        let message = format!("another index is called `{name}`");
        Err(Error::new(ErrorKind::Failure, message).hint(hint))
    }

    /// Removes an index and its copy.
    ///
    /// # Errors
    /// No index has this name, or a policy prescribes it.
    pub(crate) fn remove(&mut self, name: &str) -> Result<(), Error> {
        if self.get(name)?.prescribed {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("a policy prescribes the index `{name}`"),
            )
            .hint("ask the policy's administrator"));
        }
        self.own.remove(name);
        if let Some(copy) = copy_file(name) {
            let _ = fs::remove_file(copy);
        }
        self.write()
    }

    pub(crate) fn get(&self, name: &str) -> Result<&Configured, Error> {
        self.known.get(name).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("there is no index `{name}`")).hint(
                "`tw plugin index list` shows the known indices, `tw plugin index add` adds one",
            )
        })
    }

    /// Fetches an index, and keeps a copy of it. Fetches each index once in a process, even if that fails.
    ///
    /// # Errors
    /// The index can't be fetched, isn't signed with its key, or is older than the copy.
    pub(crate) fn fetch(&self, name: &str, context: &Context<'_>) -> Result<Rc<Document>, Error> {
        let index = self.get(name)?;
        let fetched = context.documents.0.borrow().get(name).cloned();
        fetched.unwrap_or_else(|| {
            let document = fetch(name, index, context).map(Rc::new);
            let mut documents = context.documents.0.borrow_mut();
            documents.insert(name.to_owned(), document.clone());
            document
        })
    }

    /// Returns the copies on this machine, by name. A copy that isn't signed with its index's key is left out, and so is one that others could have
    /// written: it could be older than the last document.
    pub(crate) fn copies(&self) -> impl Iterator<Item = (&str, Document)> {
        self.known.iter().filter_map(|(name, index)| {
            let copy = read_copy(name).ok()?;
            Some((name.as_str(), parse_copy(&copy, index)?))
        })
    }

    fn write(&self) -> Result<(), Error> {
        let path = list_file().ok_or_else(Error::no_home)?;
        let text = serde_json::to_vec_pretty(&self.own).unwrap_or_default();
        owners::replace_own(&path, &text)
    }
}

/// Reads the list of indices that the user added; empty if there is no file.
fn read_list(path: &Path) -> Result<BTreeMap<String, Configured>, Error> {
    let bytes = match owners::read_own(path, LARGEST) {
        Ok(bytes) => bytes,
        Err(Distrust::Missing) => return Ok(BTreeMap::new()),
        Err(distrust) => {
            let what = format!("the list of indices {}", show_path(path));
            return Err(distrust.explain(&what, "add the indices again"));
        }
    };
    serde_json::from_slice(&bytes).map_err(|error| {
        Error::new(
            ErrorKind::Input,
            format!(
                "the list of indices {} is damaged (line {})",
                show_path(path),
                error.line()
            ),
        )
        .hint("correct the file, or remove it and add the indices again")
    })
}

/// Parses the address of an index as a user types it. Makes a path absolute, so that the index is found from every folder.
///
/// # Errors
/// The text is neither an address nor the path of a folder.
fn parse_url(text: &str) -> Result<String, Error> {
    if is_path(text) {
        let path = fs::canonicalize(text);
        let path = path.map_err(|error| Error::unreadable(Path::new(text), error))?;
        return Ok(path.display().to_string());
    }
    match Source::parse_address(text)? {
        Some(_) => Ok(text.to_owned()),
        None => Err(Error::new(
            ErrorKind::Input,
            format!("`{}` is not the address of an index", visible(text)),
        )
        .hint("an address begins with https:// or oci://, and a folder is written as ./FOLDER")),
    }
}

/// Returns the base of the relative addresses in an index; `None` for an index in a registry.
pub(crate) fn base(index: &Configured) -> Option<Base> {
    match Url::parse(&index.url) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Some(Base::Url(url)),
        Ok(url) if url.scheme() == "oci" => None,
        _ => Some(Base::Folder(index.url.clone().into())),
    }
}

fn fetch(name: &str, index: &Configured, context: &Context<'_>) -> Result<Document, Error> {
    let what = || format!("the index `{name}`");
    let (document, signature) = read(index, context).context(what)?;
    let fetched = verify(&document, &signature, index).context(what)?;
    let copy_path = copy_file(name).ok_or_else(Error::no_home)?;
    let old = read_copy(name)?;
    if let Some(seen) = parse_copy(&old, index)
        && seen.serial > fetched.serial
    {
        return Err(Error::new(
            ErrorKind::Refused,
            format!(
                "it has the serial number {}, but {} was seen before: it could hide newer versions",
                fetched.serial, seen.serial
            ),
        )
        .hint("tell the maintainer of the index")
        .context(what()));
    }
    let copy = Copy {
        document: String::from_utf8_lossy(&document).into_owned(),
        signature: String::from_utf8_lossy(&signature).into_owned(),
    };
    let copy = serde_json::to_vec(&copy).unwrap_or_default();
    if copy != old {
        owners::replace_own(&copy_path, &copy)?;
    }
    Ok(fetched)
}

/// Reads a document and its signature.
fn read(index: &Configured, context: &Context<'_>) -> Result<(Vec<u8>, Vec<u8>), Error> {
    if index.url.starts_with(oci::SCHEME) {
        return context.registry().pull_index(&index.url.parse::<Place>()?);
    }
    let unsigned = || {
        Error::new(ErrorKind::Refused, "it has no signature")
            .hint("tell the maintainer of the index: `tw plugin sign index.json` makes a signature")
    };
    match base(index) {
        Some(Base::Url(url)) => {
            let document = context.download.get(&url, LARGEST)?;
            let signature = context
                .download
                .find(&signature_at(&url), files::MAX_TEXT)?;
            Ok((document, signature.ok_or_else(unsigned)?))
        }
        _ => {
            let path = Path::new(&index.url).join(FILE);
            let document = files::read_at_most(&path, LARGEST)
                .map_err(|error| Error::unreadable(&path, error))?;
            Ok((document, signature_beside(&path)?.ok_or_else(unsigned)?))
        }
    }
}

/// Parses a document, after verifying that the index's key signed it.
fn verify(document: &[u8], signature: &[u8], index: &Configured) -> Result<Document, Error> {
    index.key.verify(&Signature::parse(signature)?, document)?;
    parse(document)
}

/// Parses a copy; returns `None` if the index's key did not sign it.
fn parse_copy(copy: &[u8], index: &Configured) -> Option<Document> {
    let copy: Copy = serde_json::from_slice(copy).ok()?;
    verify(copy.document.as_bytes(), copy.signature.as_bytes(), index).ok()
}

/// Reads the copy of an index; empty if there is none.
fn read_copy(name: &str) -> Result<Vec<u8>, Error> {
    let path = copy_file(name).ok_or_else(Error::no_home)?;
    match owners::read_own(&path, LARGEST_COPY) {
        Ok(copy) => Ok(copy),
        Err(Distrust::Missing) => Ok(Vec::new()),
        Err(distrust) => {
            let what = format!("the copy of the index `{name}`, {},", show_path(&path));
            Err(distrust.explain(&what, "fetch the index again"))
        }
    }
}

fn list_file() -> Option<PathBuf> {
    Some(crate::config::folder()?.join("indices.json"))
}

fn copy_file(name: &str) -> Option<PathBuf> {
    let folder = crate::config::data_folder()?.join("indices");
    Some(folder.join(format!("{name}.json")))
}
