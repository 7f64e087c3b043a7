//! An installation of `tw`: `PREFIX/bin/tw`, its plugins in `PREFIX/lib/tw/plugins`, and a home of its own.

use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::{Tw, artifacts, artifacts::target};

/// An installation in a folder that goes away with it.
#[derive(Debug)]
pub struct Installation {
    folder: TempDir,
}

impl Installation {
    /// `tw` with no plugin.
    pub fn bare() -> Self {
        let below = target().join("test-installations");
        std::fs::create_dir_all(&below).expect("the target folder can be written");
        let this = Self {
            folder: TempDir::new_in(below).expect("the target folder can be written"),
        };
        for folder in [this.bin(), this.plugins(), this.home()] {
            std::fs::create_dir_all(folder).expect("the folder can be made");
        }
        link(&artifacts().tw, &this.tw());
        this
    }

    /// `tw` as it comes: with the bundled plugins.
    pub fn bundled() -> Self {
        let this = Self::bare();
        for (name, library) in &artifacts().plugins {
            this.add(name.trim_start_matches("tw-plugin-"), library);
        }
        this
    }

    /// Puts a library in as a plugin of this name, and returns its path.
    pub fn add(&self, name: &str, library: &Path) -> PathBuf {
        let path = self.plugin(name);
        link(library, &path);
        path
    }

    /// Puts a file with this content in as a plugin of this name, and returns its path.
    pub fn add_bytes(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.plugin(name);
        std::fs::write(&path, content).expect("the plugin folder can be written");
        path
    }

    /// The same with files of its own. The others are links: whatever is done to one is done to all, and each new one changes the
    /// times of the others, which makes their indexes old.
    pub fn with_own_files(self) -> Self {
        let plugins = self.plugins().read_dir().expect("the folder can be read");
        let plugins = plugins.map(|entry| entry.expect("the folder can be read").path());
        for path in plugins.chain([self.tw()]) {
            let new = path.with_extension("new");
            // By another process: a binary that this one has open for writing can't be started by any of its threads.
            let copied = Command::new("cp").args([&path, &new]).status();
            assert!(copied.is_ok_and(|status| status.success()), "cp copies");
            std::fs::rename(&new, &path).expect("the file can be replaced");
        }
        self
    }

    /// The path of the plugin with this name, whether it is there or not.
    pub fn plugin(&self, name: &str) -> PathBuf {
        self.plugins().join(format!(
            "{DLL_PREFIX}tw_plugin_{}{DLL_SUFFIX}",
            name.replace('-', "_")
        ))
    }

    /// The whole of it.
    pub fn prefix(&self) -> &Path {
        self.folder.path()
    }

    /// The binary.
    pub fn tw(&self) -> PathBuf {
        self.bin()
            .join(format!("tw{}", std::env::consts::EXE_SUFFIX))
    }

    /// The folder of the plugins.
    pub fn plugins(&self) -> PathBuf {
        self.prefix().join("lib").join("tw").join("plugins")
    }

    /// The home that `tw` runs with.
    pub fn home(&self) -> PathBuf {
        self.prefix().join("home")
    }

    /// The index of the plugins' manifests.
    pub fn index(&self) -> PathBuf {
        self.home().join(".cache").join("tw").join("plugins.cache")
    }

    /// A command line of this `tw`, with nothing in its environment but its home.
    pub fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Tw {
        Tw::new(&self.tw(), &self.home()).args(arguments)
    }

    fn bin(&self) -> PathBuf {
        self.prefix().join("bin")
    }
}

/// A link where that can be, for libraries are large and tests are many.
fn link(from: &Path, to: &Path) {
    let _ = std::fs::remove_file(to);
    if std::fs::hard_link(from, to).is_err() {
        std::fs::copy(from, to).expect("the file can be copied");
    }
}
