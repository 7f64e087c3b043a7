//! `tw plugin pack`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::{Value, json};

use super::{
    Run,
    files::{signature_comment, write},
    key, view, warn,
};
use crate::{
    error::{Context as _, Error},
    files::show_path,
    package::{
        pack::{self, Input, Packed},
        source::signature_of,
    },
    store::Digest,
    trust::signing::SigningKey,
};

#[derive(Debug, Args)]
pub(super) struct Pack {
    /// The folder of the plugin's crate, or a built library
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Sign the package with this secret key
    #[arg(long, value_name = "KEY")]
    sign: Option<PathBuf>,
    /// The folder to write the package to
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    out: PathBuf,
    /// The license file; if omitted, the LICENSE beside the crate or in a folder above it
    #[arg(long, value_name = "FILE")]
    license: Option<PathBuf>,
    /// The readme file; if omitted, the README.md beside the crate or in a folder above it
    #[arg(long, value_name = "FILE")]
    readme: Option<PathBuf>,
}

impl Pack {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let what = format!("Cannot pack {}", show_path(&self.path));
        self.pack(run).context(|| what)
    }

    fn pack(self, run: &Run<'_>) -> Result<u8, Error> {
        let signing_key = self.sign.as_deref().map(key::open).transpose()?;
        let input = Input {
            path: self.path,
            license: self.license,
            readme: self.readme,
        };
        let packed = pack::pack(&input, run.catalog.binary(), run.catalog.built_in())?;
        let path = self.out.join(&packed.file_name);
        let signer = write_package(&path, &packed, signing_key)?;
        for warning in &packed.warnings {
            warn(warning);
        }
        let value = package_value(&path, &packed, signer);
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
        run.print(&value, &view::record("Package", "", &fields))
    }
}

/// Writes the package and its signature, and returns the public key that verifies the signature.
fn write_package(
    path: &Path,
    packed: &Packed,
    signing_key: Option<SigningKey>,
) -> Result<Option<String>, Error> {
    write(path, &packed.bytes)?;
    // The signature of an older package at this path would not fit this one.
    let _ = fs::remove_file(signature_of(path));
    let Some(key) = signing_key else {
        return Ok(None);
    };
    let signature = key.sign(&packed.bytes, &signature_comment(&packed.manifest.plugin))?;
    write(&signature_of(path), signature.as_bytes())?;
    Ok(Some(key.public()?.to_text()))
}

fn package_value(path: &Path, packed: &Packed, signer: Option<String>) -> Value {
    let plugin = &packed.manifest.plugin;
    json!({
        "name": plugin.name,
        "version": plugin.version,
        "target": plugin.target,
        "path": path.to_string_lossy(),
        "digest": Digest::of(&packed.bytes).to_string(),
        "size": packed.bytes.len(),
        "glibc": packed.manifest.glibc,
        "key": signer,
        "commands": view::command_lines(plugin),
        "services": plugin.services,
    })
}
