//! `SECURITY.md`: every test that it names is there.

use std::collections::BTreeSet;

use tw_tests::root;

use crate::read_document;

#[test]
fn every_attack_has_a_test_that_is_there() {
    let text = read_document("SECURITY.md");
    let rows = text.lines().filter(|line| line.contains("](tests/"));
    let mut seen = BTreeSet::new();
    for row in rows {
        for link in row.split("[`").skip(1) {
            let (name, rest) = link.split_once("`](").expect("a link has an address");
            let (file, _) = rest.split_once(')').expect("an address ends");
            let source = std::fs::read_to_string(root().join(file))
                .unwrap_or_else(|error| panic!("{file}: {error}"));
            let test = format!("#[test]\nfn {name}()");
            assert!(source.contains(&test), "{file} has no test `{name}`");
            assert!(seen.insert(name.to_owned()), "`{name}` is named twice");
        }
    }
    assert!(seen.len() > 30, "{seen:?}");
}
