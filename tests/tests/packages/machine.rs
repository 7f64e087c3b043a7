//! Controls over the machine around `tw`: stop and trace processes, mount other file systems for them, and run them as another user.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tw_tests::{Ran, Running, Tw};

use crate::given::Given;

/// True if the tests run as root. Only root may mount, and file modes don't limit root.
pub(crate) fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

/// Reports that a test is skipped. With `CI` set and as root, a skipped test fails instead.
pub(crate) fn report_skip(why: &str) {
    assert!(
        std::env::var_os("CI").is_none() || !is_root(),
        "this must work here: {why}"
    );
    eprintln!("skipped: {why}");
}

/// True if strace is installed and may trace. With `CI` set, the test fails otherwise.
pub(crate) fn strace_works() -> bool {
    static WORKS: OnceLock<bool> = OnceLock::new();
    *WORKS.get_or_init(|| {
        let probe = Command::new("strace")
            .args(["-f", "-o", "/dev/null", "true"])
            .output();
        let works = probe.is_ok_and(|output| output.status.success());
        assert!(
            works || std::env::var_os("CI").is_none(),
            "strace is missing, or may not trace"
        );
        if !works {
            eprintln!("skipped: strace is missing, or may not trace");
        }
        works
    })
}

/// Sends SIGKILL to a process.
pub(crate) fn kill(id: u32) {
    signal(id, Signal::KILL);
}

fn signal(id: u32, signal: Signal) {
    let id = i32::try_from(id).ok().and_then(Pid::from_raw);
    kill_process(id.expect("a process ID"), signal).expect("the process is still there");
}

/// Prepares a command line of `tw` under strace, with these options of strace.
pub(crate) fn strace<'a>(
    given: &Given,
    log: &Path,
    options: impl IntoIterator<Item = &'a str>,
    arguments: &[&str],
) -> Tw {
    let tw = given.installation.tw().display().to_string();
    strace_program(given, log, options, &[&[tw.as_str()], arguments].concat())
}

/// Prepares any command line under strace, with these options of strace.
pub(crate) fn strace_program<'a>(
    given: &Given,
    log: &Path,
    options: impl IntoIterator<Item = &'a str>,
    program: &[&str],
) -> Tw {
    let command = Tw::new(Path::new("strace"), &given.installation.home())
        .args(["-f", "-s", "4096", "-o"])
        .args([log])
        .args(options)
        .args(program);
    given.within(command)
}

/// Runs a command line of `tw`, and returns the lines that strace writes about these system calls: one line for each call.
pub(crate) fn trace(given: &Given, calls: &str, arguments: &[&str]) -> (Ran, Vec<String>) {
    let log = given.work().join("strace.log");
    let ran = strace(given, &log, ["-e", &format!("trace={calls}")], arguments).run();
    let log = fs::read_to_string(log).expect("strace wrote its log");
    (ran, whole_calls(&log))
}

/// Joins the two lines that strace writes about a call during which another thread made one, at the place of the first line.
fn whole_calls(log: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in log.lines() {
        let thread = line.split(' ').next();
        let Some((_, rest)) = line.split_once(" resumed>") else {
            lines.push(line.to_owned());
            continue;
        };
        let begun = lines.iter_mut().rev().find(|begun| {
            begun.split(' ').next() == thread && begun.ends_with(" <unfinished ...>")
        });
        let begun = begun.expect("a call that is resumed was begun");
        begun.truncate(begun.len() - " <unfinished ...>".len());
        // strace aligns results with spaces.
        begun.push_str(&rest.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    lines
}

/// Returns the lines that contain this text.
pub(crate) fn lines_about<'a>(lines: &'a [String], text: &str) -> Vec<&'a String> {
    lines.iter().filter(|line| line.contains(text)).collect()
}

/// Returns the number that [`Stopped::at`] takes for the first call with this text: strace numbers the calls of each thread.
#[track_caller]
pub(crate) fn number_in_its_thread(lines: &[String], text: &str) -> usize {
    let thread = |line: &String| line.split(' ').next().map(str::to_owned);
    let place = lines.iter().position(|line| line.contains(text));
    let place = place.unwrap_or_else(|| panic!("no call with {text}: {lines:#?}"));
    let own = thread(&lines[place]);
    lines[..=place]
        .iter()
        .filter(|line| thread(line) == own)
        .count()
}

/// A command line that is stopped in the middle.
#[derive(Debug)]
pub(crate) struct Stopped {
    running: Option<Running>,
    id: u32,
}

impl Stopped {
    /// Starts a command line of `tw`, and returns once `tw` has stopped right after the call with this number of a system call.
    #[track_caller]
    pub(crate) fn at(given: &Given, call: &str, number: usize, arguments: &[&str]) -> Self {
        let tw = given.installation.tw().display().to_string();
        Self::program_at(given, call, number, &[&[tw.as_str()], arguments].concat())
    }

    /// Starts a program, and returns once it has stopped right after the call with this number of a system call.
    #[track_caller]
    pub(crate) fn program_at(given: &Given, call: &str, number: usize, program: &[&str]) -> Self {
        let log = given.work().join(format!("stopped-{call}.log"));
        let _ = fs::remove_file(&log);
        let inject = format!("inject={call}:signal=SIGSTOP:when={number}");
        let options = ["-e", &format!("trace={call}"), "-e", &inject];
        let running = strace_program(given, &log, options, program).start();
        let begin = Instant::now();
        loop {
            let log = fs::read_to_string(&log).unwrap_or_default();
            let stopped = log
                .lines()
                .find(|line| line.contains("--- stopped by SIGSTOP ---"));
            if let Some(line) = stopped {
                let id = line.split(' ').next().and_then(|id| id.parse().ok());
                return Self {
                    running: Some(running),
                    id: id.expect("the line begins with the process ID"),
                };
            }
            assert!(
                !log.contains("+++ exited") && begin.elapsed() < Duration::from_secs(30),
                "the process didn't stop: {log}"
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Returns the process ID.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Continues the command and returns its result.
    #[track_caller]
    pub(crate) fn resume(mut self) -> Ran {
        signal(self.id, Signal::CONT);
        self.running.take().expect("the command is running").ends()
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        if self.running.is_some() {
            kill(self.id);
        }
    }
}

/// A mount namespace, which processes outside of it don't see. Dropping this ends the namespace.
#[derive(Debug)]
pub(crate) struct Mounts {
    holder: Child,
}

impl Mounts {
    /// Creates a mount namespace and runs this script in it. Returns `None` if nothing can be mounted here.
    pub(crate) fn create(script: &str) -> Option<Self> {
        if !is_root() {
            report_skip("only root may mount");
            return None;
        }
        let mut holder = Command::new("unshare")
            .args(["--mount", "sh", "-c"])
            .arg(format!("{{ {script}; }} >&2 && echo ready && read _"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare is installed");
        let mut line = String::new();
        let stdout = holder.stdout.take().expect("standard output is a pipe");
        let _ = BufReader::new(stdout).read_line(&mut line);
        let this = Self { holder };
        if line != "ready\n" {
            report_skip("nothing can be mounted");
            return None;
        }
        Some(this)
    }

    /// Returns the path through which this process reaches a file in the namespace.
    pub(crate) fn path(&self, path: &Path) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        root.join(path.strip_prefix("/").expect("the path is absolute"))
    }

    /// Prepares a command line of `tw` in the namespace.
    pub(crate) fn command(&self, given: &Given, arguments: &[&str]) -> Tw {
        let mounts = format!("--mount=/proc/{}/ns/mnt", self.holder.id());
        let command = Tw::new(Path::new("nsenter"), &given.installation.home())
            .args([mounts.as_ref(), given.installation.tw().as_os_str()])
            .args(arguments);
        given.within(command)
    }

    /// Runs a command line of `tw` in the namespace.
    pub(crate) fn tw(&self, given: &Given, arguments: &[&str]) -> Ran {
        self.command(given, arguments).run()
    }
}

impl Drop for Mounts {
    fn drop(&mut self) {
        // The shell waits in `read`, which ends when its standard input is closed.
        drop(self.holder.stdin.take());
        let _ = self.holder.wait();
    }
}

/// A command that runs the command line behind it as a user and a group that no account has.
pub(crate) const AS_A_STRANGER: [&str; 6] = [
    "setpriv",
    "--reuid",
    "54321",
    "--regid",
    "54321",
    "--clear-groups",
];

/// Makes the user's home readable for every user. Returns false if that fails, or if the tests can't run a command as another user.
pub(crate) fn open_to_strangers(given: &Given) -> bool {
    if !is_root() {
        report_skip("only root can be somebody else");
        return false;
    }
    mode(given.installation.prefix(), 0o755);
    let script = format!("chmod -R a+rX '{}'", given.installation.home().display());
    let opened = Command::new("sh").args(["-c", &script]).status();
    let probe = Command::new(AS_A_STRANGER[0])
        .args(&AS_A_STRANGER[1..])
        .args([
            "test".as_ref(),
            "-x".as_ref(),
            given.installation.tw().as_os_str(),
        ])
        .status();
    let works = [opened, probe]
        .iter()
        .all(|status| status.as_ref().is_ok_and(std::process::ExitStatus::success));
    if !works {
        report_skip("no setpriv, or the target folder is closed to other users");
    }
    works
}

/// Prepares a command line of `tw` as a user that no account has.
pub(crate) fn by_a_stranger(given: &Given, arguments: &[&str]) -> Tw {
    let setpriv = Tw::new(Path::new(AS_A_STRANGER[0]), &given.installation.home())
        .args(&AS_A_STRANGER[1..])
        .args([given.installation.tw()])
        .args(arguments);
    given.within(setpriv)
}

/// Sets the mode of a file or a folder.
fn mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the mode can be set");
}
