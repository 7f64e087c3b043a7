//! Mistakes in the configuration: each is named by its file and line, with what to write instead, and no request is sent.

use tw_tests::World;

use crate::Files;

/// A value that no message may repeat.
const SECRET: &str = "hunter2hunter2";

/// Asserts that every command that needs the configuration reports a mistake, and sends nothing.
#[track_caller]
fn assert_mistake(text: &str, message: &str, hint: &str) {
    let world = World::new();
    world.configure(text);
    for line in [&["secrets", "list"][..], &["plugin", "list"]] {
        let ran = world.tw(line.iter().copied()).never_shows(SECRET);
        let ran = ran.exits(1).prints("");
        ran.says_with(&format!("config.toml: {message}\n        {hint}\n"));
    }
    let checked = world.tw(["config", "check"]).never_shows(SECRET);
    let checked = checked.exits(1).prints_with(message).prints_with(hint);
    checked.prints_with("| invalid");
    world.saw([]);
}

#[test]
fn an_unknown_key_is_an_error_that_names_the_nearest_key() {
    for (text, message, hint) in [
        (
            "[htpp]\nretries = 1\n",
            "line 1: the section `[htpp]` is unknown",
            "write `[http]`",
        ),
        (
            "\nurl = \"hunter2hunter2\"\n",
            "line 2: the key `url` is unknown",
            "write `endpoint`",
        ),
        (
            "URL = 1\n",
            "line 1: the key `URL` is unknown",
            "write `endpoint`",
        ),
        (
            "format = \"json\"\n",
            "line 1: the key `format` is unknown",
            "write `output`",
        ),
        (
            "client_cert = \"x\"\n",
            "line 1: the key `client_cert` is unknown",
            "write `client-cert`",
        ),
        (
            "endpont = \"x\"\n",
            "line 1: the key `endpont` is unknown",
            "write `endpoint`",
        ),
        (
            "[profile.x]\nwrokspace = 1\n",
            "line 2: the key `profile.x.wrokspace` is unknown",
            "write `workspace`",
        ),
        (
            "[profile.x.htpp]\nrate = 1\n",
            "line 1: the section `[profile.x.htpp]` is unknown",
            "write `[profile.x.http]`",
        ),
        (
            "[profiles.x]\n",
            "line 1: the section `[profiles]` is unknown",
            "write `[profile.NAME]`",
        ),
        (
            "[plugins.x]\n",
            "line 1: the section `[plugins]` is unknown",
            "write `[plugin.NAME]`",
        ),
        (
            "[registry.\"x.example\"]\nplainhttp = true\n",
            "line 2: the key `registry.\"x.example\".plainhttp` is unknown",
            "write `plain-http`",
        ),
        (
            "[http]\nretry = 1\n",
            "line 2: the key `http.retry` is unknown",
            "write `retries`",
        ),
        (
            "[work]\nendpoint = \"x\"\n",
            "line 1: the section `[work]` is unknown",
            "write `[profile.work]` for a profile",
        ),
        (
            "[default]\n",
            "line 1: the section `[default]` is unknown",
            "write `[profile.default]` for a profile",
        ),
        (
            "[http]\nzzz = 1\n",
            "line 2: the key `http.zzz` is unknown",
            "the keys here are connect-timeout, read-timeout, retries, rate",
        ),
    ] {
        assert_mistake(text, message, hint);
    }
}

#[test]
fn a_key_in_the_wrong_section_is_an_error_that_names_its_section() {
    for (text, message, hint) in [
        (
            "retries = 1\n",
            "line 1: the key `retries` is unknown",
            "`retries` belongs to the section `[http]`",
        ),
        (
            "[profile.x]\nrate = 1\n",
            "line 2: the key `profile.x.rate` is unknown",
            "`rate` belongs to the section `[profile.x.http]`",
        ),
        (
            "[http]\nendpoint = \"x\"\n",
            "line 2: the key `http.endpoint` is unknown",
            "`endpoint` belongs to the top level, above all sections",
        ),
        (
            "[profile.x]\ndefault-profile = \"x\"\n",
            "line 2: the key `profile.x.default-profile` is unknown",
            "`default-profile` belongs to the top level, above all sections",
        ),
    ] {
        assert_mistake(text, message, hint);
    }
}

#[test]
fn a_section_that_is_written_as_a_value_is_an_error_that_says_how_to_write_it() {
    for (text, message, hint) in [
        (
            "[external]\nhello = true\n",
            "line 2: `external.hello` is not a section",
            "write `[external.hello]` on a line, and `token = true` below that line",
        ),
        (
            "[external]\ntoken = true\n",
            "line 2: `external.token` is not a section",
            "write `[external.NAME]` on a line, and `token = true` below that line",
        ),
        (
            "[profile]\nendpoint = \"hunter2hunter2\"\n",
            "line 2: `profile.endpoint` is not a section",
            "write `[profile.NAME]` on a line, and `endpoint = …` below that line",
        ),
        (
            "[registry]\nplain-http = true\n",
            "line 2: `registry.plain-http` is not a section",
            "write `[registry.\"HOST\"]` on a line, and `plain-http = true` below that line",
        ),
        (
            "profile = \"work\"\n",
            "line 1: `profile` is not a section",
            "write `default-profile = \"NAME\"` to choose a profile",
        ),
        (
            "http = 1\n",
            "line 1: `http` is not a section",
            "write `[http]` on a line, and its keys below that line",
        ),
        (
            "[plugin]\nprobe = \"hunter2hunter2\"\n",
            "line 2: `plugin.probe` is not a section",
            "write `[plugin.probe]` on a line, and its keys below that line",
        ),
        (
            "[[registry]]\n",
            "line 1: `registry` is not a section",
            "write `[registry]` on a line, and its keys below that line",
        ),
    ] {
        assert_mistake(text, message, hint);
    }
}

#[test]
fn what_a_configuration_must_not_hold_is_explained() {
    let stored = "no configuration holds a token: `tw login` stores one, and `token-file` names a file that holds one";
    for (text, message, hint) in [
        (
            "token = \"hunter2hunter2\"\n",
            "line 1: the key `token` is unknown",
            stored,
        ),
        (
            "[profile.x]\naccess-token = \"hunter2hunter2\"\n",
            "line 2: the key `profile.x.access-token` is unknown",
            stored,
        ),
        (
            "insecure = true\n",
            "line 1: the key `insecure` is unknown",
            "a plain http endpoint is allowed on the command line only: `--insecure`",
        ),
    ] {
        assert_mistake(text, message, hint);
    }
}

#[test]
fn a_wrong_value_is_an_error_that_says_what_is_expected_and_does_not_quote_it() {
    let hint = "correct the file with `tw config edit`, or remove it";
    for (text, message) in [
        (
            "endpoint = 1\n",
            "line 1: `endpoint` should be an address such as \"https://HOST/api\"",
        ),
        ("endpoint = \"\"\n", "line 1: `endpoint` should be"),
        (
            "endpoint = \"hunter2hunter2 x\"\n",
            "line 1: `endpoint` should be",
        ),
        (
            "endpoint = \"hunter2hunter2\"\n",
            "line 1: `endpoint` should be",
        ),
        (
            "endpoint = \"ftp://host.example\"\n",
            "line 1: `endpoint` should be",
        ),
        (
            "[profile.x]\nendpoint = \"https://me:hunter2hunter2@host.example\"\n",
            "line 2: `profile.x.endpoint` should be",
        ),
        (
            "cacert = \"~root/x\"\n",
            "line 1: `cacert` should be a path; `~` stands for your own home folder only",
        ),
        ("[profile.\"\"]\n", "line 1: `profile.\"\"` should have"),
        (
            "workspace = \"hunter2hunter2\"\n",
            "line 1: `workspace` should be a workspace: its ID, or \"ORGANIZATION/WORKSPACE\"",
        ),
        ("workspace = true\n", "line 1: `workspace` should be"),
        (
            "output = \"hunter2hunter2\"\n",
            "line 1: `output` should be console, json",
        ),
        (
            "cacert = 1\n",
            "line 1: `cacert` should be a path in quotes",
        ),
        (
            "proxy = \"ftp://hunter2hunter2\"\n",
            "line 1: `proxy` should be the address of a proxy",
        ),
        (
            "proxy = \"http://me:hunter2hunter2/x@proxy:1\"\n",
            "line 1: `proxy` should be the address of a proxy",
        ),
        (
            "[http]\nretries = \"hunter2hunter2\"\n",
            "line 2: `http.retries` should be a whole number from 0 to 10",
        ),
        (
            "[http]\nread-timeout = \"hunter2hunter2\"\n",
            "line 2: `http.read-timeout` should be a number of seconds above 0",
        ),
        (
            "[profile.x]\n\nhttp.rate = -1\n",
            "line 3: `profile.x.http.rate` should be a whole number",
        ),
        (
            "[external.x]\ntoken = \"hunter2hunter2\"\n",
            "line 2: `external.x.token` should be true or false",
        ),
        (
            "[alias]\nx = 1\n",
            "line 2: `alias.x` should be a text in quotes",
        ),
        (
            "[alias]\nx = \"\"\n",
            "line 2: `alias.x` should be a text that is not empty",
        ),
        (
            "default-profile = 1\n",
            "line 1: `default-profile` should be a profile's name",
        ),
        (
            "[profile.\"a b\"]\n",
            "line 1: `profile.\"a b\"` should have a profile's name",
        ),
        (
            "endpoint = \"https://x\"\nendpoint = \"hunter2hunter2\"\n",
            "line 2 repeats `endpoint`",
        ),
    ] {
        let world = World::new();
        world.configure(text);
        let ran = world.tw(["secrets", "list"]).never_shows(SECRET);
        ran.exits(1)
            .prints("")
            .says_with(&format!("config.toml: {message}"))
            .says_with(hint);
        world.saw([]);
    }
}

#[test]
fn check_reports_every_mistake_of_every_file() {
    let world = World::new();
    world.configure("url = \"x\"\n[htpp]\n[http]\nretries = 11\n");
    world.configure_prefix("format = \"json\"\n");
    let ran = world.tw(["config", "check", "-o", "json"]).exits(1);
    let report = ran.json();
    let messages: Vec<_> = report["problems"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|problem| problem["message"].as_str().expect("a text"))
        .collect();
    assert_eq!(messages.len(), 4, "{messages:?}");
    for (message, part) in messages.iter().zip([
        ".config/tw/config.toml: line 1: the key `url` is unknown",
        ".config/tw/config.toml: line 2: the section `[htpp]` is unknown",
        ".config/tw/config.toml: line 4: `http.retries` should be",
        "/etc/tw/config.toml: line 1: the key `format` is unknown",
    ]) {
        assert!(message.contains(part), "{message}");
    }
    // A table has a row for each mistake, and for each file without one.
    world.configure_prefix("");
    let ran = world.tw(["config", "check", "-o", "csv"]).exits(1);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines[0], "path,state,problem,hint");
    assert!(lines[1].ends_with("line 1: the key `url` is unknown,write `endpoint`"));
    assert!(lines[3].contains(",invalid,"), "{ran}");
    assert!(lines[4].ends_with(",valid,,"), "{ran}");
    world.configure("[plugin.nothing]\nx = 1\n[plugin.secrets]\nnothing = 1\n");
    let ran = world.tw(["config", "check"]).exits(1);
    ran.prints_with("`[plugin.nothing]`, and there is no plugin of that name")
        .prints_with("line 4: `nothing` is no setting of the plugin `secrets`")
        .prints_with("| invalid");
    for (alias, reason) in [
        ("secrets = \"info\"", "which an alias can't replace"),
        ("\"a b\" = \"info\"", "can't be the name of an alias"),
        ("x = \"secrets 'x\"", "has an open quote"),
    ] {
        world.configure(&format!("[alias]\n{alias}\n"));
        let ran = world.tw(["config", "check"]).exits(1);
        ran.prints_with("| invalid")
            .prints_with("config.toml:2: ")
            .prints_with(reason);
    }
    world.configure("[http]\nretries = 1\n");
    world
        .tw(["config", "check"])
        .exits(0)
        .prints_with("| valid")
        .says("");
}

#[test]
fn commands_that_need_no_configuration_work_with_a_broken_one() {
    let world = World::new();
    world.configure("[http\n");
    for line in [
        &["--version"][..],
        &["--help"],
        &["secrets", "--help"],
        &["config", "path"],
        &["completion", "bash"],
    ] {
        world.tw(line.iter().copied()).exits(0).says("");
    }
    for line in [
        &["secrets", "list"][..],
        &["config", "show"],
        &["profile", "list"],
        &["profile", "use", "x"],
    ] {
        let ran = world.tw(line.iter().copied());
        ran.fails_with("config.toml: line 1 is not valid TOML");
    }
    world.saw([]);
}
