//! Command lines that can't be: exit 2, the option's name, nothing on standard output, and nothing asked of the server.

use crate::one_secret;

/// Each of these lines, whose words stand between blanks, is refused with these words.
#[track_caller]
fn all_misused(lines: &[(&str, &[&str])]) {
    let world = one_secret();
    for (line, named) in lines {
        for name in *named {
            world.tw(line.split(' ')).misused(name);
        }
    }
    world.saw([]);
}

#[test]
fn exactly_one_of_number_and_name() {
    for command in ["view", "delete", "update -v x"] {
        all_misused(&[
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
fn a_number_is_a_number() {
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
            all_misused(&[(&format!("secrets {command} -i {number}"), &["--id", number])]);
        }
    }
    let world = one_secret();
    for number in ["", " ", " 1001"] {
        world.tw(["secrets", "view", "-i", number]).misused("--id");
    }
    world.saw([]);
}

#[test]
fn an_option_without_its_value() {
    all_misused(&[
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
    all_misused(&[
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
    all_misused(&[
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
fn what_no_command_takes() {
    all_misused(&[
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
