//! `tw plugin sign`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{
    Run,
    files::{is_index, read, signature_comment, write},
    key,
};
use crate::{
    error::{Context as _, Error},
    package::{archive::Package, index, source::signature_of},
};

#[derive(Debug, Args)]
pub(super) struct Sign {
    /// Packages, or an index.json
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The file of the secret key
    #[arg(long, value_name = "KEY", default_value = "tw-plugin.key")]
    key: PathBuf,
}

impl Sign {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let signatures = self.sign().context(|| "Cannot sign")?;
        let signatures: Vec<String> = signatures
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let text = format!("Signed: {}", signatures.join(", "));
        run.print_message(&json!({ "signatures": signatures }), text)
    }

    /// Signs the files, and returns the paths of the signatures. Signs nothing if one of the files is neither a package nor an index.
    fn sign(&self) -> Result<Vec<PathBuf>, Error> {
        let mut contents = Vec::new();
        for file in &self.files {
            let bytes = read(file)?;
            let comment = match is_index(file) {
                true => format!("tw plugin index {}", index::parse(&bytes)?.serial),
                false => signature_comment(&Package::read(&bytes)?.manifest.plugin),
            };
            contents.push((file, bytes, comment));
        }
        let key = key::open(&self.key)?;
        let mut signatures = Vec::new();
        for (file, bytes, comment) in contents {
            let path = signature_of(file);
            write(&path, key.sign(&bytes, &comment)?.as_bytes())?;
            signatures.push(path);
        }
        Ok(signatures)
    }
}
