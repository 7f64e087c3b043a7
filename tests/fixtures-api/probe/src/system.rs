//! The workspaces of the user, the terminal, and the folders of the plugin.

use std::path::Path;

use tw_plugin_api::prelude::*;

use crate::report::got;

/// List the workspaces
#[derive(Args)]
struct Workspaces {
    /// Look up these workspaces instead
    named: Vec<String>,
}

fn workspaces(args: Workspaces, host: &Host) -> Result<Output> {
    let found = match args.named.is_empty() {
        true => host.workspaces(),
        false => args
            .named
            .iter()
            .map(|name| host.workspace_named(name))
            .collect(),
    };
    let value = found.map(|found| {
        let workspaces = found.iter();
        json!(
            workspaces
                .map(|workspace| json!([workspace.id(), workspace.reference()]))
                .collect::<Vec<_>>()
        )
    });
    got(host, value)
}

/// Describe the terminal
#[derive(Args)]
struct Describe {}

fn terminal(_: Describe, host: &Host) -> Result<Output> {
    let terminal = host.terminal()?;
    let line = format!(
        "terminal {} width {:?} height {:?} colors {}",
        terminal.is_terminal(),
        terminal.width(),
        terminal.height(),
        terminal.has_colors()
    );
    host.log().warning(&line);
    Ok(Output::none())
}

/// Write a file into each folder of the plugin
#[derive(Args)]
struct Folders {}

fn folders(_: Folders, host: &Host) -> Result<Output> {
    let value = host.folders().and_then(|folders| {
        let folders = [folders.data(), folders.cache(), folders.state()];
        let write = |folder: &Path| -> Result<String> {
            std::fs::write(folder.join("note"), "kept").context("Cannot write a note")?;
            Ok(folder.display().to_string())
        };
        Ok(json!(
            folders.map(write).into_iter().collect::<Result<Vec<_>>>()?
        ))
    });
    got(host, value)
}

/// Show a page in the browser
#[derive(Args)]
struct Open {
    /// The address
    url: String,
}

fn open(args: Open, host: &Host) -> Result<Output> {
    got(host, host.open(&args.url).map(|()| json!("shown")))
}

/// Run a program
#[derive(Args)]
struct Program {
    /// The working directory
    #[arg(long, folder)]
    folder: Option<std::path::PathBuf>,
    /// An environment variable
    #[arg(long)]
    variable: Option<String>,
    /// Write before and after the program
    #[arg(long)]
    write: bool,
    /// Print the code on standard error
    #[arg(long)]
    say: bool,
    /// The program and its arguments
    #[arg(trailing)]
    program: Vec<std::ffi::OsString>,
}

fn program(args: Program, host: &Host) -> Result<Output> {
    let mut words = args.program.into_iter();
    let process = host.process(words.next().unwrap_or_default()).args(words);
    let process = args
        .folder
        .into_iter()
        .fold(process, |process, folder| process.folder(folder));
    let process = args.variable.into_iter().fold(process, |process, value| {
        process.env("PROBE_VARIABLE", value)
    });
    let mut stdout = host.stdout();
    if args.write {
        std::io::Write::write_all(&mut stdout, b"before\n")?;
    }
    let code = process.run().map(|exit| exit.code());
    if args.write {
        std::io::Write::write_all(&mut stdout, b"after\n")?;
        return Ok(Output::none());
    }
    if args.say {
        host.log().warning(&format!("it ended with {:?}", code?));
        return Ok(Output::none());
    }
    got(host, code.map(|code| json!(code)))
}

/// Describe a time
#[derive(Args)]
struct Moment {
    /// The time as a user types it, or the milliseconds since 1970 after `@`
    time: String,
}

fn time(args: Moment, host: &Host) -> Result<Output> {
    let time = match args.time.strip_prefix('@') {
        Some(ms) => host.time_at(ms.parse()?),
        None => host.parse_time(&args.time),
    };
    got(
        host,
        time.map(|time| json!([time.unix_ms(), time.iso(), time.display(), time.relative()])),
    )
}

/// List everything that the environment of the process holds
#[derive(Args)]
struct Environment {}

fn environment(_: Environment, host: &Host) -> Result<Output> {
    let variables = std::env::vars_os()
        .map(|(name, value)| format!("{}={}", name.to_string_lossy(), value.to_string_lossy()));
    // Only Linux has these files, and only root can open the first one.
    let read = |path: &str| {
        let bytes = std::fs::read(path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let child = std::process::Command::new("env").output()?;
    let value = json!({
        "variables": variables.collect::<Vec<_>>(),
        "initial": read("/proc/self/environ"),
        "arguments": read("/proc/self/cmdline"),
        "child": String::from_utf8_lossy(&child.stdout),
    });
    got(host, Ok(value))
}

pub(crate) fn group() -> Group {
    Group::new("system", "The workspaces, the terminal and the folders")
        .command(Command::new("environment", environment))
        .command(Command::new("open", open))
        .command(Command::new("run", program))
        .command(Command::new("time", time))
        .command(Command::new("workspaces", workspaces))
        .command(Command::new("terminal", terminal))
        .command(Command::new("folders", folders))
}
