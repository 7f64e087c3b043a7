//! The parts of `install` and `upgrade` that are the same: the checks, the plan that a user confirms, and the change of the store.

use clap::Args;
use tw_render::text::visible;

use super::{
    Run,
    ask::confirm,
    changes::Before,
    view::{command_lines, plan_line},
};
use crate::{
    error::{Error, ErrorKind},
    package::{
        fetch::Candidate,
        install::{self, Allowed, Effects, Relation},
        source::display_source,
    },
    store::Lock,
    trust::Policy,
};

/// Options that answer the questions in advance.
#[derive(Debug, Args)]
pub(super) struct Consent {
    /// Install without asking for confirmation
    #[arg(short, long)]
    pub(super) yes: bool,
    /// Accept a package without a trusted signature; every listing shows it as unsigned
    #[arg(long)]
    pub(super) allow_unsigned: bool,
    /// With `--yes`, let the plugin replace a bundled plugin of the same name
    #[arg(long)]
    replace_bundled: bool,
    /// With `--yes`, let the plugin take commands from other plugins
    #[arg(long)]
    take_commands: bool,
    /// With `--yes`, let the plugin use services that the version before it doesn't use
    #[arg(long)]
    accept_services: bool,
}

/// What a package would install and change.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) relation: Relation,
    text: String,
    risks: Vec<Risk>,
}

/// An effect that a user must accept explicitly.
#[derive(Debug)]
struct Risk {
    effect: String,
    /// The option that accepts the effect.
    option: &'static str,
    is_accepted: bool,
}

impl Plan {
    /// Checks that a package can and may be installed, compares it with what is installed, and returns the plan.
    ///
    /// # Errors
    /// The package can't or may not be installed.
    pub(super) fn new(
        run: &Run<'_>,
        candidate: &Candidate,
        allowed: Allowed,
        policy: &Policy,
        consent: &Consent,
    ) -> Result<Self, Error> {
        let effects = install::check(candidate, run.context, policy)?;
        let lock = run.lock()?;
        let relation = install::compare(candidate, &lock, allowed)?;
        let before = Before::of(run, candidate.name(), &lock);
        Ok(Self {
            relation,
            text: render(run, candidate, &effects, before.as_ref()),
            risks: match relation {
                // The same package was accepted when it was installed.
                Relation::Same => Vec::new(),
                _ => find_risks(candidate, &lock, &effects, before.as_ref(), consent),
            },
        })
    }

    /// Renders the plan for the user who confirms it.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Refuses the plan if `--yes` answers the question and an effect needs an option of its own.
    ///
    /// # Errors
    /// The effect isn't accepted.
    pub(super) fn check_consent(&self, consent: &Consent) -> Result<(), Error> {
        let mut refused = self.risks.iter().filter(|risk| !risk.is_accepted);
        match refused.next().filter(|_| consent.yes) {
            None => Ok(()),
            Some(Risk { effect, option, .. }) => Err(Error::new(
                ErrorKind::Refused,
                format!("{effect}, and `--yes` doesn't accept that"),
            )
            .hint(format!("use `{option}` if this is intended"))),
        }
    }
}

/// Asks for confirmation of plans, unless `--yes` has given it. The question names the effects that need an option of their own.
///
/// # Errors
/// The user declines, or there is no terminal.
pub(super) fn ask(plans: &[Plan], consent: &Consent, names: &str) -> Result<(), Error> {
    for plan in plans {
        plan.check_consent(consent)?;
    }
    let risks = plans.iter().flat_map(|plan| &plan.risks);
    let risks = risks.filter(|risk| !risk.is_accepted);
    let effects: String = risks.map(|risk| format!("{}. ", risk.effect)).collect();
    confirm(consent.yes, &format!("{effects}Install {names}?"))
}

/// Installs packages. All of them take effect at once.
pub(super) fn install(
    run: &Run<'_>,
    candidates: &[Candidate],
    allowed: Allowed,
) -> Result<(), Error> {
    let store = run.store()?;
    let mut change = store.change()?;
    for candidate in candidates {
        install::place(candidate, allowed, &mut change)?;
    }
    change.commit()
}

/// Finds the effects that a user must accept explicitly.
fn find_risks(
    candidate: &Candidate,
    lock: &Lock,
    effects: &Effects,
    before: Option<&Before>,
    consent: &Consent,
) -> Vec<Risk> {
    let name = candidate.name();
    let mut risks = Vec::new();
    // An installed plugin has replaced the bundled one before.
    if effects.replaces_bundled && !lock.plugins.contains_key(name) {
        risks.push(Risk {
            effect: format!("`{name}` replaces the bundled plugin `{name}`"),
            option: "--replace-bundled",
            is_accepted: consent.replace_bundled,
        });
    }
    let taken = effects.claims.taken.iter();
    let taken: Vec<String> = taken
        .map(|(word, owner)| format!("`{}` from `{}`", visible(word), visible(owner)))
        .collect();
    if !taken.is_empty() {
        risks.push(Risk {
            effect: format!("`{name}` takes {}", taken.join(", ")),
            option: "--take-commands",
            is_accepted: consent.take_commands,
        });
    }
    let services = &candidate.package.manifest.plugin.services;
    if let Some(effect) = before.and_then(|before| before.describe_new_services(services)) {
        risks.push(Risk {
            effect,
            option: "--accept-services",
            is_accepted: consent.accept_services,
        });
    }
    risks
}

/// Renders what a package would install: first what changes, then the rest.
fn render(
    run: &Run<'_>,
    candidate: &Candidate,
    effects: &Effects,
    before: Option<&Before>,
) -> String {
    let plugin = &candidate.package.manifest.plugin;
    let locked = &candidate.locked;
    let publisher = match &locked.signer {
        Some(signer) => format!("{} ({})", signer.name, signer.key),
        None => "unknown: it isn't signed with a trusted key".to_owned(),
    };
    let changes = before.map_or_else(Vec::new, |before| before.changes(candidate));
    let lines = [
        ("description", plugin.description.clone()),
        ("publisher", publisher),
        ("source", display_source(&locked.source)),
        ("digest", candidate.package.digest.to_string()),
        ("commands", command_lines(plugin).join(", ")),
        ("services", list(&plugin.services)),
        (
            "replaces",
            before.map_or_else(String::new, |before| before.to_string()),
        ),
        ("takes", taken_commands(effects)),
        ("conflicts", missed_commands(run, effects)),
    ];
    let line = |(name, text): (&str, String)| match text.is_empty() {
        true => String::new(),
        false => plan_line(name, &text, most_lines(name)),
    };
    let changes: String = changes.into_iter().map(line).collect();
    let changes = match changes.is_empty() {
        true => String::new(),
        false => format!("\n  What changes:\n{changes}\n"),
    };
    let lines: String = lines.into_iter().map(line).collect();
    format!(
        "\n  {} {}\n{changes}{lines}\n",
        visible(&plugin.name),
        locked.version
    )
}

/// Lists names; `none` if there are none.
pub(super) fn list(names: &[String]) -> String {
    match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    }
}

/// Returns how many lines a field may have. Everything that a user must know is shown as a whole.
fn most_lines(name: &str) -> usize {
    match name {
        "description" => 3,
        // A plugin with more commands must not hide the lines below.
        "commands" => 12,
        _ => usize::MAX,
    }
}

/// Lists the commands that the package takes from other plugins.
fn taken_commands(effects: &Effects) -> String {
    let taken = effects.claims.taken.iter();
    let taken = taken.map(|(word, owner)| format!("`{word}` from the plugin `{owner}`"));
    taken.collect::<Vec<_>>().join(", ")
}

/// Says which commands of the package won't run the package's plugin.
fn missed_commands(run: &Run<'_>, effects: &Effects) -> String {
    let missed = effects
        .claims
        .missed
        .iter()
        .map(|(word, owner)| match owner {
            Some(owner) => format!("`{word}` stays with the plugin `{owner}`"),
            None if run.catalog.built_in().contains(&word.as_str()) => {
                format!("`{word}` stays a built-in command")
            }
            None if run.catalog.has_bundled(word) => {
                format!("`{word}` is reserved for the bundled plugin `{word}`")
            }
            None => format!("another plugin has `{word}`: neither plugin will have the command"),
        });
    missed.collect::<Vec<_>>().join(", ")
}
