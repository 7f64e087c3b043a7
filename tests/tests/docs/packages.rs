//! The packages chapter of the README and `docs/packages.md` are true: their command lines run against a real registry, and their examples work.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;
use tw_tests::{Registry, artifacts, fruit::digest, root, target};

use crate::{parse_blocks, read_document, readme_blocks};

/// A user with `tw` on PATH and an empty data folder.
struct Person {
    folder: TempDir,
}

impl Person {
    fn new() -> Self {
        let below = target().join("test-installations");
        fs::create_dir_all(&below).expect("the target folder can be written");
        let this = Self {
            folder: TempDir::new_in(below).expect("the target folder can be written"),
        };
        fs::create_dir_all(this.bin()).expect("the folder can be created");
        fs::hard_link(&artifacts().tw, this.bin().join("tw")).expect("tw can be linked");
        this
    }

    fn bin(&self) -> PathBuf {
        self.folder.path().join("bin")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Runs these lines with a shell in this folder, and returns what they print.
    #[track_caller]
    fn run(&self, lines: &str, folder: &Path) -> String {
        let path = std::env::var("PATH").expect("PATH is set");
        let output = Command::new("sh")
            .args(["-e", "-c", lines])
            .current_dir(folder)
            .env("PATH", format!("{}:{path}", self.bin().display()))
            // HOME stays as it is, because cargo needs it.
            .env("XDG_DATA_HOME", self.data())
            .env("XDG_CONFIG_HOME", self.folder.path().join("config"))
            .env("XDG_CACHE_HOME", self.folder.path().join("cache"))
            .env("TW_SIGNING_PASSWORD", "a password for the test")
            .env("CARGO_TARGET_DIR", target().join("fixtures").join("packed"))
            .output()
            .expect("the shell runs");
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        );
        assert!(output.status.success(), "{lines}\n{out}\n{err}");
        out + &err
    }
}

/// Returns the example of this name in `docs/packages.md`.
fn find_example(name: &str) -> String {
    let examples = parse_blocks(&read_document("docs/packages.md"), "example");
    let found = examples.into_iter().find(|(about, _)| about == name);
    found.expect("the document has the example").1
}

#[test]
fn the_readmes_lines_publish_and_install_a_plugin() {
    let person = Person::new();
    let Some(registry) = Registry::open(&person.folder.path().join("registry")) else {
        return;
    };
    let crate_folder = person.folder.path().join("hello");
    let copied = Command::new("cp")
        .arg("-r")
        .arg(root().join("examples/hello"))
        .arg(&crate_folder)
        .status();
    assert!(copied.is_ok_and(|status| status.success()));
    let manifest = crate_folder.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).expect("the manifest is readable");
    let api = root().join("plugin-api").display().to_string();
    let text = text.replace("../../plugin-api", &api);
    fs::write(&manifest, text).expect("the manifest can be written");
    for name in ["LICENSE", "README.md"] {
        fs::copy(root().join(name), crate_folder.join(name)).expect("the file can be copied");
    }
    // The test has no terminal for prompts, and a registry of its own.
    let adapt = |lines: &str| {
        lines
            .replace("ghcr.io", registry.host())
            .replace("tw plugin install", "tw plugin install --yes")
            .replace("tw plugin upgrade", "tw plugin upgrade --yes")
    };
    let runs = readme_blocks("run");
    let names: Vec<&str> = runs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["shipping", "installing"]);
    for (_, lines) in &runs {
        let said = person.run(&adapt(lines), &crate_folder);
        assert!(said.contains("hello"), "{said}");
    }

    // The document shows how to give a machine the plugins of another machine.
    let documented = parse_blocks(&read_document("docs/packages.md"), "run");
    let [(_, lines)] = documented.as_slice() else {
        panic!("one block of the document is run");
    };
    let install = format!(
        "tw plugin install --yes oci://{}/acme/hello:0.1.0",
        registry.host()
    );
    person.run(&install, &crate_folder);
    let lines = lines.replace("~/.local/share", &person.data().display().to_string());
    let said = person.run(&lines, &crate_folder);
    assert!(
        said.contains("The plugins already match the lock file"),
        "{said}"
    );
}

#[test]
fn the_example_of_an_index_works() {
    let person = Person::new();
    let folder = person.folder.path();
    let package = tw_tests::fruit::pack(1, tw_tests::fruit::FIRST, Some("acme"));
    let bytes = fs::read(&package).expect("the package can be read");
    fs::write(folder.join("hello-0.1.0-x86_64-linux.tar.gz"), &bytes)
        .expect("the file can be written");
    let document = find_example("an index")
        .replace("RWQ…", &tw_tests::fruit::public_key("acme"))
        .replace("sha256:…", &digest(&bytes));
    fs::write(folder.join("index.json"), document).expect("the file can be written");
    let key = tw_tests::fruit::secret_key("acme").display().to_string();
    let public = tw_tests::fruit::public_key("acme");
    let said = person.run(
        &format!("tw plugin sign --key {key} index.json && tw plugin index add acme . --key {public} && tw plugin search greets"),
        folder,
    );
    assert!(
        said.contains("acme/hello") && said.contains("0.1.0"),
        "{said}"
    );
}

#[test]
fn the_example_of_a_policy_applies_its_rules() {
    let person = Person::new();
    let folder = person.folder.path();
    let policy = find_example("a policy")
        .replace("RWQ…", &tw_tests::fruit::public_key("acme"))
        .replace("RWS…", &tw_tests::fruit::public_key("other"));
    fs::write(folder.join("policy.toml"), policy).expect("the file can be written");
    let package = tw_tests::fruit::pack(1, tw_tests::fruit::FIRST, None);
    let said = person.run(
        &format!(
            "export TW_POLICY=policy.toml; tw plugin index list; ! tw plugin install --yes --allow-unsigned {}",
            package.display()
        ),
        folder,
    );
    assert!(
        said.contains("https://plugins.acme.example/index.json"),
        "{said}"
    );
    assert!(
        said.contains("`signatures = \"required\"`, but it isn't signed"),
        "{said}"
    );
}
