//! Typical mistakes: commands of other programs, of the existing CLI and of the user, and names of profiles that don't exist.

use crate::mistakes::{assert_advised, command, configure, read_hint, set_up};

#[test]
fn a_command_of_the_existing_cli_names_what_to_use_instead() {
    let world = set_up();
    for name in [
        "launch",
        "runs",
        "pipelines",
        "compute-envs",
        "credentials",
        "studios",
    ] {
        let line = format!("{name} list");
        assert_advised(command(&world, &line), "`tw api` calls any path of the API");
        let (hint, _) = read_hint(command(&world, &line));
        assert!(!hint.contains("similar"), "{hint}");
    }
    assert_advised(command(&world, "workspaces view"), "existing CLI");
}

#[test]
#[cfg(unix)]
fn another_tw_on_path_is_named_and_not_run() {
    use std::os::unix::fs::PermissionsExt;

    let world = set_up();
    let folder = world.installation.prefix().join("old tools");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let old = folder.join("tw");
    std::fs::write(&old, "#!/bin/sh\ntouch \"$0.ran\"\n").expect("the file can be written");
    std::fs::set_permissions(&old, PermissionsExt::from_mode(0o755)).expect("it is ours");
    // The binary of this installation is on PATH too, and it is not another one.
    let bin = world.installation.tw();
    let bin = bin.parent().expect("the binary is in a folder");
    let path = format!("{}:{}:/usr/bin", bin.display(), folder.display());
    let tw = command(&world, "launch nf-core/rnaseq --params-file s3cr3t.json");
    let ran = assert_advised(
        tw.env("PATH", path),
        &format!("`'{}' launch …`", old.display()),
    );
    ran.never_shows("s3cr3t");
    assert!(!folder.join("tw.ran").exists(), "the old tw was run");
}

#[test]
fn the_legacy_command_of_the_configuration_is_named() {
    let world = set_up();
    let old = world.installation.prefix().join("older-tw");
    configure(&world, &format!("legacy-command = \"{}\"\n", old.display()));
    let (hint, _) = read_hint(command(&world, "runs list"));
    assert!(!hint.contains("older-tw"), "{hint}");
    std::fs::write(&old, "").expect("the file can be written");
    let advice = format!("`{} runs …`", old.display());
    assert_advised(command(&world, "runs list"), &advice);
}

#[test]
fn generate_completion_prints_the_script_for_bash() {
    let world = set_up();
    let script = world.tw(["completion", "bash"]).exits(0).stdout;
    world
        .tw(["generate-completion"])
        .exits(0)
        .prints(&script)
        .says("");
    let help = world.tw(["--help"]).exits(0).stdout;
    assert!(!help.contains("generate-completion"), "{help}");
}

#[test]
fn a_word_with_one_meaning_here_gets_one_tip() {
    let world = set_up();
    let (hint, _) = read_hint(command(&world, "profile rm work"));
    assert_eq!(hint, "use `tw profile remove`");
    let (hint, _) = read_hint(command(&world, "me"));
    assert_eq!(hint, "use `tw whoami`");
}

#[test]
#[cfg(unix)]
fn a_similar_alias_and_a_similar_external_command_are_suggested() {
    use std::os::unix::fs::PermissionsExt;

    let world = set_up();
    configure(&world, "[alias]\ndeploy = \"secrets list\"\n");
    let folder = world.installation.prefix().join("bin-of-user");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    for name in ["tw-hello", "tw-secrets"] {
        let program = folder.join(name);
        std::fs::write(&program, "#!/bin/sh\n").expect("the file can be written");
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).expect("it is ours");
    }
    let tw = |line: &str| command(&world, line).env("PATH", &folder);
    assert_advised(tw("hell"), "`tw hello` is similar");
    assert_advised(tw("deplyo"), "`tw deploy` is similar");
    // A command takes precedence over an executable of its name.
    let help = tw("help").run().exits(0).stdout;
    let listed = "External commands (executables on PATH):\n  hello\n";
    assert!(help.contains(listed), "{help}");
}

#[test]
fn a_missing_profile_is_not_offered_as_a_new_one() {
    let world = set_up();
    configure(&world, "[profile.work]\nworkspace = \"100\"\n");
    for line in [
        "profile remove wrok",
        "profile use wrok",
        "profile unset wrok endpoint",
    ] {
        let (hint, _) = read_hint(command(&world, line));
        assert_eq!(
            hint,
            "did you mean `work`? `tw profile list` shows the profiles"
        );
    }
    assert_advised(
        command(&world, "--profile lab secrets list"),
        "`tw profile set lab endpoint=URL` adds this one",
    );
    // No profile can have these names, and a shell would run a part of the first.
    for name in ["x$(id)", "a b;id", "-"] {
        let tw = command(&world, "secrets list").env("TW_PROFILE", name);
        let (hint, _) = read_hint(tw);
        assert_eq!(hint, "`tw profile list` shows the profiles");
    }
}
