//! The level of the log, and the file that gets it: `--verbose`, `--log-file`, `TW_LOG` and `TW_LOG_FILE`.

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use clap::ArgMatches;

use super::{Origin, Settings, Sourced, kind, options, result_options, text_variable};
use crate::{
    error::{Error, code},
    files::{parent, show_path},
    owners::{self, Distrust},
    process::variable,
    stdio,
};

/// The levels of the log, each with the names that `TW_LOG` has for it. A number is what `--verbose` takes.
const LEVELS: [&[&str]; 3] = [&["off", "0"], &["debug", "1"], &["trace", "2"]];

/// The log file of this process, from the moment at which it is opened.
static OPEN: OnceLock<Arc<LogFile>> = OnceLock::new();

/// A file that the log is appended to.
#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
    file: Mutex<File>,
    /// True if the file gets the bodies of HTTP calls too.
    pub(crate) has_bodies: bool,
    has_failed: AtomicBool,
    has_ended: AtomicBool,
}

impl LogFile {
    /// Reads the options and variables. Returns the level of the log on standard error, and the file.
    ///
    /// # Errors
    /// `TW_LOG` names no level, or the file can't be opened.
    pub(super) fn read(levels: &[&ArgMatches]) -> Result<(usize, Option<Arc<Self>>), Error> {
        let typed = usize::from(options::verbosity(levels)).min(LEVELS.len() - 1);
        let of_variable = level_of_environment()?;
        let Some(named) = named_path(levels) else {
            return Ok((typed.max(of_variable.unwrap_or(0)), None));
        };
        // The file is named for a reason, so it gets a log even without a level.
        let level = of_variable.unwrap_or(1).max(typed);
        if level == 0 {
            return Ok((typed, None));
        }
        if let Some(open) = OPEN.get() {
            return Ok((typed, Some(Arc::clone(open))));
        }
        let file = Arc::new(Self::open(named, level)?);
        let names = levels.iter().filter_map(|level| level.subcommand_name());
        let names: String = names.map(|name| format!(" {name}")).collect();
        let version = env!("CARGO_PKG_VERSION");
        if let Some(warning) = file.append(&format!("tw {version} begins: tw{names}")) {
            stdio::warn(&warning, None);
        }
        Ok((typed, Some(Arc::clone(OPEN.get_or_init(|| file)))))
    }

    fn open(named: Sourced<PathBuf>, level: usize) -> Result<Self, Error> {
        let Sourced {
            value: path,
            origin,
        } = named;
        let what = format!("The log file {}", show_path(&path));
        let refuse = |why: &str, hint: &str| {
            let error = Error::new(crate::error::ErrorKind::Failure, format!("{what} {why}"));
            Err(error.hint(format!("{origin} names the log file: {hint}")))
        };
        if path == Path::new("-") {
            return refuse(
                "can't be opened",
                "`--verbose` shows the log on standard error",
            );
        }
        let unopened = |error: std::io::Error| {
            let folder = parent(&path);
            if error.kind() == ErrorKind::NotFound && !folder.exists() {
                let why = format!(
                    "can't be opened: the folder {} doesn't exist",
                    show_path(folder)
                );
                return refuse(&why, "make the folder, or name another file");
            }
            let why = format!("can't be opened: {error}");
            refuse(&why, "name a file that you can write")
        };
        let checked = match owners::is_own_descriptor(&path) {
            true => Ok(()),
            false => check(&path),
        };
        match checked {
            Ok(()) | Err(Refusal::Distrust(Distrust::Missing)) => {}
            Err(Refusal::Kind(kind)) => {
                return refuse(
                    &format!("is {kind}"),
                    "name a file, or a device such as /dev/stderr",
                );
            }
            Err(Refusal::Distrust(Distrust::Unreadable(error))) => return unopened(error),
            Err(Refusal::Distrust(distrust)) => {
                let hint = format!("{origin} names the log file: name a file of your own");
                return Err(distrust.explain(&what, "").hint(hint));
            }
        }
        match open(&path) {
            Ok(file) => {
                if file.metadata().is_ok_and(|data| data.is_file()) {
                    owners::warn_of_readers("the log file", &path);
                }
                Ok(Self {
                    path,
                    file: Mutex::new(file),
                    has_bodies: level > 1,
                    has_failed: AtomicBool::default(),
                    has_ended: AtomicBool::default(),
                })
            }
            Err(error) => unopened(error),
        }
    }

    /// Appends lines, each with the time and the ID of this process. The caller has removed secrets. Returns a warning the first time that this fails.
    pub(crate) fn append(&self, lines: &str) -> Option<String> {
        let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
        let process = std::process::id();
        let lines: String = lines
            .lines()
            .map(|line| format!("{now} {process} {line}\n"))
            .collect();
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let error = file.write_all(lines.as_bytes()).err()?;
        let is_first = !self.has_failed.swap(true, Ordering::Relaxed);
        is_first.then(|| {
            format!(
                "the log file {} can't be written: {error}",
                show_path(&self.path)
            )
        })
    }
}

/// Returns the path that the option or the variable names. `None` if neither does.
fn named_path(levels: &[&ArgMatches]) -> Option<Sourced<PathBuf>> {
    const VARIABLE: &str = "TW_LOG_FILE";
    let option = options::value::<PathBuf>(levels, result_options::LOG_FILE);
    let option = option.map(|path| (path, Origin::Option("log-file")));
    let variable = || {
        Some((
            PathBuf::from(variable(VARIABLE)?),
            Origin::Variable(VARIABLE),
        ))
    };
    let (path, origin) = option.or_else(variable)?;
    // A shell doesn't replace the `~` in `--log-file=~/tw.log`.
    let home = path.to_str().filter(|text| text.starts_with("~/"));
    let value = home.and_then(|text| kind::expand(text, Path::new("")));
    let value = value.unwrap_or(path);
    Some(Sourced { value, origin })
}

/// The reason why the log isn't written to a file.
enum Refusal {
    /// The kind of the file, with an article.
    Kind(&'static str),
    Distrust(Distrust),
}

/// Checks that a path leads to no file of another user, and to nothing that can't hold a log: the first write to a pipe can wait for ever.
#[cfg(unix)]
fn check(path: &Path) -> Result<(), Refusal> {
    use std::os::unix::fs::FileTypeExt;
    match path.metadata().map(|data| data.file_type()) {
        Ok(kind) if kind.is_char_device() => return Ok(()),
        Ok(kind) if kind.is_dir() => return Err(Refusal::Kind("a folder")),
        Ok(kind) if kind.is_fifo() => return Err(Refusal::Kind("a named pipe")),
        Ok(kind) if kind.is_socket() => return Err(Refusal::Kind("a socket")),
        Ok(kind) if kind.is_block_device() => return Err(Refusal::Kind("a block device")),
        _ => {}
    }
    owners::check_owners(path).map_err(Refusal::Distrust)
}

#[cfg(not(unix))]
fn check(path: &Path) -> Result<(), Refusal> {
    match path.is_dir() {
        true => Err(Refusal::Kind("a folder")),
        false => Ok(()),
    }
}

/// Opens the file. The log has names of secrets, and bodies that may have personal data, so only the user can read a new file.
#[cfg(unix)]
fn open(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

    // The file may have been replaced by a pipe or by a link since the check.
    let mut flags = OFlags::NONBLOCK;
    if !path.is_symlink() {
        flags |= OFlags::NOFOLLOW;
    }
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    Ok(file)
}

#[cfg(not(unix))]
fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

/// Writes the last line of the log file: the exit code of the process, and the error that caused it. Later calls do nothing.
pub(crate) fn end_log(exit: u8, error: Option<&Error>) {
    let Some(open) = OPEN
        .get()
        .filter(|open| !open.has_ended.swap(true, Ordering::SeqCst))
    else {
        return;
    };
    let error = error.map(|error| {
        let text = tw_render::text::visible(&error.to_string()).into_owned();
        format!(": {} ({})", text, error.stable_code())
    });
    let error = error.unwrap_or_default();
    if let Some(warning) = open.append(&format!("tw ends with the exit code {exit}{error}")) {
        stdio::warn(&warning, None);
    }
}

/// The log of the host's own work, which has no plugin and no secrets.
#[derive(Debug, Clone)]
pub(crate) struct HostLog {
    is_verbose: bool,
    file: Option<Arc<LogFile>>,
}

impl HostLog {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            is_verbose: settings.verbose,
            file: settings.log_file.clone(),
        }
    }

    /// Writes a line to the log file, and to standard error under `--verbose`.
    pub(crate) fn write(&self, line: &str) {
        let line = format!("* {line}\n");
        if let Some(warning) = self.file.as_ref().and_then(|file| file.append(&line)) {
            stdio::warn(&warning, None);
        }
        if self.is_verbose {
            stdio::print_error(line);
        }
    }
}

fn level_of_environment() -> Result<Option<usize>, Error> {
    let name = "TW_LOG";
    let Some(value) = text_variable(name)? else {
        return Ok(None);
    };
    let is_named = |names: &&[&str]| names.iter().any(|name| value.eq_ignore_ascii_case(name));
    match LEVELS.iter().position(is_named) {
        Some(level) => Ok(Some(level)),
        None => Err(Error::usage(format!(
            "Invalid value '{}' for {name}: expected debug, trace or off",
            tw_render::text::visible(&value)
        ))
        .code(code::INVALID_VARIABLE)
        .hint(format!("change or unset {name}"))),
    }
}
