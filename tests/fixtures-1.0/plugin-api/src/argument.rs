//! The declaration of one argument.

use std::fmt::Display;

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{ArgKind, PossibleValue, ValueKind};

use crate::{Candidate, Host, Result, completion::Completer};

/// The declaration of an argument. The derive [`Args`](derive@crate::Args) writes declarations for you; use this type
/// for arguments that are known only at run time.
///
/// Every method returns the changed declaration, so that calls can be chained:
///
/// ```
/// use tw_plugin_api::Arg;
///
/// Arg::option("max")
///     .short('m')
///     .long("max")
///     .integer()
///     .range(1, 1000)
///     .default_value("100")
///     .help("Maximum number of rows to show");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Arg {
    pub(crate) message: protocol::Arg,
    pub(crate) completer: Option<Completer>,
}

impl Arg {
    fn new(name: &str, kind: ArgKind) -> Self {
        Self {
            message: protocol::Arg {
                name: name.to_owned(),
                kind,
                ..Default::default()
            },
            completer: None,
        }
    }

    /// Declares an option with a value: `--name VALUE`. It needs a [`short`](Self::short) or a [`long`](Self::long)
    /// name; `name` is the key of its value in [`Values`](crate::Values).
    pub fn option(name: &str) -> Self {
        Self::new(name, ArgKind::Option)
    }

    /// Declares a flag, an option without a value: `--name`. It needs a [`short`](Self::short) or a
    /// [`long`](Self::long) name; `name` is the key of its value in [`Values`](crate::Values).
    pub fn flag(name: &str) -> Self {
        Self::new(name, ArgKind::Flag)
    }

    /// Declares a positional argument. The command line has the positional arguments in the order in which they were
    /// added to the command.
    pub fn positional(name: &str) -> Self {
        Self::new(name, ArgKind::Positional)
    }

    /// Returns the name: the key of the argument's value in [`Values`](crate::Values).
    pub fn name(&self) -> &str {
        &self.message.name
    }

    /// Makes the argument a flag, for a field of the type `bool`.
    pub(crate) fn into_flag(mut self) -> Self {
        self.message.kind = ArgKind::Flag;
        self
    }

    /// Sets the short name: `'n'` for `-n`.
    #[must_use]
    pub fn short(mut self, letter: char) -> Self {
        self.message.short = Some(letter);
        self
    }

    /// Sets the long name, without the hyphens: `"name"` for `--name`.
    #[must_use]
    pub fn long(mut self, word: &str) -> Self {
        self.message.long = Some(word.to_owned());
        self
    }

    /// Adds another long name, which help shows.
    #[must_use]
    pub fn alias(mut self, word: &str) -> Self {
        self.message.aliases.push(word.to_owned());
        self
    }

    /// Sets the placeholder for the value in help: `"FILE"` for `--input <FILE>`. Without it, help shows the
    /// argument's name in capitals.
    #[must_use]
    pub fn value_name(mut self, name: &str) -> Self {
        self.message.value_name = name.to_owned();
        self
    }

    /// Sets the line of help.
    #[must_use]
    pub fn help(mut self, text: &str) -> Self {
        self.message.help = text.to_owned();
        self
    }

    /// Sets a longer text, which only `--help` shows, after the line of help.
    #[must_use]
    pub fn details(mut self, text: &str) -> Self {
        self.message.details = text.to_owned();
        self
    }

    /// Makes the argument required. An argument with a [default](Self::default_value) stays optional.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.message.required = self.message.default.is_empty();
        self
    }

    /// Allows the argument several times. Its value is then a list: read it as a `Vec`.
    #[must_use]
    pub fn repeated(mut self) -> Self {
        self.message.repeated = true;
        self
    }

    /// Allows several values in one occurrence, separated by this character: `','` for `--tag a,b`. Makes the argument
    /// [`repeated`](Self::repeated).
    #[must_use]
    pub fn delimiter(mut self, delimiter: char) -> Self {
        self.message.delimiter = Some(delimiter);
        self.message.repeated = true;
        self
    }

    /// Makes the last positional argument take the rest of the command line, options included. Makes the argument
    /// [`repeated`](Self::repeated).
    #[must_use]
    pub fn trailing(mut self) -> Self {
        self.message.trailing = true;
        self.message.repeated = true;
        self
    }

    /// Sets the value for a command line without the argument, and makes the argument optional. For a
    /// [`repeated`](Self::repeated) argument, each call adds a value.
    #[must_use]
    pub fn default_value(mut self, value: &str) -> Self {
        self.message.default.push(value.to_owned());
        self.message.required = false;
        self
    }

    /// Names the plugin's setting that gives the value if neither the command line nor the environment does. The
    /// setting must have the type of the argument. It takes precedence over the [default](Self::default_value).
    #[must_use]
    pub fn default_from_config(mut self, setting: &str) -> Self {
        self.message.setting = setting.to_owned();
        self
    }

    /// Sets the environment variable that gives the value if the command line doesn't. An empty variable counts as
    /// unset.
    #[must_use]
    pub fn env(mut self, variable: &str) -> Self {
        self.message.env = Some(variable.to_owned());
        self
    }

    /// Adds a value to the list of accepted values, with its line of help. An argument without such a list accepts any
    /// value.
    #[must_use]
    pub fn possible(mut self, value: &str, help: &str) -> Self {
        self.message.possible.push(PossibleValue::new(value, help));
        self
    }

    /// Adds another text for the last [possible](Self::possible) value, which help doesn't show. The command gets the
    /// value as it was declared. Does nothing if there is no possible value.
    #[must_use]
    pub fn possible_alias(mut self, alias: &str) -> Self {
        if let Some(value) = self.message.possible.last_mut() {
            value.aliases.push(alias.to_owned());
        }
        self
    }

    /// Accepts the [possible](Self::possible) values in upper and lower case. The command gets the value as it was
    /// declared.
    #[must_use]
    pub fn ignore_case(mut self) -> Self {
        self.message.ignore_case = true;
        self
    }

    /// Accepts only 64-bit integers, negative ones included. Read the value as an `i64`, or as a smaller type whose limits are
    /// declared with [`range`](Self::range).
    #[must_use]
    pub fn integer(mut self) -> Self {
        self.message.value = ValueKind::Integer;
        self
    }

    /// Accepts only numbers, with or without a fraction. Read the value as an `f64`.
    #[must_use]
    pub fn float(mut self) -> Self {
        self.message.value = ValueKind::Float;
        self
    }

    /// Accepts texts of the operating system, which may not be UTF-8. Read the value as an `OsString`.
    #[must_use]
    pub fn os_text(mut self) -> Self {
        self.message.value = ValueKind::OsText;
        self
    }

    /// Accepts only `true` and `false`. Read the value as an `Option<bool>`.
    #[must_use]
    pub fn boolean(mut self) -> Self {
        self.message.value = ValueKind::Boolean;
        self
    }

    /// Accepts durations such as `90d`, `1h30m` or `500ms`. Read the value as a [`Duration`](std::time::Duration).
    #[must_use]
    pub fn duration(mut self) -> Self {
        self.message.value = ValueKind::Duration;
        self
    }

    /// Accepts sizes such as `10MiB`, `1.5GB` or `4096`. Read the value as a [`Size`](crate::Size).
    #[must_use]
    pub fn size(mut self) -> Self {
        self.message.value = ValueKind::Size;
        self
    }

    /// Accepts RFC 3339 times, dates (midnight in UTC), and ages such as `2d` (2 days ago). Read the value as a
    /// [`SystemTime`](std::time::SystemTime).
    #[must_use]
    pub fn time(mut self) -> Self {
        self.message.value = ValueKind::Time;
        self
    }

    /// Declares that the value is the path of a file, or `-` for standard input. Completion then offers files. Read the
    /// value as a [`Source`](crate::Source).
    #[must_use]
    pub fn source(mut self) -> Self {
        self.message.value = ValueKind::Source;
        self
    }

    /// Sets the smallest accepted integer, number, duration or size, as a user types it: `1`, `0.5`, `"1m"`, `"10MiB"`.
    #[must_use]
    pub fn min(mut self, limit: impl Display) -> Self {
        self.message.min = limit.to_string();
        self
    }

    /// Sets the largest accepted integer, number, duration or size, as a user types it.
    #[must_use]
    pub fn max(mut self, limit: impl Display) -> Self {
        self.message.max = limit.to_string();
        self
    }

    /// Sets the smallest and the largest accepted value, as [`min`](Self::min) and [`max`](Self::max) do.
    #[must_use]
    pub fn range(self, min: impl Display, max: impl Display) -> Self {
        self.min(min).max(max)
    }

    /// Declares that the value is the path of a file, which may not be UTF-8. Completion then offers files, not folders. The
    /// file may be missing. Read the value as a `PathBuf`.
    #[must_use]
    pub fn file(mut self) -> Self {
        self.message.value = ValueKind::File;
        self
    }

    /// Declares that the value is the path of a folder, which may not be UTF-8. Completion then offers folders. The folder
    /// may be missing. Read the value as a `PathBuf`.
    #[must_use]
    pub fn folder(mut self) -> Self {
        self.message.value = ValueKind::Folder;
        self
    }

    /// Declares that the value is the path of a file or a folder, which may not be UTF-8. Completion then offers both. Read
    /// the value as a `PathBuf`.
    #[must_use]
    pub fn path(mut self) -> Self {
        self.message.value = ValueKind::Path;
        self
    }

    /// Declares that the value is a workspace: a numeric identifier or `Organization/Workspace`.
    /// [`Host::workspace`](crate::Host::workspace) returns the workspace that the value names.
    #[must_use]
    pub fn workspace(mut self) -> Self {
        self.message.value = ValueKind::Workspace;
        self
    }

    /// Refuses a command line with both this argument and the argument `name`.
    #[must_use]
    pub fn conflicts(mut self, name: &str) -> Self {
        self.message.conflicts.push(name.to_owned());
        self
    }

    /// Refuses a command line with this argument and without the argument `name`.
    #[must_use]
    pub fn requires(mut self, name: &str) -> Self {
        self.message.requires.push(name.to_owned());
        self
    }

    /// Leaves the argument out of help and completion.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.message.hidden = true;
        self
    }

    /// Declares that the value is a secret. The host redacts it in logs and in messages.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.message.sensitive = true;
        self
    }

    /// Completes values of the argument while a user types the command line. `complete` gets the part of the value that
    /// was typed, and returns the values; the host leaves out those that don't begin with that part.
    ///
    /// The user waits, so the host gives up after 800 milliseconds, and shows no failure. It remembers the values for a
    /// few seconds. The function can call the services that the plugin [uses](crate::Plugin::uses), and reads the
    /// arguments before the value with [`Host::shared`](crate::Host::shared) and
    /// [`Host::workspace`](crate::Host::workspace).
    ///
    /// ```
    /// use tw_plugin_api::{Arg, Candidate, prelude::*};
    ///
    /// fn complete_pets(_: &str, host: &Host) -> Result<Vec<Candidate>> {
    ///     let pets: Vec<String> = host.http().get("/pets").send()?.ok()?.json()?;
    ///     Ok(pets.iter().map(|name| Candidate::new(name).help("a pet")).collect())
    /// }
    ///
    /// Arg::option("pet").long("pet").complete(complete_pets);
    /// ```
    #[must_use]
    pub fn complete<I: IntoIterator<Item: Into<Candidate>>>(
        mut self,
        complete: impl Fn(&str, &Host) -> Result<I> + Send + Sync + 'static,
    ) -> Self {
        self.message.completes = true;
        self.completer = Some(Completer::new(complete));
        self
    }
}
