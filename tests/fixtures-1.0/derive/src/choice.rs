//! `#[derive(Choice)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, LitStr, Result, Variant};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(
            &input.ident,
            "`Choice` can be derived only for an enum",
        ));
    };
    let name = &input.ident;
    let mut possible = Vec::new();
    let mut arms = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(Error::new_spanned(
                variant,
                "a variant of a `Choice` can't have fields",
            ));
        }
        let (word, ident) = (parse_word(variant)?, &variant.ident);
        let help = crate::doc::read(&variant.attrs).about;
        possible.push(quote!(.possible(#word, #help)));
        arms.push(quote!(#word => ::core::option::Option::Some(Self::#ident)));
    }
    Ok(quote! {
        impl ::tw_plugin_api::Single for #name {
            fn describe(arg: ::tw_plugin_api::Arg) -> ::tw_plugin_api::Arg {
                arg #(#possible)*
            }

            fn from_one(value: ::tw_plugin_api::__private::ArgValue) -> ::core::option::Option<Self> {
                match <::std::string::String as ::tw_plugin_api::Single>::from_one(value)?.as_str() {
                    #(#arms,)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    })
}

/// Returns the word of a variant: the one in `#[choice(name = "…")]`, or the variant's name in kebab case.
fn parse_word(variant: &Variant) -> Result<String> {
    let mut word = to_kebab_case(&variant.ident.to_string());
    for attribute in variant
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("choice"))
    {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("name") {
                return Err(meta.error("unknown key: `#[choice(…)]` accepts `name = \"…\"`"));
            }
            word = meta.value()?.parse::<LitStr>()?.value();
            Ok(())
        })?;
    }
    Ok(word)
}

fn to_kebab_case(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.extend(letter.to_lowercase());
    }
    out
}
