//! `tw secrets view`.

use serde::Serialize;
use tw_plugin_api::prelude::*;

use crate::{api::Secrets, secret::PipelineSecret, which::Which};

/// View a secret's name, ID and dates; the Platform never returns a value
#[derive(Args)]
pub(crate) struct View {
    #[arg(flatten)]
    which: Which,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Viewed<'a> {
    workspace_ref: &'a str,
    secret: PipelineSecret,
}

pub(crate) fn run(args: View, host: &Host) -> Result<Output> {
    let secrets = Secrets::open(host)?;
    let reference = secrets.workspace.reference();
    let record = Record::new("/secret").heading(&format!("Secret at {reference} workspace"));
    let viewed = Viewed {
        workspace_ref: reference,
        secret: args.which.find(&secrets)?,
    };
    let columns = PipelineSecret::columns().into_iter();
    Output::record(&viewed, columns.fold(record, Record::field))
}
