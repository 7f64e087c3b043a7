//! `--jq`: filters a result with an expression of jq.
//!
//! A child process evaluates the expression, because an expression can need any time, memory and stack: the system ends a child that exceeds its limits, and
//! `tw` says so. The child is this binary with the argument [`ARGUMENT`]. It gets the result as JSON on standard input, and writes each output as JSON on one
//! line. The token is not in its environment.

mod child;

use std::{
    ffi::OsString,
    io::{self, BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
};

use tw_render::{Format, Style, Value, text::visible_lines};

use crate::{
    error::{Error, ErrorKind, code, excerpt},
    process::{Shortage, start},
    stdio,
};

/// The first argument of the child process.
pub(super) const ARGUMENT: &str = "__jq";

/// The beginning of a line with an error. No JSON begins so.
const ERROR: char = '!';

/// Outputs are written together up to this size: 64 KiB.
const PIECE: usize = 64 << 10;

/// Answers in the child process. `arguments` are those after [`ARGUMENT`].
pub(super) fn answer(arguments: impl Iterator<Item = OsString>) -> u8 {
    child::answer(arguments)
}

/// Checks an expression before the command does anything.
///
/// # Errors
/// The expression can't be parsed; the message has the position. Or the child can't be started.
pub(super) fn check(binary: &Path, expression: &str) -> Result<(), Error> {
    let mut child = spawn(binary, "check", expression)?;
    drop(child.stdin.take());
    let mut text = String::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout
            .read_to_string(&mut text)
            .map_err(|error| broken(&error))?;
    }
    let status = child.wait().map_err(|error| broken(&error))?;
    match text.strip_prefix(ERROR) {
        Some(problem) => {
            let (problem, hint) = problem.split_once('\n').unwrap_or((problem, ""));
            let message = format!("The expression of '--jq' can't be parsed: {problem}");
            Err(Error::usage(message)
                .code(code::INVALID_VALUE)
                .hint(hint.trim_end()))
        }
        // The child does nothing but parse, so its stack is full.
        None if is_aborted(status) => {
            let message = "The expression of '--jq' can't be parsed: it is nested too deeply";
            Err(Error::usage(message).hint("write the expression with fewer levels"))
        }
        None => explain(status),
    }
}

/// Evaluates an expression for a result. Hands each output to `render` as JSON, and what `render` returns to `write`, as soon as it is there.
///
/// # Errors
/// The evaluation fails or exceeds a limit, or `render` or `write` fails. The outputs before are written. A reader that has closed standard output is no
/// error.
pub(super) fn evaluate(
    binary: &Path,
    expression: &str,
    value: &Value,
    render: &dyn Fn(&str) -> Result<String, Error>,
    write: &mut dyn FnMut(&str) -> io::Result<()>,
) -> Result<(), Error> {
    let mut child = spawn(binary, "run", expression)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A child that ends early says why.
        let _ = stdin.write_all(value.to_string().as_bytes());
    }
    let passed = match child.stdout.take() {
        Some(stdout) => pass_on(BufReader::with_capacity(PIECE, stdout), render, write),
        None => Ok(()),
    };
    if passed.is_err() {
        // Killing fails only if the process has already ended.
        let _ = child.kill();
    }
    let status = child.wait().map_err(|error| broken(&error))?;
    match passed {
        Ok(()) => explain(status),
        Err(Failure::Closed) => Ok(()),
        Err(Failure::Error(error)) => Err(error),
    }
}

/// Renders an output: a text as it is and everything else as JSON, as `gh` does, or always as JSON on one line.
///
/// # Errors
/// The output is a value that JSON doesn't have, such as NaN.
pub(super) fn render(json: &str, format: Format, style: &Style) -> Result<String, Error> {
    let Some(value) = Value::parse(json.as_bytes()) else {
        let output = excerpt(json);
        let message = format!("An output of the expression of '--jq' is no JSON: {output}");
        return Err(Error::new(ErrorKind::Failure, message));
    };
    Ok(match (value, format) {
        (Value::String(text), Format::Json) if style.raw_text => text + "\n",
        (Value::String(text), Format::Json) => visible_lines(&text).into_owned() + "\n",
        (value, Format::Json) => tw_render::render(&value, None, Format::Json, style),
        (value, _) => tw_render::render(&Value::Array(vec![value]), None, Format::JsonLines, style),
    })
}

/// The reason why the outputs aren't read to their end.
enum Failure {
    /// The reader of standard output has closed it.
    Closed,
    Error(Error),
}

/// Reads the outputs to their end, and writes what has arrived of them before it waits for more.
fn pass_on(
    mut outputs: BufReader<ChildStdout>,
    render: &dyn Fn(&str) -> Result<String, Error>,
    write: &mut dyn FnMut(&str) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut write = |text: &str| {
        write(text).map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::Closed,
            _ => Failure::Error(Error::output(error)),
        })
    };
    let (mut rendered, mut line) = (String::new(), Vec::new());
    loop {
        line.clear();
        let read = outputs.read_until(b'\n', &mut line);
        read.map_err(|error| Failure::Error(broken(&error)))?;
        let text = String::from_utf8_lossy(&line);
        // A child that the system ends can leave a part of a line.
        let Some(output) = text.strip_suffix('\n') else {
            return write(&rendered);
        };
        let result = match output.strip_prefix(ERROR) {
            Some(problem) => Err(Error::new(
                ErrorKind::Failure,
                format!("The expression of '--jq' failed: {}", shorten(problem)),
            )),
            None => render(output),
        };
        match result {
            Ok(text) => rendered.push_str(&text),
            Err(error) => {
                write(&rendered)?;
                return Err(Failure::Error(error));
            }
        }
        if outputs.buffer().is_empty() || rendered.len() >= PIECE {
            write(&rendered)?;
            rendered.clear();
        }
    }
}

/// Leaves out the middle of a long message: it quotes values of the result, and its end says what is wrong with them.
fn shorten(problem: &str) -> String {
    const MOST: usize = 200;
    match problem.char_indices().nth(MOST) {
        None => problem.to_owned(),
        Some(_) => {
            let begin: String = problem.chars().take(MOST / 2).collect();
            let length = problem.chars().count();
            let end: String = problem.chars().skip(length - MOST / 2).collect();
            format!("{begin}…{end}")
        }
    }
}

fn spawn(binary: &Path, mode: &str, expression: &str) -> Result<Child, Error> {
    let mut command = Command::new(binary);
    command
        .args([ARGUMENT, mode, expression])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let started = stdio::sink().and_then(|sink| start(command.stderr(sink)));
    started.map_err(|error| {
        let reason = Shortage::explain_start(&error);
        let remedy = Shortage::of_start(&error).map(Shortage::remedy);
        unevaluated(&reason).hint(remedy.unwrap_or("run the command again"))
    })
}

fn broken(error: &io::Error) -> Error {
    unevaluated(&error.to_string())
}

fn unevaluated(reason: &str) -> Error {
    let message = format!("The expression of '--jq' can't be evaluated: {reason}");
    Error::new(ErrorKind::Failure, message)
}

/// True if a child has ended as a full stack ends it.
#[cfg(unix)]
fn is_aborted(status: ExitStatus) -> bool {
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    matches!(signal, Some(libc::SIGABRT | libc::SIGSEGV | libc::SIGBUS))
}

#[cfg(not(unix))]
fn is_aborted(status: ExitStatus) -> bool {
    !status.success()
}

/// Explains the end of a child that failed without a message.
fn explain(status: ExitStatus) -> Result<(), Error> {
    if status.success() {
        return Ok(());
    }
    #[cfg(unix)]
    match std::os::unix::process::ExitStatusExt::signal(&status) {
        Some(libc::SIGXCPU) => {
            let seconds = child::MOST_SECONDS;
            let message = format!("it takes more than {seconds} seconds of computing");
            return Err(unevaluated(&message).hint("check that the expression ends"));
        }
        Some(libc::SIGINT) => return Err(Error::new(ErrorKind::Cancelled, "Interrupted")),
        Some(libc::SIGKILL | libc::SIGTERM) => {
            return Err(unevaluated("it was ended from outside"));
        }
        _ => {}
    }
    let megabytes = child::MOST_MEMORY >> 20;
    let message = format!("it needs more than {megabytes} MB of memory, or calls itself too often");
    Err(unevaluated(&message).hint("select less, or check that the expression ends"))
}
