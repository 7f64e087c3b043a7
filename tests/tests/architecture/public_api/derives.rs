//! The derive macros that a crate exports.

use std::collections::BTreeMap;

use proc_macro2::TokenTree;
use syn::{Attribute, Item};

use super::{render::render, source::Modules};

/// A derive macro.
pub(super) struct Derive {
    /// The names of its helper attributes.
    pub(super) attributes: String,
    /// The documented keys of these attributes.
    pub(super) keys: Vec<String>,
}

/// Returns the derives that a path names: one or none.
pub(super) fn find_derives(crates: &BTreeMap<&str, Modules>, path: &[String]) -> Vec<Derive> {
    let [home, name] = path else {
        return Vec::new();
    };
    let Some(modules) = crates.get(home.as_str()) else {
        return Vec::new();
    };
    let mut derives = Vec::new();
    for item in &modules[&[][..]] {
        let Item::Fn(function) = item else { continue };
        let attributes = function.attrs.iter();
        for attribute in attributes.filter(|a| a.path().is_ident("proc_macro_derive")) {
            let Ok(list) = attribute.meta.require_list() else {
                continue;
            };
            let mut tokens = list.tokens.clone().into_iter();
            if tokens
                .next()
                .is_some_and(|token| token.to_string() == *name)
            {
                let attributes = tokens.find_map(|token| match token {
                    TokenTree::Group(group) => Some(render(&group.stream())),
                    _ => None,
                });
                derives.push(Derive {
                    attributes: attributes.unwrap_or_default(),
                    keys: documented_keys(&function.attrs),
                });
            }
        }
    }
    derives
}

/// Returns the keys that the documentation of a derive lists: the first column of the tables whose head names an attribute, and the attributes that are
/// written out in a sentence.
fn documented_keys(attributes: &[Attribute]) -> Vec<String> {
    let mut keys = Vec::new();
    let mut is_table_of_keys = false;
    for line in attributes.iter().filter_map(doc_line) {
        let line = line.trim();
        let Some(row) = line.strip_prefix('|') else {
            is_table_of_keys = false;
            let spans = line.split('`').skip(1).step_by(2);
            let written_out = spans.filter(|span| span.starts_with("#[") && !span.contains('…'));
            keys.extend(written_out.map(str::to_owned));
            continue;
        };
        match row.split_once(" |").map(|(first, _)| first.trim()) {
            Some(head) if head.contains("#[") => is_table_of_keys = true,
            Some(cell) if is_table_of_keys && cell.starts_with('`') => {
                keys.push(cell.replace('`', ""));
            }
            _ => {}
        }
    }
    keys
}

/// Returns the line of a doc comment.
fn doc_line(attribute: &Attribute) -> Option<String> {
    let pair = attribute.meta.require_name_value().ok()?;
    match &pair.value {
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(line),
            ..
        }) if pair.path.is_ident("doc") => Some(line.value()),
        _ => None,
    }
}
