//! The public items of a crate, a line for each.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use proc_macro2::TokenTree;
use syn::{Attribute, Item, TraitItem};

use super::{
    derives::find_derives,
    render::{
        is_pub, is_sealed, render, render_attributes, render_fields, render_generics,
        render_signature,
    },
    source::{Import, Modules, flatten_use, is_hidden, is_public, load_crates, name_of},
};

/// Lists the public API of a crate: sorted by path, without items whose documentation is hidden.
pub(super) fn list_public_api(root: &Path, crate_name: &'static str) -> Vec<String> {
    let mut listing = Listing {
        crates: load_crates(root),
        lines: BTreeSet::new(),
        public: BTreeMap::new(),
    };
    listing.add_module(crate_name, &[], &[]);
    listing.add_exported_macros(crate_name);
    for name in listing.crates.keys().copied().collect::<Vec<_>>() {
        listing.add_implementations(name);
    }
    listing.lines.into_iter().map(|(.., line)| line).collect()
}

pub(super) struct Listing {
    pub(super) crates: BTreeMap<&'static str, Modules>,
    /// The lines, each after what it is sorted by: the path, and false for the declaration of an item.
    lines: BTreeSet<(String, bool, String)>,
    /// The public types and traits: their crate and name, and the public path.
    pub(super) public: BTreeMap<(&'static str, String), String>,
}

impl Listing {
    pub(super) fn add(&mut self, path: &str, line: String) {
        let is_below = ["impl", "key "].iter().any(|word| line.starts_with(word));
        self.lines.insert((path.to_owned(), is_below, line));
    }

    /// Adds the items of a public module.
    fn add_module(&mut self, crate_name: &'static str, module: &[String], public: &[String]) {
        for item in self.crates[crate_name][module].clone() {
            match &item {
                Item::Use(import) if is_public(&import.vis, &import.attrs) => {
                    for import in flatten_use(&import.tree) {
                        self.add_import(crate_name, module, public, &import);
                    }
                }
                Item::Mod(below) if is_public(&below.vis, &below.attrs) => {
                    let name = below.ident.to_string();
                    let public = join(public, &name);
                    self.add(&public.join("::"), format!("mod {}", public.join("::")));
                    self.add_module(crate_name, &join(module, &name), &public);
                }
                _ => {
                    if let Some(name) = name_of(&item) {
                        self.add_item(crate_name, &item, &join(public, &name).join("::"));
                    }
                }
            }
        }
    }

    /// Adds what a `pub use` exports.
    fn add_import(
        &mut self,
        crate_name: &'static str,
        module: &[String],
        public: &[String],
        import: &Import,
    ) {
        let path = join(public, &import.name).join("::");
        // The prelude repeats items that have lines of their own.
        if import.path.first().is_some_and(|first| first == "crate") && !public.is_empty() {
            self.add(
                &path,
                format!("use {path} = {}", import.path[1..].join("::")),
            );
            return;
        }
        let found = self.find(crate_name, module, &import.path);
        for (home, item) in &found {
            self.add_item(home, item, &path);
        }
        let derives = find_derives(&self.crates, &import.path);
        if found.is_empty() && derives.is_empty() {
            self.add(&path, format!("use {path} = {}", import.path.join("::")));
        }
        for derive in derives {
            self.add(
                &path,
                format!("derive {path}, with the attributes {}", derive.attributes),
            );
            for key in derive.keys {
                self.add(&path, format!("key of the derive {path}: {key}"));
            }
        }
    }

    /// Finds the items of a path, which is relative to a module or begins with a crate, and the crates that declare them.
    fn find(
        &self,
        crate_name: &'static str,
        module: &[String],
        path: &[String],
    ) -> Vec<(&'static str, Item)> {
        let [above @ .., name] = path else {
            return Vec::new();
        };
        let (home, module) = match above {
            [first, rest @ ..] if first == "crate" => (crate_name, rest.to_vec()),
            [first, rest @ ..] if self.crates.contains_key(first.as_str()) => {
                let (home, _) = self.crates.get_key_value(first.as_str()).expect("a crate");
                (*home, rest.to_vec())
            }
            _ => (crate_name, [module, above].concat()),
        };
        let Some(items) = self.crates[home].get(&module) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for item in items {
            match item {
                Item::Use(import) if is_pub(&import.vis) => {
                    let imports = flatten_use(&import.tree).into_iter();
                    for mut import in imports.filter(|i| i.name == *name || i.name == "*") {
                        if import.name == "*" {
                            import.path.pop();
                            import.path.push(name.clone());
                        }
                        found.extend(self.find(home, &module, &import.path));
                    }
                }
                _ if name_of(item).as_ref() == Some(name) => found.push((home, item.clone())),
                _ => {}
            }
        }
        found
    }

    /// Adds an item under its public path, with its fields, variants or members. Implementations come later.
    fn add_item(&mut self, home: &'static str, item: &Item, path: &str) {
        let mut publish = |ident: &syn::Ident| {
            self.public
                .insert((home, ident.to_string()), path.to_owned());
        };
        match item {
            Item::Const(item) if is_public(&item.vis, &item.attrs) => {
                let (ty, value) = (render(&item.ty), render(&item.expr));
                self.add(path, format!("const {path}: {ty} = {value}"));
            }
            Item::Static(item) if is_public(&item.vis, &item.attrs) => {
                self.add(path, format!("static {path}: {}", render(&item.ty)));
            }
            Item::Fn(item) if is_public(&item.vis, &item.attrs) => {
                let attributes = render_attributes(&item.attrs);
                let signature = render_signature(path, &item.sig);
                self.add(path, format!("{attributes}{signature}"));
            }
            Item::Type(item) if is_public(&item.vis, &item.attrs) => {
                let (parameters, conditions) = render_generics(&item.generics);
                let ty = render(&item.ty);
                self.add(path, format!("type {path}{parameters} = {ty}{conditions}"));
            }
            Item::Struct(item) if is_public(&item.vis, &item.attrs) => {
                publish(&item.ident);
                let attributes = render_attributes(&item.attrs);
                let (parameters, conditions) = render_generics(&item.generics);
                let fields = render_fields(&item.fields, false);
                self.add(
                    path,
                    format!("{attributes}struct {path}{parameters}{fields}{conditions}"),
                );
                for field in &item.fields {
                    if let Some(name) = &field.ident
                        && is_public(&field.vis, &field.attrs)
                    {
                        let path = format!("{path}::{name}");
                        self.add(&path, format!("field {path}: {}", render(&field.ty)));
                    }
                }
                self.add_derived(path, &item.attrs);
            }
            Item::Enum(item) if is_public(&item.vis, &item.attrs) => {
                publish(&item.ident);
                let attributes = render_attributes(&item.attrs);
                let (parameters, conditions) = render_generics(&item.generics);
                self.add(
                    path,
                    format!("{attributes}enum {path}{parameters}{conditions}"),
                );
                for variant in &item.variants {
                    let attributes = render_attributes(&variant.attrs);
                    let fields = render_fields(&variant.fields, true);
                    let path = format!("{path}::{}", variant.ident);
                    let value = variant.discriminant.as_ref();
                    let value = value.map(|(_, value)| format!(" = {}", render(value)));
                    let value = value.unwrap_or_default();
                    self.add(&path, format!("{attributes}variant {path}{fields}{value}"));
                }
                self.add_derived(path, &item.attrs);
            }
            Item::Trait(item) if is_public(&item.vis, &item.attrs) => {
                publish(&item.ident);
                self.add_trait(home, path, item);
            }
            Item::Union(item) if is_public(&item.vis, &item.attrs) => {
                panic!("the listing has no form for the union {path}")
            }
            _ => {}
        }
    }

    fn add_trait(&mut self, home: &'static str, path: &str, item: &syn::ItemTrait) {
        let (parameters, conditions) = render_generics(&item.generics);
        // A supertrait that isn't public seals the trait as a hidden method does.
        let bounds = item.supertraits.iter().map(render);
        let (bounds, private): (Vec<_>, Vec<_>) =
            bounds.partition(|bound| self.is_visible(home, bound));
        let sealed = match is_sealed(item) || !private.is_empty() {
            true => "sealed ",
            false => "",
        };
        let separator = if bounds.is_empty() { "" } else { ": " };
        let bounds = bounds.join(" + ");
        self.add(
            path,
            format!("{sealed}trait {path}{parameters}{separator}{bounds}{conditions}"),
        );
        for member in &item.items {
            match member {
                TraitItem::Fn(member) if !is_hidden(&member.attrs) => {
                    let path = format!("{path}::{}", member.sig.ident);
                    let provided = if member.default.is_some() {
                        "provided "
                    } else {
                        ""
                    };
                    self.add(
                        &path,
                        format!("{provided}{}", render_signature(&path, &member.sig)),
                    );
                }
                TraitItem::Const(member) if !is_hidden(&member.attrs) => {
                    let path = format!("{path}::{}", member.ident);
                    let provided = if member.default.is_some() {
                        "provided "
                    } else {
                        ""
                    };
                    self.add(
                        &path,
                        format!("{provided}const {path}: {}", render(&member.ty)),
                    );
                }
                TraitItem::Type(member) if !is_hidden(&member.attrs) => {
                    let path = format!("{path}::{}", member.ident);
                    self.add(&path, format!("type {path}: {}", render(&member.bounds)));
                }
                _ => {}
            }
        }
    }

    /// Adds an implementation for each trait that is derived.
    fn add_derived(&mut self, path: &str, attributes: &[Attribute]) {
        for attribute in attributes.iter().filter(|a| a.path().is_ident("derive")) {
            let Ok(list) = attribute.meta.require_list() else {
                continue;
            };
            for name in render(&list.tokens).split(',') {
                let name = name.trim().rsplit("::").next().unwrap_or_default();
                if !name.is_empty() {
                    self.add(path, format!("impl {name} for {path}"));
                }
            }
        }
    }

    /// Adds the exported macros, which belong to the root whichever module declares them.
    fn add_exported_macros(&mut self, crate_name: &'static str) {
        let modules = self.crates[crate_name].clone();
        for item in modules.values().flatten() {
            if let Item::Macro(item) = item
                && let Some(name) = &item.ident
                && item.attrs.iter().any(|a| a.path().is_ident("macro_export"))
                && !is_hidden(&item.attrs)
            {
                // A rule is `(PATTERN) => {BODY};`.
                let mut tokens = item.mac.tokens.clone().into_iter().peekable();
                while let Some(pattern) = tokens.next() {
                    if matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '=')
                        && let TokenTree::Group(pattern) = pattern
                    {
                        let pattern = render(&pattern.stream()).replace("$ ", "$");
                        self.add(&name.to_string(), format!("macro {name}!({pattern})"));
                    }
                }
            }
        }
    }

    /// Returns true if a crate declares a type or a trait of this name in any module.
    pub(super) fn declares(&self, crate_name: &str, name: &str) -> bool {
        let mut items = self.crates[crate_name].values().flatten();
        items.any(|item| {
            matches!(item, Item::Enum(_) | Item::Struct(_) | Item::Trait(_))
                && name_of(item).as_deref() == Some(name)
        })
    }

    /// Returns true for a trait that other crates can name: one of another crate, or one that the crate's root exports.
    fn is_visible(&self, crate_name: &'static str, bound: &str) -> bool {
        let path = [bound.to_owned()];
        !self.declares(crate_name, bound) || !self.find(crate_name, &[], &path).is_empty()
    }
}

fn join(path: &[String], name: &str) -> Vec<String> {
    [path, &[name.to_owned()]].concat()
}
