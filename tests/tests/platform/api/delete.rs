//! DELETE needs a confirmation.

use tw_sandbox::Secret;
use tw_tests::World;

use super::assert_refused;
use crate::{list_stored, start_with_secret};

#[test]
fn delete_without_a_terminal_needs_yes() {
    let world = start_with_secret();
    let message = "there is no terminal to ask on; '--yes' confirms DELETE";
    assert_refused(&world, &["DELETE", "/pipeline-secrets/1001"], message);
    let line = ["api", "DELETE", "/pipeline-secrets/1001", "--yes"];
    world.tw(line).exits(0).prints("").says("");
    assert!(list_stored(&world).is_empty());
}

#[cfg(unix)]
#[test]
fn delete_on_a_terminal_asks_and_names_the_path_and_the_workspace() {
    use tw_tests::Terminal;

    let secret = Secret::new("KEY", "first").workspace(100);
    let world = World::with(tw_sandbox::Sandbox::builder().secret(secret));
    let delete = || {
        let line = ["api", "DELETE", "/pipeline-secrets/1001", "-w", "100"];
        let question = "DELETE /pipeline-secrets/1001 at [acme / research] workspace?";
        Terminal::start(world.command(line)).until(question)
    };
    for answer in ["n\r", "\r"] {
        let left = delete().types(answer).ends();
        assert_eq!(left.code, Some(1), "{}", left.screen);
        assert!(
            left.screen.contains("Nothing was deleted"),
            "{}",
            left.screen
        );
        assert_eq!(world.sandbox.secrets(Some(100)).len(), 1);
    }
    let left = delete().types("y\r").ends();
    assert_eq!(left.code, Some(0), "{}", left.screen);
    assert!(world.sandbox.secrets(Some(100)).is_empty());
}

#[cfg(unix)]
#[test]
fn control_c_at_the_question_deletes_nothing() {
    use tw_tests::Terminal;

    let world = start_with_secret();
    let tw = world.command(["api", "DELETE", "/pipeline-secrets/1001"]);
    let left = Terminal::start(tw).until("DELETE /").interrupts().ends();
    assert_eq!(left.code, Some(130), "{}", left.screen);
    assert_eq!(list_stored(&world).len(), 1);
    world.saw([]);
}
