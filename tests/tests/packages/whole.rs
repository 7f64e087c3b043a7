//! Checks of a user's installed plugins: which packages are in use, which version runs, and that nothing is broken.

use std::path::PathBuf;

use crate::given::Given;

impl Given {
    /// Returns the folders of the packages in the lock. The store should have exactly these folders.
    #[track_caller]
    pub(crate) fn list_used_packages(&self) -> Vec<String> {
        let lock = self.read_lock();
        let packages = ["plugins", "previous"]
            .iter()
            .filter_map(|part| lock[part].as_object())
            .flat_map(serde_json::Map::values)
            .filter_map(|locked| locked["targets"]["x86_64-linux"]["package"].as_str());
        let mut folders: Vec<String> = packages.map(|digest| digest.replace(':', "-")).collect();
        folders.sort();
        folders.dedup();
        folders
    }

    /// Runs a fruit and returns its version, or `None` if there is no such command. Any other result fails the test.
    #[track_caller]
    pub(crate) fn version(&self, number: u16) -> Option<String> {
        let name = format!("fruit-{number:03}");
        let ran = self.tw([name.as_str(), "-o", "json"]);
        if ran.status.code() == Some(2) {
            ran.rejects(&name);
            return None;
        }
        let value = ran.exits(0).says("").json();
        assert_eq!(value["fruit"], name.as_str(), "{value}");
        Some(
            value["version"]
                .as_str()
                .expect("the version is a text")
                .to_owned(),
        )
    }

    /// Asserts that no listed plugin is broken and that no warning is printed.
    #[track_caller]
    pub(crate) fn has_nothing_broken(&self) {
        let list = self.tw(["plugin", "list", "-o", "json"]).exits(0).says("");
        for plugin in list.json()["plugins"]
            .as_array()
            .expect("plugins are a list")
        {
            assert_ne!(plugin["state"], "broken", "{plugin:#}");
        }
        self.tw(["--help"]).exits(0).says("");
    }

    /// Returns the path of a file of an installed fruit.
    #[track_caller]
    pub(crate) fn installed_file(&self, number: u16, file: &str) -> PathBuf {
        let name = format!("fruit-{number:03}");
        let lock = self.read_lock();
        let package = &lock["plugins"][&name]["targets"]["x86_64-linux"]["package"];
        let folder = package.as_str().expect("the fruit is installed");
        self.store().join(folder.replace(':', "-")).join(file)
    }

    /// Returns the path of the library of an installed fruit.
    #[track_caller]
    pub(crate) fn installed_library(&self, number: u16) -> PathBuf {
        self.installed_file(number, &format!("libtw_plugin_fruit_{number:03}.so"))
    }

    /// Fills the manifest cache. Needs [`Given::with_own_files`], because links in other tests make the cache stale.
    #[track_caller]
    pub(crate) fn fill_cache(&self) {
        self.tw(["--help"]).exits(0).says("");
    }
}
