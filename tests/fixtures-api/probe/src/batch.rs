//! Batches of requests.

use serde_json::Value;
use tw_plugin_api::{Batch, BatchOutcome, Request, prelude::*};

use crate::{
    http::body,
    report::{failure, got, read_peak},
};

/// Send many requests
#[derive(Args)]
struct Send {
    /// The requests, each METHOD PATH, METHOD PATH JSON or METHOD PATH @FILE
    requests: Vec<String>,
    /// Add GET requests for /pipeline-secrets/1 up to this number
    #[arg(long, default = "0")]
    numbers: i64,
    /// The text of the progress display
    #[arg(long)]
    label: Option<String>,
    /// The maximum number of requests in flight
    #[arg(long)]
    concurrency: Option<i64>,
    /// Send nothing after a failure
    #[arg(long)]
    stop: bool,
    /// The deadline of each request in milliseconds
    #[arg(long)]
    deadline: Option<i64>,
    /// Add the requests this many times
    #[arg(long, default = "1")]
    times: usize,
    /// Take the outcomes as they arrive
    #[arg(long)]
    arriving: bool,
    /// Take this many outcomes only
    #[arg(long)]
    take: Option<usize>,
    /// Leave the batch open
    #[arg(long)]
    leave: bool,
    /// Return the number of bytes of all answers, and how much memory they took
    #[arg(long)]
    memory: bool,
    /// Fail if the batch is interrupted, instead of returning its outcomes
    #[arg(long)]
    fail: bool,
}

fn request<'a>(host: &'a Host, text: &str) -> Result<Request<'a>> {
    let mut words = text.splitn(3, ' ');
    let (method, path) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let http = host.http();
    let request = match method {
        "GET" => http.get(path),
        "POST" => http.post(path),
        "PUT" => http.put(path),
        "DELETE" => http.delete(path),
        _ => return Err(Error::usage(format!("`{text}` is no request"))),
    };
    Ok(match words.next() {
        Some(body) if body.starts_with('@') => request.body_file(&body[1..], "text/plain"),
        Some(json) => request.json(&serde_json::from_str::<Value>(json).map_err(Error::usage)?),
        None => request,
    })
}

fn outcome_to_json(outcome: &BatchOutcome) -> Value {
    match outcome {
        BatchOutcome::Done(response) => {
            json!({ "outcome": "done", "status": response.status(), "body": body(response), "attempts": response.attempts() })
        }
        BatchOutcome::Failed(error) => json!({ "outcome": "failed", "error": failure(error) }),
        BatchOutcome::NotSent => json!({ "outcome": "not_sent" }),
        BatchOutcome::Unknown(error) => json!({ "outcome": "unknown", "error": failure(error) }),
        other => json!({ "outcome": format!("{other:?}") }),
    }
}

/// Takes outcomes as they arrive.
fn take_arriving(args: &Send, batch: Batch<'_>) -> Result<Value> {
    let mut outcomes = batch.start()?;
    let taken = outcomes.by_ref().take(args.take.unwrap_or(usize::MAX));
    let told = taken.map(|arrival| {
        let (index, outcome) = arrival?;
        let mut told = outcome_to_json(&outcome);
        told["index"] = json!(index);
        Ok(told)
    });
    let told = told.collect::<Result<Vec<Value>>>()?;
    if args.leave {
        std::mem::forget(outcomes);
    }
    Ok(json!(told))
}

/// Takes all outcomes and keeps none.
fn measure(batch: Batch<'_>) -> Result<Value> {
    let before = read_peak();
    let mut size = 0;
    for arrival in batch.start()? {
        if let (_, BatchOutcome::Done(response)) = arrival? {
            size += response.bytes().len();
        }
    }
    Ok(json!({ "bytes": size, "grown_kb": read_peak() - before }))
}

fn send(args: Send, host: &Host) -> Result<Output> {
    let mut batch = host.http().batch();
    let repeated = (0..args.times).flat_map(|_| &args.requests);
    for text in repeated {
        let mut request = request(host, text)?;
        if let Some(ms) = args.deadline {
            request = request.deadline(std::time::Duration::from_millis(ms.unsigned_abs()));
        }
        batch = batch.add(request);
    }
    for number in 1..=args.numbers {
        batch = batch.add(host.http().get(format!("/pipeline-secrets/{number}")));
    }
    if let Some(label) = &args.label {
        batch = batch.label(label);
    }
    if let Some(most) = args.concurrency {
        batch = batch.concurrency(u32::try_from(most).unwrap_or(u32::MAX));
    }
    if args.stop {
        batch = batch.stop_on_failure();
    }
    let told = if args.memory {
        measure(batch)
    } else if args.arriving {
        take_arriving(&args, batch)
    } else {
        let outcomes = batch.send();
        outcomes.map(|outcomes| Value::from_iter(outcomes.iter().map(outcome_to_json)))
    };
    if args.fail && host.is_cancelled() {
        return Err(Error::new(
            tw_plugin_api::ErrorKind::Cancelled,
            format!("cut short: {}", told?),
        ));
    }
    got(host, told)
}

pub(crate) fn group() -> Group {
    Group::new("batch", "Batches of requests").command(Command::new("send", send))
}
