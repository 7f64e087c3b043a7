//! Questions to the person at the terminal.

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{ConfirmPrompt, Empty, PasswordPrompt, TextPrompt};

use crate::{Error, ErrorKind, Host, Result, Secret};

/// Questions to the person. Without a terminal each fails with [`ErrorKind::NotInteractive`], so a script never hangs.
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// # fn run(host: &Host) -> Result<()> {
/// if !host.prompt().confirm("Delete 3 secrets?", false)? {
///     return Err(Error::failure("nothing was deleted"));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Prompt<'a>(pub(crate) &'a Host);

impl Prompt<'_> {
    /// Whether there is somebody to ask.
    ///
    /// # Errors
    /// Only when the service isn't declared or the run has ended.
    pub fn is_interactive(&self) -> Result<bool> {
        self.0
            .ask::<protocol::PromptInteractive>(&Empty {})
            .map(|reply| reply.interactive)
    }

    /// A line of text; an empty answer is the default, where there is one.
    ///
    /// # Errors
    /// Without a terminal, or when the person stops the run.
    pub fn text(&self, message: &str, default: Option<&str>) -> Result<String> {
        let prompt = TextPrompt {
            message: message.to_owned(),
            default: default.map(str::to_owned),
        };
        self.0
            .ask::<protocol::PromptText>(&prompt)
            .map(|reply| reply.text)
    }

    /// A text that isn't shown; with `again`, it is asked twice.
    ///
    /// # Errors
    /// Without a terminal, or when the person stops the run.
    pub fn secret(&self, message: &str, again: Option<&str>) -> Result<Secret> {
        let prompt = PasswordPrompt {
            message: message.to_owned(),
            again: again.map(str::to_owned),
        };
        let (_, body) = self.0.call::<protocol::PromptPassword>(&prompt, &[])?;
        let text = String::from_utf8(body);
        text.map(Secret::new)
            .map_err(|_| Error::new(ErrorKind::Input, "what was typed is not text"))
    }

    /// A yes or a no.
    ///
    /// # Errors
    /// Without a terminal, or when the person stops the run.
    pub fn confirm(&self, message: &str, default: bool) -> Result<bool> {
        let prompt = ConfirmPrompt {
            message: message.to_owned(),
            default,
        };
        self.0
            .ask::<protocol::PromptConfirm>(&prompt)
            .map(|reply| reply.yes)
    }
}
