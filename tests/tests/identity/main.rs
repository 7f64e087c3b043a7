//! Who the user is, and how `tw` is set up: logins, the configuration files and profiles.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on panics with the reason"
)]

mod comments;
mod configuration;
mod doctor;
mod edit;
mod info;
mod keyring;
mod login;
mod mistakes;
mod profiles;
mod prompts;
mod servers;
mod stored;
mod system_file;
mod tokens;

use std::{fs, path::PathBuf};

use serde_json::Value;
use tw_tests::{Ran, World};

/// The files of a world.
trait Files {
    /// Returns the path of the user's configuration file.
    fn user_file(&self) -> PathBuf;

    /// Returns the path of the installation's configuration file.
    fn prefix_file(&self) -> PathBuf;

    /// Writes the user's configuration file.
    fn configure(&self, text: &str);

    /// Writes the installation's configuration file.
    fn configure_prefix(&self, text: &str);

    /// Runs a command whose environment names no endpoint and no token.
    fn plain<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Ran;
}

impl Files for World {
    fn user_file(&self) -> PathBuf {
        self.installation.home().join(".config/tw/config.toml")
    }

    fn prefix_file(&self) -> PathBuf {
        self.installation.prefix().join("etc/tw/config.toml")
    }

    fn configure(&self, text: &str) {
        write(&self.user_file(), text);
    }

    fn configure_prefix(&self, text: &str) {
        write(&self.prefix_file(), text);
    }

    fn plain<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Ran {
        self.installation.command(arguments).run()
    }
}

fn write(path: &std::path::Path, text: &str) {
    let folder = path.parent().expect("a file is in a folder");
    fs::create_dir_all(folder).expect("the folder can be made");
    fs::write(path, text).expect("the file can be written");
}

/// Returns the value and the origin of a key that `tw config show` printed as JSON.
fn setting<'a>(shown: &'a Value, key: &str) -> (&'a Value, &'a Value) {
    let rows = shown["settings"].as_array().expect("a list");
    let row = rows.iter().find(|row| row["key"] == key);
    let row = row.unwrap_or_else(|| panic!("no `{key}` in {shown}"));
    (&row["value"], &row["origin"])
}
