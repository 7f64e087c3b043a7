//! `tw doctor`: each fault is one failed check with a remedy.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::Value;
use tw_sandbox::{Fault, Sandbox};
use tw_tests::{Answer, Installation, Server, Tw, World};

use crate::{Files, keyring::NO_BUS};

fn doctor(world: &World) -> Tw {
    let tw = world.command(["doctor", "-o", "json"]);
    tw.env("DBUS_SESSION_BUS_ADDRESS", NO_BUS)
        .env("SHELL", "/bin/bash")
}

/// Returns the state, the detail and the remedy of a check, with a blank between them.
#[track_caller]
fn check(report: &Value, name: &str) -> String {
    let checks = report["checks"].as_array().expect("a list");
    let check = checks.iter().find(|check| check["name"] == name);
    let check = check.unwrap_or_else(|| panic!("no `{name}` in {report}"));
    let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
    format!("{} {} {}", text("state"), text("detail"), text("remedy"))
}

#[track_caller]
fn assert_check(tw: Tw, exit: i32, name: &str, parts: &[&str]) {
    let report = tw.run().exits(exit).says("").json();
    let found = check(&report, name);
    for part in parts {
        assert!(found.contains(part), "{found}");
    }
}

#[test]
fn a_healthy_machine_passes_every_check() {
    let world = World::with(Sandbox::builder());
    for file in [".bashrc", ".bash_profile"] {
        let path = world.installation.home().join(file);
        fs::write(path, "source <(tw completion bash)\n").expect("the home can be written");
    }
    let report = doctor(&world).run().exits(0).says("").json();
    let checks = report["checks"].as_array().expect("a list");
    for one in checks {
        let expected = match one["name"].as_str() {
            // The sandbox speaks plain http.
            Some("tls") => "skipped",
            _ => "ok",
        };
        assert_eq!(one["state"], expected, "{report}");
    }
    let names: Vec<_> = checks
        .iter()
        .map(|one| one["name"].as_str().expect("a text"))
        .collect();
    let expected = [
        "configuration",
        "policy",
        "store",
        "endpoint",
        "certificates",
        "proxy",
        "dns",
        "connection",
        "tls",
        "api",
        "clock",
        "token",
        "plugins",
        "completion",
    ];
    assert_eq!(names, expected);
    let ran = world.tw(["doctor"]).exits(0);
    ran.prints_with("Checks:");
    // The same checks, whatever fails.
    for endpoint in ["nowhere", "http://127.0.0.1:1"] {
        let csv = doctor(&world).args(["-o", "csv"]);
        let csv = csv
            .env("TOWER_API_ENDPOINT", endpoint)
            .run()
            .exits(1)
            .stdout;
        assert!(csv.starts_with("name,state,detail,remedy\r\n"), "{csv}");
        let names: Vec<&str> = csv
            .lines()
            .skip(1)
            .filter_map(|line| line.split(',').next())
            .collect();
        assert_eq!(names, expected);
    }
}

#[test]
fn the_encryption_is_checked() {
    let world = World::of(Sandbox::builder().start_https(), Installation::bundled());
    assert_check(doctor(&world), 1, "tls", &["failed ", "certificate"]);
    let ca = world.installation.home().join("ca.pem");
    fs::write(&ca, world.sandbox.ca_pem().expect("it has a CA")).expect("the home can be written");
    assert_check(doctor(&world).env("TW_CACERT", &ca), 0, "tls", &["ok "]);
    fs::write(&ca, "no certificate").expect("the home can be written");
    assert_check(
        doctor(&world).env("TW_CACERT", &ca),
        1,
        "certificates",
        &["failed ", "ca.pem"],
    );
}

#[test]
fn a_missing_api_in_the_address_is_found() {
    // A web page at the root, and the API below /api.
    let server = Server::start(|asked| match asked.path.as_str() {
        "/api/service-info" => Answer::ok("{\"serviceInfo\": {\"apiVersion\": \"1.187.0\"}}"),
        _ => Answer::ok("<html></html>").header("Content-Type", "text/html"),
    });
    let world = World::new();
    let tw = doctor(&world).env("TOWER_API_ENDPOINT", server.url());
    assert_check(
        tw,
        1,
        "api",
        &[
            "failed ",
            &format!("the API is at {}/api: use this endpoint", server.url()),
        ],
    );
    let elsewhere = Server::start(|_| Answer::ok("<html></html>"));
    let tw = doctor(&world).env("TOWER_API_ENDPOINT", elsewhere.url());
    assert_check(
        tw,
        1,
        "api",
        &["failed ", "is not the API", "https://HOST/api"],
    );
}

#[test]
fn a_wrong_clock_is_found() {
    let server = Server::start(|_| {
        Answer::ok("{\"serviceInfo\": {\"apiVersion\": \"1.187.0\"}}")
            .header("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
    });
    let world = World::new();
    let tw = doctor(&world).env("TOWER_API_ENDPOINT", server.url());
    let report = tw.run().json();
    let found = check(&report, "clock");
    assert!(
        found.contains("warning this machine is ") && found.contains(" days ahead of the server"),
        "{found}"
    );
}

#[test]
fn faults_on_the_way_to_the_server_are_told_apart() {
    let world = World::new();
    let at = |endpoint: &str| doctor(&world).env("TOWER_API_ENDPOINT", endpoint);
    assert_check(
        at("https://nothing.invalid"),
        1,
        "dns",
        &["failed nothing.invalid: ", "name server"],
    );
    assert_check(
        at("https://nothing.invalid"),
        1,
        "connection",
        &["skipped "],
    );
    assert_check(
        at("http://127.0.0.1:1"),
        1,
        "connection",
        &["failed 127.0.0.1:1: ", "HTTPS_PROXY"],
    );
    assert_check(at("http://127.0.0.1:1"), 1, "token", &["skipped "]);
    assert_check(at("nowhere"), 1, "endpoint", &["failed "]);
    let tw = doctor(&world).env("HTTP_PROXY", "http://me:hunter2/@x");
    let ran = tw.run().exits(1).never_shows("hunter2");
    assert!(check(&ran.json(), "proxy").starts_with("failed HTTP_PROXY does not name a proxy"));
    let tw = doctor(&world).env("HTTP_PROXY", "http://me:hunter2@127.0.0.1:1");
    let ran = tw.run().exits(1).never_shows("hunter2");
    assert!(
        check(&ran.json(), "proxy").contains("ok http://***@127.0.0.1:1 (HTTP_PROXY)"),
        "{ran}"
    );
    let found = check(&ran.json(), "connection");
    assert!(
        found.starts_with("failed the proxy 127.0.0.1:1: "),
        "{found}"
    );
    let plain = world
        .installation
        .command(["doctor", "-o", "json"])
        .env("TOWER_API_ENDPOINT", world.sandbox.url());
    assert_check(
        plain,
        1,
        "endpoint",
        &["failed ", "is not encrypted", "`--insecure`"],
    );
    world.saw([]);
}

#[test]
fn the_token_is_checked() {
    let world = World::new();
    assert_check(
        doctor(&world),
        0,
        "token",
        &["ok TOWER_ACCESS_TOKEN: accepted, of the user demo"],
    );
    let tw = doctor(&world).env("TOWER_ACCESS_TOKEN", "wrong");
    assert_check(
        tw,
        1,
        "token",
        &[
            "failed TOWER_ACCESS_TOKEN: the server doesn't accept it",
            "`tw login`",
        ],
    );
    let tw = doctor(&world).without_env("TOWER_ACCESS_TOKEN");
    assert_check(tw, 0, "token", &["warning there is no token", "`tw login"]);
    world
        .sandbox
        .fault(Fault::on("GET", "/user-info").status(403));
    assert_check(doctor(&world), 1, "token", &["failed "]);
    let page = Fault::on("GET", "/user-info").html("<h1>Platform</h1>");
    world.sandbox.fault(page);
    assert_check(
        doctor(&world),
        1,
        "token",
        &["failed ", "check the endpoint"],
    );
}

#[test]
fn faults_of_the_machine_are_found() {
    let world = World::new();
    world.configure("[htpp]\nurl = \"hunter2\"\n");
    assert_check(
        doctor(&world),
        1,
        "configuration",
        &[
            "failed ",
            "line 1: the section `[htpp]` is unknown",
            "write `[http]`",
        ],
    );
    world.configure("[plugin.nothing]\n");
    assert_check(
        doctor(&world),
        1,
        "configuration",
        &["`[plugin.nothing]`, and there is no plugin of that name"],
    );
    world.configure("");
    let policy = world.installation.home().join(".config/tw/policy.toml");
    fs::write(&policy, "linkd = 1\n").expect("the home can be written");
    assert_check(doctor(&world), 1, "policy", &["failed ", "policy.toml"]);
    fs::remove_file(&policy).expect("the file is there");
    crate::write(
        &world
            .installation
            .home()
            .join(".local/share/tw/plugins/plugins.lock"),
        "{",
    );
    assert_check(doctor(&world), 1, "store", &["failed ", "plugins.lock"]);
    world
        .installation
        .add_bytes("broken", b"\x7fELF no library");
    assert_check(doctor(&world), 1, "plugins", &["failed broken: "]);
}

#[test]
fn nothing_is_sent_while_a_configuration_that_cannot_be_used_may_name_the_server() {
    let proxy = Server::start(|_| Answer::status(500));
    let world = World::new();
    let assert_nothing_sent = |line: &[&str]| {
        let tw = world.installation.command(line.iter().copied());
        let tw = tw.env("HTTPS_PROXY", proxy.url());
        let tw = tw.env("TOWER_ACCESS_TOKEN", "a-token");
        let report = tw.run().exits(1).says("").json();
        assert!(check(&report, "configuration").starts_with("failed "));
        for name in ["endpoint", "dns", "connection", "api", "token"] {
            let found = check(&report, name);
            let expected = "skipped the configuration can't be used, ";
            assert!(found.starts_with(expected), "{found}");
        }
    };
    let named = "endpoint = \"https://127.0.0.1:1\"\n";
    let line = ["doctor", "-o", "json"];
    for wrong in ["[htpp]\nrate = 1\n", "= 1\n"] {
        world.configure(&format!("{named}{wrong}"));
        assert_nothing_sent(&line);
    }
    world.configure(&format!("default-profile = \"nope\"\n{named}"));
    assert_nothing_sent(&line);
    world.configure(named);
    assert_nothing_sent(&["--profile", "tipo", "doctor", "-o", "json"]);
    fs::set_permissions(world.user_file(), PermissionsExt::from_mode(0o666)).expect("it is ours");
    assert_nothing_sent(&line);
    assert_eq!(proxy.seen(), [""; 0]);
    // The address of the command line or of the variable is certain.
    let tw = doctor(&world).args(["-u", world.sandbox.url()]);
    assert_check(tw, 1, "token", &["ok TOWER_ACCESS_TOKEN: accepted"]);
    assert_check(doctor(&world), 1, "token", &["ok TOWER_ACCESS_TOKEN"]);
    let loops = world.user_file();
    fs::remove_file(&loops).expect("it is there");
    std::os::unix::fs::symlink("config.toml", &loops).expect("a link can be made");
    assert_nothing_sent(&line);
    assert_eq!(proxy.seen(), [""; 0]);
}

#[test]
fn a_name_that_cannot_be_looked_up_may_be_that_of_the_proxy() {
    let world = World::new();
    world.configure("[profile.x]\nproxy = \"http://nothing.invalid:3128\"\n");
    let tw = doctor(&world).args(["--profile", "x"]);
    assert_check(
        tw.env("NO_PROXY", ""),
        1,
        "dns",
        &[
            "failed the proxy nothing.invalid (profile `x` in ",
            "check the address of the proxy",
        ],
    );
}

#[test]
fn doctor_works_without_plugins_and_without_a_home() {
    let world = World::of(Sandbox::builder().start(), Installation::bare());
    assert_check(
        doctor(&world),
        0,
        "plugins",
        &["warning no plugins came with this tw"],
    );
    let report = doctor(&world).without_env("HOME").run().exits(0).json();
    assert!(check(&report, "token").starts_with("ok "), "{report}");
    let ran = world.tw(["doctor"]).exits(0);
    ran.prints_with("  plugins: no plugins came with this tw");
}
