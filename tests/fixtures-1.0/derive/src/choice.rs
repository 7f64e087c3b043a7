//! `#[derive(Choice)]`.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Ident, LitStr, Result, Variant};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(
            &input.ident,
            "`Choice` can be derived only for an enum",
        ));
    };
    if data.variants.is_empty() {
        return Err(Error::new_spanned(
            &input.ident,
            "a `Choice` needs a variant",
        ));
    }
    let (mut possible, mut from_word, mut to_word) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(Error::new_spanned(
                variant,
                "a variant of a `Choice` can't have fields",
            ));
        }
        let (Words { word, aliases }, ident) = (Words::parse(variant)?, &variant.ident);
        let mut texts = std::iter::once(&word).chain(&aliases);
        if let Some(text) = texts.find(|text| !seen.insert(String::clone(text))) {
            return Err(Error::new_spanned(
                ident,
                format!("two words of the choice are `{text}`"),
            ));
        }
        let help = crate::doc::read(&variant.attrs).about;
        possible.push(quote!(.possible(#word, #help) #(.possible_alias(#aliases))*));
        from_word.push(quote!(#word => ::core::result::Result::Ok(Self::#ident)));
        to_word.push(quote!(Self::#ident => #word));
    }
    let display = quote! {
        formatter.pad(match self { #(#to_word),* })
    };
    Ok(implement(
        &input.ident,
        &quote!(arg #(#possible)*),
        &quote! {
            match <::std::string::String as ::tw_plugin_api::Single>::from_one(value)?.as_str() {
                #(#from_word,)*
                _ => ::core::result::Result::Err(::tw_plugin_api::__private::Mismatch::Type),
            }
        },
        &display,
    ))
}

/// Returns an implementation that can't run, beside the error of the derive: without one, every use of the type would be an
/// error too.
pub(crate) fn stub(name: &Ident) -> TokenStream {
    let unreachable = quote!(::core::unreachable!());
    implement(name, &unreachable, &unreachable, &unreachable)
}

fn implement(
    name: &Ident,
    describe: &TokenStream,
    from_one: &TokenStream,
    display: &TokenStream,
) -> TokenStream {
    quote! {
        impl ::tw_plugin_api::__private::Argument for #name {}

        impl ::tw_plugin_api::Single for #name {
            const KIND: ::tw_plugin_api::__private::Kind =
                ::tw_plugin_api::__private::Kind::Choice;

            fn describe(arg: ::tw_plugin_api::Arg) -> ::tw_plugin_api::Arg {
                #describe
            }

            fn from_one(
                value: ::tw_plugin_api::__private::ArgValue,
            ) -> ::core::result::Result<Self, ::tw_plugin_api::__private::Mismatch> {
                #from_one
            }
        }

        impl ::core::fmt::Display for #name {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #display
            }
        }
    }
}

/// The texts of a variant.
struct Words {
    /// The word in `#[choice(name = "…")]`, or the variant's name in kebab case.
    word: String,
    /// The words in `#[choice(alias = "…")]`.
    aliases: Vec<String>,
}

impl Words {
    fn parse(variant: &Variant) -> Result<Self> {
        let mut words = Self {
            word: to_kebab_case(&variant.ident.to_string()),
            aliases: Vec::new(),
        };
        let attributes = variant.attrs.iter();
        for attribute in attributes.filter(|attribute| attribute.path().is_ident("choice")) {
            attribute.parse_nested_meta(|meta| {
                let text = || -> Result<String> { Ok(meta.value()?.parse::<LitStr>()?.value()) };
                if meta.path.is_ident("name") {
                    words.word = text()?;
                } else if meta.path.is_ident("alias") {
                    words.aliases.push(text()?);
                } else {
                    return Err(meta.error(
                        "unknown key: `#[choice(…)]` accepts `name = \"…\"` and `alias = \"…\"`",
                    ));
                }
                Ok(())
            })?;
        }
        Ok(words)
    }
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
