//! Questions to the user.

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{ConfirmPrompt, Empty, PasswordPrompt, TextPrompt};

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
}
