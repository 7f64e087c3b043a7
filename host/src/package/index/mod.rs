//! Indices: signed documents that say which plugins there are, where their packages are, and whose key signs them.
//!
//! An index is at a URL, in a folder or in an OCI registry; its signature is beside it (`index.json.minisig`) or a layer of the artifact. It has a
//! serial number that grows with every change: an older one than was seen before is refused, for it could hide a newer version. The copy that was
//! fetched last is kept with its signature, so that names can be looked for without a network.

mod document;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use reqwest::Url;
use serde::{Deserialize, Serialize};

pub(crate) use self::document::{Document, parse};
use super::{
    Context,
    oci::{self, Place},
    source::{Base, Source, signature_at, signature_beside},
};
use crate::{
    error::{Context as _, Error, ErrorKind},
    files,
    trust::{
        Policy,
        keys::{Key, Signature, is_name},
    },
};

/// The largest document that is taken, in bytes.
const LARGEST: u64 = 8 << 20;
/// The document's file name in a folder.
const FILE: &str = "index.json";

/// An index that is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Configured {
    pub(crate) url: String,
    /// The public key that signs it.
    pub(crate) key: String,
    /// Whether a policy prescribes it.
    #[serde(skip)]
    pub(crate) prescribed: bool,
}

/// The copy that is kept.
#[derive(Serialize, Deserialize)]
struct Copy {
    document: String,
    signature: String,
}

/// All indices that are known: the person's and those of policies.
#[derive(Debug)]
pub(crate) struct Indices {
    /// The person's own.
    own: BTreeMap<String, Configured>,
    /// Those, and in the place of some, or beside them, those of policies.
    known: BTreeMap<String, Configured>,
}

impl Indices {
    /// Reads which there are.
    ///
    /// # Errors
    /// The person's list can't be read.
    pub(crate) fn read(policy: &Policy) -> Result<Self, Error> {
        let own: BTreeMap<String, Configured> = match list_file() {
            None => BTreeMap::new(),
            Some(path) => match fs::read(&path) {
                Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                    Error::new(
                        ErrorKind::Input,
                        format!(
                            "the list of indices {} is damaged (line {})",
                            path.display(),
                            error.line()
                        ),
                    )
                    .hint("mend it, or remove it and add the indices anew")
                })?,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
                Err(error) => {
                    return Err(Error::new(
                        ErrorKind::Input,
                        format!(
                            "the list of indices {} can't be read: {error}",
                            path.display()
                        ),
                    )
                    .hint("make it readable"));
                }
            },
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

    /// Knows another from here on. It is fetched first: one that can't be had or isn't signed with the key isn't added.
    ///
    /// # Errors
    /// The name is taken or is none; the index can't be had, or isn't signed with the key.
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
                format!(
                    "`{}` is no name for an index",
                    tw_render::text::visible(name)
                ),
            )
            .hint("take small letters, digits and hyphens"));
        }
        Source::place(url)?;
        // What is kept is found again from any folder.
        let url = match Path::new(url).is_dir() {
            true => fs::canonicalize(url)
                .map_or_else(|_| url.to_owned(), |path| path.display().to_string()),
            false => url.to_owned(),
        };
        if let Some(known) = self
            .known
            .get(name)
            .filter(|known| known.url != url || known.key != key.to_text())
        {
            let mend = match known.prescribed {
                true => "take another name: this one is a policy's".to_owned(),
                false => {
                    format!("`tw plugin index remove {name}` removes it; or take another name")
                }
            };
            return Err(Error::new(
                ErrorKind::Failure,
                format!("an index is called `{name}` already"),
            )
            .hint(mend));
        }
        let index = Configured {
            url,
            key: key.to_text(),
            prescribed: false,
        };
        let document = fetch(name, &index, context)?;
        self.own.insert(name.to_owned(), index);
        self.write()?;
        Ok(document)
    }

    /// Knows it no more.
    ///
    /// # Errors
    /// There is none of this name, or it is a policy's.
    pub(crate) fn remove(&mut self, name: &str) -> Result<(), Error> {
        if self.get(name)?.prescribed {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("the index `{name}` is prescribed by a policy"),
            )
            .hint("ask whoever keeps the policy"));
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
                "`tw plugin index list` shows those that are known, `tw plugin index add` adds one",
            )
        })
    }

    /// Fetches the index, and keeps a copy.
    ///
    /// # Errors
    /// It can't be had, isn't signed with its key, or is older than the copy.
    pub(crate) fn fetch(&self, name: &str, context: &Context<'_>) -> Result<Document, Error> {
        fetch(name, self.get(name)?, context)
    }

    /// The copies that are kept, by name. A copy that isn't signed with its index's key is none.
    pub(crate) fn copies(&self) -> impl Iterator<Item = (&str, Document)> {
        self.known.iter().filter_map(|(name, index)| {
            let copy = copy_file(name).and_then(|path| fs::read(path).ok())?;
            let copy: Copy = serde_json::from_slice(&copy).ok()?;
            let document =
                checked(copy.document.as_bytes(), copy.signature.as_bytes(), index).ok()?;
            Some((name.as_str(), document))
        })
    }

    fn write(&self) -> Result<(), Error> {
        let path = list_file().ok_or_else(Error::no_home)?;
        let text = serde_json::to_vec_pretty(&self.own).unwrap_or_default();
        files::replace(&path, &text).map_err(|error| Error::unwritable(&path, error))
    }
}

/// What relative places in the index are relative to.
pub(crate) fn base(index: &Configured) -> Option<Base> {
    match Url::parse(&index.url) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Some(Base::Url(url)),
        Ok(url) if url.scheme() == "oci" => None,
        _ => Some(Base::Folder(index.url.clone().into())),
    }
}

fn fetch(name: &str, index: &Configured, context: &Context<'_>) -> Result<Document, Error> {
    let about = || format!("the index `{name}`");
    let (document, signature) = bytes(index, context).context(about)?;
    let fetched = checked(&document, &signature, index).context(about)?;
    let copy_path = copy_file(name).ok_or_else(Error::no_home)?;
    let kept = fs::read(&copy_path).unwrap_or_default();
    let seen = serde_json::from_slice::<Copy>(&kept)
        .ok()
        .and_then(|copy| checked(copy.document.as_bytes(), copy.signature.as_bytes(), index).ok());
    if let Some(seen) = seen.filter(|seen| seen.serial > fetched.serial) {
        return Err(Error::new(
            ErrorKind::Refused,
            format!(
                "it has the serial number {}, and {} was seen before: it could hide newer versions",
                fetched.serial, seen.serial
            ),
        )
        .hint("tell the maintainer of the index")
        .context(about()));
    }
    let copy = Copy {
        document: String::from_utf8_lossy(&document).into_owned(),
        signature: String::from_utf8_lossy(&signature).into_owned(),
    };
    let copy = serde_json::to_vec(&copy).unwrap_or_default();
    if copy != kept {
        files::replace(&copy_path, &copy).map_err(|error| Error::unwritable(&copy_path, error))?;
    }
    Ok(fetched)
}

/// The document and its signature, as they are.
fn bytes(index: &Configured, context: &Context<'_>) -> Result<(Vec<u8>, Vec<u8>), Error> {
    if index.url.starts_with(oci::SCHEME) {
        return context.registry().pull_index(&index.url.parse::<Place>()?);
    }
    let unsigned = || {
        Error::new(ErrorKind::Refused, "it has no signature")
            .hint("`tw plugin sign index.json` makes one; tell whoever keeps the index")
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

/// The document, if the index's key signed it.
fn checked(document: &[u8], signature: &[u8], index: &Configured) -> Result<Document, Error> {
    Key::parse(&index.key)?.verify(&Signature::parse(signature)?, document)?;
    parse(document)
}

fn list_file() -> Option<PathBuf> {
    Some(crate::config::folder()?.join("indices.json"))
}

fn copy_file(name: &str) -> Option<PathBuf> {
    Some(
        crate::config::data_folder()?
            .join("indices")
            .join(format!("{name}.json")),
    )
}
