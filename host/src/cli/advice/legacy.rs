//! Commands of the existing CLI that are not here.

use std::path::{Path, PathBuf};

use crate::{cli::line::Line, config::Configuration, files::quote_for_shell};

/// The commands of the existing CLI (tower-cli 0.38 and later).
const COMMANDS: &[&str] = &[
    "access-tokens",
    "actions",
    "agents",
    "audit-logs",
    "collaborators",
    "compute-envs",
    "credentials",
    "data-links",
    "datasets",
    "info",
    "labels",
    "launch",
    "lineage",
    "managed-identities",
    "members",
    "organizations",
    "participants",
    "pipeline-schemas",
    "pipelines",
    "roles",
    "runs",
    "secrets",
    "service-accounts",
    "ssh-keys",
    "studios",
    "teams",
    "workspaces",
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

/// Advises on a name that is a command of the existing CLI, below the group that `path` names. `None` if it is none.
pub(super) fn advise(path: &[&str], name: &str, line: &Line) -> Option<Vec<String>> {
    let is_known = match path {
        [] => COMMANDS.contains(&name),
        [group] => BELOW
            .iter()
            .any(|(known, names)| known == group && names.contains(&name)),
        _ => false,
    };
    if !is_known {
        return None;
    }
    let command: Vec<&str> = path.iter().copied().chain([name]).collect();
    let command = command.join(" ");
    let mut tips = vec![format!(
        "`tw {command}` is a command of the existing CLI, which this tw does not have; `tw api` calls any path of the API"
    )];
    if let Some(program) = find() {
        let dots = match line.arguments.last().is_some_and(|last| last == name) {
            true => "",
            false => " …",
        };
        tips.push(format!(
            "the existing CLI is on this machine: `{} {command}{dots}`",
            quote(&program)
        ));
    }
    Some(tips)
}

/// Finds the existing CLI: the program that the configuration names, or another `tw` on PATH. It is named and never run.
fn find() -> Option<PathBuf> {
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
