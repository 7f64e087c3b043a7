//! Archives that two programs could read differently: `tw` refuses them, so every program sees the files that `tw` installs.

use std::{fs, path::Path, process::Command};

use tw_tests::{
    archive::{self, BLOCK, entry, gunzip, gzip, header, seal},
    find_python,
};

use crate::given::{FIRST, Given, pack};

/// An archive, and a part of the message that refuses it.
type Refused = (&'static str, Vec<u8>, &'static str);

/// Returns the entry of an extended header in the pax format with this record.
fn pax(record: &str) -> Vec<u8> {
    let mut length = record.len() + 3;
    while length != record.len() + length.to_string().len() + 2 {
        length += 1;
    }
    retype(
        entry("pax", format!("{length} {record}\n").as_bytes()),
        b'x',
    )
}

/// Changes the type of an entry.
fn retype(mut entry: Vec<u8>, kind: u8) -> Vec<u8> {
    entry[156] = kind;
    seal(&mut entry[..BLOCK]);
    entry
}

/// Returns the tar file with a change in the header of its first file.
fn with_header(tar: &[u8], change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut tar = tar.to_vec();
    change(&mut tar[..BLOCK]);
    tar
}

/// Returns archives of these files that differ from the one that `tw plugin pack` makes. `rival` is another library for the plugin.
fn differing(files: &[(String, Vec<u8>)], rival: &[u8]) -> Vec<Refused> {
    let tar = archive::tar(files);
    let end = tar.len() - 2 * BLOCK;
    let library = files[1].0.as_str();
    let at_library = entry(&files[0].0, &files[0].1).len();
    let other = archive::tar(&[(library.to_owned(), rival.to_vec())]);
    let before = |entry: Vec<u8>| [&tar[..at_library], &entry, &tar[at_library..]].concat();
    let changed = |at: usize, byte: u8| with_header(&tar, |header| header[at] = byte);
    let sealed = |at: usize, byte: u8| {
        with_header(&tar, |header| {
            header[at] = byte;
            seal(header);
        })
    };
    let file = files[0].1.len();
    let padding = BLOCK + file;
    assert_ne!(padding % BLOCK, 0, "the manifest is followed by padding");
    let follows = "bytes follow its end";
    let differs = "the header of `manifest.json` differs";
    let extension = "is not a file but a header of an extension of tar";
    let mut named = gzip(&tar);
    named[3] = 8;
    named.splice(10..10, *b"other\0");
    let mut extra = gzip(&tar);
    extra[3] = 4;
    extra.splice(10..10, *b"\x04\0ab\0\0");
    vec![
        (
            "a second member",
            [gzip(&tar[..end]), gzip(&other)].concat(),
            "damaged",
        ),
        (
            "a second complete member",
            [gzip(&tar), gzip(&other)].concat(),
            follows,
        ),
        (
            "bytes after gzip",
            [gzip(&tar), b"x".to_vec()].concat(),
            follows,
        ),
        (
            "zeros after gzip",
            [gzip(&tar), vec![0; 512]].concat(),
            follows,
        ),
        (
            "an entry after the end",
            gzip(&[&tar[..], &other].concat()),
            follows,
        ),
        (
            "a third empty block",
            gzip(&[&tar[..], &[0; BLOCK]].concat()),
            follows,
        ),
        (
            "one empty block",
            gzip(&[&tar[..end], &[0; BLOCK]].concat()),
            follows,
        ),
        ("no empty block", gzip(&tar[..end]), "damaged"),
        (
            "an empty block and an entry",
            gzip(&[&tar[..end], &[0; BLOCK], &other].concat()),
            follows,
        ),
        ("a pax path", gzip(&before(pax("path=other.so"))), extension),
        ("a pax size", gzip(&before(pax("size=0"))), extension),
        (
            "a pax link",
            gzip(&before(pax("linkpath=/etc/passwd"))),
            extension,
        ),
        (
            "a global pax header",
            gzip(&before(retype(pax("path=other.so"), b'g'))),
            extension,
        ),
        (
            "a long name",
            gzip(&before(retype(entry("././@LongLink", b"other.so\0"), b'L'))),
            extension,
        ),
        (
            "a long link",
            gzip(&before(retype(entry("././@LongLink", b"other.so\0"), b'K'))),
            extension,
        ),
        (
            "a sparse file",
            gzip(&before(retype(entry("x", b""), b'S'))),
            "a sparse file",
        ),
        (
            "a symbolic link",
            gzip(&before(retype(header("x", 0), b'2'))),
            "is not a file but a link",
        ),
        (
            "a hard link",
            gzip(&before(retype(header("x", 0), b'1'))),
            "is not a file but a link",
        ),
        (
            "a folder",
            gzip(&before(retype(header("x", 0), b'5'))),
            "is not a file but a folder",
        ),
        (
            "a pipe",
            gzip(&before(retype(header("x", 0), b'6'))),
            "is not a file but a device",
        ),
        (
            "a contiguous file",
            gzip(&before(retype(header("x", 0), b'7'))),
            "something else",
        ),
        ("an old type", gzip(&sealed(156, 0)), differs),
        (
            "a name outside",
            gzip(&before(entry("../../evil", b""))),
            "is not a plain file name",
        ),
        (
            "a name with a folder",
            gzip(&before(entry("./x", b""))),
            "is not a plain file name",
        ),
        (
            "a prefix",
            gzip(&sealed(345, b'a')),
            "is not a plain file name",
        ),
        (
            "a name in capitals",
            gzip(&before(entry("license", b""))),
            "is in it twice",
        ),
        (
            "the library twice",
            gzip(&before(entry(library, rival))),
            "is in it twice",
        ),
        ("bytes after a name", gzip(&sealed(90, b'x')), differs),
        ("a wrong checksum", gzip(&changed(148, b'7')), differs),
        (
            "a checksum in another form",
            gzip(&with_header(&tar, |header| {
                header[155] = b' ';
            })),
            differs,
        ),
        (
            "a size in base 256",
            gzip(&with_header(&tar, |header| {
                header[124..136].fill(0);
                header[124] = 0x80;
                header[132..136].copy_from_slice(&u32::try_from(file).unwrap().to_be_bytes());
                seal(header);
            })),
            differs,
        ),
        ("another mode", gzip(&sealed(103, b'7')), differs),
        ("another format", gzip(&sealed(262, b' ')), differs),
        (
            "bytes in the padding",
            gzip(&{
                let mut tar = tar.clone();
                tar[padding] = b'x';
                tar
            }),
            "bytes follow `manifest.json`",
        ),
        (
            "a name in gzip",
            named,
            "its gzip header has further fields",
        ),
        (
            "extra fields in gzip",
            extra,
            "its gzip header has further fields",
        ),
    ]
}

fn install(given: &Given, package: &Path) -> tw_tests::Ran {
    given.tw([
        "plugin",
        "install",
        "--yes",
        "--allow-unsigned",
        &package.display().to_string(),
    ])
}

#[test]
fn an_archive_that_two_programs_could_read_differently_is_refused() {
    let given = Given::new();
    let files = archive::unpack(&fs::read(pack(1, FIRST, None)).unwrap());
    let package = given.work().join("package.tar.gz");
    for (what, bytes, reason) in differing(&files, b"another library") {
        fs::write(&package, bytes).unwrap();
        let ran = install(&given, &package);
        assert!(ran.stderr.contains(reason), "{what}: {ran}");
        ran.fails_with("");
    }
    given.has_no(1);
    assert_eq!(given.marks(), 0);
    // Without a change, the archive is accepted. The compression may differ.
    fs::write(&package, archive::pack(&files)).unwrap();
    install(&given, &package).exits(0);
    given.runs(1, FIRST);
}

/// Lists the names and digests of the files in an archive.
const LIST: &str = r#"
import sys, tarfile, hashlib
with tarfile.open(sys.argv[1]) as archive:
    for entry in archive:
        print(entry.name, hashlib.sha256(archive.extractfile(entry).read()).hexdigest())
"#;

/// Returns what GNU tar and Python's tarfile find in an archive: lines of a name and a digest. Bytes that no file has are not mentioned.
fn read_elsewhere(given: &Given, package: &Path) -> Option<[String; 2]> {
    let python = find_python("tarfile")?;
    let folder = given.work().join("unpacked");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    let run = |command: &mut Command| {
        let output = command.output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let mut tar = Command::new("tar");
    let tar = tar.arg("-xzvf").arg(package).arg("-C").arg(&folder);
    let names = run(tar);
    let digests = names.lines().map(|name| {
        let content = fs::read(folder.join(name)).unwrap_or_default();
        let digest = crate::given::digest(&content).replace("sha256:", "");
        format!("{name} {digest}\n")
    });
    let by_tar = digests.collect();
    let by_python = run(Command::new(python).args(["-c", LIST]).arg(package));
    Some([by_tar, by_python])
}

#[test]
fn gnu_tar_and_python_see_the_files_that_are_installed() {
    let given = Given::new();
    let package = given.package(1, FIRST, None);
    let files = archive::unpack(&fs::read(&package).unwrap());
    let Some(found) = read_elsewhere(&given, &package) else {
        return;
    };
    let expected = files.iter().map(|(name, content)| {
        let digest = crate::given::digest(content).replace("sha256:", "");
        format!("{name} {digest}\n")
    });
    let expected: String = expected.collect();
    assert_eq!(found, [expected.clone(), expected]);
    install(&given, &package).exits(0);
    for (name, content) in &files {
        assert_eq!(fs::read(given.installed_file(1, name)).unwrap(), *content);
    }
    // Python reads an archive that continues in a second member, and finds another library there.
    let tar = gunzip(&fs::read(&package).unwrap());
    let rest = archive::tar(&[(files[1].0.clone(), b"another library".to_vec())]);
    let joined = [gzip(&tar[..tar.len() - 2 * BLOCK]), gzip(&rest)].concat();
    fs::write(&package, joined).unwrap();
    let [by_tar, by_python] = read_elsewhere(&given, &package).expect("Python was there before");
    let other = crate::given::digest(b"another library").replace("sha256:", "");
    assert!(by_tar.contains(&other) && by_python.contains(&other));
    install(&given, &package).fails_with("not a package of a plugin");
}
