//! `tw secrets import` and `tw secrets sync`: make the secrets of a workspace match a file.
//!
//! The whole file is read and checked before the first request that changes something. One request lists the existing secrets, and then each
//! secret takes one request. The API never returns a value, so an existing secret always gets the value in the file. Running the command again
//! after a failure is therefore safe, and completes the import.

mod apply;
mod plan;
mod report;

use tw_plugin_api::prelude::*;

use self::plan::Step;
use crate::{
    api::Secrets,
    file::{FileSecret, SecretsFile},
    name::join_some,
    secret::index_by_name,
};

/// Add and update secrets from a file
#[derive(Args)]
pub(crate) struct Import {
    #[arg(flatten)]
    file: SecretsFile,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Add and update secrets from a file, and with --prune delete all others
#[derive(Args)]
pub(crate) struct Sync {
    #[arg(flatten)]
    import: Import,
    /// Delete secrets that are not in the file, after all others are written; run one such sync at a time
    #[arg(long)]
    prune: bool,
    /// Delete without asking
    #[arg(long, requires = "prune")]
    yes: bool,
}

/// The treatment of secrets that are not in the file.
#[derive(Clone, Copy, PartialEq)]
enum Prune {
    /// Such secrets are kept.
    Never,
    /// Such secrets are deleted if the user agrees.
    Ask,
    /// Such secrets are deleted without a question.
    Always,
}

pub(crate) fn import(args: Import, host: &Host) -> Result<Output> {
    args.run(host, Prune::Never)
}

pub(crate) fn sync(args: Sync, host: &Host) -> Result<Output> {
    let prune = match (args.prune, args.yes) {
        (false, _) => Prune::Never,
        (true, false) => Prune::Ask,
        (true, true) => Prune::Always,
    };
    args.import.run(host, prune)
}

impl Import {
    fn run(&self, host: &Host, prune: Prune) -> Result<Output> {
        let mut wanted = self.file.read(host)?;
        self.check_prune(host, prune, &wanted)?;
        let secrets = Secrets::open(host)?;
        let existing = secrets.list()?;
        let with_line_breaks = self.file.encode(&mut wanted);
        let mut writes = plan::plan_writes(&self.file, &wanted, &index_by_name(&existing))?;
        if let Some(names) = with_line_breaks {
            host.log().warning(&format!(
                "these values have line breaks, which don't survive a pipeline run; `--base64` encodes values of several lines: {names}"
            ));
        }
        let mut deletes = match prune {
            Prune::Never => Vec::new(),
            Prune::Ask | Prune::Always => plan::plan_deletes(&wanted, &existing)?,
        };
        if !self.dry_run {
            if prune == Prune::Ask && !deletes.is_empty() {
                confirm(host, &secrets, &deletes)?;
            }
            apply::apply(host, &secrets, &mut writes, &mut deletes);
        }
        writes.append(&mut deletes);
        report::report(&secrets, &writes)
    }

    /// Refuses to prune with an empty file, which is probably a mistake, and without a terminal to ask on.
    fn check_prune(&self, host: &Host, prune: Prune, wanted: &[FileSecret]) -> Result<()> {
        if prune == Prune::Never {
            return Ok(());
        }
        if wanted.is_empty() {
            return Err(Error::usage(
                "the file has no secrets, and '--prune' would delete all existing ones",
            ));
        }
        if prune == Prune::Ask && !self.dry_run && !host.prompt().is_interactive()? {
            return Err(
                Error::usage("there is no terminal to ask on; '--yes' confirms '--prune'")
                    .code("not-interactive"),
            );
        }
        Ok(())
    }
}

/// Asks whether to delete secrets.
fn confirm(host: &Host, secrets: &Secrets<'_>, deletes: &[Step<'_>]) -> Result<()> {
    let names: Vec<&str> = deletes.iter().map(|step| step.name).collect();
    let question = format!(
        "Delete secrets at {} workspace that are not in the file: {}?",
        secrets.workspace.reference(),
        join_some(&names, ", ")
    );
    match host.prompt().confirm(&question, false)? {
        true => Ok(()),
        false => Err(Error::failure("Nothing was changed")),
    }
}
