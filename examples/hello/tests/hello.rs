//! Runs the plugin in the real `tw`.

use tw_plugin_test::{Answer, Tw};

#[test]
fn hello_greets_the_user_that_the_token_belongs_to() {
    let ran = Tw::new().run(["hello", "--loud"]).exits(0);
    assert_eq!(ran.stdout, "\n  HELLO, TESTER\n\n");
}

#[test]
fn the_greeting_is_a_field_of_the_result() {
    let ran = Tw::new()
        .run(["hello", "-g", "Ciao", "-o", "json"])
        .exits(0);
    assert_eq!(ran.json()["greeting"], "Ciao, tester");
}

#[test]
fn an_invalid_token_is_reported() {
    let tw = Tw::new();
    tw.answer_with("GET /user-info", Answer::new(401, ""));
    tw.run(["hello"]).exits(1).says("Unauthorized");
}
