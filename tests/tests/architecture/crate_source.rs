//! The source files of a crate, the references between its top-level modules, and the rules for those references.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::paths::find_references;

/// A crate's source.
#[derive(Debug, Default)]
pub(crate) struct CrateSource {
    /// The folder, relative to the repository: `host/src`.
    folder: String,
    /// The name of the root file: `main` or `lib`.
    root: String,
    /// The top-level modules, without the root file.
    modules: BTreeSet<String>,
    references: Vec<Reference>,
}

/// A place in one top-level module that names another top-level module.
#[derive(Debug)]
struct Reference {
    file: String,
    line: usize,
    from: String,
    to: String,
}

impl CrateSource {
    /// Reads every `.rs` file below `folder`, a path relative to the repository's `root`.
    pub(crate) fn load(root: &Path, folder: &str) -> Self {
        let mut files = BTreeMap::new();
        read_files(&root.join(folder), "", &mut files);
        assert!(!files.is_empty(), "{folder} has no source files");
        let files = files.iter();
        Self::parse(
            folder,
            files.map(|(path, text)| (path.as_str(), text.as_str())),
        )
    }

    /// Parses files, each given as its path relative to `folder` and its text.
    pub(crate) fn parse<'a>(
        folder: &str,
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let mut source = Self {
            folder: folder.to_owned(),
            ..Self::default()
        };
        let mut parsed = Vec::new();
        for (path, text) in files {
            let module = module_of(path);
            match module.first() {
                Some(name) => {
                    source.modules.insert(name.clone());
                }
                None => path.trim_end_matches(".rs").clone_into(&mut source.root),
            }
            parsed.push((format!("{folder}/{path}"), module, text));
        }
        for (file, module, text) in parsed {
            let from = module.first().unwrap_or(&source.root);
            for found in find_references(&file, &module, text) {
                // A name that is no module is an item of the root file.
                let to = source.modules.get(&found.name).unwrap_or(&source.root);
                if to != from {
                    source.references.push(Reference {
                        file: file.clone(),
                        line: found.line,
                        from: from.clone(),
                        to: to.clone(),
                    });
                }
            }
        }
        source
    }

    /// Checks that each module uses only modules that stand below it in `layers`, and that `layers` and the modules correspond. Returns one
    /// line of text for each violation.
    pub(crate) fn layer_problems(&self, layers: &[&str]) -> Vec<String> {
        let folder = &self.folder;
        let is_there = |layer: &str| layer == self.root || self.modules.contains(layer);
        let absent = layers.iter().filter(|layer| !is_there(layer));
        let absent = absent.map(|layer| format!("{folder} has no module `{layer}`"));
        let unplaced = self.modules.iter();
        let unplaced = unplaced.filter(|module| !layers.contains(&module.as_str()));
        let unplaced = unplaced.map(|module| format!("{folder}: `{module}` is in no layer"));
        let position = |module: &str| layers.iter().position(|layer| *layer == module);
        let upward = self.references.iter().filter(|reference| {
            let (from, to) = (position(&reference.from), position(&reference.to));
            from.is_some() && to.is_some() && to < from
        });
        let upward = upward.map(|reference| format!("{reference}, which stands above it"));
        absent.chain(unplaced).chain(upward).collect()
    }

    /// Looks for import cycles between the modules. Returns one line of text for each reference that is part of a cycle.
    pub(crate) fn cycle_problems(&self) -> Vec<String> {
        let in_cycle = self.references.iter();
        let in_cycle = in_cycle.filter(|reference| self.reaches(&reference.to, &reference.from));
        let describe = |reference: &Reference| format!("{reference}, which uses it in turn");
        in_cycle.map(describe).collect()
    }

    /// True if `from` uses `to`, directly or through other modules.
    fn reaches(&self, from: &str, to: &str) -> bool {
        let mut reached = BTreeSet::new();
        let mut open = vec![from];
        while let Some(module) = open.pop() {
            if module == to {
                return true;
            }
            if reached.insert(module) {
                let used = self.references.iter();
                let used = used.filter(|reference| reference.from == module);
                open.extend(used.map(|reference| reference.to.as_str()));
            }
        }
        false
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            file,
            line,
            from,
            to,
        } = self;
        write!(f, "{file}:{line}: `{from}` uses `{to}`")
    }
}

/// Reads the `.rs` files of a folder and its subfolders, by their path below the first folder.
fn read_files(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a source folder is readable") {
        let path = entry.expect("a source folder is readable").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            read_files(&path, &format!("{name}/"), files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source file is readable");
            files.insert(name, text);
        }
    }
}

/// Returns the module that a file is: `[]` for the root file, `["config", "network"]` for `config/network.rs`.
fn module_of(path: &str) -> Vec<String> {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let mut module: Vec<String> = path.split('/').map(str::to_owned).collect();
    let is_folders_own = module.last().is_some_and(|name| name == "mod");
    let is_root = matches!(module.as_slice(), [name] if name == "main" || name == "lib");
    if is_folders_own || is_root {
        module.pop();
    }
    module
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> CrateSource {
        CrateSource::parse("src", files)
    }

    #[test]
    fn an_upward_reference_is_reported_with_its_line_and_both_modules() {
        let source = parse([
            ("main.rs", "mod cli;\nmod config;"),
            ("cli/mod.rs", "use crate::config::Config;"),
            ("config/file.rs", "use std::fs;\n\nuse crate::cli::Root;"),
            ("config/mod.rs", ""),
        ]);
        assert_eq!(
            source.layer_problems(&["main", "cli", "config"]),
            ["src/config/file.rs:3: `config` uses `cli`, which stands above it"]
        );
        assert_eq!(
            source.layer_problems(&["main", "config", "cli"]),
            ["src/cli/mod.rs:1: `cli` uses `config`, which stands above it"]
        );
    }

    #[test]
    fn an_item_of_the_root_file_stands_above_every_module() {
        let source = parse([("main.rs", "const A: u8 = 1;"), ("cli.rs", "use crate::A;")]);
        assert_eq!(
            source.layer_problems(&["main", "cli"]),
            ["src/cli.rs:1: `cli` uses `main`, which stands above it"]
        );
    }

    #[test]
    fn layers_and_modules_correspond() {
        let source = parse([("main.rs", ""), ("cli.rs", ""), ("extra/mod.rs", "")]);
        assert_eq!(
            source.layer_problems(&["main", "cli", "config"]),
            ["src has no module `config`", "src: `extra` is in no layer"]
        );
    }

    #[test]
    fn each_reference_in_a_cycle_is_reported() {
        let source = parse([
            ("lib.rs", "mod a; mod b; mod c; mod d;"),
            ("a.rs", "use crate::b::B;"),
            ("b.rs", "fn b() { crate::c::c() }"),
            ("c.rs", "\nuse crate::{a::A, d::D};"),
            ("d.rs", "use std::fmt;"),
        ]);
        assert_eq!(
            source.cycle_problems(),
            [
                "src/a.rs:1: `a` uses `b`, which uses it in turn",
                "src/b.rs:1: `b` uses `c`, which uses it in turn",
                "src/c.rs:2: `c` uses `a`, which uses it in turn",
            ]
        );
    }

    #[test]
    fn a_module_that_uses_an_item_of_the_root_file_is_in_a_cycle_with_it() {
        let source = parse([
            ("lib.rs", "mod a;\nconst A: u8 = 1;"),
            ("a.rs", "use crate::A;"),
        ]);
        assert_eq!(
            source.cycle_problems(),
            [
                "src/lib.rs:1: `lib` uses `a`, which uses it in turn",
                "src/a.rs:1: `a` uses `lib`, which uses it in turn",
            ]
        );
    }
}
