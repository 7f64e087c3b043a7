//! The commands of those who make plugins: keys, packages, signatures, publishing.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::json;
use tw_plugin_protocol::{RecordView, View};
use tw_render::text::visible;
use zeroize::Zeroizing;

use super::{Run, cannot, column, key::open, say, show::command_lines};
use crate::{
    cli::names,
    error::Error,
    package::{
        archive::{self, Package},
        index,
        key::{Keys, Signature, Signing},
        oci::{Login, Place, Pushed, Registry},
        pack::{self, Input},
        source::signature_of,
    },
    plugin::{Problem, manifest::MANIFEST},
};

#[derive(Debug, Args)]
pub(super) struct Pack {
    /// The folder of the plugin's crate, or a built library
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Sign the package with this secret key
    #[arg(long, value_name = "KEY")]
    sign: Option<PathBuf>,
    /// Where to put the package
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    out: PathBuf,
    /// The licence; without it, the LICENSE beside the crate or above it
    #[arg(long, value_name = "FILE")]
    license: Option<PathBuf>,
    /// The readme; without it, the README.md beside the crate or above it
    #[arg(long, value_name = "FILE")]
    readme: Option<PathBuf>,
}

impl Pack {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let failed = || cannot(format!("pack {}", self.path.display()));
        let signing = self
            .sign
            .as_deref()
            .map(open)
            .transpose()
            .map_err(failed())?;
        let input = Input {
            path: self.path.clone(),
            licence: self.license.clone(),
            readme: self.readme.clone(),
        };
        let packed = pack::pack(&input, run.catalog.binary(), names::BUILT_IN)
            .map_err(|problems| together(problems, failed()))?;
        let path = self.out.join(&packed.file_name);
        let written = fs::create_dir_all(&self.out)
            .map_err(|error| unwritable(&self.out, &error))
            .and_then(|()| write(&path, &packed.bytes));
        written.map_err(failed())?;
        // One of another package would be beside it.
        let _ = fs::remove_file(signature_of(&path));
        let mut signer = None;
        if let Some(signing) = signing {
            let signature =
                sign_package(&signing, &packed.bytes, &packed.manifest.plugin).map_err(failed())?;
            write(&signature_of(&path), signature.as_bytes()).map_err(failed())?;
            signer = Some(signing.public().map_err(failed())?.to_text());
        }
        for warning in &packed.warnings {
            say(&format!("warning: {}\n", visible(warning)));
        }
        let plugin = &packed.manifest.plugin;
        let value = json!({
            "name": plugin.name,
            "version": plugin.version,
            "target": plugin.target,
            "path": path.to_string_lossy(),
            "digest": crate::plugin::Digest::of(&packed.bytes).to_string(),
            "size": packed.bytes.len(),
            "glibc": packed.manifest.glibc,
            "key": signer,
            "commands": command_lines(plugin).join(", "),
            "services": plugin.services.join(", "),
        });
        let fields = [
            ("Name", "/name"),
            ("Version", "/version"),
            ("Target", "/target"),
            ("Path", "/path"),
            ("Digest", "/digest"),
            ("Size", "/size"),
            ("glibc", "/glibc"),
            ("Key", "/key"),
            ("Commands", "/commands"),
            ("Services", "/services"),
        ];
        let known = fields
            .iter()
            .filter(|(_, field)| value.pointer(field).is_some_and(|value| !value.is_null()));
        let view = View::Record(RecordView {
            heading: "Package".to_owned(),
            record: String::new(),
            fields: known.map(|(title, field)| column(title, field)).collect(),
        });
        run.show(&value, &view)
    }
}

/// All that has to be mended is said at once.
fn together(mut problems: Vec<Problem>, failed: impl FnOnce(Problem) -> Error) -> Error {
    if problems.len() == 1 {
        return failed(problems.remove(0));
    }
    let list: String = problems
        .iter()
        .map(|problem| format!("\n  {}\n    {}", problem.reason, problem.mend))
        .collect();
    failed(Problem::new(
        format!("{} things are to be mended{list}", problems.len()),
        "mend them, and pack it again",
    ))
}

fn sign_package(
    signing: &Signing,
    bytes: &[u8],
    plugin: &tw_plugin_protocol::Manifest,
) -> Result<String, Problem> {
    signing.sign(
        bytes,
        &format!(
            "tw plugin {} {} {}",
            plugin.name, plugin.version, plugin.target
        ),
    )
}

fn unwritable(path: &Path, error: &std::io::Error) -> Problem {
    Problem::new(
        format!("{} can't be written: {error}", path.display()),
        "see that the folder can be written, and has room",
    )
}

fn write(path: &Path, content: &[u8]) -> Result<(), Problem> {
    crate::plugin::store::replace(path, content).map_err(|error| unwritable(path, &error))
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    crate::read::at_most(path, archive::LARGEST).map_err(|error| {
        Problem::new(
            format!("{} can't be read: {error}", path.display()),
            "see that the path is right",
        )
    })
}

#[derive(Debug, Args)]
pub(super) struct Sign {
    /// The packages, or an index.json
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The secret key
    #[arg(long, value_name = "KEY", default_value = "tw-plugin.key")]
    key: PathBuf,
}

impl Sign {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let signed = self.signed().map_err(cannot("sign"))?;
        let value = json!({ "signatures": signed.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>() });
        let names: Vec<String> = signed
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        run.done(&value, format!("Signed: {}", names.join(", ")))
    }

    /// What can't be a package or an index isn't signed: a signature under a slip is worth less than none.
    fn signed(&self) -> Result<Vec<PathBuf>, Problem> {
        let mut contents = Vec::new();
        for file in &self.files {
            let bytes = read(file)?;
            let comment = match is_index(file) {
                true => {
                    let document = index::parse(&bytes)?;
                    format!("tw plugin index {}", document.serial)
                }
                false => {
                    let plugin = Package::read(&bytes)?.manifest.plugin;
                    format!(
                        "tw plugin {} {} {}",
                        plugin.name, plugin.version, plugin.target
                    )
                }
            };
            contents.push((file, bytes, comment));
        }
        let signing = open(&self.key)?;
        let mut signed = Vec::new();
        for (file, bytes, comment) in contents {
            let path = signature_of(file);
            write(&path, signing.sign(&bytes, &comment)?.as_bytes())?;
            signed.push(path);
        }
        Ok(signed)
    }
}

fn is_index(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "json")
}

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
            .map_err(cannot(format!("publish to {place}")))?;
        let value = json!({ "place": self.place, "digest": digest.to_string() });
        run.done(&value, format!("Published {place} ({digest})"))
    }

    fn published(&self, run: &Run<'_>) -> Result<crate::plugin::Digest, Problem> {
        let place: Place = self.place.parse()?;
        let tag = place.tag().ok_or_else(|| {
            Problem::new("it names no version", "name it: oci://HOST/REPO:VERSION")
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
            let signature = read(&signature_of(document)).map_err(|_| unsigned(document))?;
            Signature::parse(&signature)?;
            return registry.push_index(&place, &bytes, &signature);
        }
        let mut packages = Vec::new();
        for file in &self.files {
            let bytes = read(file)?;
            let package = Package::read(&bytes).map_err(|problem| Problem {
                reason: format!("{}: {}", file.display(), problem.reason),
                ..problem
            })?;
            let signature = fs::read(signature_of(file)).ok();
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
            return Err(Problem::new(
                format!(
                    "this version is published, with another package for {other}: whoever has locked it couldn't install it any more"
                ),
                "publish a new version; `--force` if nobody has it yet",
            ));
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
fn check_together(packages: &[Signed], tag: &str) -> Result<(), Problem> {
    let plugins: Vec<_> = packages
        .iter()
        .map(|signed| &signed.package.manifest.plugin)
        .collect();
    for (at, plugin) in plugins.iter().enumerate() {
        if plugin.name != plugins[0].name {
            return Err(Problem::new(
                format!(
                    "`{}` and `{}` are two plugins",
                    visible(&plugins[0].name),
                    visible(&plugin.name)
                ),
                "publish each to a repository of its own",
            ));
        }
        if plugin.version != tag {
            return Err(Problem::new(
                format!(
                    "the version of `{}` is {}, and the tag {}",
                    visible(&plugin.name),
                    visible(&plugin.version),
                    visible(tag)
                ),
                format!(
                    "publish it as `:{}`: newer versions are found by their tags",
                    visible(&plugin.version)
                ),
            ));
        }
        if plugins[..at]
            .iter()
            .any(|other| other.target == plugin.target)
        {
            return Err(Problem::new(
                format!("two of the packages are for {}", visible(&plugin.target)),
                "name one package a target",
            ));
        }
    }
    Ok(())
}

fn unsigned(file: &Path) -> Problem {
    Problem::new(
        format!("there is no signature beside {}", file.display()),
        format!(
            "`tw plugin sign {}` makes one; `--allow-unsigned` publishes packages without",
            file.display()
        ),
    )
}

/// A line of standard input, without its end.
fn stdin_line() -> Result<Zeroizing<String>, Problem> {
    let mut text = Zeroizing::new(String::new());
    let read = std::io::stdin()
        .lock()
        .take(64 << 10)
        .read_to_string(&mut text);
    read.map_err(|error| {
        Problem::new(
            format!("the password can't be read: {error}"),
            "give it on standard input",
        )
    })?;
    Ok(Zeroizing::new(
        text.trim_end_matches(['\r', '\n']).to_owned(),
    ))
}
