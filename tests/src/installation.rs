//! An installation of `tw`: the binary `PREFIX/bin/tw`, the plugins in `PREFIX/lib/tw/plugins`, and a home folder of its own.

use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::{Tw, artifacts, artifacts::target};

/// An installation in a temporary folder, which is removed when the installation is dropped.
#[derive(Debug)]
pub struct Installation {
    folder: TempDir,
}

impl Installation {
    /// Creates an installation without plugins.
    pub fn bare() -> Self {
        let below = target().join("test-installations");
        std::fs::create_dir_all(&below).expect("the target folder can be written");
        let this = Self {
            folder: TempDir::new_in(below).expect("the target folder can be written"),
        };
        for folder in [this.bin(), this.plugins(), this.home()] {
            std::fs::create_dir_all(folder).expect("the folder can be created");
        }
        link(&artifacts().tw, &this.tw());
        this
    }

    /// Creates an installation with the bundled plugins.
    pub fn bundled() -> Self {
        let this = Self::bare();
        for (name, library) in &artifacts().plugins {
            this.add(name.trim_start_matches("tw-plugin-"), library);
        }
        this
    }

    /// Adds a library as the plugin of this name, and returns its path.
    pub fn add(&self, name: &str, library: &Path) -> PathBuf {
        let path = self.plugin(name);
        link(library, &path);
        path
    }

    /// Adds a file with this content as the plugin of this name, and returns its path.
    pub fn add_bytes(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.plugin(name);
        std::fs::write(&path, content).expect("the plugin folder can be written");
        path
    }

    /// Replaces the hard links to the build's files with copies. All installations share the linked files, so a change to one would reach every test.
    /// Each new link also changes the times of the shared file, which makes the caches of other installations stale.
    pub fn with_own_files(self) -> Self {
        let plugins = self.plugins().read_dir().expect("the folder can be read");
        let plugins = plugins.map(|entry| entry.expect("the folder can be read").path());
        for path in plugins.chain([self.tw()]) {
            let new = path.with_extension("new");
            // Another process copies: a binary that any thread of this process has open for writing can't be started (ETXTBSY).
            let copied = Command::new("cp").args([&path, &new]).status();
            assert!(copied.is_ok_and(|status| status.success()), "cp copies");
            std::fs::rename(&new, &path).expect("the file can be replaced");
        }
        self
    }

    /// Returns the path of the plugin with this name, even if there is no such plugin.
    pub fn plugin(&self, name: &str) -> PathBuf {
        self.plugins().join(format!(
            "{DLL_PREFIX}tw_plugin_{}{DLL_SUFFIX}",
            name.replace('-', "_")
        ))
    }

    /// Returns the root folder of the installation.
    pub fn prefix(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the path of the binary.
    pub fn tw(&self) -> PathBuf {
        self.bin()
            .join(format!("tw{}", std::env::consts::EXE_SUFFIX))
    }

    /// Returns the folder of the bundled plugins.
    pub fn plugins(&self) -> PathBuf {
        self.prefix().join("lib").join("tw").join("plugins")
    }

    /// Returns the home folder that `tw` runs with.
    pub fn home(&self) -> PathBuf {
        self.prefix().join("home")
    }

    /// Returns the path of the manifest cache.
    pub fn index(&self) -> PathBuf {
        self.home().join(".cache").join("tw").join("plugins.cache")
    }

    /// Prepares a command line of this `tw`. The environment has only HOME, PATH and LANG.
    pub fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Tw {
        Tw::new(&self.tw(), &self.home()).args(arguments)
    }

    fn bin(&self) -> PathBuf {
        self.prefix().join("bin")
    }
}

/// Links a file, or copies the file if linking fails. Libraries are large and there are many tests, so a link saves time and space.
fn link(from: &Path, to: &Path) {
    let _ = std::fs::remove_file(to);
    if std::fs::hard_link(from, to).is_err() {
        std::fs::copy(from, to).expect("the file can be copied");
    }
}
