//! `#[derive(Args)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Field, Fields, Result, punctuated::Punctuated};

use crate::attribute::{ArgAttribute, to_name};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(refuse(input));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(refuse(input));
    };
    let name = &input.ident;
    let doc = crate::doc::read(&input.attrs);
    let (about, details) = (doc.about, doc.details);
    let sets = parse_exactly_one_of(input, &fields.named)?;
    let mut code = Code::default();
    for field in &fields.named {
        code.add(field)?;
    }
    let Code {
        declarations,
        flattened_sets,
        values,
    } = code;
    Ok(quote! {
        impl ::tw_plugin_api::Args for #name {
            fn about() -> &'static str {
                #about
            }

            fn details() -> &'static str {
                #details
            }

            fn args() -> ::std::vec::Vec<::tw_plugin_api::Arg> {
                let mut args = ::std::vec::Vec::new();
                #(#declarations)*
                args
            }

            fn exactly_one_of() -> ::std::vec::Vec<::std::vec::Vec<::std::string::String>> {
                let mut sets = ::std::vec::Vec::<::std::vec::Vec<::std::string::String>>::new();
                #(sets.push(::std::vec![#(#sets.to_owned()),*]);)*
                #(#flattened_sets)*
                sets
            }

            fn from_values(values: &mut ::tw_plugin_api::Values) -> ::tw_plugin_api::Result<Self> {
                ::core::result::Result::Ok(Self { #(#values),* })
            }
        }
    })
}

fn refuse(input: &DeriveInput) -> Error {
    Error::new_spanned(
        &input.ident,
        "`Args` can be derived only for a struct with named fields",
    )
}

/// The generated code of the fields.
#[derive(Default)]
struct Code {
    /// Statements that add the declarations to `args`.
    declarations: Vec<TokenStream>,
    /// Statements that add the `exactly_one_of` of flattened structs to `sets`.
    flattened_sets: Vec<TokenStream>,
    /// The initializers of the struct's fields.
    values: Vec<TokenStream>,
}

impl Code {
    fn add(&mut self, field: &Field) -> Result<()> {
        let (Some(ident), kind) = (&field.ident, &field.ty) else {
            return Ok(());
        };
        let attribute = ArgAttribute::parse(field, ident)?;
        if attribute.is_flattened {
            let of_type = quote!(<#kind as ::tw_plugin_api::Args>);
            self.declarations
                .push(quote!(args.extend(#of_type::args());));
            self.flattened_sets
                .push(quote!(sets.extend(#of_type::exactly_one_of());));
            self.values
                .push(quote!(#ident: #of_type::from_values(values)?));
            return Ok(());
        }
        let (key, new, setters) = (to_name(ident), attribute.constructor(), attribute.setters);
        let doc = crate::doc::read(&field.attrs);
        let (help, more) = (doc.about, doc.details);
        let details = match more.is_empty() {
            true => quote!(),
            false => quote!(.details(#more)),
        };
        self.declarations.push(quote!(args.push(
            <#kind as ::tw_plugin_api::Field>::describe(::tw_plugin_api::Arg::#new(#key))
                .help(#help) #details #(#setters)*
        );));
        self.values.push(quote!(#ident: values.take(#key)?));
        Ok(())
    }
}

/// Parses `#[args(exactly_one_of(field, field))]` into sets of names of arguments.
fn parse_exactly_one_of(
    input: &DeriveInput,
    fields: &Punctuated<Field, syn::Token![,]>,
) -> Result<Vec<Vec<String>>> {
    let mut sets = Vec::new();
    for attribute in input
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("args"))
    {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("exactly_one_of") {
                return Err(
                    meta.error("unknown key: `#[args(…)]` accepts `exactly_one_of(field, field)`")
                );
            }
            let mut set = Vec::new();
            meta.parse_nested_meta(|member| {
                let ident = member.path.require_ident()?;
                if !fields
                    .iter()
                    .any(|field| field.ident.as_ref() == Some(ident))
                {
                    return Err(member.error(format!("the struct has no field `{ident}`")));
                }
                set.push(to_name(ident));
                Ok(())
            })?;
            sets.push(set);
            Ok(())
        })?;
    }
    Ok(sets)
}
