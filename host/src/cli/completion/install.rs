//! `tw completion install`: turns on completion in the file that the shell reads when it starts.
//!
//! The file gets a line that asks `tw` for the script, so that the script always fits `tw`.

use std::{
    fs::OpenOptions,
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use clap::ValueEnum;
use serde_json::json;
use wait_timeout::ChildExt;

use super::shell::Shell;
use crate::{
    cli::show,
    config::Settings,
    error::{Error, ErrorKind as Kind},
    files::{read_at_most, show_path},
    process::{start, variable},
    stdio,
};

/// The longest start file that is searched for the line.
const MAX_BYTES: u64 = 8 << 20;

/// The time limit for zsh to say where its start files are.
const ZSH_LIMIT: Duration = Duration::from_secs(2);

/// The files of which a login shell of bash reads the first, and no other start file.
const LOGIN_FILES: [&str; 3] = [".bash_profile", ".bash_login", ".profile"];

/// The line for a file of [`LOGIN_FILES`], which other shells, scripts and the desktop may read too.
const LOGIN_LINE: &str = r#"if [ -n "${BASH_VERSION-}" ] && [ -n "${PS1-}" ] && command -v tw >/dev/null; then eval "$(tw completion bash)"; fi"#;

/// Adds the line for a shell to its start files, unless they have it. `None` means the shell that `SHELL` names.
///
/// # Errors
/// If the shell or its start file is not known, or if a file can't be read or written.
pub(super) fn install(shell: Option<Shell>, settings: &Settings) -> Result<u8, Error> {
    let shell = shell.map_or_else(of_user, Ok)?;
    let files = start_files(shell)?;
    let mut changed = Vec::new();
    for (path, line) in &files {
        let text = read(path).map_err(|error| explain(path, "read", error, line))?;
        if !has_line(shell, &text) {
            append(path, &text, line).map_err(|error| explain(path, "changed", error, line))?;
            changed.push(show_path(path));
        }
    }
    let name = name_of(shell);
    let message = match changed.is_empty() {
        true => format!("Completion is already in {}", show_path(&files[0].0)),
        false => format!(
            "Completion was added to {}; it works in new shells. To turn it off, remove the line with `tw completion {name}`",
            changed.join(" and ")
        ),
    };
    let value = json!({ "shell": name, "changed": changed });
    show::print_message(settings, &value, message)
}

/// Returns the help about the lines.
pub(super) fn help() -> String {
    let shells = Shell::value_variants().iter();
    let lines = shells.map(|shell| format!("\n  {:<11} {}", name_of(*shell), line(*shell)));
    let lines: String = lines.collect();
    format!("The line that is added; to turn completion off, remove it:{lines}")
}

/// Returns the shell of this user, its start file, and whether the file asks `tw` for the script. If it has several start files, returns the first that doesn't.
/// `None` if the shell or its start file is not known.
pub(in crate::cli) fn find() -> Option<(Shell, PathBuf, bool)> {
    let shell = of_user().ok()?;
    let files = start_files(shell).ok()?;
    let lacks = |path: &PathBuf| !has_line(shell, &read(path).unwrap_or_default());
    let mut paths: Vec<PathBuf> = files.into_iter().map(|(path, _)| path).collect();
    let lacking = paths.iter().position(lacks);
    Some((
        shell,
        paths.swap_remove(lacking.unwrap_or(0)),
        lacking.is_none(),
    ))
}

/// Returns the shell that `SHELL` names.
///
/// # Errors
/// If `SHELL` isn't set, or names no shell that `tw` knows.
fn of_user() -> Result<Shell, Error> {
    let message = match variable("SHELL") {
        None => "SHELL isn't set, so your shell isn't known".to_owned(),
        Some(path) => match named(path.as_ref()) {
            Some(shell) => return Ok(shell),
            None => format!(
                "SHELL is {}, which tw doesn't know",
                show_path(path.as_ref())
            ),
        },
    };
    Err(Error::usage(message)
        .hint("name the shell: `tw completion install bash`, elvish, fish, powershell or zsh"))
}

/// Returns the shell at a path. `None` if `tw` doesn't know it.
fn named(path: &Path) -> Option<Shell> {
    // A login shell can be `-bash`, a version `bash-5.2`, and a restricted shell is `rbash`.
    let name = path.file_name()?.to_str()?.trim_start_matches('-');
    let name = name.split(|c: char| !c.is_ascii_alphabetic()).next()?;
    let known = |name| Shell::from_str(name, true).ok();
    known(name).or_else(|| known(name.strip_prefix('r')?))
}

fn name_of(shell: Shell) -> String {
    let value = shell.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}

/// Returns the files that an interactive shell reads when it starts, or when it first completes `tw`, and the line for each.
fn start_files(shell: Shell) -> Result<Vec<(PathBuf, &'static str)>, Error> {
    let config = || match absolute("XDG_CONFIG_HOME") {
        Some(folder) => Ok(folder),
        None => home().map(|home| home.join(".config")),
    };
    let path = match shell {
        Shell::Bash => {
            let home = home()?;
            let login = login_file(&home).map(|path| (path, LOGIN_LINE));
            let usual = (home.join(".bashrc"), line(shell));
            return Ok(std::iter::once(usual).chain(login).collect());
        }
        Shell::Zsh => match ask_zsh().or_else(|| absolute("ZDOTDIR")) {
            Some(folder) => folder,
            None => home()?,
        }
        .join(".zshrc"),
        Shell::Fish => config()?.join("fish/completions/tw.fish"),
        Shell::Elvish => config()?.join("elvish/rc.elv"),
        Shell::Powershell if cfg!(windows) => {
            return Err(
                Error::usage("only PowerShell knows where its profile is").hint(format!(
                    "add this line to the file that `$PROFILE` names: {}",
                    line(shell)
                )),
            );
        }
        Shell::Powershell => config()?.join("powershell/profile.ps1"),
    };
    Ok(vec![(path, line(shell))])
}

/// Returns the folder that a variable names. `None` if the variable is not set or relative.
fn absolute(name: &str) -> Option<PathBuf> {
    let folder = variable(name).map(PathBuf::from);
    folder.filter(|folder| folder.is_absolute())
}

/// Returns the home folder.
///
/// # Errors
/// If `HOME` doesn't name a folder.
fn home() -> Result<PathBuf, Error> {
    let message = match variable("HOME").map(PathBuf::from) {
        Some(home) if home.is_absolute() && home.is_dir() => return Ok(home),
        Some(home) => format!("HOME is {}, which is no home folder", show_path(&home)),
        None => "HOME isn't set, so the start file of the shell isn't known".to_owned(),
    };
    Err(Error::new(Kind::NotFound, message).hint("set HOME to your home folder"))
}

/// Returns the file that login shells of bash read. `None` if it reads `.bashrc`. Terminals of macOS, ssh and tmux start login shells.
fn login_file(home: &Path) -> Option<PathBuf> {
    let mut paths = LOGIN_FILES.iter().map(|name| home.join(name));
    let path = paths.find(|path| path.symlink_metadata().is_ok());
    let path = path.unwrap_or_else(|| home.join(LOGIN_FILES[0]));
    let text = read(&path).unwrap_or_default();
    let reads_other = code_lines(&text).any(|line| line.contains("bashrc"));
    (!reads_other).then_some(path)
}

/// Asks zsh for the folder of its start files, which `~/.zshenv` can choose without telling other programs. `None` if zsh doesn't answer.
fn ask_zsh() -> Option<PathBuf> {
    let mut command = Command::new("zsh");
    command
        .args(["-c", "print; print -rn -- \"${ZDOTDIR:-$HOME}\""])
        .stdin(stdio::empty().ok()?)
        .stdout(Stdio::piped())
        .stderr(stdio::sink().ok()?);
    let mut zsh = start(&mut command).ok()?;
    if zsh.wait_timeout(ZSH_LIMIT).ok()?.is_none() {
        let _ = zsh.kill().and_then(|()| zsh.wait());
        return None;
    }
    let mut text = String::new();
    let output = zsh.stdout.take()?;
    output.take(MAX_BYTES).read_to_string(&mut text).ok()?;
    // The output of `~/.zshenv` stands above.
    let folder = PathBuf::from(text.rsplit('\n').next()?);
    folder.is_absolute().then_some(folder)
}

/// Returns the line that asks `tw` for the script. It does nothing if `tw` is gone, and never fails.
fn line(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => r#"if command -v tw >/dev/null; then eval "$(tw completion bash)"; fi"#,
        Shell::Zsh => r#"if (( $+commands[tw] )); then eval "$(tw completion zsh)"; fi"#,
        Shell::Fish => "if command -q tw; tw completion fish | source; end",
        Shell::Elvish => "if (has-external tw) { eval (tw completion elvish | slurp) }",
        Shell::Powershell => {
            "if (Get-Command tw -ea Ignore) { tw completion powershell | Out-String | iex }"
        }
    }
}

/// True if a start file asks `tw` for the script. The user may have written the line in another way.
fn has_line(shell: Shell, text: &str) -> bool {
    let value = shell.to_possible_value();
    let names = value.iter().flat_map(|value| value.get_name_and_aliases());
    let commands: Vec<String> = names.map(|name| format!("tw completion {name}")).collect();
    code_lines(text).any(|line| commands.iter().any(|command| line.contains(command)))
}

/// Returns the lines that are no comments.
fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(str::trim_start);
    lines.filter(|line| !line.starts_with('#'))
}

/// Appends a line to a file that has this text. If that fails, the file stays as it was.
fn append(path: &Path, text: &str, line: &str) -> io::Result<()> {
    // The empty line also ends a line that a backslash would continue.
    let before = match text {
        "" => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let is_new = !path.exists();
    // The file isn't replaced, because it can be a link, belong to another user, or be mounted.
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    let length = file.metadata()?.len();
    let written = file.write_all(format!("{before}{line}\n").as_bytes());
    let written = written.and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a line would disturb every new shell.
        let _ = match is_new {
            true => std::fs::remove_file(path),
            false => file.set_len(length),
        };
    }
    written
}

/// Makes the error of a start file, with the line that completion needs.
fn explain(path: &Path, done: &str, error: io::Error, line: &str) -> Error {
    let hint = match path.read_link() {
        Ok(target) if error.kind() == ErrorKind::NotFound => format!(
            "it is a link to {}: make the folder of that file",
            show_path(&target)
        ),
        _ => format!("add this line to a file that your shell reads when it starts: {line}"),
    };
    let message = format!("{} can't be {done}", show_path(path));
    Error::new(Kind::Failure, message)
        .caused_by(error)
        .hint(hint)
}

/// Reads a start file. A missing file is an empty one, and bytes that are no text don't matter.
fn read(path: &Path) -> io::Result<String> {
    match path.metadata() {
        Ok(data) if !data.is_file() => return Err(io::Error::other("it is not a file")),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(String::new()),
        _ => {}
    }
    let bytes = read_at_most(path, MAX_BYTES)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_is_known_by_every_name_of_its_program() {
        for (path, shell) in [
            ("/bin/bash", Some(Shell::Bash)),
            ("/bin/rbash", Some(Shell::Bash)),
            ("-bash", Some(Shell::Bash)),
            ("/opt/bash-5.2", Some(Shell::Bash)),
            ("/bin/zsh-5.9", Some(Shell::Zsh)),
            ("/usr/bin/pwsh-preview", Some(Shell::Powershell)),
            ("bash.exe", Some(Shell::Bash)),
            ("/bin/tcsh", None),
            ("/bin/", None),
        ] {
            assert_eq!(named(Path::new(path)), shell, "{path}");
        }
    }

    #[test]
    fn a_line_that_the_user_wrote_counts_and_a_comment_does_not() {
        for (text, has) in [
            ("a\n  source <(tw completion bash)\n", true),
            (
                "command -v tw >/dev/null && eval \"$(tw completion bash)\"",
                true,
            ),
            ("# source <(tw completion bash)", false),
            ("source <(tw completion zsh)", false),
            ("tw completion install", false),
        ] {
            assert_eq!(has_line(Shell::Bash, text), has, "{text}");
        }
        assert!(has_line(Shell::Bash, line(Shell::Bash)));
        assert!(has_line(Shell::Bash, LOGIN_LINE));
        assert!(has_line(Shell::Powershell, "tw completion pwsh | iex"));
    }
}
