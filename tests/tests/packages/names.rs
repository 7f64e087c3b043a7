//! Names: which plugins a key may sign, which plugin an address means, and what a plugin may replace.

use std::fs;

use tw_tests::{Answer, Server, Terminal};

use crate::{
    artifact::{Artifact, reference},
    docker::{Docker, publish},
    given::{FIRST, Given, SECOND, library, pack, public_key, signature_of},
    policy::{refusal, write},
};

#[test]
fn a_key_signs_only_the_plugins_that_it_is_trusted_for() {
    let given = Given::new();
    let key = public_key("acme");
    given
        .trust("acme", &key, &["fruit-002", "tool-*"])
        .exits(0)
        .prints_with("is trusted as 'acme' for `fruit-002`, `tool-*`");
    let other = given.package(1, FIRST, Some("acme"));
    let message = "the key `acme` may sign only `fruit-002`, `tool-*`, not `fruit-001`";
    for options in [&[][..], &["--allow-unsigned"]] {
        given
            .install_with(options, &other)
            .fails_with(message)
            .says_with(&format!(
                "`tw plugin key trust acme {key} --plugin 'fruit-002' --plugin 'tool-*' --plugin fruit-001`"
            ));
    }
    given.has_no(1);
    given.installs(2, FIRST);
    given.runs(2, FIRST);
    // A second name for the same key adds its plugins.
    given.trust("acme-fruits", &key, &["fruit-0?1"]).exits(0);
    given
        .install(&other)
        .exits(0)
        .says_with("publisher   acme-fruits");
}

#[test]
fn a_key_that_loses_a_plugin_signs_no_upgrade_of_it() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    let key = public_key("acme");
    given.trust("acme", &key, &["fruit-002"]).exits(0);
    let package = given.package(1, SECOND, Some("acme"));
    given
        .install(&package)
        .fails_with("may sign only `fruit-002`, not `fruit-001`");
    given.runs(1, FIRST);
    let list = given.tw(["plugin", "key", "list", "-o", "json"]).exits(0);
    let list = list.json();
    assert_eq!(list["keys"][0]["plugins"], serde_json::json!(["fruit-002"]));
    given
        .tw(["plugin", "key", "list"])
        .exits(0)
        .prints_with("fruit-002");
}

#[test]
fn a_person_says_which_plugins_a_key_may_sign() {
    let given = Given::new();
    let key = public_key("acme");
    given
        .trust("acme", &key, &[])
        .exits(2)
        .says_with("`--plugin '*'` means every plugin");
    for plugin in ["", "Fruit", "a b", "fruit/001", "fruit_001"] {
        given
            .trust("acme", &key, &[plugin])
            .fails_with(&format!("no plugin can be called `{plugin}`"));
    }
    let none = given.tw(["plugin", "key", "list"]).exits(0);
    none.prints_with("No keys are trusted");
    let asked = || {
        let command = given.command(["plugin", "key", "trust", "acme", &key]);
        Terminal::start(command).until("Plugins that acme may sign")
    };
    asked()
        .types("\r")
        .ends()
        .exits(1)
        .showed("Nothing was changed");
    asked().types("fruit-001 tool-*\r").ends().exits(0);
    given.installs(1, FIRST);
}

#[test]
fn a_damaged_file_of_a_trusted_key_trusts_nothing() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme"));
    let file = given.config().join("keys/acme.toml");
    let good = fs::read_to_string(&file).unwrap();
    for (bad, part) in [
        (
            format!("{good}plugin = [\"*\"]\n"),
            "unknown field `plugin`",
        ),
        (good.replace("plugins", "names"), "unknown field `names`"),
        (
            good.replace("\"*\"", "\"A\""),
            "no plugin can be called `A`",
        ),
        (good.replace("RW", "XX"), "it is not a public key"),
        (String::new(), "missing field `key`"),
    ] {
        fs::write(&file, bad).unwrap();
        given
            .install(&package)
            .says_with(&format!("the trusted key {}", file.display()))
            .fails_with(part);
    }
    given.has_no(1);
    fs::write(&file, good).unwrap();
    given.install(&package).exits(0);
}

#[test]
fn a_package_in_a_repository_of_another_plugin_is_refused() {
    let given = Given::trusting();
    let server = Artifact::of_fruit(2, FIRST, |_| {}).serve(|_, _| None);
    let message = "the repository is called `fruit-001`, but has the plugin `fruit-002`";
    let place = reference(&server.host(), FIRST);
    let open = place.trim_end_matches(&format!(":{FIRST}")).to_owned();
    for place in [&place, &open] {
        given
            .tw(["plugin", "install", "--yes", place])
            .fails_with(message);
    }
    given.has_no(2);
}

#[test]
fn a_repository_has_the_name_of_its_plugin() {
    let given = Given::trusting();
    let Some(docker) = Docker::open(&given) else {
        return;
    };
    let package = given.package(1, FIRST, Some("acme"));
    let path = package.display().to_string();
    for name in ["fruit-002", "fruit", "my-fruit-001"] {
        let place = format!("oci://{}/plugins/{name}:{FIRST}", docker.host());
        given
            .tw(["plugin", "publish", &place, &path])
            .fails_with(&format!("the repository is called `{name}`"));
    }
    let place = format!("oci://{}/tw-plugin-fruit-001:{FIRST}", docker.host());
    publish(&given, &place, &[&package]);
    given.tw(["plugin", "install", "--yes", &place]).exits(0);
    given.runs(1, FIRST);
}

#[test]
fn a_file_with_the_name_of_another_package_is_refused() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme"));
    let (content, signature) = (
        fs::read(&package).unwrap(),
        fs::read(signature_of(&package)).unwrap(),
    );
    let server = {
        let (content, signature) = (content.clone(), signature.clone());
        Server::start(move |asked| match asked.path.ends_with(".minisig") {
            true => Answer::ok(signature.clone()),
            false => Answer::ok(content.clone()),
        })
    };
    for name in [
        "fruit-002-70.0.100",
        "fruit-001-70.0.101",
        "secrets-1.0.0-rc.1",
    ] {
        let name = format!("{name}-x86_64-linux.tar.gz");
        let path = given.work().join(&name);
        fs::write(&path, &content).unwrap();
        fs::write(signature_of(&path), &signature).unwrap();
        let message = format!("the file is called {name}, but has the plugin `fruit-001` 70.0.100");
        given.install(&path).fails_with(&message);
        let url = format!("{}/{name}", server.url());
        let ran = given.tw(["plugin", "install", "--yes", &url]);
        ran.fails_with(&message);
    }
    given.has_no(1);
    let path = given.work().join("download.tar.gz");
    fs::write(&path, &content).unwrap();
    fs::write(signature_of(&path), &signature).unwrap();
    given
        .install(&path)
        .exits(0)
        .says_with("fruit-001 70.0.100");
}

#[test]
fn a_bundled_plugin_is_replaced_only_on_request() {
    let given = Given::trusting();
    given.bundles(1, FIRST);
    let package = given.package(1, SECOND, Some("acme"));
    let message = "`fruit-001` replaces the bundled plugin `fruit-001`";
    given
        .install(&package)
        .fails_with(&format!("{message}, and `--yes` doesn't accept that"))
        .says_with("use `--replace-bundled` if this is intended");
    for option in ["--take-commands", "--accept-services", "--allow-unsigned"] {
        given.install_with(&[option], &package).fails_with(message);
    }
    given.runs(1, FIRST);
    let path = package.display().to_string();
    let asked = || {
        let command = given.command(["plugin", "install", &path]);
        Terminal::start(command).until(&format!("{message}. Install fruit-001 70.0.101?"))
    };
    asked().types("\r").ends().exits(1);
    given.runs(1, FIRST);
    asked().types("y\r").ends().exits(0);
    given.runs(1, SECOND);
    // The replacement was accepted once, and its later versions need no option.
    given
        .tw(["plugin", "install", "--yes", "--allow-downgrade"])
        .exits(2);
    let older = given.package(1, FIRST, Some("acme"));
    given.install_with(&["--allow-downgrade"], &older).exits(0);
}

#[test]
fn a_policy_can_forbid_to_replace_bundled_plugins() {
    let given = Given::trusting().with_own_files();
    given.bundles(1, FIRST);
    given.bundles(2, FIRST);
    let package = given.package(1, SECOND, Some("acme"));
    given
        .install_with(&["--replace-bundled"], &package)
        .exits(0);
    given.installs(3, FIRST);
    let link = given.work().join("libtw_plugin_fruit_002.so");
    fs::write(&link, library(2, SECOND)).unwrap();
    let link = link.display().to_string();
    given.tw(["plugin", "link", &link]).exits(0);
    given.runs(2, SECOND);
    let file = given.write_machine_policy("replace-bundled = \"forbidden\"\n");
    let rule = "`replace-bundled = \"forbidden\"`";
    for name in ["fruit-001", "fruit-002"] {
        given.tw([name]).fails_with(&refusal(&file, rule));
    }
    given
        .tw(["plugin", "verify", "fruit-001"])
        .exits(1)
        .prints_with(rule);
    given.runs(3, FIRST);
    given
        .tw(["plugin", "link", &link])
        .fails_with(&refusal(&file, rule));
    for name in ["fruit-001", "fruit-002"] {
        let _ = given.tw(["plugin", "remove", name]);
        let _ = given.tw(["plugin", "unlink", name]);
    }
    given.runs(1, FIRST);
    given.runs(2, FIRST);
    given
        .install_with(&["--replace-bundled"], &package)
        .fails_with(&refusal(&file, rule));
    given.runs(1, FIRST);
}

#[test]
fn a_file_in_the_working_directory_is_not_taken_for_a_name() {
    let given = Given::trusting();
    // An old package lies where the name of a plugin in an index would be a path.
    let old = pack(1, FIRST, Some("acme"));
    let folder = given.work().join("orchard");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(&old, folder.join("fruit-001")).unwrap();
    fs::copy(signature_of(&old), folder.join("fruit-001.minisig")).unwrap();
    fs::copy(&old, given.work().join("fruit-001")).unwrap();
    let install = |source: &str| given.tw(["plugin", "install", "--yes", source]);
    install("orchard/fruit-001").fails_with("there is no index `orchard`");
    install("fruit-001").fails_with("`fruit-001` is not a plugin source");
    given.has_no(1);
    install("./orchard/fruit-001").exits(0);
    given.runs(1, FIRST);
}

#[test]
fn a_file_in_the_working_directory_is_not_taken_for_a_key() {
    let given = Given::trusting();
    let (acme, other) = (public_key("acme"), public_key("other"));
    for name in ["acme", "stranger", "key"] {
        fs::write(given.work().join(name), &other).unwrap();
    }
    given
        .trust("me", "stranger", &["*"])
        .fails_with("it is not a public key");
    fs::create_dir_all(given.work().join("shelf")).unwrap();
    let add = |key: &str| given.tw(["plugin", "index", "add", "x", "./shelf", "--key", key]);
    add("stranger").fails_with("no key is trusted as `stranger`");
    // The trusted key of this name is meant, so the index is read.
    add("acme").fails_with("index.json can't be read");
    given.trust("me", "./key", &["*"]).exits(0);
    // A folder can have the name of a key in base64 only if the key has a slash, and of any text that begins like a URL.
    write(&given.work().join("https:/x.example/index.json"), "{}");
    given
        .tw(["plugin", "index", "add", "x", "shelf", "--key", &acme])
        .fails_with("`shelf` is not the address of an index");
    let ran = given.tw([
        "plugin",
        "index",
        "add",
        "x",
        "https://127.0.0.1:1",
        "--key",
        &acme,
    ]);
    ran.never_shows("index.json").exits(1);
}
