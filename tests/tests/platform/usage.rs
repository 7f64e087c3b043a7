//! Usage errors: exit code 2, the option's name on standard error, nothing on standard output, and no request.

use crate::start_with_secret;

/// Asserts that each command line, whose words are separated by blanks, is refused with each of these texts.
#[track_caller]
fn assert_all_refused(lines: &[(&str, &[&str])]) {
    let world = start_with_secret();
    for (line, named) in lines {
        for name in *named {
            world.tw(line.split(' ')).rejects(name);
        }
    }
    world.saw([]);
}

#[test]
fn view_update_and_delete_need_exactly_one_of_id_and_name() {
    for command in ["view", "delete", "update -v x"] {
        assert_all_refused(&[
            (&format!("secrets {command}"), &["--id", "--name"]),
            (&format!("secrets {command} -w 100"), &["--id", "--name"]),
            (
                &format!("secrets {command} -i 1001 -n KEY"),
                &["--id", "--name"],
            ),
            (
                &format!("secrets {command} --name=KEY --id=1001"),
                &["--id", "--name"],
            ),
        ]);
    }
}

#[test]
fn an_id_must_be_a_64_bit_integer() {
    for number in [
        "KEY",
        "1.5",
        "1e3",
        "0x10",
        "9223372036854775808",
        "-9223372036854775809",
        "1_000",
    ] {
        for command in ["view", "delete", "update -v x"] {
            let line = format!("secrets {command} -i {number}");
            assert_all_refused(&[(&line, &["--id", number, "expected a 64-bit integer"])]);
        }
    }
    let world = start_with_secret();
    for number in ["", " ", " 1001"] {
        world.tw(["secrets", "view", "-i", number]).rejects("--id");
    }
    world.saw([]);
}

#[test]
fn a_missing_option_value_is_reported_with_the_option() {
    assert_all_refused(&[
        ("secrets view -n", &["--name"]),
        ("secrets view -i", &["--id"]),
        ("secrets add -n KEY -v", &["--value"]),
        ("secrets list -w", &["--workspace"]),
        ("secrets list -t", &["--access-token"]),
        ("secrets list -u", &["--url"]),
        ("secrets list --cacert", &["--cacert"]),
        ("workspaces list -o", &["--org"]),
    ]);
}

#[test]
fn a_mistyped_command_suggests_the_nearest() {
    assert_all_refused(&[
        ("secrts list", &["'secrts'", "'secrets'"]),
        ("secret list", &["'secret'", "'secrets'"]),
        ("secrets lst", &["'lst'", "'list'"]),
        ("secrets updaet -n KEY", &["'updaet'", "'update'"]),
        ("workspace list", &["'workspace'", "'workspaces'"]),
        (
            "organisations list",
            &["'organisations'", "'organizations'"],
        ),
    ]);
}

#[test]
fn a_mistyped_option_suggests_the_nearest() {
    assert_all_refused(&[
        ("secrets add --nmae KEY -v x", &["--nmae", "'--name'"]),
        ("secrets add -n KEY --vlaue x", &["--vlaue", "'--value'"]),
        (
            "secrets add -n KEY -v x --overwite",
            &["--overwite", "'--overwrite'"],
        ),
        (
            "secrets list --workspce 100",
            &["--workspce", "'--workspace'"],
        ),
        ("secrets list --ouput json", &["--ouput", "'--output'"]),
        ("--verbos secrets list", &["--verbos", "'--verbose'"]),
        ("workspaces list --orgg acme", &["--orgg", "'--org'"]),
    ]);
}

#[test]
fn unknown_and_repeated_arguments_are_reported_by_name() {
    assert_all_refused(&[
        ("secrets list -n KEY", &["-n"]),
        ("secrets list extra", &["argument"]),
        ("secrets delete -n KEY -v x KEY", &["argument"]),
        ("secrets view -n KEY --overwrite", &["--overwrite"]),
        ("organizations list --org acme", &["--org"]),
        ("workspaces list -w 100", &["-w"]),
        ("secrets add -n KEY -n OTHER -v x", &["--name"]),
        ("secrets add -n KEY -v x -v y", &["--value"]),
        ("secrets view -i 1 -i 2", &["--id"]),
    ]);
}

#[test]
fn help_of_a_group_shows_the_help_of_a_command() {
    let world = start_with_secret();
    for line in ["secrets help add", "help secrets add", "secrets add --help"] {
        let ran = world.tw(line.split(' ')).exits(0).says("");
        ran.prints_with("Usage: tw secrets add ");
    }
    for line in ["plugin help list", "help plugin list"] {
        let ran = world.tw(line.split(' ')).exits(0).says("");
        ran.prints_with("Usage: tw plugin list ");
    }
    world.saw([]);
}
