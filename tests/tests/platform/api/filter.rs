//! `tw api --jq`: the answer is filtered if it is JSON and a success.

use super::serve_pets;

#[test]
fn an_answer_is_filtered_and_its_numbers_keep_their_spelling() {
    let numbers = "12345678901234567890123,1.50,1E5,12345678901234567.89,-7";
    let body = format!("{{\"pets\": [{numbers}], \"name\": \"caf\u{e9}\"}}");
    let world = serve_pets(|pets| pets.json(&body));
    let ran = world.tw(["api", "/pets", "--jq", ".pets[]"]).exits(0);
    ran.says("").prints(&(numbers.replace(',', "\n") + "\n"));
    let ran = world.tw(["api", "/pets", "--jq", ".name"]).exits(0);
    ran.prints("caf\u{e9}\n");
}

#[test]
fn a_number_that_is_too_large_for_most_readers_keeps_its_spelling() {
    let world = serve_pets(|pets| pets.json(r#"{"a": 1e400, "b": 1}"#));
    let filter = |expression: &str| world.tw(["api", "/pets", "--jq", expression]).exits(0);
    filter(".b").says("").prints("1\n");
    filter(".a").says("").prints("1e400\n");
}

#[test]
fn an_answer_that_is_nested_too_deeply_is_called_so() {
    let body = "[".repeat(3000) + &"]".repeat(3000);
    let world = serve_pets(|pets| pets.json(&body));
    world
        .tw(["api", "/pets", "--jq", "."])
        .fails_with("its result is nested too deeply, so '--jq' can't filter it");
}

#[test]
fn the_answer_of_a_failure_is_printed_unchanged() {
    let body = r#"{"message": "No pet 7"}"#;
    let world = serve_pets(|pets| pets.status(404).json(body));
    let ran = world.tw(["api", "/pets/7", "--jq", ".pets[]"]);
    ran.exits(1).prints(body).says("\n ERROR: No pet 7\n\n");
}

#[test]
fn an_answer_that_is_no_json_cannot_be_filtered() {
    let world = serve_pets(|pets| pets.body("text/plain", "hello"));
    world
        .tw(["api", "/pets", "--jq", "."])
        .fails_with("its result is no JSON, so '--jq' can't filter it");
}

#[test]
fn an_expression_that_cannot_be_parsed_is_refused_before_the_call() {
    let world = serve_pets(|pets| pets.json("{}"));
    world
        .tw(["api", "/pets", "--jq", ".["])
        .rejects("at character 3");
    world.saw([]);
}
