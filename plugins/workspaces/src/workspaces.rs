//! `tw workspaces list`.

use serde::Serialize;
use tw_plugin_api::{JsonObject, prelude::*};

use crate::membership::Membership;

/// List the workspaces that you can work in
#[derive(Args)]
pub(crate) struct List {
    /// Only those of the organization with this name
    #[arg(short, long = "org", alias = "organization", value_name = "NAME")]
    organization: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    user_name: String,
    workspaces: Vec<JsonObject>,
}

pub(crate) fn list(args: List, host: &Host) -> Result<Output> {
    let membership = Membership::read(host)?;
    let user_name = membership.user.clone();
    let of_organization = |entry: &JsonObject| match &args.organization {
        Some(name) => entry.get("orgName").and_then(|name| name.as_str()) == Some(name),
        None => true,
    };
    let listed = Listed {
        workspaces: membership.workspaces().filter(of_organization).collect(),
        user_name,
    };
    let page = "/orgs/{/orgName}/workspaces/{/workspaceName}/launchpad";
    let table = Table::new("/workspaces")
        .heading(&format!("Workspaces for {} user", listed.user_name))
        .column(
            Column::new("Workspace ID", "/workspaceId")
                .integer()
                .link(page),
        )
        .name_column(Column::new("Workspace Name", "/workspaceName"))
        .column(Column::new("Organization Name", "/orgName"))
        .column(Column::new("Organization ID", "/orgId").integer())
        .sort_as_text(0)
        .empty("No workspaces found");
    let is_format = |name: &String| ["json", "console"].contains(&name.to_lowercase().as_str());
    let meant_another =
        listed.workspaces.is_empty() && args.organization.as_ref().is_some_and(is_format);
    let output = Output::table(&listed, table)?;
    Ok(match meant_another {
        true => output
            .warning("here `-o` names an organization; `tw -o json workspaces list` gives JSON"),
        false => output,
    })
}
