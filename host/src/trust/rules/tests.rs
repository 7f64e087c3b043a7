//! How the rules of a policy apply to a plugin.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::trust::{Services, Signer};

const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
const OTHER: &str = "RWRnmBcLmQbXVcEPWo2OOKMI36kki4GiI7gcBgIaPLwvxe14Wtxm9acX";

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

/// Reads rules in a policy set that prescribes the index `main`.
fn rules(text: &str) -> Rules {
    let mut rules: Rules = toml::from_str(text).unwrap();
    let prescribed = BTreeMap::from([("main".to_owned(), key(KEY))]);
    rules.resolve(&prescribed).unwrap();
    rules
}

/// Returns the line and the message of the mistake in a policy.
fn mistake(text: &str) -> String {
    let error = toml::from_str::<Rules>(text).unwrap_err();
    let line = crate::files::line_of(text, error.span());
    format!("{line}: {}", error.message())
}

fn violation(text: &str, change: impl FnOnce(&mut Subject<'_>)) -> Option<String> {
    violation_of(text, "1.2.0", change)
}

fn violation_of(
    text: &str,
    version: &str,
    change: impl FnOnce(&mut Subject<'_>),
) -> Option<String> {
    let version: Version = version.parse().unwrap();
    let signer = Signer {
        name: "acme".to_owned(),
        key: key(KEY),
    };
    let services = ["http".to_owned(), "token".to_owned()];
    let mut subject = Subject {
        index_key: Some(&signer.key),
        signer: Some(&signer),
        services: Services::Declared(&services),
        ..Subject::unlocked("hello", Some(&version), Origin::Installed)
    };
    change(&mut subject);
    rules(text).find_violation(&subject)
}

#[test]
fn an_empty_policy_allows_an_unsigned_plugin() {
    assert_eq!(violation("", |subject| subject.signer = None), None);
}

#[test]
fn a_plugin_that_is_denied_or_not_allowed_is_forbidden() {
    let denies = |text: &str| violation(text, |_| {}).is_some();
    assert!(denies("[[deny]]\nname = \"h*\""));
    assert!(denies("[[deny]]\nversion = \"<1.3\""));
    assert!(denies(&format!("[[deny]]\nkey = \"{KEY}\"")));
    assert!(!denies(&format!("[[deny]]\nkey = \"{OTHER}\"")));
    assert!(denies("[[deny]]\nindex = \"main\"\nname = \"hello\""));
    assert!(denies(&format!("[[deny]]\nindex-key = \"{KEY}\"")));
    assert!(!denies(&format!("[[deny]]\nindex-key = \"{OTHER}\"")));
    assert!(!denies(&format!(
        "[[deny]]\nindex = \"main\"\nindex-key = \"{OTHER}\""
    )));
    assert!(denies("[[deny]]"));
    assert!(!denies("[[allow]]"));
    assert!(!denies("[[deny]]\nname = \"hell\""));
    assert!(denies("[[allow]]\nname = \"other\""));
    assert!(!denies(
        "[[allow]]\nname = \"other\"\n[[allow]]\nname = \"hello\""
    ));
    assert!(denies(
        "[[allow]]\nname = \"hello\"\n[[deny]]\nname = \"hello\""
    ));
    assert!(denies("[pins]\nhello = \"1.2.1\""));
    assert!(!denies("[pins]\nhello = \"1.2.0\""));
}

#[test]
fn rules_about_signatures_and_origins_apply() {
    assert!(violation("signatures = \"required\"", |subject| subject.signer = None).is_some());
    assert!(
        violation("signatures = \"required\"", |subject| subject.origin =
            Origin::Linked)
        .is_none()
    );
    assert!(
        violation("linked = \"forbidden\"", |subject| subject.origin =
            Origin::Linked)
        .is_some()
    );
    assert!(
        violation("external = \"forbidden\"", |subject| subject.origin =
            Origin::External)
        .is_some()
    );
    let only = |key: &str| {
        format!("only-indices = true\n[indices.main]\nurl = \"/main\"\nkey = \"{key}\"")
    };
    assert!(violation(&only(KEY), |_| {}).is_none());
    assert!(violation(&only(OTHER), |_| {}).is_some());
    assert!(violation(&only(KEY), |subject| subject.index_key = None).is_some());
    assert!(violation(&only(KEY), |subject| subject.origin = Origin::Bundled).is_none());
    let replaces = "replace-bundled = \"forbidden\"";
    assert!(violation(replaces, |subject| subject.replaces_bundled = true).is_some());
    assert!(violation(replaces, |_| {}).is_none());
    let takes = "take-commands = \"forbidden\"";
    assert!(violation(takes, |subject| subject.takes_commands = true).is_some());
    assert!(violation(takes, |_| {}).is_none());
}

#[test]
fn a_condition_that_could_never_be_met_is_a_mistake() {
    for (text, part) in [
        (
            format!(
                "signatures = \"required\"\n[[deny]]\nkey = \"{}\"",
                &KEY[1..]
            ),
            "3: it is not a public key",
        ),
        (
            "[[deny]]\nkey = \"E7620F1842B4E81F\"".to_owned(),
            "2: it is the ID of a public key",
        ),
        (
            "[[deny]]\nkey = \"\"".to_owned(),
            "2: it is not a public key",
        ),
        (
            format!("[[deny]]\nkey = \"{KEY}\\n{OTHER}\""),
            "2: it is not a public key",
        ),
        (
            format!("[[deny]]\nindex-key = \"{KEY}x\""),
            "2: it is not a public key",
        ),
        (
            "[indices.main]\nurl = \"/main\"\nkey = \"k\"".to_owned(),
            "3: it is not a public key",
        ),
        (
            format!("[indices.main]\nurl = \"main\"\nkey = \"{KEY}\""),
            "2: `main` is neither an address (https://, oci://) nor an absolute path",
        ),
        (
            format!("[indices.main]\nurl = \"ftp://x\"\nkey = \"{KEY}\""),
            "2: `ftp://x` is neither an address (https://, oci://) nor an absolute path",
        ),
        (
            format!("[indices.ma_in]\nurl = \"/main\"\nkey = \"{KEY}\""),
            "no index can be called `ma_in`",
        ),
        (
            "[[deny]]\nname = \"Hello\"".to_owned(),
            "2: no plugin can be called `Hello`",
        ),
        (
            "[[deny]]\nname = \"hello \"".to_owned(),
            "2: no plugin can be called `hello `",
        ),
        (
            "[pins]\nHello = \"1.2.0\"".to_owned(),
            "2: no plugin can be called `Hello`",
        ),
        (
            "[[deny]]\nservices = [\"tokens\"]".to_owned(),
            "2: there is no service `tokens`",
        ),
    ] {
        let mistake = mistake(&text);
        assert!(mistake.contains(part), "{text}: {mistake}");
    }
    for (text, message) in [
        (
            "[[deny]]\n[[deny]]\nindex = \"x\"",
            "no policy prescribes the index `x`",
        ),
        (
            "[[deny]]\n[[allow]]\nindex = \"x\"",
            "no policy prescribes the index `x`",
        ),
        (
            "[[deny]]\n[[deny]]\nservices = []",
            "the rule denies no service",
        ),
    ] {
        let mut rules: Rules = toml::from_str(text).unwrap();
        let mistake = rules.resolve(&BTreeMap::new()).unwrap_err();
        let line = crate::files::line_of(text, Some(mistake.part));
        assert_eq!((line, mistake.message.as_str()), (3, message), "{text}");
    }
}

#[test]
fn a_key_is_recognized_however_it_is_written() {
    let denies = |key: &str| {
        let text = format!("[[deny]]\nkey = \"\"\"{key}\"\"\"");
        violation(&text, |_| {}).is_some()
    };
    assert!(denies(KEY));
    assert!(denies(&format!(" {KEY} \n")));
    assert!(denies(&format!(
        "untrusted comment: minisign public key\n{KEY}\n"
    )));
    // The owner of a key chooses the key's number, which ends before the 14th character.
    assert!(denies(&KEY.replace("6LRC", "AAAA")));
    assert!(!denies(OTHER));
}

#[test]
fn rules_about_services_apply() {
    let refused = |text: &str, services: Services<'static>| {
        violation(text, |subject| subject.services = services).is_some()
    };
    let denies = "[[deny]]\nservices = [\"token\", \"system\"]";
    let allows = "[[allow]]\nservices = [\"http\", \"token\"]";
    let allows_less = "[[allow]]\nservices = [\"http\"]";
    assert!(violation(denies, |_| {}).is_some());
    assert!(violation(allows, |_| {}).is_none());
    assert!(violation(allows_less, |_| {}).is_some());
    for text in [denies, allows, allows_less] {
        assert!(!refused(text, Services::Declared(&[])), "{text}");
        assert!(!refused(text, Services::Undescribed), "{text}");
        assert!(refused(text, Services::Unknown), "{text}");
    }
    let external = |text: &str| {
        violation(text, |subject| {
            *subject = Subject::unlocked("hello", None, Origin::External);
        })
    };
    assert!(external(denies).is_none());
    assert!(external(allows).is_some());
}

#[test]
fn an_executable_is_allowed_unless_executables_are_forbidden() {
    for text in ["", "linked = \"forbidden\"", "signatures = \"required\""] {
        let refused = violation(text, |subject| {
            *subject = Subject::unlocked("hello", None, Origin::External);
        });
        assert_eq!(refused, None, "{text}");
    }
}

#[test]
fn a_plugin_without_a_version_cant_evade_a_rule() {
    let refused = |text: &str| violation(text, |subject| subject.version = None);
    assert!(refused("[[deny]]\nversion = \"<1.3\"").is_some());
    assert!(refused("[[allow]]\nversion = \"<1.3\"").is_some());
    assert!(refused("[pins]\nhello = \"1.2.0\"").is_some());
}

#[test]
fn a_pre_release_cant_evade_a_rule() {
    let refused = |text: &str| violation_of(text, "1.3.0-rc.1", |_| {}).is_some();
    assert!(refused("[[deny]]\nversion = \">=1.3\""));
    assert!(refused("[[deny]]\nversion = \"<1.3\""));
    assert!(refused("[[allow]]\nversion = \">=1.3\""));
    assert!(refused("[pins]\nhello = \"1.3.0\""));
    assert!(!refused("[pins]\nhello = \"1.3.0-rc.1\""));
}

#[test]
fn build_metadata_meets_a_pin() {
    let refused = |pin: &str, version: &str| {
        let text = format!("[pins]\nhello = \"{pin}\"");
        violation_of(&text, version, |_| {}).is_some()
    };
    assert!(!refused("1.4.2", "1.4.2+build"));
    assert!(!refused("1.4.2+build", "1.4.2"));
    assert!(refused("1.4.2", "1.4.3+build"));
}
