//! `tw completion install`: the files that it changes, and how it fails.

use std::{fs, os::unix::fs::symlink};

use tw_tests::World;

use crate::shells::{SHELLS, folder, start, world};

/// Installs completion for bash.
fn install(world: &World) -> tw_tests::Ran {
    world.command(["completion", "install", "bash"]).run()
}

#[test]
fn install_turns_on_completion_in_new_shells() {
    for (name, words, _) in SHELLS {
        let world = world();
        let folder = folder(&world);
        // A file without a line feed at its end, whose last line goes on.
        let config = world.installation.home().join(".bashrc");
        fs::write(&config, "export OWN=1 \\").expect("the home can be written");
        // The system's profile sets PATH.
        let tw = world.installation.tw();
        let bin = tw.parent().expect("a binary is in a folder").display();
        let login = world.installation.home().join(".bash_profile");
        fs::write(login, format!("PATH={bin}:$PATH\n")).expect("the home can be written");
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
        if name == "bash"
            && let Some(shell) = start(&world, name, &["-l"], &folder)
        {
            shell.completes("tw sec", "tw secrets");
        }
    }
}

#[test]
fn a_login_shell_of_bash_gets_the_line_unless_it_reads_bashrc() {
    for (file, text, is_changed) in [
        (".profile", ". ~/.bashrc\n", false),
        (".bash_login", "[ -f ~/.bashrc ] && . ~/.bashrc\n", false),
        (".bash_profile", "# . ~/.bashrc\n", true),
        (".profile", "export A=1\n", true),
    ] {
        let world = world();
        let path = world.installation.home().join(file);
        fs::write(&path, text).expect("the home can be written");
        install(&world).exits(0);
        let after = fs::read_to_string(&path).expect("the file is there");
        assert_eq!(after != text, is_changed, "{file}: {after}");
        assert!(after.starts_with(text));
        // Another shell that reads the file, and a script that stops at failures.
        for shell in ["sh", "bash"] {
            let script = format!(
                "set -eu; PATH=/usr/bin:/bin; . {}; echo alive",
                path.display()
            );
            let ran = std::process::Command::new(shell)
                .args(["-c", &script])
                .output();
            let ran = ran.expect("a shell can be started");
            let has_ended = ran.stdout == b"alive\n" || !is_changed;
            assert!(has_ended, "{shell}: {ran:?}");
        }
    }
}

#[test]
fn the_line_does_nothing_without_tw() {
    let world = world();
    install(&world).exits(0);
    let home = world.installation.home();
    let script = "set -e; . ~/.bashrc; . ~/.bash_profile; echo alive";
    let mut bash = std::process::Command::new("bash");
    bash.args(["-c", script])
        .env("HOME", home)
        .env("PATH", "/usr/bin:/bin");
    let ran = bash.output().expect("bash can be started");
    assert_eq!(ran.stdout, b"alive\n", "{ran:?}");
}

#[test]
fn a_result_of_install_has_every_format() {
    let world = world();
    let line = ["completion", "install", "fish", "-o", "json"];
    let value = world.tw(line).exits(0).says("").json();
    assert_eq!(value["shell"], "fish");
    let file = value["changed"][0].as_str().expect("a path");
    assert!(file.ends_with("fish/completions/tw.fish"), "{file}");
    let again = world.tw(line).exits(0).json();
    assert_eq!(again["changed"].as_array().map(Vec::len), Some(0));
    world
        .tw(["completion", "install", "bash", "-q"])
        .exits(0)
        .prints("");
}

#[test]
fn zsh_says_where_its_files_are() {
    let world = world();
    let home = world.installation.home();
    fs::write(home.join(".zshenv"), "echo noise\nZDOTDIR=~/z\n").expect("the home can be written");
    let ran = world
        .command(["completion", "install", "zsh"])
        .run()
        .exits(0);
    if tw_tests::has_program("zsh") {
        ran.prints_with("/z/.zshrc");
    }
}

#[test]
fn install_names_what_is_missing() {
    let world = world();
    let install = || world.command(["completion", "install"]);
    install().run().rejects("SHELL isn't set");
    let tcsh = install().env("SHELL", "/bin/tcsh").run();
    let tcsh = tcsh.says_with("SHELL is /bin/tcsh, which tw doesn't know");
    tcsh.says_with("tw completion install bash");
    let bash = || install().env("SHELL", "/bin/bash");
    for (home, message) in [
        ("relative", "HOME is relative"),
        ("/nowhere", "HOME is /nowhere"),
    ] {
        bash().env("HOME", home).run().fails_with(message);
    }
    bash().env("HOME", "").run().fails_with("HOME isn't set");
}

#[test]
fn install_takes_any_start_file_and_refuses_what_is_none() {
    let world = world();
    let start_file = world.installation.home().join(".bashrc");
    // A comment in Latin-1, and the line as a comment.
    let before =
        b"# caf\xe9\n# if command -v tw >/dev/null; then eval \"$(tw completion bash)\"; fi\n";
    fs::write(&start_file, before).expect("the home can be written");
    install(&world)
        .exits(0)
        .prints_with("it works in new shells");
    let after = fs::read(&start_file).expect("the file is there");
    assert!(after.starts_with(before) && after.len() > before.len());
    // A line that the user wrote.
    fs::write(&start_file, "source <(tw completion bash)\n").expect("the home can be written");
    install(&world)
        .exits(0)
        .prints_with("Completion is already in ");
    fs::remove_file(&start_file).expect("the file is there");
    let made = std::process::Command::new("mkfifo")
        .arg(&start_file)
        .status();
    assert!(made.is_ok_and(|status| status.success()));
    let by_hand = "add this line to a file that your shell reads when it starts: if command -v tw";
    let ran = install(&world).fails_with(".bashrc can't be read: it is not a file");
    ran.says_with(by_hand);
    fs::remove_file(&start_file).expect("the pipe is there");
    symlink(&start_file, &start_file).expect("the home can be written");
    install(&world)
        .fails_with(".bashrc can't be read")
        .says_with(by_hand);
    fs::remove_file(&start_file).expect("the link is there");
    symlink("/nowhere/bashrc", &start_file).expect("the home can be written");
    install(&world).says_with("it is a link to /nowhere/bashrc: make the folder of that file");
}

#[test]
fn a_file_stays_as_it_was_if_the_line_cannot_be_written() {
    let world = world();
    let start_file = world.installation.home().join(".bashrc");
    let text = "# a\n".repeat(250);
    fs::write(&start_file, &text).expect("the home can be written");
    // The limit on the size of a file cuts the line, as a full disk does. The unit of the limit is 1024 bytes.
    let tw = world.installation.tw();
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" completion install bash";
    let mut bash = std::process::Command::new("bash");
    bash.args(["-c", script]).arg(&tw).env_clear();
    bash.env("HOME", world.installation.home())
        .env("PATH", "/usr/bin:/bin");
    let ran = bash.output().expect("bash can be started");
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    assert_eq!(fs::read_to_string(&start_file).ok(), Some(text));
}
