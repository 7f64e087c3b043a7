//! Another local user: policies, keys and indices that somebody else could have written decide nothing.

use std::fs;

use crate::{
    given::{FIRST, Given, HEALTHY},
    machine::{by_a_stranger, open_to_strangers},
    shelf::Shelf,
    ways::{WAYS, Way, behind, can_give_away, close, set_mode},
};

#[test]
fn a_policy_that_a_stranger_could_have_written_stops_loading() {
    if !can_give_away() {
        return;
    }
    let given = Given::new().with_own_files();
    let prefix = given.installation.prefix().canonicalize().unwrap();
    let of_variable = given.work().join("more.toml");
    for policy in [
        given.config().join("policy.toml"),
        prefix.join("etc/tw/policy.toml"),
        of_variable.clone(),
    ] {
        fs::create_dir_all(policy.parent().unwrap()).unwrap();
        for way in WAYS {
            fs::write(&policy, "").unwrap();
            let run = || {
                let command = given.command([HEALTHY]);
                match of_variable.exists() {
                    true => command.env("TW_POLICY", &of_variable).run(),
                    false => command.run(),
                }
            };
            run().exits(0).says("");
            let reason = way.open(&policy);
            let ran = run().exits(1).prints("");
            ran.says_with("nothing may be loaded, because the policy")
                .says_with(&format!("isn't safe: {reason}"))
                .says_with("ask the policy's administrator");
            fs::remove_file(&policy).unwrap();
        }
    }
}

#[test]
fn a_policy_in_a_folder_that_the_user_cannot_enter_stops_loading() {
    let given = Given::new();
    if !open_to_strangers(&given) {
        return;
    }
    let folder = given.installation.prefix().join("etc/tw");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("policy.toml"), "").unwrap();
    by_a_stranger(&given, &[HEALTHY]).run().exits(0);
    set_mode(&folder, 0o700);
    by_a_stranger(&given, &[HEALTHY])
        .run()
        .exits(1)
        .prints("")
        .says_with("so nothing may be loaded");
}

#[test]
fn a_trusted_key_that_a_stranger_could_have_written_is_not_used() {
    if !can_give_away() {
        return;
    }
    for way in WAYS {
        let given = Given::trusting();
        let folder = given.config().join("keys");
        let file = folder.join("acme.toml");
        assert!(file.exists());
        for place in [&file, &folder] {
            let reason = way.open(place);
            let reason = format!("isn't safe: {reason}");
            given.tw(["plugin", "key", "list"]).fails_with(&reason);
            given
                .install(&given.package(1, FIRST, Some("acme")))
                .fails_with(&reason);
            if way == Way::LinkAbove {
                break;
            }
            close(place);
        }
    }
}

#[test]
fn a_list_or_a_copy_of_an_index_that_a_stranger_could_have_written_is_not_used() {
    if !can_give_away() {
        return;
    }
    for way in WAYS {
        let given = Given::new();
        let shelf = Shelf::of(&given, "a", &[(1, FIRST)]);
        shelf.add_to(&given, "orchard");
        let list = given.config().join("indices.json");
        let data = given.installation.home().join(".local/share/tw");
        for place in [
            &list,
            &data.join("indices/orchard.json"),
            &data.join("indices"),
        ] {
            assert!(place.exists(), "{}", place.display());
            let reason = way.open(place);
            let reason = format!("isn't safe: {reason}");
            let install = ["plugin", "install", "--yes", "orchard/fruit-001"];
            given.tw(install).fails_with(&reason);
            if way == Way::LinkAbove {
                fs::remove_file(place).unwrap();
                fs::rename(behind(place), place).unwrap();
            }
            close(place);
        }
        given
            .tw(["plugin", "search", "fruit"])
            .exits(0)
            .prints_with("fruit-001");
    }
}
