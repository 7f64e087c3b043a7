//! Commands and groups of commands, as a plugin registers them.

use std::sync::Arc;

use tw_plugin_protocol as protocol;

use crate::{Arg, Args, Host, Output, Result, Values, completion::Completer, workspace};

pub(crate) type Handler = Arc<dyn Fn(Values, &Host) -> Result<Output> + Send + Sync>;

/// A command: its name, its arguments, and the function that runs it.
///
/// ```
/// use tw_plugin_api::prelude::*;
///
/// /// Count the letters of a word
/// #[derive(Args)]
/// struct Count {
///     /// The word
///     word: String,
/// }
///
/// fn count(args: Count, _: &Host) -> Result<Output> {
///     let letters = args.word.chars().count();
///     Output::message(&json!({ "letters": letters }), &format!("{letters} letters"))
/// }
///
/// Command::new("count", count).alias("letters").example("tw count nextflow", "count to eight");
/// ```
#[derive(Clone)]
pub struct Command {
    pub(crate) message: protocol::Command,
    pub(crate) handler: Handler,
    completers: Completers,
}

/// The functions that complete values, by the name of the argument.
type Completers = Vec<(String, Completer)>;

/// Takes the message out of a declaration, and its function into `completers`.
fn take_message(arg: Arg, completers: &mut Completers) -> protocol::Arg {
    completers.extend(
        arg.completer
            .map(|completer| (arg.message.name.clone(), completer)),
    );
    arg.message
}

fn find_completer<'a>(completers: &'a Completers, name: &str) -> Option<&'a Completer> {
    let mut named = completers.iter().filter(|(argument, _)| argument == name);
    named.next().map(|(_, completer)| completer)
}

impl Command {
    /// Creates the command `name`, which calls `run` with its arguments and the host.
    ///
    /// The type of the first parameter of `run` declares the arguments and the help: a struct with the derive
    /// [`Args`](derive@crate::Args), `()` for no arguments, or [`Values`] for arguments added with [`arg`](Self::arg).
    pub fn new<A: Args>(
        name: &str,
        run: impl Fn(A, &Host) -> Result<Output> + Send + Sync + 'static,
    ) -> Self {
        let command = Self {
            message: protocol::Command {
                name: name.to_owned(),
                about: A::about().to_owned(),
                details: A::details().to_owned(),
                exactly_one_of: A::exactly_one_of(),
                ..Default::default()
            },
            handler: Arc::new(move |mut values, host| run(A::from_values(&mut values)?, host)),
            completers: Vec::new(),
        };
        A::args().into_iter().fold(command, Self::arg)
    }

    /// Sets the line that says what the command does. Replaces the line from the doc comment of the arguments.
    #[must_use]
    pub fn about(mut self, text: &str) -> Self {
        self.message.about = text.to_owned();
        self
    }

    /// Sets a longer text, which only `--help` shows, below the line of [`about`](Self::about). Replaces the text from
    /// the doc comment of the arguments.
    #[must_use]
    pub fn details(mut self, text: &str) -> Self {
        self.message.details = text.to_owned();
        self
    }

    /// Adds another name for the command, which help shows.
    #[must_use]
    pub fn alias(mut self, name: &str) -> Self {
        self.message.aliases.push(name.to_owned());
        self
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: Arg) -> Self {
        let arg = take_message(arg, &mut self.completers);
        self.message.args.push(arg);
        self
    }

    /// Adds the option `-w`/`--workspace` with the environment variable `TOWER_WORKSPACE_ID`, for a command without a group.
    /// [`Host::workspace`] returns the workspace that the option names.
    ///
    /// ```
    /// use tw_plugin_api::prelude::*;
    ///
    /// fn launch(_: (), host: &Host) -> Result<Output> {
    ///     let workspace = host.workspace()?;
    ///     Output::message(&json!({}), &format!("Launched at {} workspace", workspace.reference()))
    /// }
    ///
    /// Command::new("launch", launch).workspace_option();
    /// ```
    #[must_use]
    pub fn workspace_option(self) -> Self {
        self.arg(workspace::option())
    }

    /// Requires exactly one of the arguments with these names. A plugin can call this several times, for several sets.
    #[must_use]
    pub fn exactly_one_of<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.message
            .exactly_one_of
            .push(names.into_iter().map(str::to_owned).collect());
        self
    }

    /// Adds an example to the help: a complete command line that begins with `tw`, and what it does.
    #[must_use]
    pub fn example(mut self, command: &str, about: &str) -> Self {
        self.message.examples.push(protocol::Example {
            command: command.to_owned(),
            about: about.to_owned(),
            ..Default::default()
        });
        self
    }

    /// Leaves the command out of help and completion.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.message.hidden = true;
        self
    }
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Command").field(&self.message.name).finish()
    }
}

/// A group of commands and of other groups, with the arguments that they share.
///
/// ```
/// use tw_plugin_api::prelude::*;
///
/// fn list(_: (), host: &Host) -> Result<Output> {
///     let workspace = host.workspace()?;
///     Output::message(&json!([]), &format!("No datasets at {} workspace", workspace.reference()))
/// }
///
/// Group::new("datasets", "Manage datasets")
///     .workspace_option()
///     .command(Command::new("list", list).about("List datasets"));
/// ```
#[derive(Debug, Clone)]
pub struct Group {
    pub(crate) message: protocol::Command,
    pub(crate) commands: Vec<Command>,
    pub(crate) groups: Vec<Group>,
    pub(crate) completers: Completers,
}

impl Group {
    /// Creates an empty group, with the line that help shows for it.
    pub fn new(name: &str, about: &str) -> Self {
        Self {
            message: protocol::Command {
                name: name.to_owned(),
                about: about.to_owned(),
                ..Default::default()
            },
            commands: Vec::new(),
            groups: Vec::new(),
            completers: Vec::new(),
        }
    }

    /// Sets a longer text, which only `--help` shows, below the line of help.
    #[must_use]
    pub fn details(mut self, text: &str) -> Self {
        self.message.details = text.to_owned();
        self
    }

    /// Adds another name for the group, which help shows.
    #[must_use]
    pub fn alias(mut self, name: &str) -> Self {
        self.message.aliases.push(name.to_owned());
        self
    }

    /// Adds the option `-w`/`--workspace` with the environment variable `TOWER_WORKSPACE_ID` to every command below the
    /// group. [`Host::workspace`] returns the workspace that the option names.
    #[must_use]
    pub fn workspace_option(self) -> Self {
        self.shared_arg(workspace::option())
    }

    /// Adds the arguments of the type `A` to every command below the group. [`Host::shared`] returns their values.
    ///
    /// ```
    /// use tw_plugin_api::prelude::*;
    ///
    /// #[derive(Args)]
    /// struct Page {
    ///     /// Maximum number of rows to show
    ///     #[arg(long, default = "100")]
    ///     max: i64,
    /// }
    ///
    /// fn list(_: (), host: &Host) -> Result<Output> {
    ///     let page: Page = host.shared()?;
    ///     Output::message(&json!([]), &format!("the first {}", page.max))
    /// }
    ///
    /// Group::new("runs", "Manage runs").shared::<Page>().command(Command::new("list", list));
    /// ```
    #[must_use]
    pub fn shared<A: Args>(self) -> Self {
        A::args().into_iter().fold(self, Self::shared_arg)
    }

    /// Adds an argument to every command below the group. [`Host::shared`] returns its value.
    #[must_use]
    pub fn shared_arg(mut self, arg: Arg) -> Self {
        let arg = take_message(arg, &mut self.completers);
        self.message.shared.push(arg);
        self
    }

    /// Adds a command.
    #[must_use]
    pub fn command(mut self, command: Command) -> Self {
        self.commands.push(command);
        self
    }

    /// Adds a group below this group.
    #[must_use]
    pub fn group(mut self, group: Group) -> Self {
        self.groups.push(group);
        self
    }

    /// Leaves the group out of help and completion.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.message.hidden = true;
        self
    }

    pub(crate) fn into_message(self) -> protocol::Command {
        let commands = self.commands.into_iter().map(|command| command.message);
        let groups = self.groups.into_iter().map(Self::into_message);
        protocol::Command {
            subcommands: commands.chain(groups).collect(),
            ..self.message
        }
    }

    /// Finds the command at this path of names below the group. The host has replaced aliases with names. `None` if
    /// there is no such command.
    pub(crate) fn find(&self, path: &[String]) -> Option<&Command> {
        let (first, rest) = path.split_first()?;
        let command = self.commands.iter().find(|c| c.message.name == *first);
        match command.filter(|_| rest.is_empty()) {
            Some(command) => Some(command),
            None => self.group_named(first)?.find(rest),
        }
    }

    /// Finds the function that completes this argument of the command at this path. `None` if no argument of this name
    /// is completed by the plugin.
    pub(crate) fn find_completer(&self, path: &[String], name: &str) -> Option<&Completer> {
        let of_command = || find_completer(&self.find(path)?.completers, name);
        let below = || {
            let (first, rest) = path.split_first()?;
            self.group_named(first)?.find_completer(rest, name)
        };
        let shared = find_completer(&self.completers, name);
        shared.or_else(of_command).or_else(below)
    }

    fn group_named(&self, name: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.message.name == name)
    }
}
