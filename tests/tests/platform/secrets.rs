//! The five commands of `tw secrets`, to the byte.

use tw_sandbox::{Sandbox, Secret};
use tw_tests::World;

#[test]
fn an_empty_list() {
    let world = World::new();
    world
        .tw(["secrets", "list"])
        .exits(0)
        .prints("\n  Secrets at user workspace:\n\n    No secrets found\n")
        .says("");
    world.saw(["GET /pipeline-secrets"]);
}

#[test]
fn a_list() {
    let secret = Secret::new("name01", "value")
        .id(5002114781502)
        .created("2022-10-05T12:42:21Z")
        .updated("2022-10-25T13:21:15Z");
    let world = World::with(Sandbox::builder().secret(secret));
    world.tw(["secrets", "list"]).exits(0).says("").prints(concat!(
        "\n  Secrets at user workspace:\n\n",
        "     ID            | Name   | Created                      | Updated                       | Used \n",
        "    ---------------+--------+------------------------------+-------------------------------+------\n",
        "     5002114781502 | name01 | Wed, 5 Oct 2022 12:42:21 GMT | Tue, 25 Oct 2022 13:21:15 GMT |      \n\n",
    ));
}
