//! The methods of public types, and the implementations of public traits.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{ImplItem, Item, Type};

use super::{
    listing::Listing,
    render::{render, render_attributes, render_generics, render_signature},
    source::{is_for_tests, is_hidden, is_public},
};

impl Listing {
    /// Adds the methods of public types, and the implementations of public traits, that a crate has in any module.
    pub(super) fn add_implementations(&mut self, crate_name: &'static str) {
        let modules = self.crates[crate_name].clone();
        for item in modules.values().flatten() {
            match item {
                Item::Impl(item) if !is_hidden(&item.attrs) && !is_for_tests(&item.attrs) => {
                    self.add_implementation(crate_name, item);
                }
                Item::Macro(item) if item.ident.is_none() => {
                    let name = render(&item.mac.path);
                    self.add_implementations_of_macro(crate_name, &name, item.mac.tokens.clone());
                }
                _ => {}
            }
        }
    }

    fn add_implementation(&mut self, crate_name: &'static str, item: &syn::ItemImpl) {
        let (parameters, conditions) = render_generics(&item.generics);
        let ty = render(&item.self_ty);
        let own = last_name(&item.self_ty);
        let public = own
            .as_ref()
            .and_then(|own| self.public.get(&(crate_name, own.clone())).cloned());
        match (&item.trait_, public) {
            (None, Some(public)) => {
                for member in &item.items {
                    match member {
                        ImplItem::Fn(member) if is_public(&member.vis, &member.attrs) => {
                            let path = format!("{public}::{}", member.sig.ident);
                            let attributes = render_attributes(&member.attrs);
                            let signature = render_signature(&path, &member.sig);
                            self.add(&path, format!("{attributes}{signature}"));
                        }
                        ImplItem::Const(member) if is_public(&member.vis, &member.attrs) => {
                            let path = format!("{public}::{}", member.ident);
                            self.add(&path, format!("const {path}: {}", render(&member.ty)));
                        }
                        _ => {}
                    }
                }
            }
            (Some((negative, path, _)), public) => {
                // The last name alone, as in a derive.
                let last = path.segments.last();
                let name = last.map(render).unwrap_or_default();
                let own_trait = last.map(|last| last.ident.to_string());
                let own_trait = own_trait.filter(|name| self.declares(crate_name, name));
                let is_private = |name: &String| {
                    self.declares(crate_name, name)
                        && !self.public.contains_key(&(crate_name, name.clone()))
                };
                let is_ours = public.is_some()
                    || own_trait
                        .as_ref()
                        .is_some_and(|name| self.public.contains_key(&(crate_name, name.clone())));
                if !is_ours
                    || own_trait.as_ref().is_some_and(is_private)
                    || own.as_ref().is_some_and(is_private)
                {
                    return;
                }
                let types = item.items.iter().filter_map(|member| match member {
                    ImplItem::Type(member) => {
                        Some(format!("type {} = {}", member.ident, render(&member.ty)))
                    }
                    _ => None,
                });
                let types: Vec<String> = types.collect();
                let types = match types.is_empty() {
                    true => String::new(),
                    false => format!(" {{ {} }}", types.join("; ")),
                };
                let negative = negative.map_or("", |_| "!");
                let sorted_by = public.or(own_trait).unwrap_or_default();
                self.add(
                    &sorted_by,
                    format!("impl{parameters} {negative}{name} for {ty}{conditions}{types}"),
                );
            }
            (None, None) => {}
        }
    }

    /// Adds the implementations that a macro of the crate expands to.
    fn add_implementations_of_macro(
        &mut self,
        crate_name: &'static str,
        name: &str,
        tokens: TokenStream,
    ) {
        let (of, types): (&str, Vec<String>) = match (crate_name, name) {
            // `Type: kind, pattern => value;`
            ("tw_plugin_api", "single") => ("Single", rows(tokens)),
            ("tw_plugin_api", "integers") => (
                "Single",
                tokens.into_iter().map(|ty| ty.to_string()).collect(),
            ),
            // Private traits and private state.
            ("tw_plugin_protocol", "integers" | "kinds" | "calls") | (_, "thread_local") => return,
            _ => panic!(
                "{crate_name} calls the macro `{name}!`; tell the listing what it expands to"
            ),
        };
        if self.public.contains_key(&(crate_name, of.to_owned())) {
            for ty in types {
                self.add(of, format!("impl {of} for {ty}"));
            }
        }
    }
}

/// Returns the last name in the path of a type.
fn last_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        Type::Reference(reference) => last_name(&reference.elem),
        _ => None,
    }
}

/// Returns what is before the first colon of each part that ends in a semicolon.
fn rows(tokens: TokenStream) -> Vec<String> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is = |token: &TokenTree, sign: char| matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign);
    tokens
        .split(|token| is(token, ';'))
        .filter_map(|row| row.split(|token| is(token, ':')).next())
        .map(|ty| ty.iter().cloned().collect::<TokenStream>())
        .filter(|ty| !ty.is_empty())
        .map(|ty| render(&ty.to_token_stream()))
        .collect()
}
