//! `tw info`, with the fields, the layout and the exit code of the existing CLI.

use serde_json::json;
use tw_sandbox::{Fault, Sandbox};
use tw_tests::{Installation, World};

use crate::keyring::NO_BUS;

/// Starts a world without plugins.
fn start(sandbox: tw_sandbox::Builder) -> World {
    World::of(sandbox.start(), Installation::bare())
}

#[test]
fn info_has_the_layout_and_the_json_of_the_existing_cli() {
    let world = start(Sandbox::builder());
    let url = world.sandbox.url();
    let ran = world.tw(["info"]).exits(0);
    let wide = "-".repeat(url.len() + 2);
    let pad = |text: &str| format!("{text:<0$}", url.len());
    let expected = [
        String::new(),
        "    Details".to_owned(),
        format!("    -------------------------+{wide}"),
        format!("     Tower API endpoint      | {url} "),
        format!("     Tower API version       | {} ", pad("1.187.0")),
        format!("     Tower version           | {} ", pad("sandbox-0.1.0")),
        format!("     CLI version             | {} ", pad("0.1.0")),
        format!("     CLI minimum API version | {} ", pad("1.130.0")),
        format!("     Authenticated user      | {} ", pad("demo")),
        String::new(),
        "    System health status".to_owned(),
        "    ---------------------------------------+----".to_owned(),
        "     Remote API server connection check    | OK ".to_owned(),
        "     Tower API version check               | OK ".to_owned(),
        "     Authentication API credential's token | OK ".to_owned(),
        String::new(),
        String::new(),
    ];
    ran.prints(&expected.join("\n")).says("");
    world.saw(["GET /service-info", "GET /user-info"]);
    assert_eq!(
        world.tw(["info", "-o", "json"]).exits(0).json(),
        json!({
            "connectionCheck": 1,
            "versionCheck": 1,
            "credentialsCheck": 1,
            "opts": {
                "cliApiVersion": "1.130.0",
                "cliVersion": "0.1.0",
                "towerApiVersion": "1.187.0",
                "towerApiEndpoint": url,
                "towerVersion": "sandbox-0.1.0",
                "userName": "demo",
            },
        })
    );
}

#[test]
fn a_rejected_token_fails_the_check_of_the_credentials() {
    let world = start(Sandbox::builder());
    let tw = || world.command(["info"]).env("TOWER_ACCESS_TOKEN", "wrong");
    let ran = tw().run().exits(1).says("");
    ran.prints_with("Authentication API credential's token | FAILED ")
        .prints_with("\n    Review that your current access token is valid and active.\n\n");
    let value = tw().args(["-o", "json"]).run().exits(1).json();
    assert_eq!(
        (&value["connectionCheck"], &value["credentialsCheck"]),
        (&json!(1), &json!(0))
    );
    assert!(value["opts"].get("userName").is_none());
}

#[test]
fn info_works_without_a_token() {
    let world = start(Sandbox::builder());
    let tw = || {
        let tw = world.command(["info"]).without_env("TOWER_ACCESS_TOKEN");
        tw.env("DBUS_SESSION_BUS_ADDRESS", NO_BUS)
    };
    let ran = tw().run().exits(1).says("");
    ran.prints_with("Remote API server connection check    | OK ")
        .prints_with("Authentication API credential's token | UNDEFINED ")
        .prints_with("`tw login")
        .prints_with("stores a token");
    world.saw(["GET /service-info"]);
    let value = tw().args(["-o", "json"]).run().exits(1).json();
    assert_eq!(value["credentialsCheck"], -1);
}

#[test]
fn an_older_api_fails_the_check_of_the_version() {
    for (version, check, exit) in [
        ("1.129.9", 0, 1),
        ("0.9", 0, 1),
        ("1.130.0", 1, 0),
        ("1.130.0-SNAPSHOT", 1, 0),
        ("2.0", 1, 0),
        ("new", -1, 1),
    ] {
        let body = json!({ "serviceInfo": { "version": "x", "apiVersion": version } }).to_string();
        let fault = Fault::on("GET", "/service-info").json(&body);
        let world = start(Sandbox::builder().fault(fault));
        let value = world.tw(["info", "-o", "json"]).exits(exit).json();
        assert_eq!(value["versionCheck"], check, "{version}");
        assert_eq!(value.get("problem").is_some(), check == 0, "{value}");
        let ran = world.tw(["info"]);
        let told = ran
            .stdout
            .contains("while the minimum required version to be fully compatible is 1.130.0");
        assert_eq!(told, check == 0, "{ran}");
    }
}

#[test]
fn a_server_that_is_not_the_api_fails_the_check_of_the_connection() {
    let world = start(
        Sandbox::builder().fault(Fault::on("GET", "/service-info").html("<h1>Platform</h1>")),
    );
    let url = world.sandbox.url();
    let ran = world.tw(["info"]).exits(1).says("");
    ran.prints_with("Remote API server connection check    | FAILED ")
        .prints_with(&format!(
            "\n    Tower API URL {url} it is not available (did you mean {url}/api?)\n"
        ));
    let value = world.tw(["info", "-o", "json"]).exits(1).json();
    assert_eq!(value["connectionCheck"], 0);
    assert_eq!(value["versionCheck"], -1);
    let address = "http://127.0.0.1:1/api";
    let ran = world.tw(["info", "-u", address, "--retries", "0"]).exits(1);
    ran.prints_with(&format!("Tower API URL {address} it is not available\n"))
        .prints_with("Cannot connect to http://127.0.0.1:1: ");
}

#[test]
fn a_fault_of_this_machine_is_an_error() {
    let world = start(Sandbox::builder());
    let tw = world
        .installation
        .command(["info", "-u", world.sandbox.url()]);
    tw.run()
        .fails_with("You are trying to connect to an insecure server");
    world
        .tw(["info", "--cacert", "/nothing/here"])
        .fails_with("/nothing/here");
}

#[test]
fn the_columns_of_whoami_do_not_depend_on_their_values() {
    let world = start(Sandbox::builder());
    let ran = world.tw(["whoami", "-o", "csv"]).exits(0);
    ran.prints_with("user,id,email,endpoint,profile,token\r\n");
    // An empty line on the console would say nothing.
    let ran = world.tw(["whoami"]).exits(0);
    assert!(!ran.stdout.contains("Profile"), "{ran}");
}
