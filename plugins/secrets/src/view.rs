//! `tw secrets view`.

use serde::Serialize;
use tw_plugin_api::prelude::*;

use crate::{
    api::{PipelineSecret, Secrets},
    which::Which,
};

/// View a secret: all but its value, which nobody can read
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
    let secrets = Secrets::at(host)?;
    let reference = secrets.workspace.reference();
    let record = Record::new("/secret").heading(&format!("Secret at {reference} workspace"));
    let viewed = Viewed {
        workspace_ref: reference,
        secret: args.which.find(&secrets)?,
    };
    Output::record(
        &viewed,
        PipelineSecret::columns()
            .into_iter()
            .fold(record, Record::field),
    )
}
