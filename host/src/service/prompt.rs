//! Questions to the person, on the terminal: asked on standard error, so that the result stays the result.

use std::io::IsTerminal;

use dialoguer::{Confirm, Input, Password};
use tw_plugin_protocol::{
    ConfirmPrompt, ConfirmReply, Empty, ErrorKind, ErrorMessage, InteractiveReply, PasswordPrompt,
    TextPrompt, TextReply,
};
use tw_render::text::visible;
use zeroize::Zeroizing;

use super::{Answer, cancel::cancelled, fail, redact::Redactor};

pub(super) fn interactive() -> InteractiveReply {
    InteractiveReply {
        interactive: std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
    }
}

pub(super) fn text(prompt: &TextPrompt) -> Result<TextReply, ErrorMessage> {
    ask(&prompt.message, |message| {
        let mut input = Input::new().with_prompt(message);
        if let Some(default) = &prompt.default {
            input = input.default(default.clone());
        }
        input
            .allow_empty(true)
            .interact_text()
            .map(|text| TextReply { text })
    })
}

pub(super) fn password(prompt: &PasswordPrompt, redactor: &Redactor) -> Answer<Empty> {
    let text = ask(&prompt.message, |message| {
        let mut password = Password::new()
            .with_prompt(message)
            .allow_empty_password(true);
        if let Some(again) = &prompt.again {
            password = password.with_confirmation(visible(again), "They are not the same");
        }
        password.interact().map(Zeroizing::new)
    })?;
    let bytes = text.as_bytes().to_vec();
    redactor.add(text);
    Ok((Empty {}, bytes))
}

pub(super) fn confirm(prompt: &ConfirmPrompt) -> Result<ConfirmReply, ErrorMessage> {
    ask(&prompt.message, |message| {
        let confirm = Confirm::new().with_prompt(message).default(prompt.default);
        confirm.interact().map(|yes| ConfirmReply { yes })
    })
}

fn ask<T>(
    message: &str,
    question: impl FnOnce(String) -> dialoguer::Result<T>,
) -> Result<T, ErrorMessage> {
    if !interactive().interactive {
        return Err(ErrorMessage {
            hint: Some("run it in a terminal, or give the answer as an option".to_owned()),
            ..fail(
                ErrorKind::NotInteractive,
                format!("There is no terminal to ask on: {}", visible(message)),
            )
        });
    }
    question(visible(message).into_owned()).map_err(|dialoguer::Error::IO(error)| {
        match error.kind() {
            std::io::ErrorKind::Interrupted => cancelled(),
            _ => fail(
                ErrorKind::Input,
                format!("The terminal can't be read: {error}"),
            ),
        }
    })
}
