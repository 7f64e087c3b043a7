//! Words that other programs use for the same thing.

/// Names of commands that mean about the same. A plugin has one of each row, and a user who knows another program types another.
const COMMANDS: &[&[&str]] = &[
    &["list", "ls", "dir", "all"],
    &[
        "delete",
        "remove",
        "rm",
        "del",
        "uninstall",
        "unset",
        "destroy",
    ],
    &[
        "view", "get", "show", "describe", "info", "inspect", "cat", "read",
    ],
    &["add", "create", "set", "new", "put", "insert", "install"],
    &[
        "update", "set", "edit", "change", "modify", "upgrade", "rotate",
    ],
    &["search", "find"],
];

/// Words that people type for a root option, or for an option that many commands have.
const OPTIONS: &[(&str, &[&str])] = &[
    ("output", &["format", "output-format", "out"]),
    (
        "access-token",
        &["token", "api-token", "pat", "auth", "api-key"],
    ),
    (
        "url",
        &[
            "endpoint",
            "api",
            "api-url",
            "base-url",
            "server",
            "host",
            "tower-url",
        ],
    ),
    ("verbose", &["debug", "trace"]),
    ("cacert", &["ca", "ca-cert", "ca-file", "ca-bundle"]),
    (
        "workspace",
        &["workspace-id", "workspace-name", "ws", "org-workspace"],
    ),
    ("overwrite", &["force", "replace", "update"]),
    ("yes", &["force", "assume-yes", "no-confirm", "y"]),
];

/// Returns the commands among the known ones that mean the same as this word.
pub(super) fn commands_for<'a>(word: &str, known: &[&'a str]) -> Vec<&'a str> {
    let synonyms: Vec<&str> = synonyms_of(word).collect();
    let known = known.iter().copied();
    known.filter(|name| synonyms.contains(name)).collect()
}

/// Returns the words that mean the same as this one.
pub(super) fn synonyms_of(word: &str) -> impl Iterator<Item = &'static str> + use<> {
    let rows = COMMANDS.iter().filter(move |row| row.contains(&word));
    let rows: Vec<&&[&str]> = rows.collect();
    rows.into_iter().flat_map(|row| row.iter().copied())
}

/// Returns the options that people mean by this word, without the hyphens.
pub(super) fn options_for(word: &str) -> impl Iterator<Item = &'static str> + use<> {
    let rows = OPTIONS
        .iter()
        .filter(move |(_, words)| words.contains(&word));
    let names: Vec<&str> = rows.map(|(option, _)| *option).collect();
    names.into_iter()
}
