//! Commands of the existing CLI that are not here.

use std::path::{Path, PathBuf};

use super::{Scene, Tip, words};
use crate::{config::Configuration, files::quote_for_shell};

/// The commands of the existing CLI (tower-cli 0.38 and later).
pub(super) const COMMANDS: &[&str] = &[
    "access-tokens",
    "actions",
    "agents",
    "audit-logs",
    "collaborators",
    "compute-envs",
    "credentials",
    "data-links",
    "datasets",
    "labels",
    "launch",
    "lineage",
    "managed-identities",
    "members",
    "participants",
    "pipeline-schemas",
    "pipelines",
    "roles",
    "runs",
    "service-accounts",
    "ssh-keys",
    "studios",
    "teams",
];

/// Commands of groups that exist here too.
const BELOW: &[(&str, &[&str])] = &[
    ("organizations", &["add", "delete", "update", "view"]),
    (
        "workspaces",
        &[
            "add",
            "delete",
            "leave",
            "update",
            "update-settings",
            "view",
        ],
    ),
];

/// Advises on a name that is a command of the existing CLI, below the group that `path` names. `None` if it is none, in the plural or in the singular.
pub(super) fn advise(path: &[&str], name: &str, scene: &Scene<'_>) -> Option<Tip> {
    let find = |known: &'static [&'static str]| {
        let mut names = words::nouns(name);
        names.find_map(|name| known.iter().copied().find(|known| *known == name))
    };
    let found = match path {
        [] => find(COMMANDS),
        [group] => {
            let (_, known) = BELOW.iter().find(|(known, _)| known == group)?;
            find(known)
        }
        _ => None,
    };
    let command: Vec<&str> = path.iter().copied().chain([found?]).collect();
    let command = command.join(" ");
    let has_api = scene.tree.find_subcommand("api").is_some() || !path.is_empty();
    let api = match has_api {
        true => "; `tw api` calls any path of the API",
        false => "",
    };
    let mut tips = vec![format!(
        "`tw {command}` is a command of the existing CLI, which this tw does not have{api}"
    )];
    if let Some(program) = find_program() {
        let mut words = scene.line.arguments.iter();
        let dots = match words.next_back().is_some_and(|last| last == name) {
            true => "",
            false => " …",
        };
        tips.push(format!(
            "the existing CLI is on this machine: `{} {command}{dots}`",
            quote(&program)
        ));
    }
    Some(Tip::Text(tips))
}

/// Finds the existing CLI: the program that the configuration names, or another `tw` on PATH. It is named and never run.
fn find_program() -> Option<PathBuf> {
    let configuration = Configuration::load().ok();
    configuration
        .and_then(Configuration::legacy_command)
        .filter(|path| path.is_file())
        .or_else(find_on_path)
}

fn find_on_path() -> Option<PathBuf> {
    let this = std::env::current_exe().ok()?.canonicalize().ok()?;
    let program = format!("tw{}", std::env::consts::EXE_SUFFIX);
    super::super::external::programs(&program).find(|path| {
        let real = path.canonicalize();
        real.is_ok_and(|real| real != this && !is_same_file(&real, &this))
    })
}

/// True if both paths are links to one file.
#[cfg(unix)]
fn is_same_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |path: &Path| path.metadata().ok().map(|data| (data.dev(), data.ino()));
    id(one).is_some() && id(one) == id(other)
}

#[cfg(not(unix))]
fn is_same_file(_: &Path, _: &Path) -> bool {
    false
}

/// Quotes a path for a shell if it needs quotes.
fn quote(path: &Path) -> String {
    match path.to_str() {
        Some(text) => shell_words::quote(text).into_owned(),
        None => quote_for_shell(path),
    }
}
