//! `tw plugin install`.

use clap::Args;
use clap_complete::engine::ArgValueCompleter;
use serde_json::json;

use super::{
    Run,
    login::LoginOptions,
    plan::{self, Consent, Plan},
};
use crate::{
    cli::completion,
    error::{Context as _, Error},
    package::{
        fetch::{self, Candidate},
        install::{Allowed, Relation},
        source::{Source, display_source},
    },
};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tw plugin install ./hello-1.0.0-x86_64-linux.tar.gz   a package file
  tw plugin install https://example.com/hello.tar.gz    a package at a URL
  tw plugin install oci://ghcr.io/acme/hello:1.0.0      a version in a registry
  tw plugin install acme/hello                          the newest version in an index
  tw plugin install acme/hello@^1.2                     the newest version in a range")]
pub(super) struct Install {
    // As an attribute: in a doc comment, brackets are links.
    #[arg(
        add = ArgValueCompleter::new(completion::installable),
        help = "A package file, an https URL, oci://HOST/REPO[:TAG|@DIGEST], or INDEX/NAME[@VERSION-REQ]"
    )]
    source: String,
    #[command(flatten)]
    consent: Consent,
    /// Allow an older version than the installed one
    #[arg(long)]
    allow_downgrade: bool,
    #[command(flatten)]
    login: LoginOptions,
}

impl Install {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let what = || format!("Cannot install {}", display_source(&self.source));
        let source = Source::parse(&self.source).context(what)?;
        let place = match &source {
            Source::Registry(place) => Some(place),
            _ => None,
        };
        let login = self.login.read(place).context(what)?;
        run.context.log_in(login);
        let policy = run.policy().context(what)?;
        let allowed = Allowed {
            unsigned: self.consent.allow_unsigned,
            downgrade: self.allow_downgrade,
        };
        let candidate = fetch::fetch(&source, allowed, run.context, &policy).context(what)?;
        let plan = Plan::new(run, &candidate, allowed, &policy, &self.consent).context(what)?;
        let version = candidate.locked.version.to_string();
        let name = candidate.name().to_owned();
        if plan.relation == Relation::Same && is_intact(run, &candidate) {
            let value = json!({ "name": name, "version": version, "changed": false });
            let text = format!("Plugin '{name}' {version} is already installed");
            return run.print_message(&value, text);
        }
        run.show_plan(plan.text(), self.consent.yes);
        plan.check_consent(&self.consent).context(what)?;
        plan::ask(&[plan], &self.consent, &format!("{name} {version}"))?;
        plan::install(run, &[candidate], allowed).context(what)?;
        let value = json!({ "name": name, "version": version, "changed": true });
        run.print_message(&value, format!("Plugin '{name}' {version} installed"))
    }
}

/// True if the installed library and its manifest are what the package holds.
fn is_intact(run: &Run<'_>, candidate: &Candidate) -> bool {
    let (name, locked) = (candidate.name(), &candidate.locked);
    run.store()
        .is_ok_and(|store| store.open(name, locked).is_ok() && store.manifest(name, locked).is_ok())
}
