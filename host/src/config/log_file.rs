//! The level of the log, and the file that gets it: `--verbose`, `--log-file`, `TW_LOG` and `TW_LOG_FILE`.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use clap::ArgMatches;

use super::{Settings, options, result_options, text_variable};
use crate::{
    error::{Error, code},
    files::show_path,
    process::variable,
    stdio,
};

/// The levels of the log, each with the names that `TW_LOG` has for it. A number is what `--verbose` takes.
const LEVELS: [&[&str]; 3] = [&["off", "0"], &["debug", "1"], &["trace", "2"]];

/// A file that the log is appended to.
#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
    file: Mutex<File>,
    /// True if the file gets the bodies of HTTP calls too.
    pub(crate) has_bodies: bool,
    has_failed: AtomicBool,
}

impl LogFile {
    /// Reads the options and variables. Returns the level of the log on standard error, and the file.
    ///
    /// # Errors
    /// `TW_LOG` names no level, or the file can't be opened.
    pub(super) fn read(levels: &[&ArgMatches]) -> Result<(usize, Option<Self>), Error> {
        let typed = usize::from(options::verbosity(levels)).min(LEVELS.len() - 1);
        let of_variable = level_of_environment()?;
        let path = options::value::<PathBuf>(levels, result_options::LOG_FILE);
        match path.or_else(|| variable("TW_LOG_FILE").map(PathBuf::from)) {
            None => Ok((typed.max(of_variable.unwrap_or(0)), None)),
            // The file is named for a reason, so it gets a log even without a level.
            Some(path) => match of_variable.unwrap_or(1).max(typed) {
                0 => Ok((typed, None)),
                level => Ok((typed, Some(Self::open(path, level)?))),
            },
        }
    }

    fn open(path: PathBuf, level: usize) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        // The log has names of secrets, and bodies that may have personal data.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(file) => Ok(Self {
                path,
                file: Mutex::new(file),
                has_bodies: level > 1,
                has_failed: AtomicBool::default(),
            }),
            Err(error) => Err(Error::unwritable(&path, error)),
        }
    }

    /// Appends lines, each with the time. The caller has removed secrets. Returns a warning the first time that this fails.
    pub(crate) fn append(&self, lines: &str) -> Option<String> {
        let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
        let lines: String = lines
            .lines()
            .map(|line| format!("{now} {line}\n"))
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
