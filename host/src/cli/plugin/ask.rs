//! Questions on the terminal.

use std::io::IsTerminal;

use zeroize::Zeroizing;

use crate::{
    cli::report,
    error::{Error, ErrorKind, code},
    process::SIGNING_PASSWORD,
    service::{prompt::yes_or_no, terminal, unseen::ask_for_secret},
    signals::end_with_error,
};

/// Asks for confirmation, unless `--yes` has given it.
pub(super) fn confirm(has_yes: bool, question: &str) -> Result<(), Error> {
    if has_yes {
        return Ok(());
    }
    if !is_interactive() {
        return Err(Error::usage(
            "there is no terminal to ask on; use `--yes` to confirm what is shown above",
        )
        .code(code::NOT_INTERACTIVE));
    }
    match ask(|| yes_or_no(question, false)) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::new(ErrorKind::Failure, "Nothing was changed")),
        Err(dialoguer::Error::IO(error)) => Err(Error::system(error)),
    }
}

/// Asks for the password of a key; for a new password twice.
pub(super) fn ask_password(question: &str, is_new: bool) -> Result<Zeroizing<String>, Error> {
    ask_unseen(question, is_new, &format!("set {SIGNING_PASSWORD}"))
}

/// Asks for a secret, which is not echoed; for a new one twice. `otherwise` says what to do without a terminal.
pub(in crate::cli) fn ask_unseen(
    question: &str,
    is_new: bool,
    otherwise: &str,
) -> Result<Zeroizing<String>, Error> {
    if !is_interactive() {
        return Err(Error::new(
            ErrorKind::NotInteractive,
            format!("there is no terminal to ask on: {question}"),
        )
        .hint(otherwise));
    }
    let again = is_new.then_some("Repeat the password");
    let unseen =
        ask(|| Ok(ask_for_secret(question, again)?)).map_err(|dialoguer::Error::IO(error)| {
            Error::new(
                ErrorKind::Input,
                format!("the terminal can't be read: {error}"),
            )
            .hint("try again")
        })?;
    unseen.into_text().map_err(|error| error.hint(otherwise))
}

/// Asks for a line of text; returns `None` if there is no terminal.
pub(super) fn ask_text(question: &str) -> Result<Option<String>, Error> {
    if !is_interactive() {
        return Ok(None);
    }
    let input = dialoguer::Input::<String>::new()
        .with_prompt(question)
        .allow_empty(true);
    ask(|| input.interact_text())
        .map(Some)
        .map_err(|dialoguer::Error::IO(error)| Error::system(error))
}

/// True if a user can see the question and answer it.
fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks a question, and restores the terminal's settings however the question ends, even by Ctrl-C.
fn ask<T>(question: impl FnOnce() -> dialoguer::Result<T>) -> dialoguer::Result<T> {
    terminal::keep();
    end_with_error();
    let answer = question();
    terminal::restore();
    let is_interrupt = |error: &std::io::Error| error.kind() == std::io::ErrorKind::Interrupted;
    if matches!(&answer, Err(dialoguer::Error::IO(error)) if is_interrupt(error)) {
        report::interrupt();
    }
    answer
}
