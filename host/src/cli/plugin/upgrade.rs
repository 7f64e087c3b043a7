//! `tw plugin upgrade`.

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use serde_json::{Value, json};
use tw_render::text::visible;

use super::{
    Run, not_installed,
    plan::{self, Consent, Plan},
    view::table,
    warn,
};
use crate::{
    cli::{completion, show},
    error::{Context as _, Error, ErrorKind, exit},
    package::{
        fetch::{self, Candidate},
        install::Allowed,
        newer,
        source::display_source,
    },
    store::{Lock, Locked},
    trust::Policy,
};

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").args(["name", "all"]).required(true))]
pub(super) struct Upgrade {
    /// The plugin's name
    #[arg(add = ArgValueCandidates::new(completion::installed))]
    name: Option<String>,
    /// Upgrade all installed plugins
    #[arg(long)]
    all: bool,
    /// Show what would be installed, without installing it
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    consent: Consent,
}

/// The newer versions that were found.
#[derive(Default)]
struct Found {
    upgrades: Vec<Value>,
    /// The packages of the upgrades; empty in a dry run.
    candidates: Vec<Candidate>,
    plans: Vec<Plan>,
    errors: Vec<Error>,
}

/// The newer version of a plugin.
struct Next {
    version: String,
    /// The package and its plan; `None` in a dry run.
    package: Option<(Candidate, Plan)>,
}

impl Upgrade {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let plugins = self.name.as_deref().unwrap_or("the plugins");
        let what = || format!("Cannot upgrade {}", visible(plugins));
        let policy = run.policy().context(what)?;
        let lock = run.lock().context(what)?;
        let mut found = self.find(run, &lock, &policy).context(what)?;
        let failure = found.warn_of_errors().context(what)?;
        let end = || failure.as_ref().map_or(exit::SUCCESS, show::fail_checks);
        let value = json!({ "upgrades": found.upgrades });
        let nothing = self.explain_nothing(&lock);
        if self.dry_run {
            let columns = [("Name", "/name"), ("From", "/from"), ("To", "/to")];
            let view = table("Upgrades", "/upgrades", &columns, &nothing);
            run.print(&value, &view)?;
            return Ok(end());
        }
        if found.candidates.is_empty() {
            run.print_message(&value, nothing)?;
            return Ok(end());
        }
        plan::ask(&found.plans, &self.consent, &found.render_names(""))?;
        // Each package was checked with what is allowed for its plugin.
        let allowed = Allowed {
            unsigned: true,
            downgrade: true,
        };
        plan::install(run, &found.candidates, allowed).context(what)?;
        let text = format!("Plugin {} installed", found.render_names("'"));
        run.print_message(&value, text)?;
        Ok(end())
    }

    /// Finds newer versions.
    fn find(&self, run: &Run<'_>, lock: &Lock, policy: &Policy) -> Result<Found, Error> {
        let mut found = Found::default();
        for (name, locked) in self.select(lock)? {
            match self.find_one(run, name, locked, policy) {
                Ok(None) => {}
                Ok(Some(Next { version, package })) => {
                    let from = locked.version.to_string();
                    let upgrade = json!({ "name": name, "from": from, "to": version });
                    found.upgrades.push(upgrade);
                    if let Some((candidate, plan)) = package {
                        found.candidates.push(candidate);
                        found.plans.push(plan);
                    }
                }
                // A source that fails doesn't keep the other plugins from their upgrades.
                Err(error) if self.all => found.errors.push(error.context(format!("`{name}`"))),
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// Returns the installed plugins that are to be upgraded.
    fn select<'a>(&self, lock: &'a Lock) -> Result<Vec<(&'a String, &'a Locked)>, Error> {
        match &self.name {
            None => Ok(lock.plugins.iter().collect()),
            Some(name) => {
                let entry = lock.plugins.get_key_value(name);
                Ok(vec![entry.ok_or_else(|| not_installed(name))?])
            }
        }
    }

    /// Finds the newer version of a plugin. Fetches and checks its package and prints what it would install, except in a dry run.
    fn find_one(
        &self,
        run: &Run<'_>,
        name: &str,
        locked: &Locked,
        policy: &Policy,
    ) -> Result<Option<Next>, Error> {
        let Some(newer) = newer::find(name, locked, run.context, policy)? else {
            return Ok(None);
        };
        let version = newer.version.to_string();
        if self.dry_run {
            let package = None;
            return Ok(Some(Next { version, package }));
        }
        let allowed = Allowed {
            // `--allow-unsigned` at the installation of a plugin holds for its later versions too.
            unsigned: self.consent.allow_unsigned || locked.signer.is_none(),
            // The version is older only if a policy pins it.
            downgrade: true,
        };
        let candidate = fetch::fetch(&newer.source, allowed, run.context, policy)?;
        // `--allow-unsigned` for this plugin must not let another plugin in.
        if candidate.name() != name {
            let other = visible(candidate.name());
            let message = format!("{} now has the plugin `{other}`", newer.source);
            return Err(Error::new(ErrorKind::Refused, message).hint("tell the plugin's publisher"));
        }
        let plan = Plan::new(run, &candidate, allowed, policy, &self.consent)?;
        run.show_plan(plan.text(), self.consent.yes);
        plan.check_consent(&self.consent)?;
        let package = Some((candidate, plan));
        Ok(Some(Next { version, package }))
    }

    /// Says why there is nothing to upgrade.
    fn explain_nothing(&self, lock: &Lock) -> String {
        let Some(name) = &self.name else {
            return match lock.plugins.is_empty() {
                true => "No plugins are installed".to_owned(),
                false => "All plugins are up to date".to_owned(),
            };
        };
        match lock.plugins.get(name) {
            Some(locked) if !newer::has_versions(locked) => format!(
                "Plugin '{name}' came from {}, which has only one version",
                display_source(&locked.source)
            ),
            _ => format!("Plugin '{name}' is up to date"),
        }
    }
}

impl Found {
    /// Warns of the errors, and returns the first. If no upgrade was found, fails with the last error instead.
    fn warn_of_errors(&mut self) -> Result<Option<Error>, Error> {
        let last = match self.upgrades.is_empty() {
            true => self.errors.pop(),
            false => None,
        };
        for error in &self.errors {
            warn(error.message());
        }
        match last {
            Some(error) => Err(error),
            None => Ok(self.errors.first().cloned()),
        }
    }

    /// Renders the name and the version of each package.
    fn render_names(&self, quote: &str) -> String {
        let names = self.candidates.iter().map(|candidate| {
            let (name, version) = (candidate.name(), &candidate.locked.version);
            format!("{quote}{name}{quote} {version}")
        });
        names.collect::<Vec<_>>().join(", ")
    }
}
