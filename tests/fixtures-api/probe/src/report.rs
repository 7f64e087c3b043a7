//! What a command got, as its result; a failure too, when `--report` asks for that.

use serde_json::Value;
use tw_plugin_api::prelude::*;

/// What every command has.
#[derive(Args)]
pub(crate) struct Report {
    /// Report a failure as data, instead of failing
    #[arg(long)]
    report: bool,
}

/// This is what it got.
pub(crate) fn got(host: &Host, result: Result<Value>) -> Result<Output> {
    let report: Report = host.shared()?;
    let value = match result {
        Err(error) if report.report => failure(&error),
        result => result?,
    };
    Output::message(&value, "see the JSON")
}

/// A failure as data.
pub(crate) fn failure(error: &Error) -> Value {
    json!({ "kind": error.kind(), "message": error.to_string(), "status": error.status() })
}

/// What each of so many threads got, all of them at once.
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
