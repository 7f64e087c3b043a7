//! The result of a command: the value that the host returned, or with `--report` its failure as data.

use serde_json::Value;
use tw_plugin_api::prelude::*;

/// The arguments of every command.
#[derive(Args)]
pub(crate) struct Report {
    /// Return a failure as data, instead of failing
    #[arg(long)]
    report: bool,
}

/// Makes the result of a command from what the host returned.
pub(crate) fn got(host: &Host, result: Result<Value>) -> Result<Output> {
    let report: Report = host.shared()?;
    let value = match result {
        Err(error) if report.report => failure(&error),
        result => result?,
    };
    Output::message(&value, "see the JSON")
}

/// Turns a failure into data.
pub(crate) fn failure(error: &Error) -> Value {
    json!({ "kind": error.kind(), "message": error.to_string(), "status": error.status() })
}

/// Runs `work` on `count` threads at once, and returns the result of each.
pub(crate) fn threads<T: Send>(
    count: i64,
    work: impl Fn(i64) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let work = &work;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count)
            .map(|number| scope.spawn(move || work(number)))
            .collect();
        threads
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| Err(Error::failure("a thread panicked")))
            })
            .collect()
    })
}

/// Returns the peak memory of the process in kilobytes, or 0 if the system does not report it.
pub(crate) fn read_peak() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().split(' ').next());
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}
