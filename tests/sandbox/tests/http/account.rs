//! Tests of the endpoints for users, organizations, workspaces and the service.

use serde_json::{Value, json};
use tw_sandbox::{Organization, Sandbox, State, User, Workspace};

use crate::client::{get, send};

#[test]
fn user_info_describes_the_owner_of_the_token() {
    let sandbox = Sandbox::builder()
        .user(
            User::new(1, "ada")
                .email("ada@example.org")
                .default_workspace(101),
        )
        .user(User::new(2, "ben"))
        .token("token-of-ada")
        .token_for("token-of-ben", 2)
        .start();
    let info = get(&sandbox, "/user-info").json();
    assert_eq!(info["user"]["id"], 1);
    assert_eq!(info["user"]["userName"], "ada");
    assert_eq!(info["user"]["email"], "ada@example.org");
    assert_eq!(info["defaultWorkspaceId"], 101);

    let ben = "Authorization: Bearer token-of-ben\r\n";
    let info = send(sandbox.address(), "GET", "/user-info", ben, b"")
        .unwrap()
        .json();
    assert_eq!(info["user"]["email"], "ben@example.com");
    assert_eq!(info["defaultWorkspaceId"], Value::Null);
    assert_eq!(
        send(sandbox.address(), "GET", "/user/1/workspaces", ben, b"")
            .unwrap()
            .status,
        403
    );
}

#[test]
fn a_builder_token_replaces_the_default_one() {
    let sandbox = Sandbox::builder().token("mine").start();
    assert_eq!(sandbox.token(), "mine");
    let old = format!("Authorization: Bearer {}\r\n", tw_sandbox::DEMO_TOKEN);
    assert_eq!(
        send(sandbox.address(), "GET", "/user-info", &old, b"")
            .unwrap()
            .status,
        401
    );
}

#[test]
fn an_organization_is_listed_as_an_entry_of_its_own_before_its_workspaces() {
    let sandbox = Sandbox::builder().start();
    let entries = get(&sandbox, "/user/1/workspaces").json();
    let brief: Vec<_> = entries["orgsAndWorkspaces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            json!([
                entry["orgId"],
                entry["orgName"],
                entry["workspaceId"],
                entry["workspaceName"]
            ])
        })
        .collect();
    let expected = json!([
        [10, "acme", null, null],
        [10, "acme", 100, "research"],
        [10, "acme", 101, "production"],
        [20, "globex", null, null],
    ]);
    assert_eq!(Value::from(brief), expected);
}

#[test]
fn organizations_and_workspaces_of_others_are_hidden() {
    let mut state = State::empty();
    state.add_user(User::new(1, "ada"));
    let sandbox = Sandbox::builder()
        .state(state)
        .token("t")
        .organization(Organization::new(1, "closed").members([2]))
        .workspace(Workspace::new(11, 1, "inner"))
        .workspace(Workspace::new(12, 1, "secret").members([2]))
        .organization(Organization::new(2, "elsewhere").members([2]))
        .start();

    let organizations = get(&sandbox, "/orgs").json();
    assert_eq!(organizations["totalSize"], 1);
    assert_eq!(organizations["organizations"][0]["name"], "closed");
    assert_eq!(
        organizations["organizations"][0]["memberRole"],
        "collaborator"
    );

    let workspaces = get(&sandbox, "/orgs/1/workspaces").json();
    let expected = json!([
        { "id": 11, "name": "inner", "fullName": "inner", "description": null, "visibility": "PRIVATE" }
    ]);
    assert_eq!(workspaces["workspaces"], expected);
    for target in ["/orgs/2/workspaces", "/orgs/3/workspaces"] {
        assert_eq!(get(&sandbox, target).status, 403, "{target}");
    }
}

#[test]
fn service_info_reports_the_api_version() {
    let info = get(&Sandbox::builder().start(), "/service-info").json();
    assert_eq!(info["serviceInfo"]["apiVersion"], "1.187.0");
    assert_eq!(info["serviceInfo"]["userWorkspaceEnabled"], true);
}
