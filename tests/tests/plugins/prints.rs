//! Standard output belongs to the result: what a plugin prints by itself is left out of it, and said.

use crate::given::Given;

fn left_out(bytes: usize) -> String {
    format!(
        "warning: plugin `prints`: it wrote {bytes} bytes to standard output by itself; they are not part of the result and were left out. A plugin returns what it has to say: tell its author\n"
    )
}

#[test]
fn the_result_is_all_there_is_on_standard_output() {
    let given = Given::healthy().plugin("prints");
    let ways = [
        ("line", "a whole line\n".len()),
        ("raw", "past every buffer".len()),
        ("child", "from a child\n".len()),
        ("flood", 16 << 20),
    ];
    for (way, bytes) in ways {
        given
            .tw(["prints", way])
            .exits(0)
            .prints("\n  Done\n\n")
            .says(&left_out(bytes));
        let ran = given.tw(["prints", way, "-o", "json"]).exits(0);
        assert_eq!(ran.json(), serde_json::json!({ "done": true }));
    }
}

#[test]
fn part_of_a_line_spoils_nothing() {
    let given = Given::healthy().plugin("prints");
    given.tw(["prints", "part"]).exits(0).prints("\n  Done\n\n");
    let ran = given.tw(["prints", "part", "-o", "json"]).exits(0);
    assert_eq!(ran.json(), serde_json::json!({ "done": true }));
}

#[test]
fn nothing_is_on_standard_output_when_it_fails() {
    let given = Given::healthy().plugin("prints");
    given
        .tw(["prints", "failing"])
        .exits(1)
        .prints("")
        .says_with(&left_out("before the failure\n".len()))
        .says_with(" ERROR: It failed after it had printed\n");
}
