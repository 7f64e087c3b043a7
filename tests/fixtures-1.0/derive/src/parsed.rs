//! The key `parse`: the type of a field around values that the plugin parses.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{GenericArgument, PathArguments, Type, spanned::Spanned};

/// Returns the type as which the value is taken, and the conversion of `value` into the field's type. `Option`
/// and `Vec` are recognized by their names.
pub(crate) fn wrap(of_type: &Type, value: &TokenStream) -> (Type, TokenStream) {
    match inner(of_type) {
        Some((outer, inner)) => {
            let (wrapped, item) = wrap(inner, &quote!(item));
            let value = match outer.as_str() {
                "Option" => quote!(#value.map(|item| #item)),
                _ => quote!(#value.into_iter().map(|item| #item).collect()),
            };
            let span = of_type.span();
            let path = match outer.as_str() {
                "Option" => quote_spanned!(span=> ::core::option::Option),
                _ => quote_spanned!(span=> ::std::vec::Vec),
            };
            (
                Type::Verbatim(quote_spanned!(of_type.span()=> #path<#wrapped>)),
                value,
            )
        }
        None => (
            Type::Verbatim(
                quote_spanned!(of_type.span()=> ::tw_plugin_api::__private::Parsed<#of_type>),
            ),
            quote!(#value.0),
        ),
    }
}

/// Returns the name and the argument of an `Option` or a `Vec`. Returns `None` for every other type.
fn inner(of_type: &Type) -> Option<(String, &Type)> {
    let path = match of_type {
        // A type that a `macro_rules` macro passes on.
        Type::Group(group) => return inner(&group.elem),
        Type::Path(path) => path,
        _ => return None,
    };
    let last = path.path.segments.last()?;
    let name = last.ident.to_string();
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(inner) if ["Option", "Vec"].contains(&name.as_str()) => {
            Some((name, inner))
        }
        _ => None,
    }
}
