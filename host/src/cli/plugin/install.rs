//! `tw plugin install` and `tw plugin upgrade`.

use clap::Args;
use serde_json::json;
use tw_render::text::visible;

use super::{
    Run, consent, not_installed, say,
    show::{command_lines, table},
};
use crate::{
    error::{Context as _, Error, ErrorKind},
    package::{
        fetch::{self, Candidate},
        install::{self, Allowed, Relation},
        newer,
        source::{Source, shown},
    },
    store::{Lock, Locked},
    trust::Policy,
};

/// How far the person has decided already.
#[derive(Debug, Args)]
struct Consent {
    /// Don't ask: all that is shown is meant
    #[arg(short, long)]
    yes: bool,
    /// Take a package that nobody whose key is trusted has signed; every listing shows it
    #[arg(long)]
    allow_unsigned: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tw plugin install hello-1.0.0-x86_64-linux.tar.gz     a package
  tw plugin install https://example.com/hello.tar.gz    a package elsewhere
  tw plugin install oci://ghcr.io/acme/hello:1.0.0      a version in a registry
  tw plugin install acme/hello                          the newest that an index has
  tw plugin install acme/hello@^1.2                     the newest of these")]
pub(super) struct Install {
    // As an attribute: in a doc comment, brackets are links.
    #[arg(
        help = "A package, an https URL, oci://HOST/REPO[:TAG|@DIGEST], or INDEX/NAME[@VERSION-REQ]"
    )]
    source: String,
    #[command(flatten)]
    consent: Consent,
    /// Take an older version than the one that is installed
    #[arg(long)]
    allow_downgrade: bool,
}

impl Install {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let what = || format!("Cannot install {}", shown(&self.source));
        let source = Source::parse(&self.source).context(what)?;
        let policy = run.policy().context(what)?;
        let allowed = Allowed {
            unsigned: self.consent.allow_unsigned,
            downgrade: self.allow_downgrade,
        };
        let candidate = fetch::fetch(&source, run.context, &policy).context(what)?;
        let relation = checked(run, &candidate, allowed, &policy).context(what)?;
        let version = candidate.locked.version.to_string();
        let name = candidate.name().to_owned();
        if relation == Relation::Same
            && run
                .store()
                .and_then(|store| store.open(&name, &candidate.locked))
                .is_ok()
        {
            let value = json!({ "name": name, "version": version, "changed": false });
            return run.done(
                &value,
                format!("Plugin '{name}' {version} is installed already"),
            );
        }
        say(&plan(run, &candidate));
        consent(self.consent.yes, &format!("Install {name} {version}?"))?;
        placed(run, &[candidate], allowed).context(what)?;
        let value = json!({ "name": name, "version": version, "changed": true });
        run.done(&value, format!("Plugin '{name}' {version} installed"))
    }
}

/// Whether it can and may be installed, and what it is to what is there.
fn checked(
    run: &Run<'_>,
    candidate: &Candidate,
    allowed: Allowed,
    policy: &Policy,
) -> Result<Relation, Error> {
    install::check(candidate, allowed, run.context, policy)?;
    let lock = Lock::read(&run.store()?.lock_file())?;
    install::relation(candidate, &lock, allowed)
}

/// Places them all, and makes them count at once.
fn placed(run: &Run<'_>, candidates: &[Candidate], allowed: Allowed) -> Result<(), Error> {
    let store = run.store()?;
    let mut change = store.change()?;
    for candidate in candidates {
        install::place(candidate, allowed, &mut change)?;
    }
    change.commit()
}

/// What is about to be installed, for the person who decides.
fn plan(run: &Run<'_>, candidate: &Candidate) -> String {
    let plugin = &candidate.package.manifest.plugin;
    let locked = &candidate.locked;
    let publisher = match &locked.signer {
        Some(signer) => format!("{} ({})", signer.name, signer.key),
        None => "unknown: nobody whose key is trusted has signed it".to_owned(),
    };
    let services = match plugin.services.is_empty() {
        true => "none".to_owned(),
        false => plugin.services.join(", "),
    };
    let mut lines = vec![
        ("description", plugin.description.clone()),
        ("publisher", publisher),
        ("source", shown(&locked.source)),
        ("digest", candidate.package.digest.to_string()),
        ("commands", command_lines(plugin).join(", ")),
        ("services", services),
    ];
    let others = run.catalog.ask_again();
    let same = others
        .plugins()
        .iter()
        .rfind(|known| known.name() == plugin.name && !known.replaced);
    if let Some(known) = same {
        let version = known
            .summary()
            .map_or("", |summary| summary.version.as_str());
        lines.push((
            "replaces",
            format!("the {} plugin {} {version}", known.origin, plugin.name),
        ));
    }
    let claimed: Vec<&str> = plugin
        .commands
        .iter()
        .map(|command| command.name.as_str())
        .filter(|name| {
            others
                .owner(name)
                .is_some_and(|owner| !owner.is_plugin(&plugin.name))
        })
        .collect();
    if !claimed.is_empty() {
        lines.push((
            "conflicts",
            format!(
                "another plugin has `{}`: it will belong to none",
                claimed.join("`, `")
            ),
        ));
    }
    let lines: String = lines
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| format!("    {name:<12}{}\n", visible(text)))
        .collect();
    format!(
        "\n  {} {}\n{lines}\n",
        visible(&plugin.name),
        locked.version
    )
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").args(["name", "all"]).required(true))]
pub(super) struct Upgrade {
    /// The plugin's name
    name: Option<String>,
    /// All that are installed
    #[arg(long)]
    all: bool,
    /// Show what would be installed, and install nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    consent: Consent,
}

impl Upgrade {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let what = self.name.as_deref().unwrap_or("the plugins").to_owned();
        let what = || format!("Cannot upgrade {}", visible(&what));
        let policy = run.policy().context(what)?;
        let lock = run
            .store()
            .and_then(|store| Lock::read(&store.lock_file()))
            .context(what)?;
        let wanted: Vec<(&String, &Locked)> = match &self.name {
            None => lock.plugins.iter().collect(),
            Some(name) => vec![
                lock.plugins
                    .get_key_value(name)
                    .ok_or_else(|| not_installed(name).context(what()))?,
            ],
        };
        let mut candidates = Vec::new();
        let mut upgrades = Vec::new();
        let mut problems = Vec::new();
        for (name, locked) in wanted {
            let candidate = match self.next(run, name, locked, &policy) {
                Ok(None) => continue,
                Ok(Some((to, candidate))) => {
                    upgrades.push(
                        json!({ "name": name, "from": locked.version.to_string(), "to": to }),
                    );
                    candidate
                }
                // One source that is down keeps no other plugin from its upgrade.
                Err(problem) if self.all => {
                    problems.push(problem.context(format!("`{name}`")));
                    continue;
                }
                Err(problem) => return Err(problem.context(what())),
            };
            if let Some(candidate) = candidate {
                say(&plan(run, &candidate));
                candidates.push(candidate);
            }
        }
        // Where nothing else is to be said, the last is the error.
        let error = match upgrades.is_empty() {
            true => problems.pop(),
            false => None,
        };
        for problem in &problems {
            say(&format!("warning: {}\n", visible(problem.message())));
        }
        if let Some(problem) = error {
            return Err(problem.context(what()));
        }
        let exit = u8::from(!problems.is_empty());
        let value = json!({ "upgrades": upgrades });
        let nothing = match (&self.name, lock.plugins.len()) {
            (None, 0) => "No plugins are installed".to_owned(),
            (None, _) => "All plugins are the newest".to_owned(),
            (Some(name), _) => match lock.plugins.get(name) {
                Some(locked) if !newer::is_looked_for(locked) => format!(
                    "Plugin '{name}' came from {}, where no newer versions are looked for",
                    shown(&locked.source)
                ),
                _ => format!("Plugin '{name}' is the newest"),
            },
        };
        if self.dry_run {
            let columns = [("Name", "/name"), ("From", "/from"), ("To", "/to")];
            let view = table("Upgrades", "/upgrades", &columns, &nothing);
            return run.show(&value, &view).map(|_| exit);
        }
        if candidates.is_empty() {
            return run.done(&value, nothing).map(|_| exit);
        }
        let each = |quote: &str| {
            let names = candidates.iter().map(|candidate| {
                let (name, version) = (candidate.name(), &candidate.locked.version);
                format!("{quote}{name}{quote} {version}")
            });
            names.collect::<Vec<_>>().join(", ")
        };
        consent(self.consent.yes, &format!("Install {}?", each("")))?;
        let allowed = Allowed {
            unsigned: true,
            downgrade: true,
        };
        placed(run, &candidates, allowed).context(what)?;
        run.done(&value, format!("Plugin {} installed", each("'")))
            .map(|_| exit)
    }

    /// The next version of a plugin, fetched and checked unless nothing is to be installed.
    fn next(
        &self,
        run: &Run<'_>,
        name: &str,
        locked: &Locked,
        policy: &Policy,
    ) -> Result<Option<(String, Option<Candidate>)>, Error> {
        let Some(newer) = newer::newer(name, locked, run.context, policy)? else {
            return Ok(None);
        };
        let to = newer.version.to_string();
        if self.dry_run {
            return Ok(Some((to, None)));
        }
        let allowed = Allowed {
            // The exception that was made for a plugin holds for its next version too.
            unsigned: self.consent.allow_unsigned || locked.signer.is_none(),
            // It can be older only where a policy says which it is to be.
            downgrade: true,
        };
        let candidate = fetch::fetch(&newer.source, run.context, policy)?;
        // Another plugin is no version of this one: an exception that was made for this one isn't its.
        if candidate.name() != name {
            return Err(Error::new(
                ErrorKind::Refused,
                format!(
                    "{} has the plugin `{}` now",
                    newer.source,
                    visible(candidate.name())
                ),
            )
            .hint("tell its publisher"));
        }
        checked(run, &candidate, allowed, policy)?;
        Ok(Some((to, Some(candidate))))
    }
}
