//! An index of packages as its maintainer makes it: a folder with the document, its signature and the packages.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use tw_tests::{Answer, Ran, Server};

use crate::{
    docker::sign,
    given::{Given, digest, pack, public_key, signature_of},
};

/// The name of the key that signs the index. The key doesn't have to be in the list of trusted keys.
pub(crate) const KEEPER: &str = "keeper";

/// An index in a folder.
#[derive(Debug)]
pub(crate) struct Shelf {
    pub(crate) folder: PathBuf,
    pub(crate) document: Value,
}

impl Shelf {
    /// Creates an index without plugins. Its only publisher is acme.
    pub(crate) fn new(given: &Given, name: &str) -> Self {
        let folder = given.work().join(format!("shelf-{name}"));
        fs::create_dir_all(&folder).unwrap();
        let document = json!({
            "format": 1,
            "serial": 0,
            "publishers": { "acme": { "key": public_key("acme") } },
            "plugins": {},
        });
        Self { folder, document }
    }

    /// Creates an index with these versions of fruits, writes it and signs it.
    pub(crate) fn of(given: &Given, name: &str, fruits: &[(u16, &str)]) -> Self {
        let mut this = Self::new(given, name);
        for (number, version) in fruits {
            this.add(*number, version);
        }
        this.write(given, 1);
        this
    }

    /// Adds a version of a fruit, signed by acme.
    pub(crate) fn add(&mut self, number: u16, version: &str) {
        self.add_signed_by(number, version, Some("acme"));
    }

    /// Adds a version of a fruit, signed by this key. The index names acme as its publisher.
    pub(crate) fn add_signed_by(&mut self, number: u16, version: &str, key: Option<&str>) {
        let from = pack(number, version, key);
        let file = from.file_name().unwrap().to_string_lossy().into_owned();
        let to = self.folder.join(&file);
        fs::copy(&from, &to).unwrap();
        if key.is_some() {
            fs::copy(signature_of(&from), signature_of(&to)).unwrap();
        }
        let name = format!("fruit-{number:03}");
        let plugin = &mut self.document["plugins"][&name];
        plugin["description"] = format!("The fruit of number {number}").into();
        plugin["publisher"] = "acme".into();
        plugin["versions"][version] = json!({
            "commands": [name],
            "targets": { "x86_64-linux": { "source": file, "digest": digest(&fs::read(to).unwrap()) } },
        });
    }

    /// Returns the entry of a version's package for this machine.
    pub(crate) fn entry_mut(&mut self, number: u16, version: &str) -> &mut Value {
        let name = format!("fruit-{number:03}");
        &mut self.document["plugins"][name]["versions"][version]["targets"]["x86_64-linux"]
    }

    /// Writes the index with this serial number, and signs it.
    pub(crate) fn write(&mut self, given: &Given, serial: u64) {
        self.document["serial"] = serial.into();
        fs::write(self.file(), self.document.to_string()).unwrap();
        sign(given, &self.file(), KEEPER);
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join("index.json")
    }

    /// Starts a server for the folder. The server reads each file at the time of the request.
    pub(crate) fn serve(&self) -> Server {
        let folder = self.folder.clone();
        Server::start(move |asked| {
            let file = asked.path.trim_start_matches('/');
            match fs::read(folder.join(file)) {
                Ok(content) => Answer::ok(content),
                Err(_) => Answer::status(404),
            }
        })
    }

    /// Adds the index to the user's configuration under this name.
    #[track_caller]
    pub(crate) fn add_to(&self, given: &Given, name: &str) {
        add(given, name, &self.folder.display().to_string()).exits(0);
    }
}

/// Adds the index at this address, with the maintainer's key.
pub(crate) fn add(given: &Given, name: &str, place: &str) -> Ran {
    let key = public_key(KEEPER);
    given.tw(["plugin", "index", "add", name, place, "--key", &key])
}

/// Flips a bit of this byte of a file.
pub(crate) fn flip(path: &Path, at: usize) {
    let mut content = fs::read(path).unwrap();
    content[at] ^= 1;
    fs::write(path, content).unwrap();
}
