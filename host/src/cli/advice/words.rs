//! Words that other programs use for the same thing.

/// Names of commands that mean about the same, with the best first. A user who knows another program types another.
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

/// Command lines of other programs, and the command here that does the same. The first that a line begins with counts.
const PHRASES: &[(&[&str], &str)] = &[
    (&["auth", "login"], "login"),
    (&["auth", "logout"], "logout"),
    (&["auth", "list"], "profile list"),
    (&["auth", "switch"], "profile use"),
    (&["auth"], "token status"),
    (&["signin"], "login"),
    (&["signout"], "logout"),
    (&["me"], "whoami"),
    (&["user"], "whoami"),
    (&["status"], "token status"),
    (&["check"], "doctor"),
    (&["diagnose"], "doctor"),
    (&["profiles"], "profile list"),
    (&["contexts"], "profile list"),
    (&["context"], "profile"),
    (&["switch"], "profile use"),
    (&["use"], "profile use"),
    (&["man"], "help"),
    (&["version"], "--version"),
    (&["config", "list"], "config show"),
    (&["config", "ls"], "config show"),
    (&["config", "use"], "profile use"),
    (&["config", "use-context"], "profile use"),
    (&["config", "profiles"], "profile list"),
    (&["profile", "switch"], "profile use"),
    (&["profile", "select"], "profile use"),
];

/// Returns the command that people mean by a line that begins with these words. `None` if no line of another program is known to begin so.
pub(super) fn command_for(words: &[&str]) -> Option<&'static str> {
    let mut phrases = PHRASES.iter();
    let found = phrases.find(|(phrase, _)| words.starts_with(phrase));
    found.map(|(_, command)| *command)
}

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

/// Returns the known commands that are synonyms of a word: the best one for each meaning of the word.
pub(super) fn commands_for<'a>(word: &str, known: &[&'a str]) -> Vec<&'a str> {
    let rows = COMMANDS.iter().filter(|row| row.contains(&word));
    let best = |row: &&[&str]| {
        let mut names = row.iter();
        names.find_map(|name| known.iter().copied().find(|known| known == name))
    };
    let mut found: Vec<&str> = rows.filter_map(best).collect();
    found.dedup();
    found
}

/// Returns the synonyms of a word, and the word itself.
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
