//! `tw completion install`: turns on completion in the file that the shell reads when it starts.
//!
//! The file gets a line that asks `tw` for the script, so that the script always fits `tw`.

use std::{
    fs::OpenOptions,
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use super::shell::Shell;
use crate::{
    error::{Error, exit},
    files::{read_at_most, show_path},
    process::variable,
    stdio,
};

/// The longest start file that is searched for the line.
const MAX_BYTES: u64 = 8 << 20;

/// Adds the line for a shell to its start file, unless the file has the line. `None` means the shell that `SHELL` names.
///
/// # Errors
/// If the shell or its start file is not known, or if the file can't be read or written.
pub(super) fn install(shell: Option<Shell>) -> Result<u8, Error> {
    let shell = shell.or_else(of_user).ok_or_else(|| {
        Error::usage("SHELL names no shell that tw knows")
            .hint("name the shell: `tw completion install bash`, elvish, fish, powershell or zsh")
    })?;
    let path = start_file(shell)?;
    let line = line(shell);
    let shown = show_path(&path);
    let message = match append(&path, line)? {
        true => format!("\n  Completion was added to {shown}; it works in new shells\n\n"),
        false => format!("\n  Completion is already in {shown}\n\n"),
    };
    stdio::print(&message).map_err(Error::output)?;
    Ok(exit::SUCCESS)
}

/// Returns the shell of this user, its start file, and whether the file asks `tw` for the script. `None` if the shell or its start file is not known.
pub(in crate::cli) fn find() -> Option<(Shell, PathBuf, bool)> {
    let shell = of_user()?;
    let path = start_file(shell).ok()?;
    let text = read_at_most(&path, MAX_BYTES).unwrap_or_default();
    // A user may have written the line in another way.
    let has_line = String::from_utf8_lossy(&text).contains("tw completion ");
    Some((shell, path, has_line))
}

/// Returns the shell that `SHELL` names. `None` if it is none that `tw` knows.
fn of_user() -> Option<Shell> {
    let path = PathBuf::from(variable("SHELL")?);
    let name = path.file_stem()?.to_str()?.to_owned();
    clap::ValueEnum::from_str(&name, true).ok()
}

/// Returns the file that an interactive shell reads when it starts, or when it first completes `tw`.
fn start_file(shell: Shell) -> Result<PathBuf, Error> {
    let home = || {
        variable("HOME")
            .map(PathBuf::from)
            .filter(|home| home.is_absolute())
    };
    let folder = |name: &str| {
        let folder = variable(name).map(PathBuf::from);
        folder.filter(|folder| folder.is_absolute())
    };
    let config = || folder("XDG_CONFIG_HOME").or_else(|| Some(home()?.join(".config")));
    let path = match shell {
        Shell::Bash => home().map(|home| home.join(".bashrc")),
        Shell::Zsh => folder("ZDOTDIR")
            .or_else(home)
            .map(|home| home.join(".zshrc")),
        Shell::Fish => config().map(|config| config.join("fish/completions/tw.fish")),
        Shell::Elvish => config().map(|config| config.join("elvish/rc.elv")),
        Shell::Powershell if cfg!(windows) => {
            return Err(
                Error::usage("only PowerShell knows where its profile is").hint(format!(
                    "add this line to the file that `$PROFILE` names: {}",
                    line(shell)
                )),
            );
        }
        Shell::Powershell => config().map(|config| config.join("powershell/profile.ps1")),
    };
    path.ok_or_else(Error::no_home)
}

/// Returns the line that asks `tw` for the script. It does nothing if `tw` is gone.
fn line(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => r#"command -v tw >/dev/null && eval "$(tw completion bash)""#,
        Shell::Zsh => r#"(( $+commands[tw] )) && eval "$(tw completion zsh)""#,
        Shell::Fish => "command -q tw; and tw completion fish | source",
        Shell::Elvish => "if (has-external tw) { eval (tw completion elvish | slurp) }",
        Shell::Powershell => {
            "if (Get-Command tw -ErrorAction Ignore) { tw completion powershell | Out-String | Invoke-Expression }"
        }
    }
}

/// Appends a line to a file. Returns false if the file has the line.
fn append(path: &Path, line: &str) -> Result<bool, Error> {
    let unwritable = |error| Error::unwritable(path, error);
    let mut text = String::new();
    match std::fs::File::open(path) {
        Ok(file) => {
            let read = file.take(MAX_BYTES).read_to_string(&mut text);
            read.map_err(|error| Error::unreadable(path, error))?;
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(Error::unreadable(path, error)),
    }
    if text.lines().any(|known| known.trim() == line) {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(unwritable)?;
    }
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .map_err(unwritable)?;
    let start = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    file.write_all(format!("{start}{line}\n").as_bytes())
        .map_err(unwritable)?;
    Ok(true)
}
