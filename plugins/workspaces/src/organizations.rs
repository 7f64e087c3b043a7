//! `tw organizations list`.

use serde::Serialize;
use tw_plugin_api::{JsonObject, prelude::*};

use crate::membership::Membership;

/// List the organizations that you belong to
#[derive(Args)]
pub(crate) struct List {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    user_name: String,
    organizations: Vec<JsonObject>,
}

pub(crate) fn list(_: List, host: &Host) -> Result<Output> {
    let membership = Membership::fetch(host)?;
    let user_name = membership.user.clone();
    let listed = Listed {
        organizations: membership.organizations().collect(),
        user_name,
    };
    let table = Table::new("/organizations")
        .heading(&format!("Organizations for {} user", listed.user_name))
        .column(
            Column::new("ID", "/orgId")
                .integer()
                .link("/orgs/{/orgName}/workspaces"),
        )
        .name_column(Column::new("Name", "/orgName"))
        .sort_as_text(0)
        .empty("No organizations found");
    Output::table(&listed, table)
}
