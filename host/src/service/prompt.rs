//! Questions on the terminal. They appear on standard error, because standard output belongs to the result.
//!
//! A read from the terminal can't be interrupted, so each question has its own thread. The state of the terminal is restored after every
//! question, also after a canceled one.

use std::io::{IsTerminal, Write};

use dialoguer::{Input, MultiSelect, Select};
use tw_plugin_protocol::{
    ChoosePrompt, ChooseReply, ConfirmPrompt, ConfirmReply, Empty, InteractiveReply,
    PasswordPrompt, TextPrompt, TextReply,
};
use tw_render::text::visible;

use super::{
    Answer,
    cancel::{Cancel, cancel_error},
    redact::Redactor,
    terminal, unseen,
};
use crate::{
    error::{Error, ErrorKind},
    stdio::line,
};

pub(super) fn interactive() -> InteractiveReply {
    InteractiveReply {
        interactive: std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
        ..Default::default()
    }
}

/// Asks for a line of text.
pub(super) fn text(prompt: TextPrompt, cancel: &Cancel) -> Result<TextReply, Error> {
    let message = match &prompt.default {
        Some(default) => format!("{} [{default}]", prompt.message),
        None => prompt.message,
    };
    ask(&message, cancel, |message| {
        // The default is not dialoguer's, which would write its control characters.
        let input = Input::<String>::new()
            .with_prompt(message)
            .allow_empty(true);
        let text = input.interact_text()?;
        Ok(TextReply {
            text: match text.is_empty() {
                true => prompt.default.unwrap_or_default(),
                false => text,
            },
            ..Default::default()
        })
    })
}

/// Asks for a secret, which is not echoed, and returns it as the raw body. If there is a second prompt, asks until both answers are equal.
pub(super) fn password(
    prompt: PasswordPrompt,
    redactor: &Redactor,
    cancel: &Cancel,
) -> Answer<Empty> {
    let unseen = ask(&prompt.message, cancel, move |message| {
        Ok(unseen::ask_for_secret(&message, prompt.again.as_deref())?)
    })?;
    let text = unseen.into_text()?;
    redactor.add(&text);
    Ok((Empty {}, text.as_bytes().to_vec()))
}

/// Asks a question that is answered with yes or no.
pub(super) fn confirm(prompt: ConfirmPrompt, cancel: &Cancel) -> Result<ConfirmReply, Error> {
    ask(&prompt.message, cancel, move |message| {
        yes_or_no(&message, prompt.default).map(|yes| ConfirmReply {
            yes,
            ..Default::default()
        })
    })
}

/// Asks until the answer is yes, no, or empty, which means `default`. The end of the input (Ctrl-D) means no.
///
/// Reads whole lines, because a terminal that is read key by key doesn't report the end of the input.
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

/// Lets the user choose from a list.
pub(super) fn choose(prompt: ChoosePrompt, cancel: &Cancel) -> Result<ChooseReply, Error> {
    if prompt.items.is_empty() {
        return Err(Error::new(
            ErrorKind::Input,
            "There is nothing to choose from",
        ));
    }
    let items: Vec<String> = prompt
        .items
        .iter()
        .map(|item| visible(item).into_owned())
        .collect();
    let is_chosen = |at: usize| prompt.chosen.iter().any(|chosen| *chosen as usize == at);
    let chosen: Vec<bool> = (0..items.len()).map(is_chosen).collect();
    let answer = ask(&prompt.message, cancel, move |message| {
        match prompt.several {
            true => MultiSelect::new()
                .with_prompt(message)
                .items(&items)
                .defaults(&chosen)
                .interact_opt(),
            false => Select::new()
                .with_prompt(message)
                .items(&items)
                .default(chosen.iter().position(|chosen| *chosen).unwrap_or_default())
                .interact_opt()
                .map(|one| one.map(|one| vec![one])),
        }
    })?;
    let chosen = answer.ok_or_else(|| Error::new(ErrorKind::Input, "Nothing was chosen"))?;
    Ok(ChooseReply {
        chosen: chosen
            .into_iter()
            .filter_map(|at| u32::try_from(at).ok())
            .collect(),
        ..Default::default()
    })
}

/// Checks that there is a terminal to ask on.
pub(super) fn require_terminal(purpose: &str) -> Result<(), Error> {
    match interactive().interactive {
        true => Ok(()),
        false => Err(Error::new(
            ErrorKind::NotInteractive,
            format!("There is no terminal to ask on: {purpose}"),
        )
        .hint("run it in a terminal, or give the answer as an option")),
    }
}

fn ask<T: Send + 'static>(
    message: &str,
    cancel: &Cancel,
    question: impl FnOnce(String) -> dialoguer::Result<T> + Send + 'static,
) -> Result<T, Error> {
    let message = visible(message).into_owned();
    require_terminal(&message)?;
    // Other threads may wait for a server meanwhile.
    let _hold = line::hold();
    terminal::keep();
    let answer = cancel.run_blocking(move || {
        question(message).map_err(|dialoguer::Error::IO(error)| match error.kind() {
            std::io::ErrorKind::Interrupted => cancel_error(),
            _ => Error::new(ErrorKind::Input, "The terminal can't be read").caused_by(error),
        })
    });
    terminal::restore();
    answer
}
