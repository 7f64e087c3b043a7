//! Measures commands: wall time with hyperfine, instructions with callgrind, phases with the clock of `tw --verbose`.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tw_tests::Installation;

use crate::run;

/// A command line to measure.
pub(crate) struct Measured {
    line: String,
    home: PathBuf,
    /// A command line that runs before each run of `line` and is not measured. `None` if nothing has to run before.
    prepare: Option<String>,
}

impl Measured {
    pub(crate) fn new(line: &str, home: &Path) -> Self {
        Self {
            line: line.to_owned(),
            home: home.to_owned(),
            prepare: None,
        }
    }

    pub(crate) fn prepare(mut self, line: &str) -> Self {
        self.prepare = Some(line.to_owned());
        self
    }

    /// Wraps a line so that it runs in an environment with only `HOME` and `PATH`.
    fn isolate(&self, line: &str) -> String {
        format!(
            "env -i HOME={} PATH=/usr/bin:/bin {line}",
            self.home.display()
        )
    }
}

/// Returns the median wall time of each command, in seconds.
pub(crate) fn time_commands(commands: &[Measured], runs: u32) -> Vec<f64> {
    let report = tempfile::NamedTempFile::new().expect("a temporary file can be created");
    let mut hyperfine = Command::new("hyperfine");
    hyperfine
        .args(["--shell=none", "--warmup=20", "--style=none"])
        .args(["--runs", &runs.to_string(), "--export-json"])
        .arg(report.path());
    if commands.iter().any(|command| command.prepare.is_some()) {
        // hyperfine takes either one --prepare for all commands or one for each.
        for command in commands {
            let prepare = command.prepare.as_deref().unwrap_or("true");
            hyperfine.args(["--prepare", &command.isolate(prepare)]);
        }
    }
    for command in commands {
        hyperfine.arg(command.isolate(&command.line));
    }
    run(&mut hyperfine);
    let report = std::fs::read(report.path()).expect("hyperfine has written its report");
    let report: Value = serde_json::from_slice(&report).expect("the report is JSON");
    let results = report["results"]
        .as_array()
        .expect("the report has results");
    results
        .iter()
        .map(|result| result["median"].as_f64().expect("a result has a median"))
        .collect()
}

/// Returns the number of instructions that a command executes, as callgrind prints it.
pub(crate) fn count_instructions(line: &str, home: &Path) -> String {
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(line.split(' '))
        .env_clear()
        .env("HOME", home)
        .env("PATH", "/usr/bin:/bin");
    let log = String::from_utf8_lossy(&run(&mut valgrind).stderr).into_owned();
    let (_, count) = log
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .expect("callgrind prints a count");
    count.trim().to_owned()
}

/// Returns the phases of a `tw` command with their median times in µs, in the order in which the phases end. Runs the command 51 times.
pub(crate) fn measure_phases(
    installation: &Installation,
    arguments: &[&str],
) -> Vec<(String, u64)> {
    let mut phases: Vec<(String, Vec<u64>)> = Vec::new();
    for _ in 0..51 {
        let mut tw = installation.command(["--verbose"]).args(arguments);
        let log = String::from_utf8_lossy(&run(tw.command()).stderr).into_owned();
        for line in log
            .lines()
            .filter_map(|line| line.strip_prefix("* ")?.strip_suffix(" µs"))
        {
            let (name, time) = line
                .rsplit_once(' ')
                .expect("the line has a name and a time");
            let time = time.parse().expect("the time is a number");
            match phases.iter_mut().find(|(known, _)| known == name) {
                Some((_, times)) => times.push(time),
                None => phases.push((name.to_owned(), vec![time])),
            }
        }
    }
    let median = |(name, mut times): (String, Vec<u64>)| {
        times.sort_unstable();
        (name, times[times.len() / 2])
    };
    phases.into_iter().map(median).collect()
}
