//! The status of a plugin, as `list` and `info` show it.

use serde::Serialize;
use serde_json::Value;
use tw_render::text::{visible, visible_lines};

use super::{Run, view::render_problem};
use crate::{
    error::Error,
    package::source::display_source,
    plugin::Plugin,
    store::{Lock, Locked},
    trust::{Origin, Policy},
};

/// The publisher of an installed plugin that nobody signed.
const UNSIGNED: &str = "(unsigned)";

/// A plugin, as people and scripts read it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    abi: Option<u32>,
    origin: Origin,
    state: &'static str,
    path: String,
    /// Who signed the package; `None` if the plugin isn't installed from a package.
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// The digest of the package.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

impl Status {
    /// Checks a plugin as it would be checked before its library is mapped.
    pub(super) fn of(
        run: &Run<'_>,
        plugin: &Plugin,
        lock: Option<&Lock>,
        policy: &Result<Policy, Error>,
    ) -> Self {
        let error = match (plugin.problem(), policy) {
            (Some(error), _) => Some(error.clone()),
            (None, Ok(policy)) => run.catalog.verify(plugin, policy).err(),
            (None, Err(error)) => Some(error.clone()),
        };
        let name = plugin.name();
        let summary = plugin.summary();
        let lock = lock.filter(|_| plugin.origin == Origin::Installed);
        let locked: Option<&Locked> = lock.and_then(|lock| lock.plugins.get(&name));
        let signer = locked.and_then(|locked| locked.signer.as_ref());
        let version = summary.map(|summary| summary.version.clone());
        Self {
            version: version.or_else(|| locked.map(|locked| locked.version.to_string())),
            abi: summary.map(|summary| summary.abi),
            origin: plugin.origin,
            state: match (&error, plugin.replaced) {
                (_, true) => "replaced",
                (None, _) => "ok",
                (Some(_), _) => "broken",
            },
            path: plugin.path.to_string_lossy().into_owned(),
            publisher: locked
                .map(|_| signer.map_or_else(|| UNSIGNED.to_owned(), |signer| signer.name.clone())),
            key: signer.map(|signer| signer.key.to_text()),
            index: locked.and_then(|locked| Some(locked.index.as_ref()?.name.clone())),
            source: locked.map(|locked| display_source(&locked.source)),
            digest: locked.and_then(|locked| Some(locked.here()?.package.to_string())),
            hint: error
                .as_ref()
                .and_then(|error| error.next_step().map(str::to_owned)),
            detail: error
                .as_ref()
                .and_then(|error| error.long_detail().map(str::to_owned))
                .filter(|_| run.settings.verbose),
            problem: error.map(|error| error.to_string()),
            notes: run.catalog.notes(plugin),
            name,
        }
    }

    pub(super) fn to_value(&self) -> Value {
        // Every field has a JSON form.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Renders what is wrong with the plugin, as lines below a table; empty if nothing is wrong.
    pub(super) fn render_problems(&self) -> String {
        if self.problem.is_none() && self.notes.is_empty() {
            return String::new();
        }
        let mut text = match (&self.problem, &self.hint) {
            (Some(problem), Some(hint)) => render_problem(&self.name, problem, hint),
            _ => String::new(),
        };
        if let Some(detail) = &self.detail {
            text += &visible_lines(detail);
            text += "\n";
        }
        for note in &self.notes {
            text += &format!("  {}: {}\n", visible(&self.name), visible(note));
        }
        text + "\n"
    }
}
