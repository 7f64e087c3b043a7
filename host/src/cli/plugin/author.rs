//! The commands of those who make plugins: packages and their signatures.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::json;
use tw_plugin_protocol::{Manifest, RecordView, View};
use tw_render::text::visible;

use super::{Run, column, key::open, say, show::command_lines};
use crate::{
    cli::builtin,
    error::{Context as _, Error, ErrorKind},
    package::{
        archive::{self, Package},
        index,
        pack::{self, Input},
        source::signature_of,
    },
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
        let what = || format!("Cannot pack {}", self.path.display());
        let signing = self.sign.as_deref().map(open).transpose().context(what)?;
        let input = Input {
            path: self.path.clone(),
            licence: self.license.clone(),
            readme: self.readme.clone(),
        };
        let packed = pack::pack(&input, run.catalog.binary(), builtin::NAMES)
            .map_err(|problems| together(problems).context(what()))?;
        let path = self.out.join(&packed.file_name);
        write(&path, &packed.bytes).context(what)?;
        // One of another package would be beside it.
        let _ = fs::remove_file(signature_of(&path));
        let mut signer = None;
        if let Some(signing) = signing {
            let signature = signing
                .sign(&packed.bytes, &label(&packed.manifest.plugin))
                .context(what)?;
            write(&signature_of(&path), signature.as_bytes()).context(what)?;
            signer = Some(signing.public().context(what)?.to_text());
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
            "digest": crate::store::Digest::of(&packed.bytes).to_string(),
            "size": packed.bytes.len(),
            "glibc": packed.manifest.glibc,
            "key": signer,
            "commands": command_lines(plugin),
            "services": plugin.services,
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
fn together(mut problems: Vec<Error>) -> Error {
    if problems.len() == 1 {
        return problems.remove(0);
    }
    let list: String = problems
        .iter()
        .map(|problem| {
            format!(
                "\n  {problem}\n    {}",
                problem.next_step().unwrap_or_default()
            )
        })
        .collect();
    Error::new(
        ErrorKind::Failure,
        format!("{} things need to be corrected{list}", problems.len()),
    )
    .hint("correct them, and pack it again")
}

/// What a package's signature says that it is of.
fn label(plugin: &Manifest) -> String {
    format!(
        "tw plugin {} {} {}",
        plugin.name, plugin.version, plugin.target
    )
}

fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    crate::files::replace(path, content).map_err(|error| Error::unwritable(path, error))
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    crate::files::read_at_most(path, archive::LARGEST)
        .map_err(|error| Error::unreadable(path, error))
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
        let signed = self.signed().context(|| "Cannot sign")?;
        let value = json!({ "signatures": signed.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>() });
        let names: Vec<String> = signed
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        run.done(&value, format!("Signed: {}", names.join(", ")))
    }

    /// What can't be a package or an index isn't signed: a signature under a slip is worth less than none.
    fn signed(&self) -> Result<Vec<PathBuf>, Error> {
        let mut contents = Vec::new();
        for file in &self.files {
            let bytes = read(file)?;
            let comment = match is_index(file) {
                true => {
                    let document = index::parse(&bytes)?;
                    format!("tw plugin index {}", document.serial)
                }
                false => label(&Package::read(&bytes)?.manifest.plugin),
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

pub(super) fn is_index(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "json")
}
