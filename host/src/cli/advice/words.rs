//! Words that other programs use for the same thing.

use tw_plugin_protocol::ValueKind;

use super::legacy;

/// Names of commands that mean about the same, with the best first, and what the best one is for. A user who knows another program types another name.
const COMMANDS: &[(&[&str], &str)] = &[
    (&["list", "ls", "dir", "all"], "for the list"),
    (
        &[
            "delete",
            "remove",
            "rm",
            "del",
            "uninstall",
            "unset",
            "destroy",
        ],
        "to delete",
    ),
    (
        &[
            "view", "get", "show", "describe", "info", "inspect", "cat", "read",
        ],
        "to look at one",
    ),
    (
        &["add", "create", "set", "new", "put", "insert", "install"],
        "for a new one",
    ),
    (
        &[
            "update", "set", "edit", "change", "modify", "upgrade", "rotate",
        ],
        "for one that exists",
    ),
    (&["search", "find"], "to search"),
];

/// Other verbs that programs have as commands. Such a word is no typing error.
const VERBS: &[&str] = &[
    "browse", "clone", "copy", "cp", "disable", "enable", "move", "mv", "open", "print", "pull",
    "push", "refresh", "rename", "restart", "restore", "revoke", "run", "start", "stop",
];

/// The groups of the bundled plugins, whose names are plurals as most names in the existing CLI.
const GROUPS: [&str; 3] = ["organizations", "secrets", "workspaces"];

/// Words for the groups of commands that are no other form of their names.
const NOUNS: &[(&str, &[&str])] = &[
    ("organizations", &["org", "orgs"]),
    ("workspaces", &["ws"]),
    ("managed-identities", &["managed-identity"]),
];

/// The commands of the bundled plugins.
const BUNDLED: &[(&str, &str)] = &[
    ("api", "rest"),
    ("organizations", "workspaces"),
    ("secrets", "secrets"),
    ("workspaces", "workspaces"),
];

/// Words for the topics of help.
const TOPICS: &[(&str, &[&str])] = &[
    (
        "options",
        &["flags", "format", "formats", "global", "output", "globals"],
    ),
    ("environment", &["variables", "variable", "vars"]),
    (
        "exit-codes",
        &[
            "code", "codes", "error", "errors", "exit", "exitcode", "status",
        ],
    ),
];

/// Words for formats.
const FORMATS: &[(&str, &[&str])] = &[
    (
        "console",
        &["human", "plain", "pretty", "table", "text", "txt"],
    ),
    ("yaml", &["yml"]),
    ("jsonl", &["json-lines", "jsonlines", "ndjson"]),
    ("tsv", &["tab", "tabs"]),
];

/// Options of other programs for a file that a command here takes without an option.
pub(super) const FILE_OPTIONS: &[&str] = &["f", "file", "from-file", "i", "input", "path"];

/// Options of other programs for one command, and what to write here.
const HABITS: &[(&[&str], &[&str], &str)] = &[
    (
        &["api"],
        &["X", "method", "request"],
        "the method stands before the path: `tw api POST /path`",
    ),
    (
        &["api"],
        &["body", "d", "data", "data-binary", "data-raw"],
        "use `-f KEY=VALUE` for a field of the body, or `--input FILE` for the whole body",
    ),
    (&["api"], &["O", "remote-name"], "use `--output-file FILE`"),
    (
        &["api"],
        &["json"],
        "use `-F KEY=VALUE` for a field, or `--input FILE` for JSON",
    ),
    (
        &["api"],
        &["p", "preview", "template"],
        "use `--jq EXPR` to choose a part of the answer",
    ),
];

/// The keys of a profile, and the options that stand for them on a command line.
const KEYS: &[(&str, &[&str])] = &[
    ("endpoint=URL", &["u", "url", "endpoint"]),
    (
        "workspace=ORGANIZATION/WORKSPACE",
        &["w", "workspace", "workspace-id"],
    ),
    ("output=FORMAT", &["o", "output", "format"]),
    ("cacert=FILE", &["cacert"]),
    ("client-cert=FILE", &["client-cert"]),
    ("client-key=FILE", &["client-key"]),
    ("http.connect-timeout=SECONDS", &["connect-timeout"]),
    ("http.read-timeout=SECONDS", &["read-timeout"]),
    ("http.retries=N", &["retries"]),
    ("http.rate=N", &["rate"]),
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
    (&["install"], "plugin install"),
    (&["config", "list"], "config show"),
    (&["config", "ls"], "config show"),
    (&["config", "use"], "profile use"),
    (&["config", "use-context"], "profile use"),
    (&["config", "profiles"], "profile list"),
    (&["profile", "switch"], "profile use"),
    (&["profile", "select"], "profile use"),
    (&["token", "show"], "token status"),
    (&["token", "view"], "token status"),
    (&["token", "get"], "token status"),
    (&["token", "info"], "token status"),
    (&["token", "check"], "token status"),
    (&["token", "create"], "login"),
    (&["token", "new"], "login"),
    (&["token", "add"], "login"),
    (&["token", "set"], "login"),
    (&["token", "refresh"], "login"),
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
    ("quiet", &["silent", "s"]),
    ("color never", &["no-color", "no-colour", "nocolor"]),
    ("color", &["colour", "colors"]),
    ("no-headers", &["no-header", "noheader", "skip-headers"]),
    (
        "filter",
        &["name", "names", "match", "pattern", "grep", "search"],
    ),
    ("cacert", &["ca", "ca-cert", "ca-file", "ca-bundle"]),
    (
        "workspace",
        &["workspace-id", "workspace-name", "ws", "org-workspace"],
    ),
    ("overwrite", &["force", "replace", "update"]),
    ("yes", &["force", "assume-yes", "no-confirm", "y"]),
];

/// Returns the known commands that are synonyms of a word: the best one for each meaning of the word, and what it is for.
pub(super) fn commands_for<'a>(word: &str, known: &[&'a str]) -> Vec<(&'a str, &'static str)> {
    let rows = COMMANDS.iter().filter(|(row, _)| row.contains(&word));
    let best = |(row, purpose): &(&[&str], &'static str)| {
        let mut names = row.iter();
        let name = names.find_map(|name| known.iter().copied().find(|known| known == name));
        Some((name?, *purpose))
    };
    let mut found: Vec<(&str, &str)> = rows.filter_map(best).collect();
    found.dedup_by_key(|(name, _)| *name);
    found
}

/// True if a command of this name shows something.
pub(super) fn is_question(word: &str) -> bool {
    let mut rows = COMMANDS.iter().filter(|(row, _)| row.contains(&word));
    rows.any(|(row, _)| matches!(row[0], "list" | "view"))
}

/// True if the word is a command of many programs.
pub(super) fn is_verb(word: &str) -> bool {
    VERBS.contains(&word) || COMMANDS.iter().any(|(row, _)| row.contains(&word))
}

/// Returns a noun and its other forms.
pub(in crate::cli) fn nouns(word: &str) -> impl Iterator<Item = &str> {
    let rows = NOUNS.iter().filter(move |(_, words)| words.contains(&word));
    let known = legacy::COMMANDS.iter().copied().chain(GROUPS);
    let known = known.filter(move |name| name.strip_suffix('s') == Some(word));
    std::iter::once(word)
        .chain(word.strip_suffix('s'))
        .chain(known)
        .chain(rows.map(|(name, _)| *name))
}

/// True if the noun differs from the name of its group by more than the plural.
pub(super) fn is_irregular(word: &str) -> bool {
    NOUNS.iter().any(|(_, words)| words.contains(&word))
}

/// Returns the bundled plugin that has this command. `None` if no bundled plugin has it.
pub(super) fn bundled_plugin_of(command: &str) -> Option<&'static str> {
    find_exact(BUNDLED, command)
}

fn find_exact(table: &'static [(&'static str, &'static str)], word: &str) -> Option<&'static str> {
    let found = table.iter().find(|(name, _)| *name == word);
    found.map(|(_, value)| *value)
}

/// Returns the first word of the row that has this word.
fn find_row(
    table: &'static [(&'static str, &'static [&'static str])],
    word: &str,
) -> Option<&'static str> {
    let found = table.iter().find(|(_, words)| words.contains(&word));
    found.map(|(name, _)| *name)
}

/// Returns the topic of help that people mean by this word.
pub(super) fn topic_for(word: &str) -> Option<&'static str> {
    find_row(TOPICS, word)
}

/// Returns the format that people mean by this word.
pub(super) fn format_for(word: &str) -> Option<&'static str> {
    find_row(FORMATS, word)
}

/// Returns the assignment of a key of a profile that stands for an option, as it was typed.
pub(super) fn key_of_option(typed: &str) -> Option<&'static str> {
    let word = typed.trim_start_matches('-');
    find_row(KEYS, word.split('=').next().unwrap_or(word))
}

/// Returns what to write for an option of another program. `None` if nothing is known about the option of this command.
pub(super) fn habit(path: &[&str], option: &str) -> Option<&'static str> {
    let mut habits = HABITS.iter();
    let found = habits.find(|(command, words, _)| *command == path && words.contains(&option));
    found.map(|(_, _, tip)| *tip)
}

/// Returns the digits of a number that is written for people: `#1001` or `1,001`. `None` if it is no number.
pub(super) fn to_number(word: &str) -> Option<String> {
    let digits = word.strip_prefix('#').unwrap_or(word).replace(',', "");
    digits.parse::<i64>().ok().map(|number| number.to_string())
}

/// True if a value of this kind is a file.
pub(super) fn is_file(kind: ValueKind) -> bool {
    matches!(kind, ValueKind::File | ValueKind::Source | ValueKind::Path)
}

/// Returns the options that people mean by this word, without the hyphens.
pub(super) fn options_for(word: &str) -> impl Iterator<Item = &'static str> + use<> {
    let rows = OPTIONS
        .iter()
        .filter(move |(_, words)| words.contains(&word));
    let names: Vec<&str> = rows.map(|(option, _)| *option).collect();
    names.into_iter()
}
