//! Commands that several plugins claim, aliases and typos.

use serde_json::json;

use crate::given::{Given, make_numbered};

/// Installs two plugins that claim `command-001`, and one with a command that no other plugin claims.
fn set_up_rivals() -> Given {
    Given::healthy()
        .file("rival-a", &make_numbered(1, 1, 1))
        .file("rival-b", &make_numbered(2, 1, 2))
        .file("third", &make_numbered(3, 3, 3))
}

fn find_path(given: &Given, name: &str) -> String {
    let path = given.installation.plugin(name);
    path.canonicalize()
        .expect("the library is there")
        .display()
        .to_string()
}

#[test]
fn a_command_that_two_plugins_claim_belongs_to_neither() {
    let given = set_up_rivals();
    let claimed = format!(
        "`tw command-001` is claimed by several plugins and belongs to none; remove one of them:\n  {}\n  {}",
        find_path(&given, "rival-a"),
        find_path(&given, "rival-b")
    );
    given.tw(["command-001"]).fails(&claimed);
    given
        .tw(["--help"])
        .exits(0)
        .prints_with("command-001")
        .prints_with("claimed by several plugins");
    given.tw(["command-003"]).exits(0).says("");
    given.others_work(0);
}

#[test]
fn arguments_after_a_claimed_command_do_not_hide_the_claim() {
    let given = set_up_rivals();
    for arguments in [
        &["list"][..],
        &["--name", "x"],
        &["list", "--name=x", "-v", "y"],
    ] {
        let line = ["command-001"].iter().chain(arguments).copied();
        let ran = given.tw(line).exits(1).prints("");
        ran.says_with("is claimed by several plugins")
            .says_with(&find_path(&given, "rival-a"))
            .says_with(&find_path(&given, "rival-b"));
    }
}

#[test]
fn the_list_notes_the_claim_at_both_plugins() {
    let given = set_up_rivals();
    for (name, other) in [("numbered-001", "rival-b"), ("numbered-002", "rival-a")] {
        let listed = given.find(name);
        assert_eq!(listed["state"], "ok");
        let note = format!(
            "its command `command-001` is claimed by {} too and belongs to none",
            find_path(&given, other)
        );
        assert_eq!(listed["notes"], json!([note]));
        assert_eq!(given.read_problem(name), format!("  {name}: {note}\n"));
    }
    assert!(given.find("numbered-003").get("notes").is_none());
}

#[test]
fn every_plugin_that_claims_a_command_is_named() {
    let given = set_up_rivals().file("rival-c", &make_numbered(4, 1, 4));
    let ran = given.tw(["command-001"]).exits(1).prints("");
    ran.says_with("rival_a")
        .says_with("rival_b")
        .says_with("rival_c");
    given.others_work(0);
}

#[test]
fn a_command_works_once_only_one_plugin_claims_it() {
    let given = set_up_rivals();
    given.tw(["command-001"]).exits(1);
    std::fs::remove_file(given.installation.plugin("rival-a")).expect("the library can be removed");
    let ran = given.tw(["command-001", "-o", "json"]).exits(0).says("");
    assert_eq!(ran.json(), json!({ "plugin": "numbered-002" }));
}

#[test]
fn an_alias_runs_the_command() {
    let given = Given::healthy();
    given
        .tw(["well"])
        .exits(0)
        .prints(crate::given::HEALTHY)
        .says("");
    given
        .tw(["well", "--help"])
        .exits(0)
        .prints_with("Say that all is well");
    given.tw(["--help"]).exits(0).prints_with("well");
}

#[test]
fn an_alias_that_two_plugins_claim_belongs_to_neither() {
    let given = Given::healthy()
        .file("a", &make_numbered(1, 1, 9))
        .file("b", &make_numbered(2, 2, 9));
    given
        .tw(["alias-009"])
        .exits(2)
        .prints("")
        .says_with("alias-009");
    given.tw(["command-001"]).exits(0).says("");
    given.tw(["command-002"]).exits(0).says("");
    given.others_work(0);
}

#[test]
fn two_plugins_with_one_name_and_different_commands_both_run() {
    let given = Given::healthy()
        .file("a", &make_numbered(1, 1, 1))
        .file("b", &make_numbered(1, 2, 2));
    given.tw(["command-001"]).exits(0).says("");
    given.tw(["command-002"]).exits(0).says("");
    given.others_work(0);
}

#[test]
fn a_typo_suggests_the_nearest_command_of_all_plugins() {
    let given = Given::healthy().plugin("prints").plugin("crashes");
    for (typo, meant) in [
        ("helthy", "healthy"),
        ("print", "prints"),
        ("crahses", "crashes"),
        ("plugn", "plugin"),
    ] {
        given
            .tw([typo])
            .exits(2)
            .prints("")
            .says_with(typo)
            .says_with(&format!("'{meant}'"));
    }
    given
        .tw(["prints", "lien"])
        .exits(2)
        .prints("")
        .says_with("'line'");
}
