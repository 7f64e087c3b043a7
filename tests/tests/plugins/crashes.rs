//! A plugin that crashes takes the process with it; before that happens its name is said.

use crate::given::Given;

const SIGABRT: i32 = 6;
const SIGSEGV: i32 = 11;

fn crash(command: &str, signal: i32, name: &str) {
    let given = Given::healthy().plugin("crashes");
    let path = given.installation.plugin("crashes");
    let path = path.canonicalize().expect("it is there");
    let ran = given.tw(["crashes", command]).dies_of(signal).prints("");
    let said = format!(
        "\n ERROR: The plugin `crashes` crashed ({name}).\n This is a fault of the plugin: tell its author. Its library is {}\n\n",
        path.display()
    );
    let ran = ran.says_with(&said);
    assert!(ran.stderr.lines().count() <= 8, "{ran}");
    given.others_work(0);
}

#[test]
fn a_segfault() {
    crash("segfault", SIGSEGV, "SIGSEGV");
}

#[test]
fn a_segfault_on_a_thread_of_the_plugin() {
    crash("segfault-on-a-thread", SIGSEGV, "SIGSEGV");
}

#[test]
fn an_abort() {
    crash("abort", SIGABRT, "SIGABRT");
}

#[test]
fn a_stack_overflow_on_the_main_thread() {
    crash("overflow", SIGSEGV, "SIGSEGV");
}

#[test]
fn an_exit_in_run_is_no_success_and_names_the_plugin() {
    let given = Given::healthy().plugin("crashes");
    for command in ["exit", "exit-on-a-thread"] {
        let ran = given.tw(["crashes", command]).prints("");
        assert!(!ran.status.success(), "{ran}");
        let ran = ran.says_with("`crashes`");
        assert!(ran.stderr.lines().count() <= 8, "{ran}");
    }
    given.others_work(0);
}
