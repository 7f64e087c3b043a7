//! How a plugin registers: groups and commands.

use std::sync::Arc;

use tw_plugin_protocol as protocol;

use crate::{Arg, Args, Host, Output, Result, Values, workspace};

pub(crate) type Handler = Arc<dyn Fn(Values, &Host) -> Result<Output> + Send + Sync>;

/// A command: a name, its arguments, and the function that runs it.
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
/// Command::new("count", count).alias("letters").example("tw count nextflow", "eight of them");
/// ```
#[derive(Clone)]
pub struct Command {
    pub(crate) message: protocol::Command,
    pub(crate) handler: Handler,
}

impl Command {
    /// A command of this name, which runs this function. Its arguments and its help come from the function's first
    /// parameter, a type with the derive [`Args`](derive@crate::Args).
    pub fn new<A: Args>(
        name: &str,
        run: impl Fn(A, &Host) -> Result<Output> + Send + Sync + 'static,
    ) -> Self {
        let handler: Handler =
            Arc::new(move |mut values, host| run(A::from_values(&mut values)?, host));
        let this = Self::of(name, A::args(), A::exactly_one_of(), handler);
        this.about(A::about()).details(A::details())
    }

    /// What is the same whatever the arguments are: once in a library.
    #[inline(never)]
    fn of(name: &str, args: Vec<Arg>, exactly_one_of: Vec<Vec<String>>, handler: Handler) -> Self {
        Self {
            message: protocol::Command {
                name: name.to_owned(),
                args: args.into_iter().map(|arg| arg.0).collect(),
                exactly_one_of,
                ..Default::default()
            },
            handler,
        }
    }

    /// One line on what it does, in place of the doc comment's.
    #[must_use]
    pub fn about(mut self, text: &str) -> Self {
        self.message.about = text.to_owned();
        self
    }

    /// What else there is to say, in place of the doc comment's.
    #[must_use]
    pub fn details(mut self, text: &str) -> Self {
        self.message.details = text.to_owned();
        self
    }

    /// One more name that means the same.
    #[must_use]
    pub fn alias(mut self, name: &str) -> Self {
        self.message.aliases.push(name.to_owned());
        self
    }

    /// One more argument, built by hand.
    #[must_use]
    pub fn arg(mut self, arg: Arg) -> Self {
        self.message.args.push(arg.0);
        self
    }

    /// Exactly one of these arguments must be given.
    #[must_use]
    pub fn exactly_one_of<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.message
            .exactly_one_of
            .push(names.into_iter().map(str::to_owned).collect());
        self
    }

    /// A whole command line that works, from `tw` on, and what it does. Help shows it.
    #[must_use]
    pub fn example(mut self, command: &str, about: &str) -> Self {
        self.message.examples.push(protocol::Example {
            command: command.to_owned(),
            about: about.to_owned(),
        });
        self
    }

    /// Help and completion leave it out.
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

/// A group of commands under a name, with the options that they share. Groups nest.
///
/// ```
/// use tw_plugin_api::prelude::*;
///
/// fn list(_: (), host: &Host) -> Result<Output> {
///     let workspace = host.workspace()?;
///     Output::message(&json!({}), &format!("Nothing at {} workspace", workspace.reference()))
/// }
///
/// Group::new("datasets", "Work with datasets")
///     .workspace_option()
///     .command(Command::new("list", list).about("List what there is"));
/// ```
#[derive(Debug, Clone)]
pub struct Group {
    pub(crate) message: protocol::Command,
    pub(crate) commands: Vec<Command>,
    pub(crate) groups: Vec<Group>,
}

impl Group {
    /// A group of this name, with a line on what it is for.
    pub fn new(name: &str, about: &str) -> Self {
        Self {
            message: protocol::Command {
                name: name.to_owned(),
                about: about.to_owned(),
                ..Default::default()
            },
            commands: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// What else there is to say.
    #[must_use]
    pub fn details(mut self, text: &str) -> Self {
        self.message.details = text.to_owned();
        self
    }

    /// One more name that means the same.
    #[must_use]
    pub fn alias(mut self, name: &str) -> Self {
        self.message.aliases.push(name.to_owned());
        self
    }

    /// Gives every command below the option `-w/--workspace` (`TOWER_WORKSPACE_ID`); [`Host::workspace`] is what it came to.
    #[must_use]
    pub fn workspace_option(self) -> Self {
        self.shared_arg(workspace::option())
    }

    /// Gives every command below these arguments; [`Host::shared`] has their values.
    #[must_use]
    pub fn shared<A: Args>(self) -> Self {
        A::args().into_iter().fold(self, Self::shared_arg)
    }

    /// Gives every command below this argument.
    #[must_use]
    pub fn shared_arg(mut self, arg: Arg) -> Self {
        self.message.shared.push(arg.0);
        self
    }

    /// Adds a command.
    #[must_use]
    pub fn command(mut self, command: Command) -> Self {
        self.commands.push(command);
        self
    }

    /// Adds a group below this one.
    #[must_use]
    pub fn group(mut self, group: Group) -> Self {
        self.groups.push(group);
        self
    }

    /// Help and completion leave it out.
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

    pub(crate) fn find(&self, path: &[String]) -> Option<&Handler> {
        let (first, rest) = path.split_first()?;
        if rest.is_empty()
            && let Some(command) = self.commands.iter().find(|c| c.message.name == *first)
        {
            return Some(&command.handler);
        }
        self.groups
            .iter()
            .find(|g| g.message.name == *first)?
            .find(rest)
    }
}
