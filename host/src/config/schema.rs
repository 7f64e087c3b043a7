//! The schema of `config.toml`. Each key is declared once, with its type, and with the option and the variable that take precedence over the key.

use super::{
    kind::Kind,
    options::{self, DEFAULT_ENDPOINT},
};

/// A key of the configuration.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    /// The id and the long name of the root option that takes precedence over the key. `None` if there is no such option.
    pub(crate) option: Option<(&'static str, &'static str)>,
    /// The environment variable that takes precedence over the key. `None` if there is no such variable.
    pub(crate) variable: Option<&'static str>,
    /// The value if no one has set the key. `None` if there is no such value.
    pub(crate) default: Option<&'static str>,
}

/// The form of a key's value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    Value(Kind),
    /// A section with these keys.
    Section(&'static [Key]),
    /// Sections with names that the user chooses, each with these keys: `[external.NAME]`.
    Named(&'static [Key]),
    /// Texts with names that the user chooses.
    Texts,
    /// The sections of plugins: each plugin declares the keys of its own section.
    Plugins,
}

impl Key {
    /// True if the key has a value, and is no section.
    pub(crate) fn is_value(&self) -> bool {
        matches!(self.shape, Shape::Value(_))
    }

    const fn new(name: &'static str, shape: Shape) -> Self {
        Self {
            name,
            shape,
            option: None,
            variable: None,
            default: None,
        }
    }

    const fn value(name: &'static str, kind: Kind) -> Self {
        Self::new(name, Shape::Value(kind))
    }

    /// Sets the root option. It has the name of the key, unless the key is older.
    const fn option(mut self, id: &'static str, long: &'static str) -> Self {
        self.option = Some((id, long));
        self
    }

    const fn variable(mut self, name: &'static str) -> Self {
        self.variable = Some(name);
        self
    }

    const fn default(mut self, text: &'static str) -> Self {
        self.default = Some(text);
        self
    }
}

/// The keys that stand at the top level and in each profile.
///
/// There is no key for `--insecure`: a file that allows plain http would do so silently for every later command, and the token would cross the
/// network unencrypted.
pub(crate) const SETTINGS: &[Key] = &[
    Key::value("endpoint", Kind::Endpoint)
        .option(options::URL, "url")
        .variable("TOWER_API_ENDPOINT")
        .default(DEFAULT_ENDPOINT),
    Key::value("workspace", Kind::Workspace).variable("TOWER_WORKSPACE_ID"),
    Key::value("output", Kind::Format)
        .option(options::OUTPUT, "output")
        .variable("TOWER_CLI_OUTPUT_FORMAT")
        .default("console"),
    Key::value("token-file", Kind::Path).variable("TOWER_ACCESS_TOKEN_FILE"),
    Key::value("cacert", Kind::Path)
        .option(options::CACERT, "cacert")
        .variable("TW_CACERT"),
    Key::value("client-cert", Kind::Path)
        .option(options::CLIENT_CERT, "client-cert")
        .variable("TW_CLIENT_CERT"),
    Key::value("client-key", Kind::Path)
        .option(options::CLIENT_KEY, "client-key")
        .variable("TW_CLIENT_KEY"),
    Key::value("proxy", Kind::Proxy),
    Key::new("http", Shape::Section(HTTP)),
];

const HTTP: &[Key] = &[
    Key::value("connect-timeout", Kind::Seconds)
        .option(options::CONNECT_TIMEOUT, "connect-timeout")
        .default("10"),
    Key::value("read-timeout", Kind::Seconds)
        .option(options::READ_TIMEOUT, "read-timeout")
        .default("60"),
    Key::value("retries", Kind::Retries)
        .option(options::RETRIES, "retries")
        .default("3"),
    Key::value("rate", Kind::Rate).option(options::RATE, "rate"),
];

/// The keys that stand at the top level only.
pub(crate) const TOP_LEVEL: &[Key] = &[
    Key::value(DEFAULT_PROFILE, Kind::Profile)
        .option(options::PROFILE, "profile")
        .variable("TW_PROFILE"),
    Key::new(PROFILE, Shape::Named(SETTINGS)),
    Key::new("external", Shape::Named(EXTERNAL)),
    Key::new("registry", Shape::Named(REGISTRY)),
    Key::new("plugin", Shape::Plugins),
    Key::new("alias", Shape::Texts),
    Key::value("legacy-command", Kind::Path),
];

/// The section of the profiles.
pub(crate) const PROFILE: &str = "profile";

/// The key that names the profile in use. `profile` can't be this key, because TOML has no key that is a text and a section.
pub(crate) const DEFAULT_PROFILE: &str = "default-profile";

const EXTERNAL: &[Key] = &[Key::value("token", Kind::Flag)];

const REGISTRY: &[Key] = &[
    Key::value("plain-http", Kind::Flag),
    Key::value("realm", Kind::Text),
];

/// Returns the keys of the top level of a file.
pub(crate) fn root() -> Vec<&'static Key> {
    SETTINGS.iter().chain(TOP_LEVEL).collect()
}

/// Returns the settings, each with the path of its key.
pub(crate) fn settings() -> impl Iterator<Item = (Vec<&'static str>, &'static Key)> {
    SETTINGS.iter().flat_map(|key| match key.shape {
        Shape::Section(keys) => keys
            .iter()
            .map(|below| (vec![key.name, below.name], below))
            .collect(),
        _ => vec![(vec![key.name], key)],
    })
}

/// Returns the setting with this path: `http.retries`. `None` if there is none.
pub(crate) fn setting(path: &str) -> Option<(Vec<&'static str>, &'static Key)> {
    settings().find(|(keys, _)| keys.join(".") == path)
}
