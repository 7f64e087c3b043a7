//! `tw config edit`: opens the user's file in an editor, and replaces the file when the new text is valid.

use std::{
    fs,
    io::IsTerminal,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::json;

use crate::{
    cli::{report, show},
    config::{Settings, edit, user_path},
    error::{Context as _, Error, ErrorKind},
    files::{self, MAX_TEXT, show_path},
    owners::{self, Distrust},
    process::variable,
    service::{prompt::yes_or_no, terminal},
    stdio,
};

/// The text of a file that doesn't exist yet.
const TEMPLATE: &str = "\
# The configuration of tw. `tw config show` lists the keys, and `tw config check` checks this file.
#
# endpoint = \"https://HOST/api\"
# workspace = \"ORGANIZATION/WORKSPACE\"
#
# [profile.NAME]
# endpoint = \"https://HOST/api\"
";

pub(super) fn run(settings: &Settings) -> Result<u8, Error> {
    let path = user_path().ok_or_else(Error::no_home)?;
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(
            Error::new(ErrorKind::NotInteractive, "An editor needs a terminal")
                .hint(format!("edit {} in another way", show_path(&path))),
        );
    }
    let old = read(&path)?;
    let shown = old.as_deref().unwrap_or(TEMPLATE);
    let copy = write_copy(&path, shown)?;
    let edited = edit_until_valid(&copy);
    let replaced = edited.and_then(|text| match text {
        Some(text) if text != shown => replace(&path, old.as_deref(), &text).map(|()| true),
        _ => Ok(false),
    });
    match replaced {
        Ok(is_changed) => {
            let _ = fs::remove_file(&copy);
            let done = match is_changed {
                true => "Configuration changed",
                false => "Nothing was changed",
            };
            show::print_message(settings, &json!({ "changed": is_changed }), done)
        }
        Err(error) => match fs::read(&copy) {
            Ok(text) if text != shown.as_bytes() => {
                let kept = format!("your text is in {}", show_path(&copy));
                let hint = match error.next_step() {
                    Some(hint) => format!("{hint}\n{kept}"),
                    None => kept,
                };
                Err(error.hint(hint))
            }
            _ => {
                let _ = fs::remove_file(&copy);
                Err(error)
            }
        },
    }
}

/// Reads the text as it is, with its mistakes. `None` if there is no file.
fn read(path: &Path) -> Result<Option<String>, Error> {
    match owners::read_own(path, MAX_TEXT) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(Distrust::Missing) => Ok(None),
        Err(distrust) => {
            let what = format!("The configuration {}", show_path(path));
            Err(distrust.explain(&what, "write it again"))
        }
    }
}

/// Writes the text into a new file beside the configuration, which the editor changes.
fn write_copy(path: &Path, text: &str) -> Result<PathBuf, Error> {
    // The lock is held for a moment only: an editor can stay open for days.
    let (path, _busy) = edit::lock().context(|| format!("{} can't be edited", show_path(path)))?;
    let copy = path.with_file_name(format!("config.edit-{}.toml", std::process::id()));
    files::replace_with_mode(&copy, text.as_bytes(), 0o600)
        .map_err(|error| Error::unwritable(&copy, error))?;
    Ok(copy)
}

/// Opens the editor until the text is valid. `None` if the user gives up without a change.
fn edit_until_valid(copy: &Path) -> Result<Option<String>, Error> {
    loop {
        open_editor(copy)?;
        let bytes = files::read_at_most(copy, MAX_TEXT).map_err(|error| {
            let message = "The configuration is unchanged, because the text that the editor left can't be read";
            Error::new(ErrorKind::Failure, message).caused_by(error)
        })?;
        let checked = match String::from_utf8(bytes) {
            Ok(text) => edit::check_text(copy, &text).map(|()| text),
            Err(_) => Err(Error::new(ErrorKind::Input, "The text is not UTF-8")),
        };
        let error = match checked {
            Ok(text) => return Ok(Some(text)),
            Err(error) => error,
        };
        if stdio::has_json_errors() {
            // A program that reads the error can't answer a question.
            return Err(error);
        }
        report::fail(&error);
        match yes_or_no("Edit again?", true) {
            Ok(true) => {}
            _ => {
                return Err(Error::new(
                    ErrorKind::Failure,
                    "The configuration is unchanged",
                ));
            }
        }
    }
}

/// Runs the editor of this user. The shell splits the variable, which may have options: `code --wait`.
fn open_editor(file: &Path) -> Result<(), Error> {
    let chosen = ["VISUAL", "EDITOR"].into_iter().find_map(|name| {
        let editor = variable(name)?;
        let is_blank = editor.to_string_lossy().trim().is_empty();
        (!is_blank).then_some((name, editor))
    });
    let remedy = match &chosen {
        Some((name, _)) => format!("{name} names the editor: set it to another one"),
        None => "set EDITOR to an editor that you have".to_owned(),
    };
    let editor = chosen.map_or_else(|| "vi".into(), |(_, editor)| editor);
    let mut command = match cfg!(unix) {
        true => {
            let mut shell = Command::new("sh");
            let mut script = editor.clone();
            script.push(" \"$@\"");
            shell.arg("-c").arg(script).arg(&editor).arg(file);
            shell
        }
        false => {
            let mut command = Command::new(&editor);
            command.arg(file);
            command
        }
    };
    terminal::keep();
    let status = command.status();
    terminal::restore();
    let reason = match status {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => match status.code() {
            // These are the codes of the shell.
            Some(126 | 127) => "can't be started".to_owned(),
            Some(code) => format!("ended with exit code {code}"),
            None => "was ended by a signal".to_owned(),
        },
        Err(error) => format!("can't be started: {error}"),
    };
    let editor = editor.to_string_lossy().into_owned();
    Err(Error::new(
        ErrorKind::Failure,
        format!(
            "The configuration is unchanged, because the editor `{}` {reason}",
            tw_render::text::visible(&editor)
        ),
    )
    .hint(remedy))
}

/// Replaces the file, unless somebody else changed it in the meantime.
fn replace(path: &Path, old: Option<&str>, text: &str) -> Result<(), Error> {
    let (path, _busy) = edit::lock().context(|| format!("{} can't be changed", show_path(path)))?;
    if read(&path)?.as_deref() != old {
        return Err(Error::new(
            ErrorKind::Failure,
            format!(
                "{} was changed in the meantime, so it is not replaced",
                show_path(&path)
            ),
        ));
    }
    edit::write(&path, text)
}
