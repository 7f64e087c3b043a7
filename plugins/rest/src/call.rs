//! The arguments of `tw api`.

use std::{path::PathBuf, str::FromStr};

use tw_plugin_api::{Source, Workspace, prelude::*};

use crate::{
    answer,
    content::{Body, Content, Parameter},
    field::{Pair, Value, to_object},
    header::Header,
    pages,
    target::{self, Target},
};

/// Call the Platform's API and print the answer
///
/// The answer is printed as the server sent it, in every output format. On a terminal, JSON is indented. If the server
/// answers with a failure, the command prints that answer too, and fails.
///
/// In the path and in the values of `--query`, {workspaceId} and {orgId} stand for the IDs of the selected workspace and of
/// its organization. If a workspace is selected, a path without them gets the query parameter workspaceId.
#[derive(Args)]
pub(crate) struct Call {
    /// GET, HEAD, POST, PUT, PATCH or DELETE, and then the path; or only the path
    ///
    /// Without a method, it is POST if there are fields or an input, and GET otherwise.
    #[arg(value_name = "METHOD|PATH")]
    method: String,
    /// Path below the API's address, such as /workflow, or a complete URL
    path: Option<String>,
    /// Send a field with a text
    ///
    /// Fields are the JSON body of the request. They are its query for GET, HEAD and DELETE, and beside `--input`. `a[b]=x`
    /// sets the field b of the object a, and `a[]=x` appends to the list a.
    #[arg(short = 'f', long, value_name = "KEY=VALUE", sensitive)]
    raw_field: Vec<String>,
    /// Send a field with a JSON value, such as 5 or true, with a file's content (@FILE or @-), or with a text
    #[arg(short = 'F', long, value_name = "KEY=VALUE", sensitive)]
    field: Vec<String>,
    /// Send a header
    #[arg(short = 'H', long, value_name = "NAME: VALUE")]
    header: Vec<String>,
    /// Add a parameter to the query
    #[arg(long, value_name = "KEY=VALUE", parse)]
    query: Vec<Pair>,
    /// Send a file as the body
    #[arg(long, value_name = "FILE")]
    input: Option<Source>,
    /// Print all pages of a list as one JSON document
    #[arg(long, conflicts = ["input", "output_file"])]
    paginate: bool,
    /// Print the status and the headers of the answer first
    #[arg(short, long)]
    include: bool,
    /// Save the answer as a file, which appears when it is complete
    #[arg(long, value_name = "FILE", file)]
    output_file: Option<PathBuf>,
    /// Send DELETE without asking
    #[arg(long)]
    yes: bool,
    /// Use no workspace, even if TOWER_WORKSPACE_ID is set
    #[arg(long, conflicts = "workspace")]
    user: bool,
}

pub(crate) fn run(call: Call, host: &Host) -> Result<Output> {
    let target = call.parse_target()?;
    if call.paginate && target.method != "GET" {
        return Err(Error::usage("'--paginate' needs the method GET"));
    }
    let headers: Vec<Header> = parse_all("--header", &call.header)?;
    let fields = call.read_fields(host)?;
    let body = call.read_body(&target, &fields, host)?;
    let workspace = call.find_workspace(&target, host)?;
    let url = target.fill(&workspace)?;
    let mut query = call.fill_query(&workspace)?;
    if !matches!(body, Body::Fields(_)) {
        query.extend(
            fields
                .iter()
                .map(|(key, value)| Parameter::secret(key, value)),
        );
    }
    if let Some(id) = target.find_missing_workspace(&workspace, &query) {
        query.push(Parameter::plain("workspaceId", id));
    }
    call.confirm(&target, &url, &workspace, host)?;
    let content = Content {
        method: target.method,
        url,
        query,
        headers,
        body,
    };
    let done = match &call.output_file {
        Some(path) => answer::save(content.into_request(host), path, call.include, host),
        None if call.paginate => pages::print(content, call.include, host),
        None => answer::print(content.into_request(host), call.include, host),
    };
    // The host calls a request bad if it can't be sent, for example because of a line feed in a header. The user typed it.
    done.map_err(|error| match error.kind() {
        ErrorKind::BadRequest => Error::usage(error).code("invalid-value"),
        _ => error,
    })
}

impl Call {
    fn parse_target(&self) -> Result<Target> {
        let sends = self.input.is_some() || !self.raw_field.is_empty() || !self.field.is_empty();
        let default = if sends { "POST" } else { "GET" };
        Target::parse(&self.method, self.path.as_deref(), default)
    }

    /// Reads the values of all fields, those of `-f` first.
    ///
    /// # Errors
    /// If a field has no key, or a file can't be read. If standard input would be read twice: it is empty then.
    fn read_fields(&self, host: &Host) -> Result<Vec<(String, Value)>> {
        let texts: Vec<Pair> = parse_all("--raw-field", &self.raw_field)?;
        let typed: Vec<Pair> = parse_all("--field", &self.field)?;
        let from_stdin = typed.iter().filter(|pair| pair.value == "@-").count();
        if from_stdin + usize::from(self.input == Some(Source::Stdin)) > 1 {
            return Err(Error::usage("standard input can be sent only once"));
        }
        let texts = texts.into_iter();
        let texts = texts.map(|pair| Ok((pair.key, Value::Text(pair.value))));
        let typed = typed.into_iter();
        let typed = typed.map(|pair| Ok((pair.key, Value::read(&pair.value, host)?)));
        texts.chain(typed).collect()
    }

    fn read_body(&self, target: &Target, fields: &[(String, Value)], host: &Host) -> Result<Body> {
        match &self.input {
            // The host reads such a file while it sends the file.
            Some(Source::File(path)) if path.is_file() => Ok(Body::File(path.clone())),
            Some(source) => host.input().bytes(source, 0).map(Body::Bytes),
            None if fields.is_empty() || !target.has_json_body() => Ok(Body::None),
            None => to_object(fields).map(Body::Fields),
        }
    }

    fn find_workspace(&self, target: &Target, host: &Host) -> Result<Workspace> {
        let mut values = self.query.iter().map(|pair| pair.value.as_str());
        match !self.user && (target.is_in_workspace() || values.any(target::has_placeholder)) {
            true => host.workspace(),
            false => Ok(Workspace::user()),
        }
    }

    fn fill_query(&self, workspace: &Workspace) -> Result<Vec<Parameter>> {
        let pairs = self.query.iter();
        let fill = |pair: &Pair| {
            let value = target::fill(&pair.value, workspace)?;
            Ok(Parameter::plain(&pair.key, value))
        };
        pairs.map(fill).collect()
    }

    /// Asks before a DELETE.
    ///
    /// # Errors
    /// If the user refuses. If there is no terminal to ask on, and no `--yes`.
    fn confirm(
        &self,
        target: &Target,
        url: &str,
        workspace: &Workspace,
        host: &Host,
    ) -> Result<()> {
        if target.method != "DELETE" || self.yes {
            return Ok(());
        }
        if !host.prompt().is_interactive()? {
            return Err(
                Error::usage("there is no terminal to ask on; '--yes' confirms DELETE")
                    .code("not-interactive"),
            );
        }
        let place = match workspace.id() {
            Some(_) => format!(" at {} workspace", workspace.reference()),
            None => String::new(),
        };
        match host
            .prompt()
            .confirm(&format!("DELETE {url}{place}?"), false)?
        {
            true => Ok(()),
            false => Err(Error::failure("Nothing was deleted")),
        }
    }
}

/// Parses the values of an option that can be secret. With the key `parse`, the host would show either the value, or no reason.
fn parse_all<T: FromStr<Err = String>>(option: &str, texts: &[String]) -> Result<Vec<T>> {
    let texts = texts.iter();
    let parse = |text: &String| {
        let parsed = text.parse();
        parsed.map_err(|reason| {
            let message = format!("invalid value for '{option}': {reason}");
            Error::usage(message).code("invalid-value")
        })
    };
    texts.map(parse).collect()
}
