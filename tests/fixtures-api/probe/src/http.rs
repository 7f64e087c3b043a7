//! Requests and their answers.

use std::{path::PathBuf, time::Duration};

use serde::Deserialize;
use serde_json::Value;
use tw_plugin_api::{Form, Request, Response, prelude::*};

use crate::report::{got, read_peak};

/// A method of HTTP
#[derive(Choice)]
enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

/// Send a request
#[derive(Args)]
pub(crate) struct Send {
    /// The method
    #[arg(ignore_case)]
    method: Method,
    /// A path below the API, or a URL
    url: String,
    /// Add a query parameter, name=value
    #[arg(long)]
    query: Vec<String>,
    /// Add a header, name=value
    #[arg(long)]
    header: Vec<String>,
    /// Send this JSON
    #[arg(long)]
    json: Option<String>,
    /// Send this file
    #[arg(long)]
    file: Option<PathBuf>,
    /// Let the host send this file
    #[arg(long)]
    upload: Option<PathBuf>,
    /// Add a text to the form, name=text
    #[arg(long)]
    form: Vec<String>,
    /// Add a file to the form, name=path
    #[arg(long)]
    form_file: Vec<String>,
    /// Save the answer as this file
    #[arg(long)]
    download: Option<PathBuf>,
    /// Show a progress display with this label
    #[arg(long)]
    label: Option<String>,
    /// Return how much memory the request took
    #[arg(long)]
    memory: bool,
    /// Mark a query parameter as sensitive
    #[arg(long)]
    hide_query: Vec<String>,
    /// Mark a header as sensitive
    #[arg(long)]
    hide_header: Vec<String>,
    /// Mark a field of the body as sensitive
    #[arg(long)]
    hide: Vec<String>,
    /// Mark a field of the answer as sensitive
    #[arg(long)]
    hide_answer: Vec<String>,
    /// The deadline in milliseconds
    #[arg(long)]
    deadline: Option<i64>,
    /// The maximum size of the answer in bytes
    #[arg(long)]
    max_body: Option<i64>,
    /// Send no token
    #[arg(long)]
    anonymous: bool,
    /// Mark the request as idempotent
    #[arg(long)]
    repeatable: bool,
    /// The number of retries
    #[arg(long)]
    retries_of_call: Option<i64>,
    /// Return this header of the answer
    #[arg(long)]
    tell: Vec<String>,
    /// Fail unless the status is a success
    #[arg(long)]
    ok: bool,
    /// Decode the answer as a pet
    #[arg(long)]
    pet: bool,
    /// Require an answer without content
    #[arg(long)]
    no_content: bool,
    /// Log the answer, and fail with it as the message
    #[arg(long)]
    leak: bool,
}

#[derive(Deserialize)]
struct Pet {
    name: String,
    legs: u8,
}

impl Send {
    /// Builds the request.
    pub(crate) fn build<'a>(&self, host: &'a Host) -> Result<Request<'a>> {
        let (http, url) = (host.http(), &self.url);
        let mut request = match self.method {
            Method::Get => http.get(url),
            Method::Head => http.head(url),
            Method::Post => http.post(url),
            Method::Put => http.put(url),
            Method::Patch => http.patch(url),
            Method::Delete => http.delete(url),
        };
        for (name, value) in split_pairs(&self.query) {
            request = request.query(name, value);
        }
        for (name, value) in split_pairs(&self.header) {
            request = request.header(name, value);
        }
        if let Some(json) = &self.json {
            let value: Value = serde_json::from_str(json).map_err(Error::usage)?;
            request = request.json(&value);
        }
        if let Some(file) = &self.file {
            let bytes = std::fs::read(file).map_err(Error::failure)?;
            request = request.body("application/octet-stream", bytes);
        }
        if !self.form.is_empty() || !self.form_file.is_empty() {
            let form = split_pairs(&self.form)
                .fold(Form::new(), |form, (name, text)| form.text(name, text));
            let files = split_pairs(&self.form_file);
            let form = files.fold(form, |form, (name, path)| form.file(name, path, "text/csv"));
            request = request.multipart(form);
        }
        if let Some(file) = &self.upload {
            request = request.body_file(file, "application/octet-stream");
        }
        request = self
            .hide_query
            .iter()
            .fold(request, |request, name| request.sensitive_query(name));
        request = self
            .hide_header
            .iter()
            .fold(request, |request, name| request.sensitive_header(name));
        request = self
            .hide
            .iter()
            .fold(request, |request, pointer| request.sensitive(pointer));
        request = self.hide_answer.iter().fold(request, |request, pointer| {
            request.sensitive_response(pointer)
        });
        if let Some(ms) = self.deadline {
            request = request.deadline(Duration::from_millis(ms.unsigned_abs()));
        }
        if let Some(bytes) = self.max_body {
            request = request.max_body(bytes.unsigned_abs());
        }
        if let Some(number) = self.retries_of_call {
            request = request.retries(u32::try_from(number).unwrap_or(u32::MAX));
        }
        if self.repeatable {
            request = request.repeatable(true);
        }
        Ok(if self.anonymous {
            request.anonymous()
        } else {
            request
        })
    }

    fn send(&self, host: &Host) -> Result<Value> {
        let before = read_peak();
        let request = self.build(host)?;
        let mut response = match &self.download {
            Some(path) => {
                let download = request.download(path);
                match &self.label {
                    Some(label) => download.label(label).send()?,
                    None => download.send()?,
                }
            }
            None => request.send()?,
        };
        if self.memory {
            return Ok(json!({ "body": body(&response), "grown_kb": read_peak() - before }));
        }
        if self.leak {
            let text = String::from_utf8_lossy(response.bytes()).into_owned();
            host.log().warning(&text);
            return Err(Error::failure(text));
        }
        if self.ok {
            response = response.ok()?;
        }
        if self.no_content {
            response.no_content()?;
            return Ok(json!("nothing"));
        }
        if self.pet {
            let pet: Pet = response.json()?;
            return Ok(json!({ "name": pet.name, "legs": pet.legs }));
        }
        let headers = self.tell.iter().map(|name| response.header(name));
        let headers: Vec<Option<&str>> = headers.collect();
        Ok(
            json!({ "status": response.status(), "headers": headers, "body": body(&response), "attempts": response.attempts(), "debug": format!("{response:?}") }),
        )
    }
}

/// Returns the body as JSON, otherwise as text, otherwise as a list of bytes.
pub(crate) fn body(response: &Response) -> Value {
    let text = || String::from_utf8(response.bytes().to_vec());
    response
        .json()
        .or_else(|_| text().map(Value::from))
        .unwrap_or_else(|_| json!(response.bytes()))
}

/// Splits each text `name=value`.
fn split_pairs(texts: &[String]) -> impl Iterator<Item = (&str, &str)> {
    texts
        .iter()
        .map(|text| text.split_once('=').unwrap_or((text, "")))
}

fn send(args: Send, host: &Host) -> Result<Output> {
    got(host, args.send(host))
}

/// Send a value that cannot be serialized
#[derive(Args)]
struct Unwritable {
    /// Send it in a batch
    #[arg(long)]
    batch: bool,
}

fn unwritable(args: Unwritable, host: &Host) -> Result<Output> {
    let map = std::collections::BTreeMap::from([((1, 2), 3)]);
    let request = host.http().post("/pipeline-secrets").json(&map);
    let sent = match args.batch {
        true => host.http().batch().add(request).send().map(|_| ()),
        false => request.send().map(|_| ()),
    };
    got(host, sent.map(|()| json!("sent")))
}

pub(crate) fn group() -> Group {
    Group::new("http", "Single requests")
        .command(Command::new("send", send))
        .command(Command::new("unwritable", unwritable))
}
