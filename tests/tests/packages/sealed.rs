//! The memory that a plugin is mapped from: nobody can change it after the library's digest was checked.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tw_tests::Tw;

use crate::{
    given::{FIRST, Given, SECOND, library},
    machine::{
        AS_A_STRANGER, Mounts, Stopped, is_root, lines_about, number_in_its_thread,
        open_to_strangers, report_skip, strace_program, strace_works, trace,
    },
};

#[test]
fn a_plugin_is_mapped_from_sealed_memory_and_not_from_its_file() {
    if !strace_works() {
        return;
    }
    let given = Given::trusting();
    given.installs(1, FIRST);
    let given = given.with_own_files();
    given.fill_cache();
    let calls = "open,openat,openat2,mmap,close,fcntl,memfd_create";
    let (ran, lines) = trace(&given, calls, &["fruit-001"]);
    ran.exits(0).says("");
    // The host opens the library's file once, and closes it without mapping it.
    let opened: Vec<usize> = (0..lines.len())
        .filter(|at| lines[*at].contains("libtw_plugin_fruit_001.so"))
        .collect();
    assert_eq!(opened.len(), 1, "{lines:#?}");
    let result = |line: &str| line.rsplit("= ").next().unwrap().trim().to_owned();
    let file = result(&lines[opened[0]]);
    let after = &lines[opened[0] + 1..];
    let closed = after
        .iter()
        .position(|line| line.contains(&format!("close({file})")))
        .expect("the library's file is closed");
    let mapped = |line: &String| line.contains("mmap(") && line.contains(&format!(", {file}, "));
    assert!(!after[..closed].iter().any(mapped), "{after:#?}");
    // The library is mapped from memory, after the memory is sealed.
    let made = lines_about(&lines, "memfd_create(\"plugin\"");
    assert_eq!(made.len(), 1, "{lines:#?}");
    let memory = result(made[0]);
    let place = |text: &str| after.iter().position(|line| line.contains(text));
    let seals = "F_SEAL_SEAL|F_SEAL_SHRINK|F_SEAL_GROW|F_SEAL_WRITE";
    let sealed = place(&format!("fcntl({memory}, F_ADD_SEALS, {seals}) = 0"));
    let loaded = place(&format!("\"/proc/self/fd/{memory}\""));
    assert!(sealed.is_some() && sealed < loaded, "{after:#?}");
    // An earlier descriptor may have had the number of the memory, and was closed before the memory was sealed.
    let left = lines_about(&after[sealed.unwrap()..], &format!("close({memory})"));
    assert!(
        left.is_empty(),
        "the descriptor is closed, so its number can be reused: {left:?}"
    );
}

#[test]
fn a_library_replaced_after_its_check_runs_unchanged() {
    if !strace_works() {
        return;
    }
    let given = Given::trusting();
    given.installs(1, FIRST);
    let given = given.with_own_files();
    given.fill_cache();
    let path = given.installed_library(1);
    let stopped = Stopped::at(&given, "memfd_create", 1, &["fruit-001", "-o", "json"]);
    // First the file gets other content, and then another file replaces it.
    fs::write(&path, library(1, SECOND)).unwrap();
    let other = path.with_extension("new");
    fs::write(&other, library(1, SECOND)).unwrap();
    fs::rename(&other, &path).unwrap();
    let value = stopped.resume().exits(0).says("").json();
    assert_eq!(value["version"], FIRST);
    given
        .tw(["fruit-001"])
        .fails_with("its library doesn't match its digest");
}

#[test]
fn not_even_root_can_write_the_memory_of_a_plugin() {
    if !strace_works() {
        return;
    }
    let given = Given::trusting();
    given.installs(1, FIRST);
    let given = given.with_own_files();
    given.fill_cache();
    let (_, lines) = trace(&given, "fcntl", &["fruit-001"]);
    let number = number_in_its_thread(&lines, "F_ADD_SEALS");
    let stopped = Stopped::at(&given, "fcntl", number, &["fruit-001", "-o", "json"]);
    let descriptors = PathBuf::from(format!("/proc/{}/fd", stopped.id()));
    let Ok(entries) = fs::read_dir(&descriptors) else {
        assert!(!is_root(), "root sees every process");
        stopped.resume().exits(0);
        return;
    };
    let memory = entries
        .map(|entry| entry.unwrap().path())
        .find(|path| fs::read_link(path).is_ok_and(|to| to.starts_with("/memfd:plugin (deleted)")))
        .expect("the memory is there");
    let written = fs::write(&memory, library(1, SECOND));
    assert_eq!(
        written.unwrap_err().kind(),
        std::io::ErrorKind::PermissionDenied
    );
    let value = stopped.resume().exits(0).says("").json();
    assert_eq!(value["version"], FIRST);
}

/// A script that forbids the execution of memory files (`memfd`) and then runs its arguments.
const FORBID: &str = "echo 2 > /proc/sys/vm/memfd_noexec && exec \"$@\"";

/// Returns a command that runs this script, with the arguments behind it, in a PID and a mount namespace. Returns `None` if that isn't possible or if
/// the execution of memory files can't be forbidden.
fn isolate(script: &str) -> Option<[&str; 7]> {
    let program = |script| {
        [
            "unshare",
            "--pid",
            "--fork",
            "--mount-proc",
            "sh",
            "-c",
            script,
        ]
    };
    let probe = program(FORBID);
    let probe = std::process::Command::new(probe[0])
        .args(&probe[1..])
        .args(["sh", "true"])
        .output();
    if !probe.is_ok_and(|output| output.status.success()) {
        report_skip("vm.memfd_noexec can't be set");
        return None;
    }
    Some(program(script))
}

#[test]
fn a_plugin_runs_from_an_unnamed_file_if_memory_files_cannot_be_executed() {
    if !strace_works() {
        return;
    }
    let given = Given::trusting();
    given.installs(1, FIRST);
    let log = given.work().join("strace.log");
    let tw = given.installation.tw().display().to_string();
    let store = given.store().display().to_string();
    let read_only =
        format!("mount --bind {store} {store} && mount -o remount,bind,ro {store} && {FORBID}");
    let command = |script: &str| {
        let program = isolate(script)?;
        let line = ["sh", &tw, "fruit-001", "-o", "json"];
        let options = ["-e", "trace=openat,memfd_create"];
        Some(strace_program(
            &given,
            &log,
            options,
            &[&program[..], &line].concat(),
        ))
    };
    // The file is in the library's folder or, if that is read-only, in the folder for temporary files.
    let temporary = given.work().join("temporary");
    fs::create_dir(&temporary).unwrap();
    for (script, folder) in [
        (FORBID, given.installed_library(1).parent().unwrap()),
        (read_only.as_str(), &temporary),
    ] {
        let Some(command) = command(script) else {
            return;
        };
        let ran = command.env("TMPDIR", &temporary).run().exits(0).says("");
        assert_eq!(ran.json()["version"], FIRST);
        let log = fs::read_to_string(&log).unwrap();
        let lines: Vec<String> = log.lines().map(str::to_owned).collect();
        assert!(
            lines_about(&lines, "memfd_create(\"plugin\"")[0].contains("EACCES"),
            "{log}"
        );
        let unnamed = lines_about(&lines, "O_TMPFILE");
        let made = unnamed.last().expect("a file without a name");
        assert!(
            made.contains(&format!("\"{}\"", folder.display())),
            "{made}"
        );
        assert!(!made.contains(" = -1"), "{made}");
        assert!(!lines_about(&lines, "\"/proc/self/fd/").is_empty(), "{log}");
        assert!(fs::read_dir(&temporary).unwrap().next().is_none());
    }
    given.has_nothing_broken();
    assert_eq!(given.list_store(), given.list_used_packages());
    // If neither folder can be written, the command fails instead of mapping the library directly.
    given.marks();
    command(&read_only)
        .unwrap()
        .env("TMPDIR", "/nowhere")
        .run()
        .fails_with("there is no place to map it from");
    assert_eq!(given.marks(), 0);
}

#[test]
fn a_changed_library_is_refused_if_memory_files_cannot_be_executed() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    fs::write(given.installed_library(1), library(1, SECOND)).unwrap();
    let Some(program) = isolate(FORBID) else {
        return;
    };
    let command = Tw::new(Path::new(program[0]), &given.installation.home())
        .args(&program[1..])
        .args(["sh".as_ref(), given.installation.tw().as_os_str()])
        .args(["fruit-001"]);
    let ran = given.within(command).run();
    ran.fails_with("its library doesn't match its digest");
    assert_eq!(given.marks(), 0);
}

/// Checked with sealed memory and with an unnamed file.
#[test]
fn no_process_of_the_same_user_can_read_descriptors_memory_or_environment_of_a_running_plugin() {
    if !strace_works() {
        return;
    }
    let given = Given::trusting().env("TMPDIR", "/tmp");
    given.installs(1, FIRST);
    if !open_to_strangers(&given) {
        return;
    }
    let given = given.env("TW_FRUIT_MARKS", "/dev/null");
    let tw = given.installation.tw().display().to_string();
    let line = [&AS_A_STRANGER[..], &[&tw, "fruit-001", "-o", "json"]].concat();
    let forbidden = isolate(FORBID).map(|program| [&program[..], &["sh"], &line].concat());
    for program in [Some(line), forbidden].into_iter().flatten() {
        // The only memory file is the plugin's.
        let stopped = Stopped::program_at(&given, "memfd_create", 1, &program);
        let process = format!("/proc/{}", stopped.id());
        for script in [
            format!("ls {process}/fd"),
            format!("cat {process}/fd/0"),
            format!("cat {process}/environ"),
            format!("head -c 1 {process}/mem"),
        ] {
            let reached = Tw::new(Path::new(AS_A_STRANGER[0]), &given.work())
                .args(&AS_A_STRANGER[1..])
                .args(["sh", "-c", &script])
                .from(Path::new("/"))
                .run();
            assert!(reached.stderr.contains("Permission denied"), "{reached}");
            assert_eq!(reached.stdout, "");
        }
        let value = stopped.resume().exits(0).says("").json();
        assert_eq!(value["version"], FIRST);
    }
}

#[test]
fn a_plugin_runs_without_a_writable_folder_for_temporary_files() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    let home = given.installation.home().display().to_string();
    let mount = format!(
        "mount --bind {home} {home} && mount -o remount,bind,ro {home} && mount -t tmpfs -o ro tmpfs /var/tmp"
    );
    let Some(mounts) = Mounts::create(&mount) else {
        return;
    };
    let command = mounts.command(&given, &["fruit-001", "-o", "json"]);
    let ran = command.env("TMPDIR", "/var/tmp").run().exits(0).says("");
    assert_eq!(ran.json()["version"], FIRST);
}
