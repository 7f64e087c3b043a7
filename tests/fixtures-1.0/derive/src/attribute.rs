//! The attribute `#[arg(…)]` of a field.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    Error, Expr, Field, Ident, LitChar, LitStr, Result, meta::ParseNestedMeta, spanned::Spanned,
};

/// The content of `#[arg(…)]`.
pub(crate) struct ArgAttribute {
    /// True if the argument has a short or a long name.
    pub(crate) is_named: bool,
    /// True if the field's type declares the arguments.
    pub(crate) is_flattened: bool,
    /// The calls of methods of `Arg`: `.short('n')`.
    pub(crate) setters: Vec<TokenStream>,
}

impl ArgAttribute {
    pub(crate) fn parse(field: &Field, ident: &Ident) -> Result<Self> {
        let mut this = Self {
            is_named: false,
            is_flattened: false,
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
                    this.parse_key(&meta, ident)?;
                }
                Ok(())
            })?;
        }
        if min.is_some() || max.is_some() {
            let min = min.map_or_else(|| quote!(::core::primitive::i64::MIN), |min| quote!(#min));
            let max = max.map_or_else(|| quote!(::core::primitive::i64::MAX), |max| quote!(#max));
            this.setters.push(quote!(.range(#min, #max)));
        }
        if this.is_flattened && (this.is_named || !this.setters.is_empty()) {
            return Err(Error::new(
                field.span(),
                "`flatten` can't be combined with other keys, because the field's type declares the arguments",
            ));
        }
        Ok(this)
    }

    fn parse_key(&mut self, meta: &ParseNestedMeta<'_>, ident: &Ident) -> Result<()> {
        let key = meta.path.require_ident()?.to_string();
        let text = || -> Result<LitStr> { meta.value()?.parse() };
        let letter = || -> Result<LitChar> { meta.value()?.parse() };
        let has_value = meta.input.peek(syn::Token![=]);
        let setter = match key.as_str() {
            "short" => {
                self.is_named = true;
                let letter = match has_value {
                    true => letter()?.value(),
                    false => to_name(ident).chars().next().unwrap_or('?'),
                };
                quote!(.short(#letter))
            }
            "long" => {
                self.is_named = true;
                let long = match has_value {
                    true => text()?.value(),
                    false => to_name(ident),
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
                self.is_flattened = true;
                return Ok(());
            }
            _ => {
                return Err(meta.error(format!(
                    "unknown key `{key}`: the documentation of the derive `Args` lists the keys of `#[arg(…)]`"
                )));
            }
        };
        self.setters.push(setter);
        Ok(())
    }

    /// Returns the function of `Arg` that declares the argument.
    pub(crate) fn constructor(&self) -> TokenStream {
        match self.is_named {
            true => quote!(option),
            false => quote!(positional),
        }
    }
}

/// Returns the name of the argument: the field's name with hyphens.
pub(crate) fn to_name(ident: &Ident) -> String {
    ident.to_string().trim_start_matches("r#").replace('_', "-")
}
