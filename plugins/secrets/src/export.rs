//! `tw secrets export`: prints a file for `tw secrets import`, with empty values because the API never returns a value.

use serde::Serialize;
use tw_plugin_api::prelude::*;

use crate::{api::Secrets, file::Format, list, name, order::Order, secret::PipelineSecret};

const NO_VALUES: &str = "values can't be read from the Platform: fill them in before the import";

/// Print a file for import with the names of the secrets and empty values
#[derive(Args)]
pub(crate) struct Export {
    /// Format of the file
    #[arg(long, default = "dotenv")]
    format: Format,
}

/// The file in JSON.
#[derive(Serialize)]
struct JsonFile<'a> {
    secrets: Vec<JsonSecret<'a>>,
}

/// A secret in the file. `tw secrets import` reads the name and the value; the dates tell a user which secret is meant.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonSecret<'a> {
    name: &'a str,
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_created: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_updated: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used: &'a Option<String>,
}

impl<'a> ExportedSecret<'a> {
    fn new(secret: &'a PipelineSecret) -> Self {
        Self {
            id: secret.id,
            secret: JsonSecret::new(secret),
        }
    }
}

impl<'a> JsonSecret<'a> {
    fn new(secret: &'a PipelineSecret) -> Self {
        Self {
            name: &secret.name,
            value: "",
            date_created: &secret.date_created,
            last_updated: &secret.last_updated,
            last_used: &secret.last_used,
        }
    }
}

/// The data of the other output formats: that of `tw secrets list` with a place for each value, so that `import` reads it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Exported<'a> {
    workspace_ref: &'a str,
    secrets: Vec<ExportedSecret<'a>>,
}

#[derive(Serialize)]
struct ExportedSecret<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<i64>,
    #[serde(flatten)]
    secret: JsonSecret<'a>,
}

pub(crate) fn run(args: Export, host: &Host) -> Result<Output> {
    if host.was_typed("format") && host.format() != "console" {
        return Err(Error::usage(format!(
            "'--format' cannot be used with '-o {0}': '-o console' prints the file, and '-o {0}' without '--format' prints the data",
            host.format()
        ))
        .code("conflicting-options"));
    }
    let secrets = Secrets::open(host)?;
    let mut found = secrets.list()?;
    Order::Name.sort(&mut found);
    let reference = secrets.workspace.reference();
    if host.format() != "console" {
        let exported = Exported {
            workspace_ref: reference,
            secrets: found.iter().map(ExportedSecret::new).collect(),
        };
        let output = Output::table(&exported, list::table(reference))?;
        return Ok(match host.format() {
            "json" | "yaml" => output.warning(NO_VALUES),
            // `import` doesn't read the other formats.
            _ => output,
        });
    }
    let head = format!("# Secrets at {} workspace; {NO_VALUES}\n", quote(reference));
    let mut left_out = 0;
    let text = match args.format {
        Format::Dotenv => {
            let (fitting, others): (Vec<_>, Vec<_>) =
                found.iter().partition(|secret| fits_dotenv(&secret.name));
            left_out = others.len();
            head + &dotenv(&fitting)
        }
        Format::Json => json(&found)?,
        Format::Yaml => head + &yaml(&found),
    };
    let output = Output::text(&(), &escape(&text))?.warning(NO_VALUES);
    Ok(match left_out {
        0 => output,
        _ => output.warning(&format!(
            "{left_out} secrets are left out because a .env file can't hold their names; '--format json' includes them"
        )),
    })
}

/// True if a line of a .env file can begin with the name. The Platform creates no other names, but a name with a line break would add a line of
/// the server's choice to the file.
fn fits_dotenv(name: &str) -> bool {
    !name.is_empty() && name.chars().all(name::is_word)
}

fn dotenv(secrets: &[&PipelineSecret]) -> String {
    let mut text = String::new();
    for secret in secrets {
        text.extend(["\n", &dates(secret, "# "), &secret.name, "=\n"]);
    }
    text
}

fn yaml(secrets: &[PipelineSecret]) -> String {
    if secrets.is_empty() {
        return "secrets: []\n".to_owned();
    }
    let mut text = "secrets:\n".to_owned();
    for secret in secrets {
        let name = quote(&secret.name);
        text.extend([
            "  - name: ",
            &name,
            "\n    value: \"\"\n",
            &dates(secret, "    "),
        ]);
    }
    text
}

fn json(secrets: &[PipelineSecret]) -> Result<String> {
    let file = JsonFile {
        secrets: secrets.iter().map(JsonSecret::new).collect(),
    };
    serde_json::to_string_pretty(&file)
        .map_err(|error| Error::failure(format!("the file can't be written as JSON: {error}")))
}

/// Returns a line for each date of the secret, such as `dateCreated: "2022-10-05T12:42:21Z"`.
fn dates(secret: &PipelineSecret, indent: &str) -> String {
    let dates = [
        ("dateCreated", &secret.date_created),
        ("lastUpdated", &secret.last_updated),
        ("lastUsed", &secret.last_used),
    ];
    let lines = dates.into_iter().filter_map(|(key, date)| {
        let date = quote(date.as_ref()?);
        Some(format!("{indent}{key}: {date}\n"))
    });
    lines.collect()
}

/// Escapes the control and bidirectional characters that JSON leaves as they are: they steer a terminal, and YAML refuses some of them. All of them are in
/// quoted strings.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{7f}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}' => escaped.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Quotes text as a JSON string, which YAML reads too. The server's text can't break out of a quoted line.
fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
