//! Requests with files: bodies, forms and downloads.

use serde_json::{Value, json};
use tw_plugin_api::Form;

use crate::{host::FakeHost, http::send};

#[test]
fn a_file_replaces_the_bytes_of_a_body_and_the_other_way_round() {
    let (message, body) = send(|host| {
        let request = host.http().put("/pets").body("text/plain", b"a,b".to_vec());
        request.retries(0).body_file("a.csv", "text/csv")
    });
    let headers = json!([{ "name": "content-type", "value": "text/plain" }]);
    assert_eq!(
        (message, body),
        (
            json!({ "method": "PUT", "url": "/pets", "headers": headers, "body_file": "a.csv", "retries": 0 }),
            vec![]
        )
    );
    let (message, body) = send(|host| {
        let request = host.http().put("/pets").body_file("a.csv", "text/csv");
        request.body("text/plain", b"a,b".to_vec())
    });
    assert_eq!(
        (&message["body_file"], body),
        (&Value::Null, b"a,b".to_vec())
    );
}

#[test]
fn a_form_replaces_another_body_and_the_other_way_round() {
    let form = || {
        Form::new()
            .text("header", true)
            .file("file", "a.csv", "text/csv")
    };
    let parts = json!([
        { "name": "header", "text": "true" },
        { "name": "file", "file": "a.csv", "content_type": "text/csv" },
    ]);
    let (message, body) = send(move |host| {
        let request = host.http().post("/pets").body_file("b.csv", "text/csv");
        request.multipart(form())
    });
    assert_eq!(
        (&message["form"], &message["body_file"]),
        (&parts, &Value::Null)
    );
    assert_eq!(body, b"");
    let (message, _) = send(move |host| {
        let request = host.http().post("/pets").multipart(form());
        request.body_file("b.csv", "text/csv")
    });
    assert_eq!(
        (&message["form"], &message["body_file"]),
        (&Value::Null, &json!("b.csv"))
    );
    let (message, body) =
        send(move |host| host.http().post("/pets").multipart(form()).json(&json!(1)));
    assert_eq!((&message["form"], body), (&Value::Null, b"1".to_vec()));
}

#[test]
fn a_download_names_its_file_and_returns_the_response() {
    let host = FakeHost::new().reply_with_body("http.download", json!({ "status": 404 }), b"no");
    host.with(|host| {
        let request = host.http().post("/log").json(&json!({}));
        let download = request.download("run.log").label("Saving");
        let response = download.send().unwrap();
        assert_eq!((response.status(), response.bytes()), (404, &b"no"[..]));
        let error = response.ok().unwrap_err();
        assert_eq!(
            error.to_string(),
            "The server answered POST /log with status 404"
        );
    });
    let call = host.calls().remove(0);
    let headers = json!([{ "name": "content-type", "value": "application/json" }]);
    let request = json!({ "method": "POST", "url": "/log", "headers": headers, "body": { "offset": 0, "length": 2 } });
    let message = json!({ "request": request, "path": "run.log", "label": "Saving" });
    assert_eq!((call.message, call.body), (message, b"{}".to_vec()));
}
