//! Questions to the person, on the terminal: asked on standard error, so that the result stays the result.
//!
//! A question is asked on a thread of its own, for a terminal can't be read until somebody has had enough. How the terminal was before is kept, and
//! put back however the question ends.

use std::io::{IsTerminal, Write};

use dialoguer::{Input, Password};
use tw_plugin_protocol::{
    ConfirmPrompt, ConfirmReply, Empty, ErrorKind, ErrorMessage, InteractiveReply, PasswordPrompt,
    TextPrompt, TextReply,
};
use tw_render::text::visible;
use zeroize::Zeroizing;

use super::{
    Answer,
    cancel::{Cancel, cancelled},
    fail,
    redact::Redactor,
    terminal,
};

/// What a terminal keeps of a line that it reads as a whole, in bytes. It says nothing of what it drops.
const LONGEST_LINE: usize = if cfg!(target_vendor = "apple") {
    1023
} else {
    4095
};

pub(super) fn interactive() -> InteractiveReply {
    InteractiveReply {
        interactive: std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
    }
}

pub(super) fn text(prompt: TextPrompt, cancel: &Cancel) -> Result<TextReply, ErrorMessage> {
    ask(&prompt.message, cancel, |message| {
        let mut input = Input::new().with_prompt(message).allow_empty(true);
        if let Some(default) = prompt.default {
            input = input.default(default);
        }
        input.interact_text().map(|text| TextReply { text })
    })
}

pub(super) fn password(
    prompt: PasswordPrompt,
    redactor: &Redactor,
    cancel: &Cancel,
) -> Answer<Empty> {
    let text = ask(&prompt.message, cancel, |message| {
        let typed = |prompt: &str| {
            let password = Password::new().with_prompt(prompt);
            password
                .allow_empty_password(true)
                .interact()
                .map(Zeroizing::new)
        };
        let again = prompt.again.map(|again| visible(&again).into_owned());
        loop {
            let text = typed(&message)?;
            // Nothing needs no second time.
            match &again {
                Some(again) if !text.is_empty() && typed(again)? != text => {
                    writeln!(std::io::stderr(), "They are not the same")?;
                }
                _ => return Ok(text),
            }
        }
    })?;
    if text.is_empty() {
        return Err(fail(ErrorKind::Input, "Nothing was typed"));
    }
    if text.len() >= LONGEST_LINE {
        let message = format!(
            "A terminal takes no more than {LONGEST_LINE} bytes of a line, and this may have been more: give it in another way"
        );
        return Err(fail(ErrorKind::Input, message));
    }
    let bytes = text.as_bytes().to_vec();
    redactor.add(text);
    Ok((Empty {}, bytes))
}

pub(super) fn confirm(
    prompt: ConfirmPrompt,
    cancel: &Cancel,
) -> Result<ConfirmReply, ErrorMessage> {
    ask(&prompt.message, cancel, move |message| {
        yes_or_no(&message, prompt.default).map(|yes| ConfirmReply { yes })
    })
}

/// Asks until the answer is a yes, a no or nothing, which is the default. Nothing else is taken for one of them, and the end of the input (Ctrl-D) is a no.
///
/// A line is read as the terminal gives it, for where each key is read, there is no end of the input.
pub(crate) fn yes_or_no(question: &str, default: bool) -> dialoguer::Result<bool> {
    let choice = if default { "[Y/n]" } else { "[y/N]" };
    let mut answer = String::new();
    loop {
        write!(std::io::stderr(), "{question} {choice}: ")?;
        answer.clear();
        if std::io::stdin().read_line(&mut answer)? == 0 {
            writeln!(std::io::stderr())?;
            return Ok(false);
        }
        match answer.trim().to_lowercase().as_str() {
            "" => return Ok(default),
            "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ => writeln!(std::io::stderr(), "type y or n")?,
        }
    }
}

fn ask<T: Send + 'static>(
    message: &str,
    cancel: &Cancel,
    question: impl FnOnce(String) -> dialoguer::Result<T> + Send + 'static,
) -> Result<T, ErrorMessage> {
    let message = visible(message).into_owned();
    if !interactive().interactive {
        return Err(ErrorMessage {
            hint: Some("run it in a terminal, or give the answer as an option".to_owned()),
            ..fail(
                ErrorKind::NotInteractive,
                format!("There is no terminal to ask on: {message}"),
            )
        });
    }
    terminal::keep();
    let answer = cancel.or_stop(move || {
        question(message).map_err(|dialoguer::Error::IO(error)| match error.kind() {
            std::io::ErrorKind::Interrupted => cancelled(),
            _ => fail(
                ErrorKind::Input,
                format!("The terminal can't be read: {error}"),
            ),
        })
    });
    terminal::restore();
    answer
}
