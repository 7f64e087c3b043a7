//! Typical mistakes in command lines: one tip for each, which works if a user follows it, and no tip that is worse than none.

use crate::mistakes::{assert_advised, command, read_hint, set_up};

/// Command lines that are wrong, and what their errors advise. These tips are shown in pipes too.
const COMMAND_LINES: &[(&str, &str)] = &[
    // Options before the command that has them.
    ("-w acme/research secrets list", "put it after `list`"),
    ("--workspace 100 secrets list", "put it after `list`"),
    ("-n KEY secrets view", "put it after `view`"),
    (
        "secrets -n KEY view",
        "'-n' is an option of `tw secrets view`",
    ),
    ("secrets -w 100 list", "put it after `list`"),
    // Values without their option, and values without quotes.
    ("secrets view KEY", "`-n KEY`"),
    ("secrets view 1001", "`-i 1001`"),
    ("secrets delete KEY", "`-n KEY`"),
    ("secrets update KEY -v x", "`-n NAME`"),
    ("secrets add KEY", "`-n NAME`"),
    ("secrets add NAME=value", "`-n NAME`"),
    ("secrets view -i KEY", "`-n KEY`"),
    ("secrets view 'TWO WORDS'", "`-n 'TWO WORDS'`"),
    (
        "secrets add -n NEW -v my secret value",
        "quote a value that has blanks: `-v 'TWO WORDS'`",
    ),
    ("secrets list --filter A B", "`--filter 'TWO WORDS'`"),
    // Words of other programs.
    ("secrets rm -n KEY", "`tw secrets delete`"),
    ("secrets remove -n KEY", "`tw secrets delete`"),
    ("secrets ls", "`tw secrets list`"),
    ("secrets get -n KEY", "`tw secrets view`"),
    ("secrets show -n KEY", "`tw secrets view`"),
    ("secrets set -n KEY", "`tw secrets add` for a new one"),
    ("secrets create -n KEY", "`tw secrets add`"),
    ("secrets edit -n KEY", "`tw secrets update`"),
    ("workspaces ls", "`tw workspaces list`"),
    ("organizations ls", "`tw organizations list`"),
    ("plugin uninstall hello", "`tw plugin remove`"),
    ("plugin rm hello", "`tw plugin remove`"),
    ("plugin ls", "`tw plugin list`"),
    ("plugin add hello", "`tw plugin install`"),
    ("plugin show hello", "`tw plugin info`"),
    ("plugin update hello", "`tw plugin upgrade`"),
    ("list secrets", "`tw secrets list`"),
    ("ls secrets", "`tw secrets list`"),
    ("version", "`tw --version`"),
    ("secrets list --json", "`--output json`"),
    ("secrets list --csv", "`--output csv`"),
    ("secrets list --format json", "`--output`"),
    ("--token x secrets list", "`--access-token`"),
    ("--endpoint https://x secrets list", "`--url`"),
    ("secrets list --workspace-id 100", "`--workspace`"),
    ("secrets add -n KEY --force", "`--overwrite`"),
    ("auth login", "use `tw login`"),
    ("status", "use `tw token status`"),
    ("me", "use `tw whoami`"),
    ("config list", "use `tw config show`"),
    ("config use work", "use `tw profile use`"),
    ("profile rm work", "use `tw profile remove`"),
    // The verb before the group, in the singular and in the plural.
    ("get secrets", "use `tw secrets list`"),
    ("get secret KEY", "use `tw secrets view`"),
    ("show secrets", "use `tw secrets list`"),
    ("describe secret KEY", "use `tw secrets view`"),
    ("get workspaces", "use `tw workspaces list`"),
    ("get orgs", "use `tw organizations list`"),
    ("create secret", "use `tw secrets add`"),
    ("add secret", "use `tw secrets add`"),
    ("update secret", "use `tw secrets update`"),
    ("remove secret", "use `tw secrets delete`"),
    ("delete secrets", "use `tw secrets delete`"),
    ("list profiles", "use `tw profile list`"),
    (
        "secrets secrets list",
        "`secrets` is there twice: `tw secrets list`",
    ),
    ("secrets LIST", "'list'"),
    ("orgs list", "use `tw organizations list`"),
    ("ws list", "use `tw workspaces list`"),
    (
        "pipeline list",
        "`tw pipelines` is a command of the existing CLI",
    ),
    ("compute-env list", "`tw compute-envs` is"),
    ("run", "`tw runs` is"),
    ("token show", "use `tw token status`"),
    ("token create", "use `tw login`"),
    // Help in odd places.
    ("secrets list help", "use `tw secrets list --help`"),
    ("help secrets lst", "'list'"),
    ("secrets help lst", "'list'"),
    ("help secret", "'secrets'"),
    ("help optons", "use `tw help options`"),
    ("help env", "use `tw help environment`"),
    ("help exitcodes", "use `tw help exit-codes`"),
    ("help exit codes", "use `tw help exit-codes`"),
    ("help formats", "use `tw help options`"),
    // Characters of a word processor.
    ("secrets list –o json", "'–' is not a hyphen: write `-o`"),
    (
        "secrets list —output json",
        "'—' is not a hyphen: write `--output`",
    ),
    ("secrets list —what", "write `-` or `--`"),
    ("secrets list -o “json”", "'“' is not a quote"),
    // Formats and files.
    ("secrets list -o jsn", "'json'"),
    ("secrets list -o jsno", "'json'"),
    ("secrets list -o JSON2", "'json'"),
    ("secrets list -o table", "'console'"),
    ("secrets list -o yml", "'yaml'"),
    ("secrets list -ocsvv", "'csv'"),
    ("secrets list --color alway", "'always'"),
    ("secrets list json", "use `-o json`"),
    ("secrets list -w 100 json", "use `-o json`"),
    ("whoami --verbose json", "use `-o json`"),
    ("secrets export f.env", "`tw secrets export > f.env`"),
    ("secrets export -o f.env", "`> f.env`"),
    ("secrets import -f f.env", "`tw secrets import FILE`"),
    ("secrets import --file f.env", "`tw secrets import FILE`"),
    ("api /user-info -o out.json", "`--output-file out.json`"),
    // Values.
    ("secrets delete --names S1 S2", "`--names S1,S2`"),
    ("secrets list -w acme research", "`-w acme/research`"),
    (
        "secrets list -w -o json",
        "'-o' was taken as the value of `-w`",
    ),
    ("secrets list acme/research", "`-w acme/research`"),
    ("secrets view '#1001'", "`-i 1001`"),
    ("secrets view --id '#1001'", "write `-i 1001`"),
    ("secrets view --id 1,001", "write `-i 1001`"),
    (
        "secrets add -name X",
        "'-name' means `-n ame`: write `--name`",
    ),
    (
        "secrets set -n KEY",
        "or `tw secrets update` for one that exists",
    ),
    (
        "--insecure=true secrets list",
        "`--insecure` takes no value",
    ),
    ("-w 1 secrets", "put it after one of `list`, `add`"),
    (
        "-o secrets list",
        "'secrets' was taken as the value of `-o`",
    ),
    (
        "-u secrets list",
        "'secrets' was taken as the value of `-u`",
    ),
    // Options of gh and curl.
    ("api /user-info -q .user", "`--jq '.user'`"),
    ("api /user-info POST", "`tw api POST /user-info --insecure`"),
    ("api -X POST /x", "`tw api POST /path`"),
    ("api /x --method POST", "`tw api POST /path`"),
    ("api /x -d x", "`--input FILE`"),
    ("api /x --data x", "`--input FILE`"),
    ("api --version", "use `tw --version`"),
    ("secrets list --silent", "`--quiet`"),
    ("secrets list --no-color", "use `--color never`"),
    // Keys of a profile.
    ("profile set x -u https://z", "write `endpoint=URL`"),
    (
        "profile set x -w 100",
        "write `workspace=ORGANIZATION/WORKSPACE`",
    ),
    ("profile set x --endpoint https://x", "write `endpoint=URL`"),
    ("profile set x endpoint https://x", "write `endpoint=VALUE`"),
    ("profile set x token=abc", "`tw login` stores one"),
    ("profile set x insecure=true", "`--insecure`"),
    // Typing errors.
    ("secret list", "'secrets'"),
    ("secrets lsit", "'list'"),
    ("secrets list --ouput json", "'--output'"),
    ("nothing", "`tw --help`"),
    ("secrets nothing", "`tw secrets --help`"),
    ("help nothing", "`tw --help`"),
    // Missing values.
    ("secrets list -w", "`tw workspaces list`"),
    ("completion", "<SHELL> is one of: bash"),
    ("secrets view", "Usage: tw secrets view"),
];

#[test]
fn a_wrong_command_line_gets_advice() {
    let world = set_up();
    for (line, advice) in COMMAND_LINES {
        let ran = assert_advised(command(&world, line), advice);
        assert_eq!(ran.status.code(), Some(2), "{ran}");
        // The text has the same tip.
        command(&world, line).run().rejects(advice);
    }
    world.saw([]);
}

#[test]
fn advice_never_repeats_a_word_that_may_be_a_secret() {
    let world = set_up();
    for line in [
        "secrets add -n NEW -v my s3cr3t-word value",
        "secrets add s3cr3t-word",
        "secrets add NEW s3cr3t-word",
        "secrets update s3cr3t-word",
    ] {
        command(&world, line).run().exits(2).never_shows("s3cr3t");
        let (_, ran) = read_hint(command(&world, line));
        ran.never_shows("s3cr3t");
    }
}

/// Command lines for which nothing is known: a guess would be wrong, or would delete something.
const UNKNOWN: &[(&str, &str)] = &[
    ("browse", "`tw --help` lists the commands"),
    ("open", "`tw --help` lists the commands"),
    ("docs", "`tw --help` lists the commands"),
    ("inspect x", "`tw --help` lists the commands"),
    (
        "profile rename a b",
        "`tw profile --help` lists the commands",
    ),
    (
        "profile renmae a b",
        "`tw profile --help` lists the commands",
    ),
    ("plugin disable x", "`tw plugin --help` lists the commands"),
    ("secrets list --query x", "Usage: "),
    ("secrets list --page", "Usage: "),
    ("secrets list --nope", "Usage: "),
    ("secrets list --shell", "Usage: "),
    ("secrets view --name S1 S2", "Usage: "),
];

#[test]
fn a_tip_is_never_worse_than_none() {
    let world = set_up();
    for (line, advice) in UNKNOWN {
        let (hint, ran) = read_hint(command(&world, line));
        assert!(hint.starts_with(advice), "{line}: {ran}");
        assert_eq!(hint.lines().count(), 1, "{line}: {ran}");
    }
}

#[test]
fn a_value_for_a_flag_and_a_second_shell_are_named_as_what_they_are() {
    let world = set_up();
    for (line, word) in [
        ("--insecure=true secrets list", "'true'"),
        ("completion zsh bash", "'bash'"),
    ] {
        let message = format!("unexpected argument {word} found");
        command(&world, line).run().rejects(&message);
    }
}

#[test]
fn a_column_and_a_workspace_of_a_similar_spelling_are_suggested() {
    let world = set_up();
    let ran = command(&world, "secrets list --columns nmae").run();
    ran.rejects("; did you mean 'name'?");
    for (typed, meant) in [
        ("'#100'", "100"),
        ("1,00", "100"),
        ("acme:research", "acme/research"),
        ("'acme\\research'", "acme/research"),
    ] {
        let line = format!("secrets list -w {typed}");
        assert_advised(
            command(&world, &line),
            &format!("did you mean `-w {meant}`?"),
        );
    }
}

#[test]
fn a_line_without_a_command_says_which_word_an_option_took() {
    let world = set_up();
    let ran = command(&world, "-t list").run().exits(255);
    ran.says_with("'list' was taken as the value of `-t`");
    let ran = command(&world, "-t s3cr3t").run().exits(255);
    ran.never_shows("s3cr3t");
}

#[test]
fn words_of_the_token_commands_are_shown_if_they_can_be_no_token() {
    let world = set_up();
    command(&world, "token revoke").run().rejects("'revoke'");
    let ran = command(&world, "token s3cr3t-Token").run();
    ran.exits(2).never_shows("s3cr3t");
}
