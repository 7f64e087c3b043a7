//! Tests of `/pipeline-secrets`.

use serde_json::json;
use tw_sandbox::{Sandbox, Secret, User, Workspace};

use crate::client::{call, get, send};

const NOW: &str = "2026-01-02T03:04:05Z";

fn sandbox() -> Sandbox {
    Sandbox::builder()
        .clock(NOW)
        .secret(
            Secret::new("OLD", "old value")
                .id(5_002_114_781_502)
                .created("2022-10-05T12:42:21Z")
                .updated("2022-10-25T13:21:15Z")
                .used("2023-01-01T00:00:00Z"),
        )
        .secret(Secret::new("SHARED", "shared value").id(7).workspace(100))
        .start()
}

#[test]
fn a_secret_is_created_listed_described_updated_and_deleted() {
    let sandbox = Sandbox::builder().clock(NOW).first_secret_id(40).start();

    let created = call(
        &sandbox,
        "POST",
        "/pipeline-secrets",
        Some(r#"{"name":"KEY","value":"one","extra":1}"#),
    );
    assert_eq!(
        (created.status, created.json()),
        (200, json!({ "secretId": 40 }))
    );
    assert_eq!(sandbox.secrets(None)[0].value, "one");

    let expected = json!({ "id": 40, "name": "KEY", "dateCreated": NOW, "lastUpdated": NOW, "lastUsed": null });
    let listed = get(&sandbox, "/pipeline-secrets");
    assert_eq!(
        (listed.status, listed.json()),
        (
            200,
            json!({ "pipelineSecrets": [expected], "totalSize": 1 })
        )
    );
    let described = get(&sandbox, "/pipeline-secrets/40");
    assert_eq!(
        (described.status, described.json()),
        (200, json!({ "pipelineSecret": expected }))
    );

    sandbox.set_clock(tw_sandbox::Clock::Fixed("2026-02-02T00:00:00Z".into()));
    let updated = call(
        &sandbox,
        "PUT",
        "/pipeline-secrets/40",
        Some(r#"{"value":"two"}"#),
    );
    assert_eq!((updated.status, updated.body.len()), (204, 0));
    let stored = sandbox.secrets(None).remove(0);
    assert_eq!(
        (stored.value.as_str(), stored.date_created.as_deref()),
        ("two", Some(NOW))
    );
    assert_eq!(stored.last_updated.as_deref(), Some("2026-02-02T00:00:00Z"));

    assert_eq!(
        call(&sandbox, "DELETE", "/pipeline-secrets/40", None).status,
        204
    );
    assert_eq!(sandbox.secrets(None), []);
    assert_eq!(
        call(&sandbox, "DELETE", "/pipeline-secrets/40", None).status,
        404
    );
}

#[test]
fn a_workspace_has_its_own_secrets() {
    let sandbox = sandbox();
    let names = |target| get(&sandbox, target).json()["pipelineSecrets"][0]["name"].clone();
    assert_eq!(names("/pipeline-secrets"), "OLD");
    assert_eq!(names("/pipeline-secrets?workspaceId=100"), "SHARED");
    assert_eq!(
        get(&sandbox, "/pipeline-secrets?workspaceId=101").json()["totalSize"],
        0
    );

    // Another workspace may use the same name.
    let body = Some(r#"{"name":"OLD","value":"v"}"#);
    assert_eq!(
        call(&sandbox, "POST", "/pipeline-secrets?workspaceId=101", body).status,
        200
    );
    assert_eq!(sandbox.secrets(Some(101)).len(), 1);
}

#[test]
fn seeded_dates_are_returned_unchanged() {
    let secret = &get(&sandbox(), "/pipeline-secrets/5002114781502").json()["pipelineSecret"];
    assert_eq!(secret["dateCreated"], "2022-10-05T12:42:21Z");
    assert_eq!(secret["lastUpdated"], "2022-10-25T13:21:15Z");
    assert_eq!(secret["lastUsed"], "2023-01-01T00:00:00Z");
    assert_eq!(secret.get("value"), None);
}

#[test]
fn a_secret_of_another_owner_is_forbidden_and_an_unknown_one_is_not_found() {
    let sandbox = sandbox();
    for method in ["GET", "PUT", "DELETE"] {
        let body = (method == "PUT").then_some(r#"{"value":"stolen"}"#);
        for (target, status) in [
            ("/pipeline-secrets/7", 403),
            ("/pipeline-secrets/7?workspaceId=101", 403),
            ("/pipeline-secrets/5002114781502?workspaceId=100", 403),
            ("/pipeline-secrets/8", 404),
            ("/pipeline-secrets/-8", 404),
        ] {
            let answer = call(&sandbox, method, target, body);
            assert_eq!(answer.status, status, "{method} {target}");
            assert!(!answer.message().is_empty());
        }
    }
    assert_eq!(sandbox.secrets(Some(100))[0].value, "shared value");
}

#[test]
fn a_duplicate_or_invalid_name_is_refused() {
    let sandbox = sandbox();
    let create = |name: &str| {
        let body = json!({ "name": name, "value": "v" }).to_string();
        let created = call(&sandbox, "POST", "/pipeline-secrets", Some(&body));
        let validated = get(&sandbox, &format!("/pipeline-secrets/validate?name={name}"));
        (validated.status, created)
    };
    let (validated, created) = create("OLD");
    assert_eq!((validated, created.status), (409, 409));
    assert!(
        created.message().contains("already exists"),
        "{}",
        created.message()
    );

    for name in ["", "a", "a__b", "my-secret"] {
        let (validated, created) = create(name);
        assert_eq!((validated, created.status), (400, 400), "{name}");
    }
    assert_eq!(
        get(&sandbox, "/pipeline-secrets/validate?name=__x").status,
        204
    );
    assert_eq!(
        get(
            &sandbox,
            "/pipeline-secrets/validate?name=OLD&workspaceId=100"
        )
        .status,
        204
    );
    assert_eq!(get(&sandbox, "/pipeline-secrets/validate").status, 400);
}

#[test]
fn malformed_and_incomplete_requests_are_refused() {
    let sandbox = sandbox();
    for (method, target, body) in [
        ("GET", "/pipeline-secrets/x", None),
        ("GET", "/pipeline-secrets/99999999999999999999", None),
        ("GET", "/pipeline-secrets/%FF", None),
        ("GET", "/pipeline-secrets?workspaceId=", None),
        ("GET", "/pipeline-secrets?workspaceId=acme", None),
        ("GET", "/user/x/workspaces", None),
        ("POST", "/pipeline-secrets", Some("{")),
        ("POST", "/pipeline-secrets", Some("[]")),
        ("POST", "/pipeline-secrets", Some(r#"{"name":"ab"}"#)),
        ("POST", "/pipeline-secrets", Some(r#"{"value":"v"}"#)),
        (
            "POST",
            "/pipeline-secrets",
            Some(r#"{"name":"ab","value":null}"#),
        ),
        (
            "POST",
            "/pipeline-secrets",
            Some(r#"{"name":"ab","value":1}"#),
        ),
        ("PUT", "/pipeline-secrets/5002114781502", Some("{}")),
    ] {
        let answer = call(&sandbox, method, target, body);
        assert_eq!(answer.status, 400, "{method} {target} {body:?}");
        assert!(!answer.message().is_empty());
    }
    assert_eq!(
        call(&sandbox, "POST", "/pipeline-secrets/7", None).status,
        405
    );
    assert_eq!(get(&sandbox, "/no-such-page").status, 404);
    assert_eq!(sandbox.secrets(None).len(), 1);
}

#[test]
fn a_body_needs_the_json_content_type() {
    let sandbox = Sandbox::builder().start();
    let body = br#"{"name":"ab","value":"v"}"#;
    for (content_type, status) in [
        ("text/plain", 415),
        ("application/json; charset=utf-8", 200),
    ] {
        let headers = format!(
            "Authorization: bearer {}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n",
            sandbox.token(),
            body.len()
        );
        let answer = send(
            sandbox.address(),
            "POST",
            "/pipeline-secrets",
            &headers,
            body,
        )
        .unwrap();
        assert_eq!(answer.status, status, "{content_type}");
    }
}

#[test]
fn every_endpoint_except_service_info_needs_a_token() {
    let sandbox = sandbox();
    for target in [
        "/pipeline-secrets",
        "/pipeline-secrets/x",
        "/user-info",
        "/user/1/workspaces",
        "/orgs",
        "/orgs/10/workspaces",
    ] {
        for headers in [
            "",
            "Authorization: Bearer wrong\r\n",
            "Authorization: Basic eDp5\r\n",
        ] {
            let answer = send(sandbox.address(), "GET", target, headers, b"").unwrap();
            assert_eq!(
                (answer.status, answer.body.len()),
                (401, 0),
                "{target} {headers}"
            );
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    assert_eq!(
        send(sandbox.address(), "GET", "/service-info", "", b"")
            .unwrap()
            .status,
        200
    );

    sandbox.edit(|state, _| state.remove_token(tw_sandbox::DEMO_TOKEN));
    assert_eq!(get(&sandbox, "/user-info").status, 401, "an expired token");
}

#[test]
fn a_workspace_without_the_user_as_a_member_is_forbidden() {
    let sandbox = Sandbox::builder()
        .user(User::new(2, "other"))
        .workspace(Workspace::new(102, 10, "closed").members([2]))
        .start();
    for target in [
        "/pipeline-secrets?workspaceId=102",
        "/pipeline-secrets?workspaceId=999",
    ] {
        let answer = get(&sandbox, target);
        assert_eq!(answer.status, 403, "{target}");
        assert!(
            answer.message().contains("no access"),
            "{}",
            answer.message()
        );
    }
}

#[test]
fn a_body_of_several_megabytes_is_accepted_and_one_above_16_mib_is_refused() {
    let sandbox = Sandbox::builder().start();
    let value = "x".repeat(8 << 20);
    let body = json!({ "name": "LARGE", "value": value }).to_string();
    assert_eq!(
        call(&sandbox, "POST", "/pipeline-secrets", Some(&body)).status,
        200
    );
    assert_eq!(sandbox.secrets(None)[0].value.len(), value.len());

    let headers = format!(
        "Authorization: Bearer {}\r\nContent-Length: {}\r\n",
        sandbox.token(),
        (16 << 20) + 1
    );
    assert_eq!(
        send(
            sandbox.address(),
            "POST",
            "/pipeline-secrets",
            &headers,
            b""
        )
        .unwrap()
        .status,
        413
    );
}

#[test]
fn every_endpoint_is_also_served_below_api() {
    let sandbox = sandbox();
    assert_eq!(
        get(&sandbox, "/api/pipeline-secrets/7?workspaceId=100").status,
        200
    );
    assert_eq!(get(&sandbox, "/api/service-info").status, 200);
    assert_eq!(
        get(&sandbox, "/api/no-such-page").message(),
        "Page not found"
    );
    assert_eq!(
        call(&sandbox, "DELETE", "/api/user-info", None).message(),
        "Method not allowed"
    );
}
