//! `tw completion install`: turns on completion in the file that the shell reads when it starts.
//!
//! The file gets a line that asks `tw` for the script, so that the script always fits `tw`.

use std::{
    fs::OpenOptions,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use super::shell::Shell;
use crate::{
    error::{Error, ErrorKind as Kind, exit},
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
    let text = read(&path).unwrap_or_default();
    let mut lines = text.lines().map(str::trim_start);
    // A user may have written the line in another way.
    let has_line = lines.any(|line| line.contains("tw completion ") && !line.starts_with('#'));
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
    let text = read(path)?;
    if text.lines().any(|known| known.trim() == line) {
        return Ok(false);
    }
    let start = match text.is_empty() || text.ends_with('\n') {
        true => "",
        false => "\n",
    };
    let write = || {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().append(true).create(true).open(path)?;
        file.write_all(format!("{start}{line}\n").as_bytes())
    };
    write().map_err(|error| match path.read_link() {
        Ok(target) if error.kind() == ErrorKind::NotFound => {
            let target = show_path(&target);
            Error::unwritable(path, error).hint(format!(
                "it is a link to {target}: make the folder of that file"
            ))
        }
        _ => Error::unwritable(path, error),
    })?;
    Ok(true)
}

/// Reads a start file. A missing file is an empty one, and bytes that are no text don't matter.
fn read(path: &Path) -> Result<String, Error> {
    match path.metadata() {
        Ok(data) if !data.is_file() => {
            let message = format!("{} is not a file", show_path(path));
            return Err(
                Error::new(Kind::Input, message).hint("remove it, and run the command again")
            );
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(String::new()),
        _ => {}
    }
    let bytes = read_at_most(path, MAX_BYTES).map_err(|error| Error::unreadable(path, error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
