//! `tw plugin publish`: packages, or a signed index, go to a registry.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::json;
use tw_render::text::visible;
use zeroize::Zeroizing;

use super::{
    Run,
    author::{is_index, read},
};
use crate::{
    error::{Context as _, Error, ErrorKind},
    package::{
        archive::Package,
        index,
        oci::{Login, Place, Pushed, Registry},
        source::signature_beside,
    },
    store::MANIFEST,
    trust::keys::{Keys, Signature},
};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tw plugin publish oci://ghcr.io/acme/hello:1.0.0 hello-1.0.0-*.tar.gz    the packages of all targets
  tw plugin publish oci://ghcr.io/acme/plugins:latest index.json           a signed index")]
pub(super) struct Publish {
    /// Where to: oci://HOST/REPO:VERSION
    place: String,
    /// The packages, each of another target; their signatures are beside them. Or one signed index.json
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Who logs in; without it, whom docker's configuration has for the registry
    #[arg(long, value_name = "NAME", requires = "password_stdin")]
    username: Option<String>,
    /// Read the password from standard input
    #[arg(long, requires = "username")]
    password_stdin: bool,
    /// Publish packages without a signature
    #[arg(long)]
    allow_unsigned: bool,
    /// Put others in the place of what is published under this version
    #[arg(long)]
    force: bool,
}

impl Publish {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let place = visible(&self.place).into_owned();
        let digest = self
            .published(run)
            .context(|| format!("Cannot publish to {place}"))?;
        let value = json!({ "place": self.place, "digest": digest.to_string() });
        run.done(&value, format!("Published {place} ({digest})"))
    }

    fn published(&self, run: &Run<'_>) -> Result<crate::store::Digest, Error> {
        let place: Place = self.place.parse()?;
        let tag = place.tag().ok_or_else(|| {
            Error::new(ErrorKind::Failure, "it names no version")
                .hint("name it: oci://HOST/REPO:VERSION")
        })?;
        let login = Login {
            username: self.username.clone(),
            password: self.password_stdin.then(stdin_line).transpose()?,
        };
        let registry = Registry::new(run.settings, login);
        if let [document] = self.files.as_slice()
            && is_index(document)
        {
            let bytes = read(document)?;
            index::parse(&bytes)?;
            let signature = signature_beside(document)?.ok_or_else(|| unsigned(document))?;
            Signature::parse(&signature)?;
            return registry.push_index(&place, &bytes, &signature);
        }
        let mut packages = Vec::new();
        for file in &self.files {
            let bytes = read(file)?;
            let package = Package::read(&bytes).context(|| file.display())?;
            let signature = signature_beside(file)?;
            match &signature {
                // A key of their own is mostly one that the person trusts: a signature of other bytes is noticed here then.
                Some(signature) => {
                    Keys::of_person().signer(&Signature::parse(signature)?, &bytes)?;
                }
                None if !self.allow_unsigned => return Err(unsigned(file)),
                None => {}
            }
            packages.push(Signed {
                bytes,
                package,
                signature,
            });
        }
        check_together(&packages, tag)?;
        if !self.force
            && let Some(other) = registry.other(
                &place,
                &packages
                    .iter()
                    .map(|signed| {
                        (
                            signed.package.manifest.plugin.target.as_str(),
                            signed.package.digest,
                        )
                    })
                    .collect::<Vec<_>>(),
            )?
        {
            return Err(Error::new(ErrorKind::Failure, format!(
                    "this version is published, with another package for {other}: whoever has locked it couldn't install it any more"
                )).hint("publish a new version; `--force` if nobody has it yet"));
        }
        let pushed: Vec<Pushed<'_>> = packages
            .iter()
            .map(|signed| Pushed {
                target: &signed.package.manifest.plugin.target,
                manifest: signed.package.file(MANIFEST).unwrap_or_default(),
                package: &signed.bytes,
                signature: signed.signature.as_deref(),
            })
            .collect();
        registry.push(&place, &pushed)
    }
}

/// A package that is published, and its signature.
struct Signed {
    bytes: Vec<u8>,
    package: Package,
    signature: Option<Vec<u8>>,
}

/// Whether the packages are one version of one plugin, each of another target, and the tag is the version.
fn check_together(packages: &[Signed], tag: &str) -> Result<(), Error> {
    let plugins: Vec<_> = packages
        .iter()
        .map(|signed| &signed.package.manifest.plugin)
        .collect();
    for (at, plugin) in plugins.iter().enumerate() {
        if plugin.name != plugins[0].name {
            return Err(Error::new(
                ErrorKind::Failure,
                format!(
                    "`{}` and `{}` are two plugins",
                    visible(&plugins[0].name),
                    visible(&plugin.name)
                ),
            )
            .hint("publish each to a repository of its own"));
        }
        if plugin.version != tag {
            return Err(Error::new(
                ErrorKind::Failure,
                format!(
                    "the version of `{}` is {}, and the tag {}",
                    visible(&plugin.name),
                    visible(&plugin.version),
                    visible(tag)
                ),
            )
            .hint(format!(
                "publish it as `:{}`: newer versions are found by their tags",
                visible(&plugin.version)
            )));
        }
        if plugins[..at]
            .iter()
            .any(|other| other.target == plugin.target)
        {
            return Err(Error::new(
                ErrorKind::Failure,
                format!("two of the packages are for {}", visible(&plugin.target)),
            )
            .hint("name one package a target"));
        }
    }
    Ok(())
}

fn unsigned(file: &Path) -> Error {
    Error::new(
        ErrorKind::Refused,
        format!("there is no signature beside {}", file.display()),
    )
    .hint(format!(
        "`tw plugin sign {}` makes one; `--allow-unsigned` publishes packages without",
        file.display()
    ))
}

/// A line of standard input, without its end.
fn stdin_line() -> Result<Zeroizing<String>, Error> {
    let mut text = Zeroizing::new(String::new());
    let read = std::io::stdin()
        .lock()
        .take(64 << 10)
        .read_to_string(&mut text);
    read.map_err(|error| {
        Error::new(
            ErrorKind::Input,
            format!("the password can't be read: {error}"),
        )
        .hint("give it on standard input")
    })?;
    Ok(Zeroizing::new(
        text.trim_end_matches(['\r', '\n']).to_owned(),
    ))
}
