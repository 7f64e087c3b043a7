//! The items of a crate's modules, read from its sources.

use std::{collections::BTreeMap, fs, path::Path};

use syn::{Attribute, Item, UseTree, Visibility};

/// The folders of the crates whose items can be part of a public API.
const FOLDERS: [(&str, &str); 4] = [
    ("tw_plugin_api", "plugin-api/src"),
    ("tw_plugin_abi", "plugin-api/abi/src"),
    ("tw_plugin_protocol", "plugin-api/protocol/src"),
    ("tw_derive", "plugin-api/derive/src"),
];

/// A crate's modules by their paths, without those of tests. The path of the root is empty.
pub(super) type Modules = BTreeMap<Vec<String>, Vec<Item>>;

/// Reads the crates of [`FOLDERS`].
pub(super) fn load_crates(root: &Path) -> BTreeMap<&'static str, Modules> {
    let load = |(name, folder)| {
        let mut modules = Modules::new();
        load_file(&root.join(folder), "lib", &[], &mut modules);
        (name, modules)
    };
    FOLDERS.into_iter().map(load).collect()
}

/// Reads the module in the file `name` of a folder, and the modules below it.
fn load_file(folder: &Path, name: &str, path: &[String], modules: &mut Modules) {
    let file = folder.join(name).with_extension("rs");
    let (file, below) = match (file.exists(), path) {
        (true, []) => (file, folder.to_owned()),
        (true, _) => (file, folder.join(name)),
        (false, _) => (folder.join(name).join("mod.rs"), folder.join(name)),
    };
    let text = fs::read_to_string(&file).expect("the module has a file");
    let items = syn::parse_file(&text).expect("the file is Rust").items;
    add_items(items, &below, path, modules);
}

fn add_items(items: Vec<Item>, folder: &Path, path: &[String], modules: &mut Modules) {
    for item in &items {
        let Item::Mod(module) = item else { continue };
        if is_for_tests(&module.attrs) {
            continue;
        }
        let name = module.ident.to_string();
        let path = [path, std::slice::from_ref(&name)].concat();
        match &module.content {
            Some((_, items)) => add_items(items.clone(), &folder.join(&name), &path, modules),
            None => load_file(folder, &name, &path, modules),
        }
    }
    modules.insert(path.to_owned(), items);
}

/// Returns true for `#[cfg(test)]`.
pub(super) fn is_for_tests(attributes: &[Attribute]) -> bool {
    has_argument(attributes, "cfg", "test")
}

/// Returns true for `#[doc(hidden)]`.
pub(super) fn is_hidden(attributes: &[Attribute]) -> bool {
    has_argument(attributes, "doc", "hidden")
}

/// Returns true if there is an attribute `#[NAME(ARGUMENT)]`.
fn has_argument(attributes: &[Attribute], name: &str, argument: &str) -> bool {
    let mut attributes = attributes.iter();
    attributes.any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident(name) && list.tokens.to_string() == argument,
        _ => false,
    })
}

/// Returns true for an item that other crates can see and whose documentation isn't hidden.
pub(super) fn is_public(visibility: &Visibility, attributes: &[Attribute]) -> bool {
    matches!(visibility, Visibility::Public(_))
        && !is_hidden(attributes)
        && !is_for_tests(attributes)
}

/// Something that a `use` imports.
pub(super) struct Import {
    /// The path of the original. A glob import ends in `*`.
    pub(super) path: Vec<String>,
    /// The name that it has here.
    pub(super) name: String,
}

/// Returns what a `use` imports, one by one.
pub(super) fn flatten_use(tree: &UseTree) -> Vec<Import> {
    let below = |name: String, tree: &UseTree| {
        let imports = flatten_use(tree).into_iter();
        let imports = imports.map(|mut import| {
            match import.path.as_slice() {
                [own] if own == "self" => {
                    import.path = Vec::new();
                    import.name.clone_from(&name);
                }
                _ => {}
            }
            import.path.insert(0, name.clone());
            import
        });
        imports.collect()
    };
    let one = |path: String, name: String| {
        let path = vec![path];
        vec![Import { path, name }]
    };
    match tree {
        UseTree::Path(path) => below(path.ident.to_string(), &path.tree),
        UseTree::Name(name) => one(name.ident.to_string(), name.ident.to_string()),
        UseTree::Rename(rename) => one(rename.ident.to_string(), rename.rename.to_string()),
        UseTree::Glob(_) => one("*".to_owned(), "*".to_owned()),
        UseTree::Group(group) => group.items.iter().flat_map(flatten_use).collect(),
    }
}

/// Returns the name that an item declares. Macros and implementations have none.
pub(super) fn name_of(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Mod(item) => &item.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}
