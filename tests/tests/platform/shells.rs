//! Completion in real shells.

use std::path::{Path, PathBuf};

use tw_sandbox::{Sandbox, Secret, Workspace};
use tw_tests::{Shell, World};

/// The name of a workspace that runs a command if a shell inserts it without quotes.
const EVIL: &str = "review $(touch pwned);x";

/// A shell, the words that keep it from reading files, and the line that turns on completion.
const SHELLS: [(&str, &[&str], &str); 4] = [
    ("bash", &["--norc"], "eval \"$(tw completion bash)\""),
    ("zsh", &["-f"], "eval \"$(tw completion zsh)\""),
    ("fish", &["--no-config"], "tw completion fish | source"),
    ("elvish", &["-norc"], "eval (tw completion elvish | slurp)"),
];

fn world() -> World {
    let sandbox = Sandbox::builder()
        .secret(Secret::new("API_KEY", "x"))
        .workspace(Workspace::new(77, 10, EVIL));
    World::with(sandbox)
}

/// Makes a folder with files to complete, and an external command.
fn folder(world: &World) -> PathBuf {
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
fn start(world: &World, name: &'static str, words: &[&str], folder: &Path) -> Option<Shell> {
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
fn install_turns_on_completion_in_new_shells() {
    for (name, words, _) in SHELLS {
        let world = world();
        let folder = folder(&world);
        // The shell of a user who has no start file, and of one whose file has no line feed at its end.
        let config = world.installation.home().join(".bashrc");
        std::fs::write(&config, "export OWN=1").expect("the home can be written");
        let install = |shell: &[&str]| {
            let tw = world.command(["completion", "install"]).args(shell);
            tw.env("SHELL", format!("/usr/bin/{name}")).run().exits(0)
        };
        install(&[]).prints_with("it works in new shells");
        install(&[name]).prints_with("Completion is already in ");
        let words: Vec<&str> = words
            .iter()
            .copied()
            .filter(|word| !word.contains("no") && *word != "-f")
            .collect();
        if let Some(shell) = start(&world, name, &words, &folder) {
            shell.completes("tw sec", "tw secrets");
        }
    }
}

#[test]
fn install_names_what_is_missing() {
    let world = world();
    let install = || world.command(["completion", "install"]);
    let ran = install().run();
    ran.rejects("SHELL names no shell that tw knows");
    let ran = install().env("SHELL", "/bin/tcsh").run();
    ran.says_with("tw completion install bash");
    let home = world.installation.home();
    std::fs::create_dir(home.join(".bashrc")).expect("the home can be written");
    let ran = install().env("SHELL", "/bin/bash").run();
    ran.fails_with(".bashrc");
}

#[test]
fn install_takes_any_start_file_and_refuses_what_is_none() {
    let world = world();
    let start_file = world.installation.home().join(".bashrc");
    let install = || {
        let tw = world.command(["completion", "install", "bash"]);
        tw.run()
    };
    // A comment in Latin-1, and the line as a comment.
    let before = b"# caf\xe9\n# command -v tw >/dev/null && eval \"$(tw completion bash)\"\n";
    std::fs::write(&start_file, before).expect("the home can be written");
    install().exits(0).prints_with("it works in new shells");
    let after = std::fs::read(&start_file).expect("the file is there");
    assert!(after.starts_with(before) && after.len() > before.len());
    std::fs::remove_file(&start_file).expect("the file is there");
    let made = std::process::Command::new("mkfifo")
        .arg(&start_file)
        .status();
    assert!(made.is_ok_and(|status| status.success()));
    install().fails_with(".bashrc is not a file");
    std::fs::remove_file(&start_file).expect("the pipe is there");
    std::os::unix::fs::symlink("/nowhere/bashrc", &start_file).expect("the home can be written");
    install().says_with("it is a link to /nowhere/bashrc: make the folder of that file");
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
    for (shell, word) in [("powershell", ".se"), ("elvish", "se")] {
        let line = ["__complete", shell, "--", "tw", "secrets", "import", word];
        let ran = world.installation.command(line).from(&folder).run();
        ran.exits(0).says("").prints("sec ret.env\t\n");
    }
    // Not from the script of a shell.
    for line in [
        &["__complete"][..],
        &["__complete", "bash", "--", "tw", "se"],
        &["__complete", "csh", "--", "tw"],
    ] {
        let ran = world.installation.command(line.iter().copied()).run();
        ran.exits(1).says("").prints("");
    }
}
