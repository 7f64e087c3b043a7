//! `tw plugin publish`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use tw_render::text::visible;

use super::{
    Run,
    files::{is_index, read},
    login::LoginOptions,
};
use crate::{
    error::{Context as _, Error, ErrorKind},
    files::show_path,
    package::{
        archive::Package,
        index,
        names::check_repository,
        oci::{Place, Pushed, Registry, tag_of},
        source::signature_beside,
    },
    store::{Digest, MANIFEST},
    trust::{keys::Signature, trusted::Keys},
};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tw plugin publish oci://ghcr.io/acme/hello:1.0.0 hello-1.0.0-*.tar.gz    the packages of all targets
  tw plugin publish oci://ghcr.io/acme/plugins:latest index.json           a signed index")]
pub(super) struct Publish {
    /// The address: oci://HOST/REPO:VERSION
    place: String,
    /// Packages for different targets with their signatures beside them, or one signed index.json
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    login: LoginOptions,
    /// Publish packages without a signature
    #[arg(long)]
    allow_unsigned: bool,
    /// Replace packages that are already published under this version
    #[arg(long)]
    force: bool,
}

impl Publish {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let place = visible(&self.place);
        let digest = self
            .publish(run)
            .context(|| format!("Cannot publish to {place}"))?;
        let value = json!({ "place": self.place, "digest": digest.to_string() });
        run.print_message(&value, format!("Published {place} ({digest})"))
    }

    fn publish(&self, run: &Run<'_>) -> Result<Digest, Error> {
        let place: Place = self.place.parse()?;
        let tag = place.tag().ok_or_else(|| {
            Error::new(ErrorKind::Input, "the address has no version")
                .hint("add the version: oci://HOST/REPO:VERSION")
        })?;
        run.context.log_in(self.login.read(Some(&place))?);
        let registry = run.context.registry();
        match self.files.as_slice() {
            [document] if is_index(document) => publish_index(&registry, &place, document),
            files => {
                let packages = files.iter().map(|file| self.read_package(file));
                let packages: Vec<Signed> = packages.collect::<Result<_, Error>>()?;
                check_packages(&packages, &place, tag)?;
                if !self.force {
                    check_unpublished(&registry, &place, &packages)?;
                }
                push(&registry, &place, &packages)
            }
        }
    }

    fn read_package(&self, file: &Path) -> Result<Signed, Error> {
        let bytes = read(file)?;
        let signature = signature_beside(file)?;
        match &signature {
            // Authors mostly trust their own key, so a signature of other bytes is found before it is published.
            Some(signature) => {
                let signature = Signature::parse(signature)?;
                Keys::of_user().find_signers(&signature, &bytes)?;
                signature.check_format()?;
            }
            None if !self.allow_unsigned => return Err(no_signature(file)),
            None => {}
        }
        let package = Package::read(&bytes).context(|| show_path(file))?;
        Ok(Signed {
            bytes,
            package,
            signature,
        })
    }
}

fn publish_index(registry: &Registry<'_>, place: &Place, file: &Path) -> Result<Digest, Error> {
    let document = read(file)?;
    index::parse(&document)?;
    let signature = signature_beside(file)?.ok_or_else(|| no_signature(file))?;
    Signature::parse(&signature)?.check_format()?;
    registry.push_index(place, &document, &signature)
}

/// A package with its signature.
struct Signed {
    bytes: Vec<u8>,
    package: Package,
    signature: Option<Vec<u8>>,
}

impl Signed {
    fn target(&self) -> &str {
        &self.package.manifest.plugin.target
    }
}

/// Checks that the packages are one version of one plugin for different targets, that the repository has the plugin's name, and that the tag is the
/// version.
fn check_packages(packages: &[Signed], place: &Place, tag: &str) -> Result<(), Error> {
    let plugins = packages
        .iter()
        .map(|signed| &signed.package.manifest.plugin);
    let plugins: Vec<_> = plugins.collect();
    for (at, plugin) in plugins.iter().enumerate() {
        let (name, version) = (visible(&plugin.name), visible(&plugin.version));
        if plugin.name != plugins[0].name {
            let message = format!(
                "`{}` and `{name}` are two plugins",
                visible(&plugins[0].name)
            );
            return Err(Error::new(ErrorKind::Input, message)
                .hint("publish each plugin to a repository of its own"));
        }
        check_repository(place, &plugin.name)?;
        let expected = tag_of(&plugin.version);
        if expected != tag {
            let tag = visible(tag);
            let message = format!("the version of `{name}` is {version}, but the tag is {tag}");
            return Err(Error::new(ErrorKind::Input, message).hint(format!(
                "publish it as `:{}`, because newer versions are found by their tags",
                visible(&expected)
            )));
        }
        let mut others = plugins[..at].iter();
        if others.any(|other| other.target == plugin.target) {
            let message = format!("two of the packages are for {}", visible(&plugin.target));
            return Err(
                Error::new(ErrorKind::Input, message).hint("name one package for each target")
            );
        }
    }
    Ok(())
}

/// Refuses to replace packages, because lock files name published packages by their digests.
fn check_unpublished(
    registry: &Registry<'_>,
    place: &Place,
    packages: &[Signed],
) -> Result<(), Error> {
    let digests: Vec<(&str, Digest)> = packages
        .iter()
        .map(|signed| (signed.target(), signed.package.digest))
        .collect();
    let Some(target) = registry.find_other(place, &digests)? else {
        return Ok(());
    };
    Err(Error::new(
        ErrorKind::Refused,
        format!(
            "this version is already published, with another package for {target}: \
             replacing it would break every lock file that names it"
        ),
    )
    .hint("publish a new version, or use `--force` if nobody has installed this one"))
}

fn push(registry: &Registry<'_>, place: &Place, packages: &[Signed]) -> Result<Digest, Error> {
    let packages: Vec<Pushed<'_>> = packages
        .iter()
        .map(|signed| Pushed {
            target: signed.target(),
            manifest: signed.package.file(MANIFEST).unwrap_or_default(),
            package: &signed.bytes,
            signature: signed.signature.as_deref(),
        })
        .collect();
    registry.push(place, &packages)
}

fn no_signature(file: &Path) -> Error {
    Error::new(
        ErrorKind::Refused,
        format!("there is no signature beside {}", show_path(file)),
    )
    .hint(format!(
        "`tw plugin sign {}` makes one; `--allow-unsigned` publishes packages without one",
        show_path(file)
    ))
}
