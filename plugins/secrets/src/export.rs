//! `tw secrets export`: what a file for `tw secrets import` needs, but for the values, which nobody can read.

use tw_plugin_api::prelude::*;

use crate::{
    api::{PipelineSecret, Secrets},
    file::Format,
    list::{self, Listed, Order},
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
    if host.was_typed("format") && host.format() != "console" {
        return Err(Error::usage(format!(
            "'--format' and the output format '{0}' exclude each other: '-o console' writes the file, '-o {0}' alone the data of `tw secrets list`",
            host.format()
        )));
    }
    let secrets = Secrets::at(host)?;
    let reference = secrets.workspace.reference();
    let there = secrets.list()?;
    let there = list::sorted(&there, Order::Name);
    // The Platform makes no other names; nothing else that a server writes gets a line of its own.
    let fits = |secret: &&&PipelineSecret| match args.format {
        Format::Dotenv => !secret.name.is_empty() && secret.name.chars().all(name::is_word),
        _ => true,
    };
    let entries: Vec<String> = there
        .iter()
        .filter(fits)
        .map(|secret| entry(secret, args.format))
        .collect();
    let left_out = there.len() - entries.len();
    let head = format!(
        "# Secrets at {} workspace; {NO_VALUES}\n",
        quoted(reference)
    );
    let text = match args.format {
        Format::Dotenv => format!("{head}{}", entries.concat()),
        Format::Json => format!("{{\"secrets\": [\n{}\n]}}\n", entries.join(",\n")),
        Format::Yaml if entries.is_empty() => format!("{head}secrets: []\n"),
        Format::Yaml => format!("{head}secrets:\n{}", entries.concat()),
    };
    let listed = Listed {
        workspace_ref: reference,
        secrets: there,
    };
    let output = Output::text(&listed, &text)?.warning(NO_VALUES);
    Ok(match left_out {
        0 => output,
        _ => output.warning(&format!(
            "{left_out} secrets have names that can't stand in a .env file, and are left out; '--format json' has them"
        )),
    })
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
