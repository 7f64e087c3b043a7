//! The parsers of bytes that others write, each as a target of the fuzzer in `fuzz/`. The tests run the committed corpus and mutations of it, so they
//! need no fuzzer.

use std::{io::Write, path::Path};

use flate2::{Compression, write::GzEncoder};

use crate::{
    cli::check,
    config,
    package::{archive::Package, index},
    plugin::{
        cache,
        dependencies::Dependencies,
        elf,
        inspect::{inspect_bytes, parse_note},
    },
    service::{
        document::{self, DocumentFormat},
        redact,
    },
    store::{Lock, PluginManifest, limits},
    trust::policy,
};

/// The name of a target and of its corpus, and the function that must neither panic nor take long for any bytes.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 14] = [
    ("library", library),
    ("note", |bytes| drop(parse_note(bytes))),
    ("archive", archive),
    ("manifest", manifest),
    ("cache", |bytes| _ = cache::fuzz(bytes)),
    ("lock", lock),
    ("index", |bytes| drop(index::parse(bytes))),
    ("policy", |bytes| _ = policy::fuzz(&text(bytes))),
    ("config", |bytes| _ = config::fuzz(&text(bytes))),
    ("dotenv", |bytes| document(bytes, DocumentFormat::Dotenv)),
    ("yaml", |bytes| document(bytes, DocumentFormat::Yaml)),
    ("json", |bytes| document(bytes, DocumentFormat::Json)),
    ("toml", |bytes| document(bytes, DocumentFormat::Toml)),
    ("answer", redact::fuzz),
];

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn library(bytes: &[u8]) {
    let _ = inspect_bytes(bytes, &[]);
    let _ = Dependencies::read(bytes);
    let _ = elf::find_glibc(bytes);
    let _ = elf::has_symbols(bytes);
}

/// Reads an archive. A tar file is compressed first, because a mutation would only break gzip's checksum.
fn archive(bytes: &[u8]) {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let _ = Package::read(bytes);
        return;
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    if gzip.write_all(bytes).is_ok()
        && let Ok(archive) = gzip.finish()
    {
        let _ = Package::read(&archive);
    }
}

fn manifest(bytes: &[u8]) {
    if let Ok(manifest) = serde_json::from_slice::<PluginManifest>(bytes)
        && limits::check(&manifest).is_ok()
    {
        check::fuzz(&manifest);
    }
}

/// Reads a lock file. What is written again must be read as the same.
fn lock(bytes: &[u8]) {
    let path = Path::new("plugins.lock");
    if let Ok(lock) = Lock::parse(bytes, path)
        && let Ok(text) = lock.to_text()
    {
        assert_eq!(Lock::parse(text.as_bytes(), path), Ok(lock));
    }
}

fn document(bytes: &[u8], format: DocumentFormat) {
    let _ = document::parse(&text(bytes), format);
}

/// Runs the target that the environment variable `TW_FUZZ` names.
#[cfg(fuzzing)]
pub(crate) fn run_chosen(bytes: &[u8]) {
    static CHOSEN: std::sync::LazyLock<fn(&[u8])> = std::sync::LazyLock::new(|| {
        let name = std::env::var("TW_FUZZ").unwrap_or_default();
        let target = TARGETS.iter().find(|(known, _)| *known == name);
        let (_, run) = target.unwrap_or_else(|| panic!("TW_FUZZ names no target: `{name}`"));
        *run
    });
    CHOSEN(bytes);
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// The number of mutations of each file in a corpus.
    const MUTATIONS: usize = 200;

    /// Random numbers, which are the same in every run (xorshift64).
    struct Random(u64);

    impl Random {
        fn below(&mut self, end: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 >> 33).unwrap() % end.max(1)
        }

        /// Changes one to four places of a file: a bit, a byte, a number, a part that is removed or repeated, or a part of another file.
        fn mutate(&mut self, bytes: &[u8], other: &[u8]) -> Vec<u8> {
            let mut bytes = bytes.to_vec();
            for _ in 0..=self.below(4) {
                let at = self.below(bytes.len());
                let end = (at + 1 + self.below(64)).min(bytes.len());
                match self.below(7) {
                    _ if bytes.is_empty() => bytes.push(b'{'),
                    0 => bytes[at] ^= 1 << self.below(8),
                    1 => bytes[at] = [0, 0xff, b'"', b'[', b'{', b'\n', 0x80][self.below(7)],
                    2 => bytes[at..end].fill(0xff),
                    3 => drop(bytes.drain(at..end)),
                    4 => bytes.truncate(at),
                    5 => {
                        let part = bytes[at..end].repeat(1 + self.below(40));
                        bytes.splice(at..at, part);
                    }
                    _ => {
                        let from = self.below(other.len());
                        let to = (from + self.below(64)).min(other.len());
                        bytes.splice(at..end, other[from..to].iter().copied());
                    }
                }
            }
            bytes
        }
    }

    fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
        let entries = fs::read_dir(folder.join(target)).expect("the target has a corpus");
        let mut files: Vec<_> = entries
            .map(|entry| {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap_or_default();
                (
                    name.to_string_lossy().into_owned(),
                    fs::read(&path).unwrap(),
                )
            })
            .collect();
        files.sort();
        assert!(!files.is_empty(), "the corpus of {target} is empty");
        files
    }

    #[test]
    fn no_parser_panics_on_the_corpus_or_a_mutation_of_it() {
        for (target, run) in TARGETS {
            let files = corpus(target);
            let mut random = Random(0x5eed_0f7a_11ed);
            for (name, bytes) in &files {
                run(bytes);
                for number in 0..MUTATIONS {
                    let other = &files[random.below(files.len())].1;
                    let mutated = random.mutate(bytes, other);
                    let copy = mutated.clone();
                    let result = std::panic::catch_unwind(move || run(&copy));
                    let shown = String::from_utf8_lossy(&mutated);
                    assert!(
                        result.is_ok(),
                        "mutation {number} of {target}/{name}: {shown}"
                    );
                }
            }
        }
    }

    #[test]
    fn each_corpus_has_a_file_that_its_parser_accepts() {
        let accepts = |target: &str, read: &dyn Fn(&[u8]) -> bool| {
            let files = corpus(target);
            assert!(files.iter().any(|(_, bytes)| read(bytes)), "{target}");
        };
        accepts("library", &|bytes| {
            inspect_bytes(bytes, &[]).is_ok() || cfg!(not(target_arch = "x86_64"))
        });
        accepts("note", &|bytes| parse_note(bytes).is_ok());
        accepts("archive", &|bytes| Package::read(bytes).is_ok());
        accepts("manifest", &|bytes| {
            serde_json::from_slice::<PluginManifest>(bytes)
                .is_ok_and(|manifest| check::check(&manifest).is_ok())
        });
        accepts("cache", &cache::fuzz);
        accepts("index", &|bytes| index::parse(bytes).is_ok());
        accepts("policy", &|bytes| policy::fuzz(&text(bytes)));
        accepts("lock", &|bytes| Lock::parse(bytes, Path::new("x")).is_ok());
        for (target, format) in [
            ("dotenv", DocumentFormat::Dotenv),
            ("yaml", DocumentFormat::Yaml),
            ("json", DocumentFormat::Json),
            ("toml", DocumentFormat::Toml),
        ] {
            accepts(target, &|bytes| {
                document::parse(&text(bytes), format).is_ok()
            });
        }
    }
}
