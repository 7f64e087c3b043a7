//! The settings in force: which place takes precedence, and what the settings do.

use serde_json::json;
use tw_sandbox::{Sandbox, Secret};
use tw_tests::{Answer, Server, World};

use crate::{Files, setting};

const USER: &str = "endpoint = \"https://user.example\"\nworkspace = \"acme/user\"\n";
const PREFIX: &str =
    "endpoint = \"https://prefix.example\"\nworkspace = \"acme/prefix\"\noutput = \"csv\"\n";

#[test]
fn a_flag_beats_a_variable_beats_a_profile_beats_the_files_beats_the_default() {
    let world = World::new();
    let user = world.user_file().display().to_string();
    let prefix = world.prefix_file().display().to_string();
    let assert_endpoint = |arguments: &[&str], variable: &str, value: &str, origin: &str| {
        let line = [&["config", "show", "-o", "json"][..], arguments].concat();
        let tw = world.installation.command(line);
        let tw = tw.env("TOWER_API_ENDPOINT", variable);
        let shown = tw.run().exits(0).says("").json();
        assert_eq!(setting(&shown, "endpoint"), (&json!(value), &json!(origin)));
    };
    assert_endpoint(&[], "", "https://api.cloud.seqera.io", "default");
    world.configure_prefix(PREFIX);
    assert_endpoint(&[], "", "https://prefix.example", &format!("{prefix}:1"));
    world.configure(USER);
    assert_endpoint(&[], "", "https://user.example", &format!("{user}:1"));
    // A profile takes precedence over the top level of every file, whichever file has the profile.
    world.configure_prefix(&format!(
        "{PREFIX}[profile.work]\nendpoint = \"https://prefix-work.example\"\n"
    ));
    let origin = format!("profile `work` in {prefix}:5");
    assert_endpoint(
        &["--profile", "work"],
        "",
        "https://prefix-work.example",
        &origin,
    );
    // Profiles of one name are merged key by key, and the user's key wins.
    world.configure(&format!(
        "{USER}[profile.work]\nendpoint = \"https://user-work.example\"\n"
    ));
    let origin = format!("profile `work` in {user}:4");
    let profile = ["--profile", "work"];
    assert_endpoint(&profile, "", "https://user-work.example", &origin);
    assert_endpoint(
        &profile,
        "https://variable.example",
        "https://variable.example",
        "TOWER_API_ENDPOINT",
    );
    let flag = ["--profile", "work", "-u", "https://flag.example"];
    assert_endpoint(
        &flag,
        "https://variable.example",
        "https://flag.example",
        "--url",
    );
}

#[test]
fn the_profile_is_chosen_by_the_flag_the_variable_and_the_files() {
    let world = World::new();
    let profiles = "[profile.a]\n[profile.b]\n[profile.c]\n[profile.d]\n";
    let chosen = |arguments: &[&str], variable: &str| {
        let line = [&["config", "show", "-o", "json"][..], arguments].concat();
        let tw = world.installation.command(line).env("TW_PROFILE", variable);
        let shown = tw.run().exits(0).json();
        setting(&shown, "default-profile").0.clone()
    };
    world.configure(profiles);
    assert_eq!(chosen(&[], ""), json!(null));
    world.configure_prefix("default-profile = \"d\"\n");
    assert_eq!(chosen(&[], ""), "d");
    world.configure(&format!("default-profile = \"c\"\n{profiles}"));
    assert_eq!(chosen(&[], ""), "c");
    assert_eq!(chosen(&[], "b"), "b");
    assert_eq!(chosen(&["--profile", "a"], "b"), "a");
}

#[test]
fn an_unknown_profile_is_an_error_that_names_the_nearest_and_how_to_add_it() {
    let world = World::new();
    world.configure("[profile.work]\n");
    let hint = "did you mean `work`? `tw profile list` shows the profiles, and `tw profile set wrok endpoint=URL` adds this one";
    let ran = world.tw(["--profile", "wrok", "secrets", "list"]).exits(2);
    ran.says_with("There is no profile `wrok`").says_with(hint);
    let ran = world.tw(["secrets", "list", "--profile=wrok"]).exits(2);
    ran.says_with(hint);
    let tw = world.command(["secrets", "list"]).env("TW_PROFILE", "wrok");
    tw.run()
        .exits(2)
        .says_with("There is no profile `wrok`, which TW_PROFILE names");
    world.configure("\ndefault-profile = \"wrok\"\n[profile.work]\n");
    let ran = world.tw(["secrets", "list"]).exits(1);
    ran.says_with("There is no profile `wrok`, which ")
        .says_with("config.toml:2 chooses")
        .says_with(hint);
    world.saw([]);
    // A configuration with such a profile can be repaired with its own commands.
    world.tw(["profile", "use", "work"]).exits(0);
    world.tw(["secrets", "list"]).exits(0).says("");
}

#[test]
fn the_workspace_of_a_profile_is_the_default_of_every_workspace_option() {
    let world = World::with(
        Sandbox::builder()
            .secret(Secret::new("MINE", "x"))
            .secret(Secret::new("OURS", "x").workspace(100)),
    );
    world.configure(
        "[profile.work]\nworkspace = \"acme/research\"\n[profile.number]\nworkspace = 100\n",
    );
    let heading = "Secrets at [acme / research] workspace:";
    for name in ["work", "number"] {
        let ran = world.tw(["--profile", name, "secrets", "list"]).exits(0);
        ran.prints_with(heading).prints_with("OURS");
    }
    // A variable and an option take precedence.
    let line = ["--profile", "work", "secrets", "list"];
    let tw = world
        .command(line)
        .env("TOWER_WORKSPACE_ID", "acme/production");
    tw.run()
        .exits(0)
        .prints_with("Secrets at [acme / production] workspace:");
    let line = line.into_iter().chain(["-w", "acme/production"]);
    world
        .tw(line)
        .exits(0)
        .prints_with("Secrets at [acme / production] workspace:");
    world
        .tw(["secrets", "list"])
        .exits(0)
        .prints_with("Secrets at user workspace:");
    let ran = world
        .tw(["--profile", "work", "api", "/pipeline-secrets"])
        .exits(0);
    ran.prints_with("OURS");
    let ran = world.tw(["--profile", "work", "api", "--user", "/pipeline-secrets"]);
    ran.exits(0).prints_with("MINE");
}

#[test]
fn the_endpoint_and_the_format_of_the_configuration_are_used() {
    let world = World::new();
    let url = world.sandbox.url();
    world.configure(&format!("endpoint = \"{url}/\"\noutput = \"json\"\n"));
    let tw = world
        .command(["secrets", "list"])
        .without_env("TOWER_API_ENDPOINT");
    let listed = tw.run().exits(0).json();
    assert_eq!(listed, json!({ "workspaceRef": "user", "secrets": [] }));
    world.saw(["GET /pipeline-secrets"]);
    let shown = world.tw(["profile", "list"]).exits(0).json();
    assert_eq!(shown, json!({ "profiles": [] }));
}

#[test]
fn paths_are_relative_to_the_file_and_a_tilde_is_the_home() {
    let world = World::new();
    world.configure(
        "cacert = \"ca.pem\"\nclient-key = \"~/key.pem\"\nclient-cert = \"/etc/cert.pem\"\n",
    );
    let shown = world
        .plain(["config", "show", "-o", "json"])
        .exits(0)
        .json();
    let home = world.installation.home();
    let value = |key: &str| setting(&shown, key).0.clone();
    assert_eq!(value("cacert"), json!(home.join(".config/tw/ca.pem")));
    assert_eq!(value("client-key"), json!(home.join("key.pem")));
    assert_eq!(value("client-cert"), json!("/etc/cert.pem"));
}

#[test]
fn the_proxy_of_the_configuration_is_used_unless_a_variable_names_another() {
    let proxy = Server::start(|_| Answer::ok("{\"pipelineSecrets\": []}"));
    let world = World::new();
    world.configure(&format!("[profile.work]\nproxy = \"{}\"\n", proxy.url()));
    let list = || world.command(["--profile", "work", "secrets", "list"]);
    list().run().exits(0);
    assert_eq!(
        proxy.seen(),
        [format!("GET {}/pipeline-secrets", world.sandbox.url())]
    );
    world.saw([]);
    list().env("NO_PROXY", "127.0.0.1").run().exits(0);
    world.saw(["GET /pipeline-secrets"]);
    let other = Server::start(|_| Answer::ok("{\"pipelineSecrets\": []}"));
    list().env("http_proxy", other.url()).run().exits(0);
    assert_eq!((proxy.seen().len(), other.seen().len()), (1, 1));
    let shown = list().args(["--insecure"]).run();
    shown.exits(0);
}

#[test]
fn a_proxy_that_cannot_be_reached_is_named_by_its_place() {
    let world = World::new();
    world.configure("\nproxy = \"http://me:hunter2hunter2@127.0.0.1:1\"\n");
    let ran = world.tw(["secrets", "list", "--retries", "0"]).exits(1);
    ran.never_shows("hunter2").says_with("config.toml:2");
    let shown = world.tw(["config", "show", "--origin"]).exits(0);
    shown
        .never_shows("hunter2")
        .prints_with("http://***@127.0.0.1:1");
    // The name of a user can be a token.
    world.configure("[profile.x]\nproxy = \"http://hunter2hunter2@127.0.0.1:1\"\n");
    for line in [
        &["profile", "show", "x"][..],
        &["--profile", "x", "config", "show"],
    ] {
        let shown = world.tw(line.iter().copied()).exits(0);
        shown
            .never_shows("hunter2")
            .prints_with("http://***@127.0.0.1:1");
    }
    let tw = world
        .command(["config", "show"])
        .env("HTTP_PROXY", "http://me:hunter2hunter2/@x");
    tw.run().exits(0).never_shows("hunter2");
}

#[test]
fn show_lists_every_setting_and_no_value_of_a_plugin() {
    let world = World::new();
    world.configure(concat!(
        "legacy-command = \"/opt/tw\"\n[external.hello]\ntoken = true\n[registry.\"x.example\"]\nrealm = \"y.example\"\n",
        "[alias]\nls = \"secrets list\"\n[plugin.secrets]\npassword = \"hunter2hunter2\"\n"
    ));
    let ran = world.plain(["config", "show", "-o", "json"]).exits(0);
    let ran = ran.never_shows("hunter2");
    let shown = ran.json();
    for (key, value) in [
        ("default-profile", json!(null)),
        ("workspace", json!(null)),
        ("output", json!("json")),
        ("http.retries", json!("3")),
        ("external.hello.token", json!("true")),
        ("registry.x.example.realm", json!("y.example")),
        ("alias.ls", json!("secrets list")),
        ("legacy-command", json!("/opt/tw")),
        ("plugin.secrets.password", json!("(not shown)")),
    ] {
        assert_eq!(setting(&shown, key).0, &value, "{key}");
    }
    let origin = setting(&shown, "output").1;
    assert_eq!(origin, "--output");
}

#[test]
fn a_configuration_that_cannot_be_reached_counts_as_absent_and_a_link_to_nothing_does_not() {
    let world = World::new();
    let tw = world.command(["secrets", "list"]).env("HOME", "/dev/null");
    let ran = tw.run().exits(0);
    ran.says_with("can't be reached");
    world.saw(["GET /pipeline-secrets"]);
    world.sandbox.clear_requests();
    let tw = world.command(["secrets", "list"]).env("HOME", "rel");
    tw.run()
        .exits(0)
        .says_with("HOME is rel, which is no absolute path");
    world.saw(["GET /pipeline-secrets"]);
    let file = world.user_file();
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder can be made");
    std::os::unix::fs::symlink("/nothing/here", &file).expect("a link can be made");
    let ran = world.tw(["secrets", "list"]);
    ran.fails_with("config.toml: it is a link to nothing");
    world.saw([]);
}
