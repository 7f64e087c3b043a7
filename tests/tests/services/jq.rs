//! `--jq`: expressions that filter a result, and those that fail, never end or take all memory.

use std::{io::Read, process::Stdio};

use tw_tests::{Terminal, World};

use crate::set_up;

/// Returns what an expression makes of the table of three pets.
#[track_caller]
fn filter(world: &World, expression: &str) -> String {
    let line = ["probe", "output", "table", "--jq", expression];
    world.tw(line).exits(0).says("").stdout
}

#[test]
fn texts_are_printed_as_they_are_and_everything_else_as_json() {
    let world = set_up();
    assert_eq!(
        filter(&world, ".pets[].name"),
        "Rex\nKit\u{1b}[31mty\n\nAda\n"
    );
    assert_eq!(filter(&world, ".pets | length"), "3\n");
    assert_eq!(
        filter(&world, "[.pets[0].id, null]"),
        "[\n  10,\n  null\n]\n"
    );
    assert_eq!(filter(&world, ".pets[] | select(.id > 1000)"), "");
    assert_eq!(
        filter(&world, ".pets[:2][] | [.id, .weight] | @csv"),
        "10,1610612736\n9,1023\n"
    );
    assert_eq!(
        filter(&world, ".pets[:2][] | [.id, .name] | @tsv"),
        "10\tRex\n9\tKit\u{1b}[31mty\\n\n"
    );
    assert_eq!(filter(&world, ""), filter(&world, "."));
    assert_eq!(filter(&world, "# nothing"), filter(&world, "."));
    assert_eq!(
        filter(&world, "nan, infinite, -infinite, ([nan] | length)"),
        "null\n1.7976931348623157e308\n-1.7976931348623157e308\n1\n"
    );
}

#[test]
fn definitions_of_jq_that_the_library_lacks_are_there() {
    let world = set_up();
    let compact = |expression: &str| filter(&world, &format!("{expression} | tojson"));
    for (expression, expected) in [
        (
            "[{name: \"a\", value: 1}, {k: 2, v: null}] | from_entries",
            r#"{"a":1,"2":null}"#,
        ),
        ("[{a: {b: 1}}] | [leaf_paths]", r#"[[0,"a","b"]]"#),
        ("[1, [2]] | map(toarray)", "[[1],[2]]"),
        ("[1, 2] | map(IN(2, 3))", "[false,true]"),
        (".pets | INDEX(.id) | keys", r#"["10","100","9"]"#),
        ("{a: 1} | with_entries(.value += 1)", r#"{"a":2}"#),
        (
            "# nothing\n [1, true, null, \"a\\\"b\"] | @csv",
            r#""1,true,,\"a\"\"b\"""#,
        ),
        (r#""a\ud83d\ude00\u00e9\\ud83d""#, "\"a😀é\\\\ud83d\""),
    ] {
        assert_eq!(compact(expression), format!("{expected}\n"), "{expression}");
    }
}

#[test]
fn with_jsonl_each_output_is_a_line_of_json() {
    let world = set_up();
    let line = [
        "probe",
        "output",
        "table",
        "-o",
        "jsonl",
        "--jq",
        ".pets[] | .id, .name",
    ];
    let ran = world.tw(line).exits(0);
    ran.prints("10\n\"Rex\"\n9\n\"Kit\\u001b[31mty\\n\"\n100\n\"Ada\"\n");
}

#[test]
fn a_terminal_gets_no_control_characters() {
    let world = set_up();
    let line = ["probe", "output", "table", "--jq", ".pets[].name"];
    let ended = Terminal::start_all(world.command(line)).ends().exits(0);
    ended.showed("Kit␛[31mty").never_showed("\u{1b}[31m");
}

#[test]
fn results_of_the_host_and_long_results_are_filtered_too() {
    let world = set_up();
    let names = world.tw(["plugin", "list", "--jq", ".plugins[].name"]);
    names.exits(0).prints("probe\n");
    for line in [&["rows", "--rows", "20"][..], &["stream", "--rows", "20"]] {
        let filter = ".numbers // .rows | length";
        let line = [&["probe", "output"], line, &["--jq", filter]].concat();
        world.tw(line).exits(0).prints("20\n");
    }
}

#[test]
fn an_expression_that_cannot_be_parsed_is_reported_before_any_request() {
    let world = set_up();
    for (expression, problem) in [
        (".[", "at character 3: the closing bracket is missing"),
        (".a | nme", "at character 6: there is no filter 'nme'"),
        ("\"é\" | |", "at character 7: expected a value, found '|'"),
        ("$x", "at character 1: there is no variable '$x'"),
        ("env", "there is no filter 'env'"),
        ("$ENV.TOWER_ACCESS_TOKEN", "there is no variable '$ENV'"),
        ("input", "there is no filter 'input'"),
        ("secrets", "tip: a field begins with a dot: `.secrets`"),
        ("env.HOME", "tip: an expression can't read variables"),
        ("inputs", "tip: the result is the only input"),
        (".a b", "expected an operator or the end, found 'b'"),
        (".a]", "expected a value, found ']'"),
        ("include \"x\"; .", "files can't be imported"),
        ("import \"/etc/passwd\" as $x; .", "files can't be imported"),
    ] {
        let line = ["probe", "identity", "whoami", "--jq", expression];
        let rejected = format!("The expression of '--jq' can't be parsed: {problem}");
        let rejected = match problem.starts_with("at ") {
            true => rejected,
            false => problem.to_owned(),
        };
        world.tw(line).rejects(&rejected);
    }
    for deep in ["(".repeat(100_000), "[".repeat(5000) + &"]".repeat(5000)] {
        let ran = world.tw(["plugin", "list", "--jq", &deep]);
        ran.rejects("error: The expression of '--jq' can't be parsed: it is nested too deeply");
    }
    assert_eq!(world.sandbox.requests().len(), 0);
}

#[test]
fn an_expression_that_fails_prints_the_outputs_before_the_failure() {
    let world = set_up();
    let line = [
        "probe",
        "output",
        "table",
        "--jq",
        ".pets[0].id, .pets.id, 7",
    ];
    let ran = world.tw(line).exits(1).prints("10\n");
    ran.says_with("The expression of '--jq' failed: cannot index [")
        .says_with("with \"id\"");
    for (expression, problem) in [
        ("\"bye\" | halt_error", "bye"),
        ("{a: 1} | halt_error(3)", "{\"a\":1}"),
        ("[[1]] | @csv", "array ([1]) is not valid in a csv row"),
        (
            "{a: 1} | @tsv",
            "object ({\"a\":1}) cannot be tsv-formatted",
        ),
    ] {
        let ran = world.tw(["probe", "output", "table", "--jq", expression]);
        ran.fails_with(problem);
    }
    let line = ["probe", "output", "table", "--jq", "1, halt, 2"];
    world.tw(line).exits(0).prints("1\n");
    let line = [
        "probe",
        "output",
        "table",
        "--jq",
        "debug | stderr | .pets | length",
    ];
    world.tw(line).exits(0).says("").prints("3\n");
}

#[test]
fn an_expression_without_an_end_is_stopped() {
    let world = set_up();
    for (expression, reason) in [
        ("def f: f; f", "it takes more than 5 seconds of computing"),
        (
            "[range(1e12)]",
            "it needs more than 512 MB of memory, or calls itself too often",
        ),
        (
            "def f: 1 + f; f",
            "it needs more than 512 MB of memory, or calls itself too often",
        ),
    ] {
        let line = ["probe", "output", "table", "--plain", "--jq", expression];
        world.tw(line).fails_with(reason);
    }
}

#[test]
fn outputs_without_an_end_are_written_until_the_reader_has_enough() {
    let world = set_up();
    let mut command = world.command(["probe", "output", "table", "--jq", "repeat(1)"]);
    let head = std::process::Command::new("head")
        .args(["-n", "2"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut head = head.expect("head can be started");
    let pipe = head.stdin.take().expect("standard input is a pipe");
    let status = command
        .command()
        .stdout(pipe)
        .status()
        .expect("tw can be started");
    drop(command);
    let read = head.wait_with_output().expect("head ends");
    assert_eq!(String::from_utf8_lossy(&read.stdout), "1\n1\n");
    assert!(status.success(), "{status}");
}

#[test]
fn ctrl_c_ends_an_expression() {
    let world = set_up();
    let line = [
        "probe",
        "output",
        "table",
        "--plain",
        "--jq",
        "\"begun\", (def f: f; f)",
    ];
    let running = Terminal::start_all(world.command(line)).until("begun");
    running.interrupts().ends().exits(130).works_as_before();
}

#[test]
fn ctrl_c_ends_outputs_without_an_end() {
    let world = set_up();
    let mut tw = world.command(["probe", "output", "table", "--plain", "--jq", "repeat(1)"]);
    let command = tw.command().stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command
        .stderr(Stdio::null())
        .spawn()
        .expect("tw can be started");
    let mut stdout = child.stdout.take().expect("standard output is a pipe");
    let mut first = [0; 2];
    stdout.read_exact(&mut first).expect("an output");
    assert_eq!(&first, b"1\n");
    // Only tw itself gets the signal, and nobody closes the pipe.
    tw_tests::interrupt(child.id());
    let rest = std::io::copy(&mut stdout, &mut std::io::sink());
    rest.expect("the outputs end");
    let status = child.wait().expect("a child can be waited for");
    assert_eq!(status.code(), Some(130));
}
