//! `tw secrets export`: what a file for `tw secrets import` needs, but for the values, which nobody can read.

use tw_plugin_api::prelude::*;

use crate::{
    api::{PipelineSecret, Secrets},
    file::Format,
    list::Listed,
    name,
};

const NO_VALUES: &str = "values can't be read from the Platform: fill them in before the import";

/// Write a file for import, with the values left to fill in
#[derive(Args)]
pub(crate) struct Export {
    /// What the file is
    #[arg(long, default = "dotenv")]
    format: Format,
}

pub(crate) fn run(args: Export, host: &Host) -> Result<Output> {
    let secrets = Secrets::at(host)?;
    let reference = secrets.workspace.reference();
    let mut there = secrets.list()?;
    if let Format::Dotenv = args.format {
        // The Platform has no other names; nothing else that a server writes gets a line of its own.
        there.retain(|secret| secret.name.chars().all(name::is_word));
    }
    let entries: Vec<String> = there
        .iter()
        .map(|secret| entry(secret, args.format))
        .collect();
    let head = format!("# Secrets at {reference} workspace; {NO_VALUES}\n");
    let text = match args.format {
        Format::Dotenv => format!("{head}{}", entries.concat()),
        Format::Json => format!("{{\"secrets\": [\n{}\n]}}\n", entries.join(",\n")),
        Format::Yaml if entries.is_empty() => format!("{head}secrets: []\n"),
        Format::Yaml => format!("{head}secrets:\n{}", entries.concat()),
    };
    let listed = Listed {
        workspace_ref: reference,
        secrets: there.iter().collect(),
    };
    Ok(Output::text(&listed, &text)?.warning(NO_VALUES))
}

/// What stands in the file about a secret. All that a server wrote is in quotes, or can't be more than a name.
fn entry(secret: &PipelineSecret, format: Format) -> String {
    let (before, between, behind) = match format {
        Format::Dotenv => ("# ", ": ", "\n"),
        Format::Json => (", \"", "\": ", ""),
        Format::Yaml => ("    ", ": ", "\n"),
    };
    let mut dates = String::new();
    for (key, date) in secret.dates() {
        if let Some(date) = date {
            dates += &[before, key, between, &quoted(date), behind].concat();
        }
    }
    let name = quoted(&secret.name);
    match format {
        Format::Dotenv => ["\n", &dates, &secret.name, "=\n"].concat(),
        Format::Json => ["  {\"name\": ", &name, ", \"value\": \"\"", &dates, "}"].concat(),
        Format::Yaml => ["  - name: ", &name, "\n    value: \"\"\n", &dates].concat(),
    }
}

/// The text in quotes, as JSON and YAML have them.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
