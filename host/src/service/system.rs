//! Other programs: the browser, the editor, and programs in the foreground. None of them has the access token in its environment.

use std::{
    ffi::OsString,
    io::{IsTerminal, Write},
    path::PathBuf,
    process::{Command, ExitStatus, Stdio},
    time::Duration,
};

use tw_plugin_protocol::{EditPrompt, Empty, OpenRequest, ProcessReply, ProcessRequest};
use tw_render::text::visible;
use wait_timeout::ChildExt;

use super::{Answer, State, cancel::cancel_error, terminal};
use crate::{
    error::{Error, ErrorKind},
    files,
    process::variable,
};

/// How long a program that starts a browser may take to fail.
const BROWSER_START: Duration = Duration::from_secs(1);

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
    let commands = own.into_iter().chain(open::commands(url.as_str()));
    if commands.into_iter().any(start_browser) {
        return Ok(Empty {});
    }
    Err(Error::new(
        ErrorKind::Failure,
        format!("No browser can be started to show {shown}"),
    )
    .hint("open the address yourself, or set BROWSER"))
}

/// Starts a browser, or a program that starts one. Returns false if that fails.
fn start_browser(mut command: Command) -> bool {
    // Ctrl-C must not end the browser.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let command = command.stdin(Stdio::null());
    let started = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut browser) = started else {
        return false;
    };
    match browser.wait_timeout(BROWSER_START) {
        Ok(Some(status)) => status.success(),
        // Some browsers run until their window is closed. Nobody waits for them.
        _ => {
            std::thread::spawn(move || browser.wait());
            true
        }
    }
}

impl State {
    /// Runs a program in the foreground.
    pub(super) fn run_program(&self, request: ProcessRequest) -> Result<ProcessReply, Error> {
        let program = OsString::from(request.program);
        let mut command = Command::new(&program);
        command.args(request.args.into_iter().map(OsString::from));
        let variables = request.env.into_iter();
        command.envs(variables.map(|variable| (variable.name, OsString::from(variable.value))));
        if let Some(folder) = request
            .folder
            .map(|folder| PathBuf::from(OsString::from(folder)))
        {
            if !folder.is_dir() {
                let message = format!("There is no folder {}", files::show_path(&folder));
                return Err(Error::new(ErrorKind::Input, message));
            }
            command.current_dir(folder);
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
        self.screen
            .leave(|| self.cancel.run_in_foreground(|| command.spawn()))
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
            .map_err(no_temporary_file)?;
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
        terminal::keep();
        let status = self.run_in_foreground(&mut command);
        terminal::restore();
        let status = status.map_err(problem)?;
        if self.cancel.is_cancelled() {
            return Err(cancel_error());
        }
        if !status.success() {
            let editor = visible(&editor.to_string_lossy()).into_owned();
            let message = format!("The editor `{editor}` failed, so the text is unchanged");
            let error = Error::new(ErrorKind::Failure, message);
            return Err(keep_edited(path, error));
        }
        match files::read_text(&path) {
            Ok(edited) => Ok((Empty {}, edited.into_bytes())),
            Err(error) => Err(keep_edited(path, problem(error))),
        }
    }
}

fn no_temporary_file(error: std::io::Error) -> Error {
    let folder = files::show_path(&std::env::temp_dir());
    let error = files::without_temporary_path(error);
    let message = format!("The text can't be edited: no file can be made in {folder}: {error}");
    Error::new(ErrorKind::Failure, message).hint("set TMPDIR to a folder that you can write")
}

/// Keeps an edited text that can't be used, and says where it is, because it may be the work of an hour.
fn keep_edited(path: tempfile::TempPath, error: Error) -> Error {
    match path.keep() {
        Ok(path) => error.hint(format!("the edited text is in {}", files::show_path(&path))),
        Err(_) => error,
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
