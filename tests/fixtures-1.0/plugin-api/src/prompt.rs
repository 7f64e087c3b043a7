//! Questions to the user.

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{
    ChoosePrompt, ConfirmPrompt, EditPrompt, Empty, PasswordPrompt, TextPrompt,
};

use crate::{Error, ErrorKind, Host, Result, Secret};

/// The prompts of the host, from [`Host::prompt`].
///
/// The host asks on standard error and reads from standard input. If one of them is not a terminal, every question
/// fails with [`ErrorKind::NotInteractive`], so that a script doesn't hang.
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// # fn run(host: &Host) -> Result<()> {
/// if !host.prompt().confirm("Delete 3 datasets?", false)? {
///     return Err(Error::failure("nothing was deleted"));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Prompt<'a>(pub(crate) &'a Host);

impl Prompt<'_> {
    /// Returns true if there is a terminal to ask on.
    ///
    /// # Errors
    /// If the plugin doesn't declare [`Service::Prompt`](crate::Service::Prompt), or if the run has ended.
    pub fn is_interactive(&self) -> Result<bool> {
        self.0
            .ask::<protocol::PromptInteractive>(&Empty {})
            .map(|reply| reply.interactive)
    }

    /// Asks for a line of text. If the user just presses Enter, the answer is `default`, or an empty text if `default`
    /// is `None`.
    ///
    /// # Errors
    /// If there is no terminal, or if the user presses Ctrl-C.
    pub fn text(&self, message: &str, default: Option<&str>) -> Result<String> {
        let prompt = TextPrompt {
            message: message.to_owned(),
            default: default.map(str::to_owned),
            ..Default::default()
        };
        self.0
            .ask::<protocol::PromptText>(&prompt)
            .map(|reply| reply.text)
    }

    /// Asks for a secret, without showing what the user types. `again` is the question that asks for the secret a
    /// second time; the host repeats both questions until the two answers are equal.
    ///
    /// # Errors
    /// If there is no terminal, if the user presses Ctrl-C, or if the answer is empty.
    pub fn secret(&self, message: &str, again: Option<&str>) -> Result<Secret> {
        let prompt = PasswordPrompt {
            message: message.to_owned(),
            again: again.map(str::to_owned),
            ..Default::default()
        };
        let (_, body) = self.0.call::<protocol::PromptPassword>(&prompt, &[])?;
        let text = String::from_utf8(body);
        text.map(Secret::new)
            .map_err(|_| Error::new(ErrorKind::Input, "the typed text is not UTF-8"))
    }

    /// Asks a yes-or-no question. If the user just presses Enter, the answer is `default`.
    ///
    /// # Errors
    /// If there is no terminal, or if the user presses Ctrl-C.
    pub fn confirm(&self, message: &str, default: bool) -> Result<bool> {
        let prompt = ConfirmPrompt {
            message: message.to_owned(),
            default,
            ..Default::default()
        };
        self.0
            .ask::<protocol::PromptConfirm>(&prompt)
            .map(|reply| reply.yes)
    }

    /// Lets the user choose one item of a list, and returns its index.
    ///
    /// ```
    /// # use tw_plugin_api::prelude::*;
    /// # fn run(host: &Host) -> Result<()> {
    /// let environments = ["dev", "test", "prod"];
    /// let chosen = host.prompt().choose("Which compute environment?", &environments)?;
    /// host.log().info(&format!("using {}", environments[chosen]));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If there is no terminal, if the user presses Esc or Ctrl-C, or if the list is empty.
    pub fn choose(&self, message: &str, items: &[impl AsRef<str>]) -> Result<usize> {
        let chosen = self.ask_to_choose(message, items, false, &[])?;
        let first = chosen.first().copied();
        first.ok_or_else(|| Error::new(ErrorKind::Input, "nothing was chosen"))
    }

    /// Lets the user choose several items of a list, or none, and returns their indices, the smallest first. `chosen` are the
    /// indices that are chosen at first.
    ///
    /// # Errors
    /// As for [`choose`](Self::choose).
    pub fn choose_several(
        &self,
        message: &str,
        items: &[impl AsRef<str>],
        chosen: &[usize],
    ) -> Result<Vec<usize>> {
        self.ask_to_choose(message, items, true, chosen)
    }

    fn ask_to_choose(
        &self,
        message: &str,
        items: &[impl AsRef<str>],
        several: bool,
        chosen: &[usize],
    ) -> Result<Vec<usize>> {
        let numbers = chosen.iter().filter_map(|index| u32::try_from(*index).ok());
        let prompt = ChoosePrompt {
            message: message.to_owned(),
            items: items.iter().map(|item| item.as_ref().to_owned()).collect(),
            several,
            chosen: numbers.collect(),
            ..Default::default()
        };
        let reply = self.0.ask::<protocol::PromptChoose>(&prompt)?;
        let indices = reply
            .chosen
            .iter()
            .filter_map(|number| usize::try_from(*number).ok());
        Ok(indices.filter(|index| *index < items.len()).collect())
    }

    /// Lets the user change a text in their editor, which is that of `VISUAL` or `EDITOR`, and returns the text that they
    /// saved. `extension` tells the editor the format, such as `yaml`; it can be empty.
    ///
    /// # Errors
    /// If there is no terminal, if the editor can't be started or fails, or if the saved text is not UTF-8.
    pub fn edit(&self, text: &str, extension: &str) -> Result<String> {
        let prompt = EditPrompt {
            extension: extension.to_owned(),
            ..Default::default()
        };
        let (_, body) = self
            .0
            .call::<protocol::PromptEdit>(&prompt, text.as_bytes())?;
        String::from_utf8(body)
            .map_err(|_| Error::new(ErrorKind::Input, "the edited text is not UTF-8"))
    }
}
