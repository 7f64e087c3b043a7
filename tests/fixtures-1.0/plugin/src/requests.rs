//! Requests in every form.

use std::time::Duration;

use tw_plugin_api::{BatchOutcome, Form, JsonObject, prelude::*};

pub(crate) fn requests(_: (), host: &Host) -> Result<Output> {
    let http = host.http();
    let pages = http.get("/pets").query("kind", "cat").pages::<JsonObject>("pets").size(2);
    let pets = pages.collect::<Result<Vec<_>>>()?;
    let batch = http.batch().add(http.get("/user-info")).add(http.get("/nowhere")).concurrency(1);
    let batch = batch.send()?.into_iter().map(|outcome| match outcome {
        BatchOutcome::Done(response) => i64::from(response.status()),
        _ => -1,
    });
    let batch: Vec<i64> = batch.collect();
    let mut stream = http.get("/user-info").open()?.ok()?;
    let mut streamed = 0;
    while let Some(piece) = stream.read()? {
        streamed += piece.len();
    }
    let form = Form::new().text("name", "rex").file("photo", "photo.txt", "text/plain");
    let form = http.post("/forms").multipart(form).retries(0).deadline(Duration::from_secs(5)).send()?;
    let saved = http.get("/user-info").download("saved.json").send()?.ok()?;
    let missing = http.request("GET", "/nowhere").segment("a b").header("x-frozen", "1").send()?.ok();
    let missing = missing.err().map(|error| (error.kind() == ErrorKind::Http, error.status()));
    let value = json!({
        "pets": pets,
        "batch": batch,
        "streamed": streamed > 0,
        "form": form.status(),
        "saved": saved.is_success(),
        "missing": missing,
    });
    Output::message(&value, "requested")
}
