//! Plugins that write to standard output themselves. The host keeps their output out of the result, and warns about it.

use crate::given::Given;

fn format_warning(bytes: usize) -> String {
    format!(
        "warning: plugin `prints`: it wrote {bytes} bytes to standard output by itself; they are not part of the result and were left out. A plugin returns what it has to say: tell its author\n"
    )
}

#[test]
fn output_that_a_plugin_prints_itself_is_left_out_of_the_result() {
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
            .says(&format_warning(bytes));
        let ran = given.tw(["prints", way, "-o", "json"]).exits(0);
        assert_eq!(ran.json(), serde_json::json!({ "done": true }));
    }
}

#[test]
fn an_unfinished_line_does_not_spoil_the_result() {
    let given = Given::healthy().plugin("prints");
    given.tw(["prints", "part"]).exits(0).prints("\n  Done\n\n");
    let ran = given.tw(["prints", "part", "-o", "json"]).exits(0);
    assert_eq!(ran.json(), serde_json::json!({ "done": true }));
}

#[test]
fn standard_output_is_empty_when_a_plugin_prints_and_fails() {
    let given = Given::healthy().plugin("prints");
    given
        .tw(["prints", "failing"])
        .exits(1)
        .prints("")
        .says_with(&format_warning("before the failure\n".len()))
        .says_with(" ERROR: It failed after it had printed\n");
}
