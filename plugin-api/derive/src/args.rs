//! `#[derive(Args)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    Data, DeriveInput, Error, Expr, Field, Fields, Ident, LitChar, LitStr, Result,
    meta::ParseNestedMeta, spanned::Spanned,
};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "arguments are a struct"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new_spanned(
            &input.ident,
            "arguments are a struct with named fields",
        ));
    };
    let name = &input.ident;
    let doc = crate::doc::read(&input.attrs);
    let (about, details) = (doc.about, doc.details);
    let sets = exactly_one_of(input, fields.named.iter())?;
    let mut declarations = Vec::new();
    let mut flattened = Vec::new();
    let mut values = Vec::new();
    for field in &fields.named {
        let Some(ident) = &field.ident else { continue };
        let kind = &field.ty;
        let attribute = FieldAttribute::read(field, ident)?;
        if attribute.flatten {
            declarations.push(quote!(::tw_plugin_api::__private::append(&mut args, <#kind as ::tw_plugin_api::Args>::args());));
            flattened
                .push(quote!(::tw_plugin_api::__private::append(&mut sets, <#kind as ::tw_plugin_api::Args>::exactly_one_of());));
            values.push(quote!(#ident: <#kind as ::tw_plugin_api::Args>::from_values(values)?));
            continue;
        }
        let (key, new, setters) = (word(ident), attribute.constructor(), attribute.setters);
        let help = crate::doc::read(&field.attrs);
        let (help, more) = (help.about, help.details);
        let details = match more.is_empty() {
            true => quote!(),
            false => quote!(.details(#more)),
        };
        declarations.push(quote!(::tw_plugin_api::__private::push(
            &mut args,
            <#kind as ::tw_plugin_api::Field>::describe(::tw_plugin_api::Arg::#new(#key)).help(#help) #details #(#setters)*
        );));
        values.push(quote!(#ident: values.take(#key)?));
    }
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
                #(#flattened)*
                sets
            }

            fn from_values(values: &mut ::tw_plugin_api::Values) -> ::tw_plugin_api::Result<Self> {
                ::core::result::Result::Ok(Self { #(#values),* })
            }
        }
    })
}

/// The name of an argument: the field's, with hyphens.
fn word(ident: &Ident) -> String {
    ident.to_string().trim_start_matches("r#").replace('_', "-")
}

fn exactly_one_of<'a>(
    input: &DeriveInput,
    fields: impl Iterator<Item = &'a Field> + Clone,
) -> Result<Vec<Vec<String>>> {
    let mut sets = Vec::new();
    for attribute in input
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("args"))
    {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("exactly_one_of") {
                return Err(meta.error("`args` knows `exactly_one_of(field, field)`"));
            }
            let mut set = Vec::new();
            meta.parse_nested_meta(|member| {
                let ident = member.path.require_ident()?;
                if !fields
                    .clone()
                    .any(|field| field.ident.as_ref() == Some(ident))
                {
                    return Err(member.error("the struct has no such field"));
                }
                set.push(word(ident));
                Ok(())
            })?;
            sets.push(set);
            Ok(())
        })?;
    }
    Ok(sets)
}

/// What `#[arg(…)]` says of a field.
struct FieldAttribute {
    named: bool,
    flatten: bool,
    setters: Vec<TokenStream>,
}

impl FieldAttribute {
    fn read(field: &Field, ident: &Ident) -> Result<Self> {
        let mut this = Self {
            named: false,
            flatten: false,
            setters: Vec::new(),
        };
        let (mut min, mut max) = (None, None);
        for attribute in field
            .attrs
            .iter()
            .filter(|attribute| attribute.path().is_ident("arg"))
        {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("min") {
                    min = Some(meta.value()?.parse::<Expr>()?);
                } else if meta.path.is_ident("max") {
                    max = Some(meta.value()?.parse::<Expr>()?);
                } else {
                    this.setting(&meta, ident)?;
                }
                Ok(())
            })?;
        }
        if min.is_some() || max.is_some() {
            let min = min.map_or_else(|| quote!(::core::primitive::i64::MIN), |min| quote!(#min));
            let max = max.map_or_else(|| quote!(::core::primitive::i64::MAX), |max| quote!(#max));
            this.setters.push(quote!(.range(#min, #max)));
        }
        if this.flatten && (this.named || !this.setters.is_empty()) {
            return Err(Error::new(
                field.span(),
                "`flatten` stands alone: the arguments are those of the field's own type",
            ));
        }
        Ok(this)
    }

    fn setting(&mut self, meta: &ParseNestedMeta<'_>, ident: &Ident) -> Result<()> {
        let key = meta.path.require_ident()?.to_string();
        let text = || -> Result<LitStr> { meta.value()?.parse() };
        let letter = || -> Result<LitChar> { meta.value()?.parse() };
        let given = meta.input.peek(syn::Token![=]);
        let setter = match key.as_str() {
            "short" => {
                self.named = true;
                let letter = match given {
                    true => letter()?.value(),
                    false => word(ident).chars().next().unwrap_or('?'),
                };
                quote!(.short(#letter))
            }
            "long" => {
                self.named = true;
                let long = match given {
                    true => text()?.value(),
                    false => word(ident),
                };
                quote!(.long(#long))
            }
            "conflicts" | "requires" => {
                let (other, setter) = (
                    text()?.value().replace('_', "-"),
                    Ident::new(&key, meta.path.span()),
                );
                quote!(.#setter(#other))
            }
            "alias" | "value_name" | "env" => {
                let (value, setter) = (text()?, Ident::new(&key, meta.path.span()));
                quote!(.#setter(#value))
            }
            "default" => {
                let value = text()?;
                quote!(.default_value(#value))
            }
            "delimiter" => {
                let value = letter()?;
                quote!(.delimiter(#value))
            }
            "hidden" | "sensitive" | "trailing" | "ignore_case" | "workspace" => {
                let setter = Ident::new(&key, meta.path.span());
                quote!(.#setter())
            }
            "flatten" => {
                self.flatten = true;
                return Ok(());
            }
            _ => {
                return Err(meta.error(format!(
                    "`arg` knows no `{key}`; the documentation of `Args` lists what it knows"
                )));
            }
        };
        self.setters.push(setter);
        Ok(())
    }

    fn constructor(&self) -> TokenStream {
        match self.named {
            true => quote!(option),
            false => quote!(positional),
        }
    }
}
