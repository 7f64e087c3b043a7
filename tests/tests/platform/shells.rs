//! Completion in real shells.

use std::path::{Path, PathBuf};

use tw_sandbox::{Sandbox, Secret, Workspace};
use tw_tests::{Shell, World};

/// The name of a workspace that runs a command if a shell inserts it without quotes.
const EVIL: &str = "review $(touch pwned);x";

/// The name of a secret in which bash would find a line of its history.
const BANG: &str = "bang!!x";

/// A shell, the words that keep it from reading files, and the line that turns on completion.
pub(crate) const SHELLS: [(&str, &[&str], &str); 4] = [
    ("bash", &["--norc"], "eval \"$(tw completion bash)\""),
    ("zsh", &["-f"], "eval \"$(tw completion zsh)\""),
    ("fish", &["--no-config"], "tw completion fish | source"),
    ("elvish", &["-norc"], "eval (tw completion elvish | slurp)"),
];

pub(crate) fn world() -> World {
    let sandbox = Sandbox::builder()
        .secret(Secret::new("API_KEY", "x"))
        .secret(Secret::new(BANG, "x"))
        .workspace(Workspace::new(77, 10, EVIL));
    World::with(sandbox)
}

/// Makes a folder with files to complete, and an external command.
pub(crate) fn folder(world: &World) -> PathBuf {
    let home = world.installation.home();
    let folder = home.join("work");
    std::fs::create_dir(&folder).expect("the home can be written");
    for file in [
        folder.join("sec ret.env"),
        folder.join("we$ird;x.env"),
        home.join("homely.env"),
    ] {
        std::fs::write(file, "A=b\n").expect("the home can be written");
    }
    let external = home.join("bin");
    std::fs::create_dir(&external).expect("the home can be written");
    let greet = external.join("tw-greet");
    std::fs::write(&greet, "#!/bin/sh\n").expect("the home can be written");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&greet, executable).expect("the home can be written");
    folder
}

/// Starts a shell that finds `tw` and may call the sandbox.
pub(crate) fn start(
    world: &World,
    name: &'static str,
    words: &[&str],
    folder: &Path,
) -> Option<Shell> {
    let home = world.installation.home();
    let bin = world.installation.tw();
    let bin = bin.parent().expect("a binary is in a folder");
    let path = format!(
        "{}:{}:/usr/bin:/bin",
        bin.display(),
        home.join("bin").display()
    );
    let variables = [
        ("HOME", &*home.to_string_lossy()),
        ("PATH", &path),
        ("TOWER_API_ENDPOINT", world.sandbox.url()),
        ("TOWER_ACCESS_TOKEN", world.sandbox.token()),
        ("FRUIT_VAR", "1"),
        // A variable with which another program's completion works.
        ("COMPLETE", "1"),
    ];
    Shell::start(name, words, folder, &variables)
}

#[test]
fn commands_options_values_and_files_complete_in_every_shell() {
    for (name, words, turn_on) in SHELLS {
        let world = world();
        let folder = folder(&world);
        let Some(shell) = start(&world, name, words, &folder) else {
            continue;
        };
        let (spaced, weird, homely) = match name {
            "elvish" => (
                "'sec ret.env'",
                "'--value-file=we$ird;x.env'",
                "/homely.env",
            ),
            _ => (
                "sec\\ ret.env",
                "--value-file=we\\$ird\\;x.env",
                "~/homely.env",
            ),
        };
        shell
            .runs(&format!("{turn_on}; printf '%s%s\\n' do ne"), "done")
            .completes("tw sec", "tw secrets")
            .completes("tw secrets delete --ignore", "--ignore-missing")
            .completes("tw -o cs", "tw -o csv")
            .completes("tw --output=cs", "--output=csv")
            .completes("tw secrets import se", spaced)
            .completes("tw secrets add --value-file=we", weird)
            .completes("tw secrets import ~/ho", homely)
            .completes("tw secrets add --value-env FRUIT", "FRUIT_VAR")
            .completes("tw plugin info wor", "workspaces")
            .completes("tw gre", "tw greet")
            .completes("tw --insecure secrets view -n AP", "API_KEY")
            .completes("tw --insecure secrets list -w acme/res", "acme/research");
    }
}

#[test]
fn a_completed_value_never_runs_as_a_command() {
    for (name, words, turn_on) in SHELLS {
        let world = world();
        let folder = folder(&world);
        let Some(shell) = start(&world, name, words, &folder) else {
            continue;
        };
        let quoted = match name {
            "elvish" => "'acme/review $(touch pwned);x'",
            _ => "acme/review\\ \\$\\(touch\\ pwned\\)\\;x",
        };
        let shell = shell
            .runs(&format!("{turn_on}; printf '%s%s\\n' do ne"), "done")
            .types("tw --insecure secrets list -w acme/rev")
            .presses("Tab")
            .shows(quoted);
        // In elvish, the first Enter accepts the candidate.
        let shell = match name {
            "elvish" => shell.presses("Enter"),
            _ => shell,
        };
        let _shell = shell
            .presses("Enter")
            .shows("Secrets at [acme / review $(touch pwned);x] workspace:");
        assert!(!folder.join("pwned").exists(), "{name}");
    }
}

#[test]
fn an_open_quote_and_parts_of_a_word_complete() {
    let world = world();
    let folder = folder(&world);
    for (name, words, turn_on) in &SHELLS[..3] {
        let Some(shell) = start(&world, name, words, &folder) else {
            continue;
        };
        shell
            .runs(&format!("{turn_on}; printf '%s%s\\n' do ne"), "done")
            .completes("tw secrets import \"se", "\"sec ret.env\"")
            .completes("tw secrets import 'se", "'sec ret.env'")
            .completes("tw secrets import sec\\ r", "sec\\ ret.env")
            .completes("true; tw sec", "tw secrets")
            .completes("tw >/dev/null sec", "tw >/dev/null secrets")
            .completes("tw secrets list > we", "> we\\$ird\\;x.env")
            .completes("tw secrets import $HOME/hom", "$HOME/homely.env")
            .completes(
                "tw --insecure secrets delete --names API_KEY,AP",
                "API_KEY,API_KEY",
            );
    }
}

#[test]
fn the_first_tab_completes_from_a_function_in_fpath() {
    let world = world();
    let folder = folder(&world);
    let script = world.tw(["completion", "zsh"]).exits(0).stdout;
    let functions = folder.join("functions");
    std::fs::create_dir(&functions).expect("the folder can be written");
    std::fs::write(functions.join("_tw"), script).expect("the folder can be written");
    let Some(shell) = start(&world, "zsh", &["-f"], &folder) else {
        return;
    };
    shell
        .runs(
            "fpath=($PWD/functions $fpath); autoload -Uz compinit; compinit -u; print do''ne",
            "done",
        )
        .completes("tw sec", "tw secrets")
        .completes("tw -o cs", "tw -o csv");
}

#[test]
fn a_variable_of_another_program_changes_nothing() {
    let world = world();
    for value in ["1", "bash", "zsh", "nonsense"] {
        let tw = world.command(["secrets", "list"]).env("COMPLETE", value);
        tw.run().exits(0).prints_with("API_KEY");
    }
}

#[test]
fn powershell_and_elvish_get_files_from_tw() {
    let world = world();
    let folder = folder(&world);
    let words = |shell, file| ["__complete", shell, "--", "tw", "secrets", "add", file];
    let value = "--value-file=se";
    for (shell, file, printed) in [
        ("powershell", value, "--value-file=sec ret.env\t\n"),
        ("elvish", value, "--value-file=sec ret.env\t\n"),
    ] {
        let ran = world.installation.command(words(shell, file));
        let ran = ran.from(&folder).run();
        ran.exits(0).says("").prints(printed);
    }
    // Not from the script of a shell.
    for line in [
        &["__complete"][..],
        &["__complete", "bash"],
        &["__complete", "csh", "--", "tw"],
    ] {
        let ran = world.installation.command(line.iter().copied()).run();
        ran.exits(1).says("").prints("");
    }
}

#[test]
fn a_line_comes_through_standard_input() {
    let world = world();
    for (shell, input, printed) in [
        ("bash", "tw >x sec\0sec\0", "values\nsecrets\n"),
        ("bash", "tw login <a\0a\0", "files\n"),
        ("fish", "tw 2>&1 sec\0", "values\nsecrets\t"),
        ("zsh", "tw\0sec\0", "values\nsecrets:"),
        ("elvish", "tw\0secrets\0import\0\0", "files\n"),
        ("elvish", "tw\0sec\0", "secrets\t"),
        // PowerShell adds a line end.
        ("powershell", "tw\0sec\0\r\n", "secrets\t"),
    ] {
        let tw = world.installation.command(["__complete", shell]);
        let ran = tw.input(input).run().exits(0).says("");
        assert!(ran.stdout.starts_with(printed), "{shell} {input:?}: {ran}");
    }
}

#[test]
fn a_tab_never_runs_the_program_that_was_typed() {
    for (name, words, turn_on) in SHELLS {
        let world = world();
        let folder = folder(&world);
        let typed = folder.join("tw");
        std::fs::write(&typed, "#!/bin/sh\ntouch ran\n").expect("the folder can be written");
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&typed, executable).expect("the folder can be written");
        let Some(shell) = start(&world, name, words, &folder) else {
            continue;
        };
        let shell = shell.runs(&format!("{turn_on}; printf '%s%s\\n' do ne"), "done");
        // elvish knows only the name and the path of the tw on PATH.
        let shell = match name {
            "elvish" => shell.completes("./tw se", "./tw 'sec ret.env'"),
            _ => shell.completes("./tw sec", "./tw secrets"),
        };
        drop(shell);
        assert!(!folder.join("ran").exists(), "{name}");
    }
}

#[test]
fn a_tab_does_no_harm_to_a_shell_without_tw_or_with_strict_rules() {
    for (name, words, turn_on) in SHELLS {
        let world = world();
        let folder = folder(&world);
        let Some(shell) = start(&world, name, words, &folder) else {
            continue;
        };
        let shell = shell.runs(&format!("{turn_on}; printf '%s%s\\n' do ne"), "done");
        let shell = match name {
            "bash" => shell
                .runs("set -eu; printf '%s%s\\n' str ict", "strict")
                .types("tw nonexist ")
                .presses("Tab")
                .presses("C-u")
                .completes("tw sec", "tw secrets"),
            _ => shell,
        };
        let path = match name {
            "fish" => "set -x PATH /usr/bin /bin",
            "elvish" => "set paths = [/usr/bin /bin]",
            _ => "PATH=/usr/bin:/bin",
        };
        let _shell = shell
            .runs(&format!("{path}; printf '%s%s\\n' go ne"), "gone")
            .types("tw nonexist ")
            .presses("Tab")
            .presses("C-u")
            .runs("printf '%s%s\\n' ali ve", "alive")
            .lacks("__tw_complete");
    }
}

#[test]
fn bash_finds_no_history_in_a_completed_value() {
    let world = world();
    let folder = folder(&world);
    let (name, words, turn_on) = SHELLS[0];
    if let Some(shell) = start(&world, name, words, &folder) {
        shell
            .runs(&format!("{turn_on}; printf '%s%s\\n' do ne"), "done")
            .completes(
                "tw --insecure secrets view -n \"ban",
                "\"bang\"\\!\"\"\\!\"x\"",
            )
            .completes(
                "tw --insecure secrets view -n \"bang\"\\!\"",
                "\"bang\"\\!\"\\!\"x\"",
            );
    }
}

#[test]
fn what_tw_does_not_know_offers_no_command_and_no_option() {
    let world = world();
    crate::mistakes::configure(
        &world,
        "[profile.\"a b\"]\n[profile.ok]\n[alias]\nlook = \"secrets list\"\n",
    );
    let offered = |words: &[&str]| {
        let line = [&["__complete", "fish", "--", "tw"], words].concat();
        world.installation.command(line).run().offered()
    };
    for words in [
        &["-w", ""][..],
        &["--workspace", ""],
        &["secrets", "-w", ""],
        &["alias", "set", ""],
    ] {
        assert_eq!(offered(words), [""; 0], "{words:?}");
    }
    assert!(offered(&["-v", "sec"]).contains(&"secrets".to_owned()));
    assert!(offered(&["-o", "json", "sec"]).contains(&"secrets".to_owned()));
    // A mistake of the configuration hides nothing else.
    assert_eq!(offered(&["--profile", ""]), ["ok"]);
    assert_eq!(offered(&["profile", "use", ""]), ["ok"]);
    assert_eq!(offered(&["loo"]), ["look"]);
}
