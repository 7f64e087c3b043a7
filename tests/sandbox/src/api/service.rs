//! `/service-info`, which needs no token.

use axum::Json;
use serde_json::{Value, json};

/// The version of the Platform's API that the sandbox implements.
const API_VERSION: &str = "1.187.0";

pub(super) async fn get_service_info() -> Json<Value> {
    Json(json!({
        "serviceInfo": {
            "version": concat!("sandbox-", env!("CARGO_PKG_VERSION")),
            "apiVersion": API_VERSION,
            "commitId": null,
            "userWorkspaceEnabled": true,
            "seqeraCloud": false,
            "allowInstanceCredentials": false,
            "waveEnabled": false,
            "groundswellEnabled": false,
            "authTypes": [],
            "loginPath": "/login",
            "heartbeatInterval": 60,
        }
    }))
}
