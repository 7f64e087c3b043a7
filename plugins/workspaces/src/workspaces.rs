//! `tw workspaces list`.

use serde::Serialize;
use tw_plugin_api::{JsonObject, prelude::*};

use crate::membership::Membership;

/// List the workspaces that you can work in
#[derive(Args)]
pub(crate) struct List {
    /// List only the workspaces of the organization with this name
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
    let membership = Membership::fetch(host)?;
    let user_name = membership.user.clone();
    let is_wanted = |entry: &JsonObject| match &args.organization {
        Some(name) => entry.get("orgName").and_then(|name| name.as_str()) == Some(name),
        None => true,
    };
    let listed = Listed {
        workspaces: membership.workspaces().filter(is_wanted).collect(),
        user_name,
    };
    let output = Output::table(&listed, table(&listed.user_name))?;
    Ok(match listed.workspaces.is_empty() && args.names_a_format() {
        true => output.warning(
            "`-o` after `workspaces list` names an organization; `tw -o json workspaces list` prints JSON",
        ),
        false => output,
    })
}

fn table(user_name: &str) -> Table {
    let page = "/orgs/{/orgName}/workspaces/{/workspaceName}/launchpad";
    let id = Column::new("Workspace ID", "/workspaceId").integer();
    Table::new("/workspaces")
        .heading(&format!("Workspaces for {user_name} user"))
        .column(id.link(page))
        .name_column(Column::new("Workspace Name", "/workspaceName"))
        .column(Column::new("Organization Name", "/orgName"))
        .column(Column::new("Organization ID", "/orgId").integer())
        .sort_as_text(0)
        .empty("No workspaces found")
}

impl List {
    /// True if the organization is called like an output format: the user probably meant the root option `-o`.
    fn names_a_format(&self) -> bool {
        let formats = ["json", "console"];
        self.organization.as_ref().is_some_and(|name| {
            formats
                .iter()
                .any(|format| name.eq_ignore_ascii_case(format))
        })
    }
}
