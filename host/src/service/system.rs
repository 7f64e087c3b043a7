//! Other programs: the browser, the editor, and programs in the foreground. None of them has the access token in its environment.

use std::{
    ffi::OsString,
    io::{IsTerminal, Write},
    process::{Command, ExitStatus, Stdio},
};

use tw_plugin_protocol::{EditPrompt, Empty, OpenRequest, ProcessReply, ProcessRequest};
use tw_render::text::visible;

use super::{Answer, State, cancel::cancel_error};
use crate::{
    error::{Error, ErrorKind},
    files,
    process::{variable, without_secrets},
};

/// Shows a page in the browser. Only web pages, because the handler of another scheme may do anything.
pub(super) fn open(request: &OpenRequest) -> Result<Empty, Error> {
    let shown = visible(&request.url);
    let url = reqwest::Url::parse(&request.url).ok();
    let url = url
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| {
            Error::new(
                ErrorKind::BadRequest,
                format!("`{shown}` is not the address of a web page"),
            )
        })?;
    let own = variable("BROWSER").map(|browser| {
        let mut command = Command::new(browser);
        command.arg(url.as_str());
        command
    });
    for mut command in own.into_iter().chain(open::commands(url.as_str())) {
        let command = without_secrets(&mut command)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if let Ok(mut browser) = command.stderr(Stdio::null()).spawn() {
            // Some browsers run until their window is closed. Nobody waits for them.
            std::thread::spawn(move || browser.wait());
            return Ok(Empty {});
        }
    }
    Err(Error::new(
        ErrorKind::Failure,
        format!("No browser can be started to show {shown}"),
    )
    .hint("open the address yourself, or set BROWSER"))
}

impl State {
    /// Runs a program in the foreground.
    pub(super) fn run_program(&self, request: ProcessRequest) -> Result<ProcessReply, Error> {
        let program = OsString::from(request.program);
        let mut command = Command::new(&program);
        command.args(request.args.into_iter().map(OsString::from));
        let variables = request.env.into_iter();
        command.envs(variables.map(|variable| (variable.name, OsString::from(variable.value))));
        if let Some(folder) = request.folder {
            command.current_dir(OsString::from(folder));
        }
        let stdout = self.output().copy_stdout()?;
        command.stdout(stdout);
        let status = self.run_in_foreground(&mut command).map_err(|error| {
            let name = files::show_path(program.as_ref());
            let kind = match files::is_absent(&error) {
                true => ErrorKind::NotFound,
                false => ErrorKind::Failure,
            };
            Error::new(kind, format!("The program `{name}` can't be started")).caused_by(error)
        })?;
        match self.cancel.is_cancelled() {
            true => Err(cancel_error()),
            false => Ok(ProcessReply {
                code: status.code(),
                ..Default::default()
            }),
        }
    }

    /// Runs a program with the terminal, and waits until it ends. Ctrl-C goes to the program.
    fn run_in_foreground(&self, command: &mut Command) -> std::io::Result<ExitStatus> {
        self.screen.print(|| {
            let program = without_secrets(command).spawn()?;
            self.cancel.wait_in_foreground(program)
        })
    }

    /// Lets the user change a text in their editor.
    pub(super) fn edit(&self, prompt: &EditPrompt, text: &[u8]) -> Answer<Empty> {
        let problem = |error: std::io::Error| {
            Error::new(ErrorKind::Failure, "The text can't be edited").caused_by(error)
        };
        super::prompt::require_terminal("edit the text")?;
        let is_plain = prompt.extension.chars().all(|c| c.is_ascii_alphanumeric());
        let suffix = match is_plain && !prompt.extension.is_empty() {
            true => format!(".{}", prompt.extension),
            false => String::new(),
        };
        // Only this user can read a temporary file.
        let mut file = tempfile::Builder::new()
            .prefix("tw-")
            .suffix(&suffix)
            .tempfile()
            .map_err(problem)?;
        file.write_all(text)
            .and_then(|()| file.flush())
            .map_err(problem)?;
        // Some editors replace the file, so the path is read again and not the open file.
        let path = file.into_temp_path();
        let editor = find_editor();
        let mut command = edit_command(&editor, &path);
        if let Ok(terminal) = terminal_of_stderr() {
            command.stdout(terminal);
        }
        let status = self.run_in_foreground(&mut command).map_err(problem)?;
        if self.cancel.is_cancelled() {
            return Err(cancel_error());
        }
        if !status.success() {
            let editor = visible(&editor.to_string_lossy()).into_owned();
            let message = format!("The editor `{editor}` failed, so the text is unchanged");
            return Err(
                Error::new(ErrorKind::Failure, message).hint("set EDITOR to another editor")
            );
        }
        let edited = files::read_at_most(&path, files::MAX_TEXT).map_err(problem)?;
        Ok((Empty {}, edited))
    }
}

fn find_editor() -> OsString {
    let default = if cfg!(windows) { "notepad" } else { "vi" };
    variable("VISUAL")
        .or_else(|| variable("EDITOR"))
        .unwrap_or_else(|| default.into())
}

/// Returns the command that edits a file. An editor can have arguments, such as `code --wait`, so a shell reads the text, as git does.
#[cfg(unix)]
fn edit_command(editor: &OsString, path: &std::path::Path) -> Command {
    let mut line = editor.clone();
    line.push(" \"$@\"");
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(line).arg("sh").arg(path);
    command
}

#[cfg(not(unix))]
fn edit_command(editor: &OsString, path: &std::path::Path) -> Command {
    let mut command = Command::new(editor);
    command.arg(path);
    command
}

/// Returns the terminal of standard error. Standard output may be a pipe, into which an editor must not draw.
fn terminal_of_stderr() -> std::io::Result<Stdio> {
    let stderr = std::io::stderr();
    match stderr.is_terminal() {
        #[cfg(unix)]
        true => Ok(std::os::fd::AsFd::as_fd(&stderr)
            .try_clone_to_owned()?
            .into()),
        _ => Err(std::io::ErrorKind::Unsupported.into()),
    }
}
