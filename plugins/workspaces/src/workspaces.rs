//! `tw workspaces list`.

use serde::Serialize;
use tw_plugin_api::{JsonObject, prelude::*};

use crate::membership::{Membership, organization};

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
        Some(name) => organization(entry) == Some(name),
        None => true,
    };
    let format = args.find_format(&membership);
    let listed = Listed {
        workspaces: membership.workspaces().filter(is_wanted).collect(),
        user_name,
    };
    let output = Output::table(&listed, table(&listed.user_name))?;
    Ok(match format {
        Some((format, content)) => output.warning(&format!(
            "`-o` after `workspaces list` names an organization; `tw -o {format} workspaces list` prints {content}"
        )),
        None => output,
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

/// The output formats, and what each of them prints. A user who names the default format doesn't want the default.
const FORMATS: [(&str, &str); 7] = [
    ("json", "JSON"),
    ("console", "JSON"),
    ("yaml", "YAML"),
    ("csv", "CSV"),
    ("tsv", "TSV"),
    ("names", "names"),
    ("jsonl", "lines of JSON"),
];

impl List {
    /// Returns the output format that the user probably meant, and what it prints: the user belongs to no organization that is called so. `None` if the name
    /// is no format.
    fn find_format(&self, membership: &Membership) -> Option<(&'static str, &'static str)> {
        let name = self.organization.as_ref()?;
        let mut formats = FORMATS.into_iter();
        let (format, content) = formats.find(|(format, _)| name.eq_ignore_ascii_case(format))?;
        let format = if format == "console" { "json" } else { format };
        (!membership.has_organization(name)).then_some((format, content))
    }
}
