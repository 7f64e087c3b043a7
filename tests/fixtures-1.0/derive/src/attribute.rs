//! The attribute `#[arg(…)]` of a field.

use std::collections::HashSet;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{
    Error, Expr, Field, Ident, LitChar, LitStr, Path, Result, Type, meta::ParseNestedMeta,
    spanned::Spanned,
};

use crate::value::{Literal, literal, texts, values};

/// The content of `#[arg(…)]`.
pub(crate) struct ArgAttribute {
    /// True if the argument has a short or a long name.
    is_named: bool,
    /// True if the field's type declares the arguments.
    pub(crate) is_flattened: bool,
    /// True if the plugin parses the value.
    pub(crate) is_parsed: bool,
    /// The calls of methods of `Arg`: `.short('n')`.
    pub(crate) setters: Vec<TokenStream>,
    /// The conditions that the type of the field must meet.
    checks: Vec<Check>,
    /// The keys that were read.
    keys: HashSet<String>,
}

/// A condition that the type of a field must meet, as a method of `Shape`, and the message of the compile error.
struct Check {
    span: Span,
    condition: TokenStream,
    message: String,
}

/// The keys that can be given several times.
const REPEATED: [&str; 3] = ["alias", "conflicts", "requires"];

/// What a field declares.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Of {
    /// An argument, with the attribute `#[arg(…)]`.
    Argument,
    /// A setting, with the attribute `#[config(…)]`.
    Setting,
}

/// The keys of a setting.
const OF_SETTINGS: [&str; 8] = [
    "default",
    "min",
    "max",
    "ignore_case",
    "sensitive",
    "parse",
    "file",
    "folder",
];

impl Of {
    fn attribute(self) -> &'static str {
        match self {
            Self::Argument => "arg",
            Self::Setting => "config",
        }
    }
}

impl ArgAttribute {
    pub(crate) fn parse(field: &Field, ident: &Ident, of: Of) -> Result<Self> {
        let mut this = Self {
            // A setting has a key, which is as good as a long name.
            is_named: of == Of::Setting,
            is_flattened: false,
            is_parsed: false,
            setters: Vec::new(),
            checks: Vec::new(),
            keys: HashSet::new(),
        };
        let mut only_named = None;
        let mut only_positional = None;
        let attributes = field.attrs.iter();
        for attribute in attributes.filter(|attribute| attribute.path().is_ident(of.attribute())) {
            attribute.parse_nested_meta(|meta| {
                let key = meta.path.require_ident()?;
                if of == Of::Setting && !OF_SETTINGS.iter().any(|name| key == name) {
                    return Err(meta.error(format!(
                        "unknown key `{key}`: the documentation of the derive `Config` lists the keys of `#[config(…)]`"
                    )));
                }
                let is_new = this.keys.insert(key.to_string());
                if !is_new && !REPEATED.iter().any(|name| key == name) {
                    return Err(meta.error(format!("the key `{key}` is given twice")));
                }
                match key.to_string().as_str() {
                    "alias" => only_named = Some(key.clone()),
                    "trailing" => only_positional = Some(key.clone()),
                    _ => {}
                }
                this.parse_key(&meta, ident)
            })?;
        }
        if this.is_flattened && this.keys.len() > 1 {
            return Err(Error::new(
                field.span(),
                "`flatten` can't be combined with other keys, because the field's type declares the arguments",
            ));
        }
        if let Some(key) = only_named.filter(|_| !this.is_named) {
            let message =
                format!("`{key}` needs `long` or `short`: a positional argument has no name");
            return Err(Error::new(key.span(), message));
        }
        if let Some(key) = only_positional.filter(|_| this.is_named) {
            let message = format!(
                "`{key}` is for positional arguments, which have neither `short` nor `long`"
            );
            return Err(Error::new(key.span(), message));
        }
        if this.keys.contains("required") && this.keys.contains("default") {
            return Err(Error::new(
                field.span(),
                "`required` and `default` can't be combined: an argument with a default is never missing",
            ));
        }
        if !this.is_flattened && !this.is_named {
            this.check(
                ident.span(),
                quote!(has_value()),
                "a flag needs `long` or `short`; an `Option<bool>` takes `true` or `false`",
            );
        }
        Ok(this)
    }

    fn check(&mut self, span: Span, condition: TokenStream, message: impl Into<String>) {
        self.checks.push(Check {
            span,
            condition,
            message: message.into(),
        });
    }

    fn parse_key(&mut self, meta: &ParseNestedMeta<'_>, ident: &Ident) -> Result<()> {
        let key = meta.path.require_ident()?.to_string();
        let setter = Ident::new(&key, meta.path.span());
        let span = meta.path.span();
        let text = || -> Result<LitStr> { meta.value()?.parse() };
        let letter = || -> Result<LitChar> { meta.value()?.parse() };
        let has_value = meta.input.peek(syn::Token![=]);
        let call = match key.as_str() {
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
                let others = texts(&meta.value()?.parse()?)?;
                let others = others.iter().map(|other| other.value().replace('_', "-"));
                quote!(#(.#setter(#others))*)
            }
            "alias" => {
                let words = texts(&meta.value()?.parse()?)?;
                quote!(#(.alias(#words))*)
            }
            "env" => {
                let value = text()?;
                quote!(.env(#value))
            }
            "value_name" => {
                let value = text()?;
                self.check_value(span, "value_name");
                quote!(.value_name(#value))
            }
            "default_from_config" => {
                let value = text()?.value().replace('_', "-");
                quote!(.default_from_config(#value))
            }
            "default" => self.parse_default(&meta.value()?.parse()?)?,
            "min" | "max" => {
                let limit = meta.value()?.parse()?;
                self.parse_limit(&meta.path, &key, &limit);
                quote!(.#setter(#limit))
            }
            "delimiter" => {
                let value = letter()?;
                self.check(span, quote!(is_list()), "`delimiter` needs a `Vec`");
                quote!(.delimiter(#value))
            }
            "trailing" => {
                self.check(span, quote!(is_list()), "`trailing` needs a `Vec`");
                quote!(.trailing())
            }
            "required" => {
                self.check(
                    span,
                    quote!(is_vec()),
                    "`required` needs a `Vec`; every other argument is required unless it is an `Option`, a flag, or has a default",
                );
                quote!(.required())
            }
            "ignore_case" => {
                self.check(
                    span,
                    quote!(is_choice()),
                    "`ignore_case` needs an enum with the derive `Choice`",
                );
                quote!(.ignore_case())
            }
            "workspace" => {
                self.check(span, quote!(is_text()), "`workspace` needs a `String`");
                quote!(.workspace())
            }
            "sensitive" => {
                self.check_value(span, "sensitive");
                quote!(.sensitive())
            }
            "file" | "folder" => {
                let message = format!("`{key}` needs a `PathBuf`");
                self.check(span, quote!(is_path()), message);
                quote!(.#setter())
            }
            "hidden" => quote!(.hidden()),
            "complete" => {
                let function: Expr = meta.value()?.parse()?;
                self.check(
                    span,
                    quote!(can_complete()),
                    "`complete` needs a value that is neither a secret nor a choice, which completes by itself",
                );
                quote!(.complete(#function))
            }
            "parse" => {
                self.is_parsed = true;
                quote!()
            }
            "flatten" => {
                self.is_flattened = true;
                quote!()
            }
            _ => {
                return Err(meta.error(format!(
                    "unknown key `{key}`: the documentation of the derive `Args` lists the keys of `#[arg(…)]`"
                )));
            }
        };
        self.setters.push(call);
        Ok(())
    }

    fn check_value(&mut self, span: Span, key: &str) {
        let message = format!("`{key}` is for arguments with a value, and a `bool` is a flag");
        self.check(span, quote!(has_value()), message);
    }

    fn parse_limit(&mut self, path: &Path, key: &str, limit: &Expr) {
        self.check(
            path.span(),
            quote!(has_range()),
            format!("`{key}` needs an integer, an `f64`, a `Duration` or a `Size`"),
        );
        if let Some(Literal::Integer(number)) = literal(limit) {
            self.check(
                limit.span(),
                quote!(holds(#number)),
                "the limit is outside of the range of the field's type",
            );
        }
    }

    fn parse_default(&mut self, default: &Expr) -> Result<TokenStream> {
        let is_list = matches!(default, Expr::Array(_));
        if is_list {
            self.check(
                default.span(),
                quote!(is_list()),
                "several defaults need a `Vec`",
            );
        }
        let mut calls = TokenStream::new();
        for value in values(default) {
            let span = value.span();
            let number = |condition| (condition, "the default is a number, and the field is not");
            let (condition, message) = match literal(value) {
                Some(Literal::Integer(_)) => number(quote!(has_integers())),
                Some(Literal::Float(_)) => number(quote!(is_float())),
                Some(Literal::Boolean(_)) => (
                    quote!(is_boolean()),
                    "the default is a `bool`, and the field is no `Option<bool>`",
                ),
                _ => (quote!(has_value()), "a flag has no default: it is `false`"),
            };
            self.check(span, condition, message);
            if let Some(Literal::Integer(number)) = literal(value) {
                self.check(
                    span,
                    quote!(holds(#number)),
                    "the default is outside of the range of the field's type",
                );
            }
            let text = match literal(value) {
                Some(literal) => {
                    let text = literal.to_text();
                    quote!(#text)
                }
                None => quote!(&::std::string::ToString::to_string(&#value)),
            };
            calls.extend(quote!(.default_value(#text)));
        }
        Ok(calls)
    }

    /// Returns constants that don't compile if the field's type doesn't meet the conditions.
    pub(crate) fn checks<'a>(
        &'a self,
        of_type: &'a Type,
    ) -> impl Iterator<Item = TokenStream> + 'a {
        self.checks.iter().map(move |check| {
            let (condition, message) = (&check.condition, &check.message);
            let shape = quote!(<#of_type as ::tw_plugin_api::Field>::SHAPE);
            quote_spanned!(check.span=> const _: () = if !#shape.#condition { ::core::panic!(#message) };)
        })
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
