//! `#[derive(Args)]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Data, DeriveInput, Error, Field, Fields, Ident, Result, punctuated::Punctuated};

use crate::attribute::{ArgAttribute, Of, to_name};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let fields = named_fields(input, "Args")?;
    let name = &input.ident;
    let doc = crate::doc::read(&input.attrs);
    let (about, details) = (doc.about, doc.details);
    let code = Code::of(fields, Of::Argument)?;
    let Sets {
        names: sets,
        checks: set_checks,
    } = parse_exactly_one_of(input, fields)?;
    let Code {
        declarations,
        flattened_sets,
        values,
    } = code;
    Ok(implement(
        name,
        &Bodies {
            about: quote!(#about),
            details: quote!(#details),
            args: quote! {
                let mut args = ::std::vec::Vec::new();
                #(#set_checks)*
                #(#declarations)*
                args
            },
            exactly_one_of: quote! {
                let mut sets = ::std::vec::Vec::<::std::vec::Vec<::std::string::String>>::new();
                #(sets.push(::std::vec![#(#sets.to_owned()),*]);)*
                #(#flattened_sets)*
                sets
            },
            from_values: quote!(::core::result::Result::Ok(Self { #(#values),* })),
        },
    ))
}

/// Returns an implementation that can't run, beside the error of the derive: without one, every use of the type would be an
/// error too.
pub(crate) fn stub(name: &Ident) -> TokenStream {
    let unreachable = || quote!(::core::unreachable!());
    implement(
        name,
        &Bodies {
            about: unreachable(),
            details: unreachable(),
            args: unreachable(),
            exactly_one_of: unreachable(),
            from_values: unreachable(),
        },
    )
}

/// The bodies of the functions of `Args`.
struct Bodies {
    about: TokenStream,
    details: TokenStream,
    args: TokenStream,
    exactly_one_of: TokenStream,
    from_values: TokenStream,
}

fn implement(name: &Ident, bodies: &Bodies) -> TokenStream {
    let Bodies {
        about,
        details,
        args,
        exactly_one_of,
        from_values,
    } = bodies;
    quote! {
        impl ::tw_plugin_api::Args for #name {
            fn about() -> &'static str {
                #about
            }

            fn details() -> &'static str {
                #details
            }

            fn args() -> ::std::vec::Vec<::tw_plugin_api::Arg> {
                #args
            }

            fn exactly_one_of() -> ::std::vec::Vec<::std::vec::Vec<::std::string::String>> {
                #exactly_one_of
            }

            fn from_values(values: &mut ::tw_plugin_api::Values) -> ::tw_plugin_api::Result<Self> {
                #from_values
            }
        }
    }
}

/// Returns the fields of the struct that the derive of this name was written on.
pub(crate) fn named_fields<'a>(input: &'a DeriveInput, derive: &str) -> Result<&'a NamedFields> {
    if let Data::Struct(data) = &input.data {
        if let Fields::Named(fields) = &data.fields {
            return Ok(&fields.named);
        }
    }
    Err(Error::new_spanned(
        &input.ident,
        format!("`{derive}` can be derived only for a struct with named fields"),
    ))
}

pub(crate) type NamedFields = Punctuated<Field, syn::Token![,]>;

/// The generated code of the fields.
#[derive(Default)]
pub(crate) struct Code {
    /// Statements that add the declarations to `args`.
    pub(crate) declarations: Vec<TokenStream>,
    /// Statements that add the `exactly_one_of` of flattened structs to `sets`.
    flattened_sets: Vec<TokenStream>,
    /// The initializers of the struct's fields.
    pub(crate) values: Vec<TokenStream>,
}

impl Code {
    /// Generates the code of all fields. A mistake in one field doesn't hide those in others.
    pub(crate) fn of(fields: &NamedFields, of: Of) -> Result<Self> {
        let mut code = Self::default();
        let mut errors = fields.iter().filter_map(|field| code.add(field, of).err());
        match errors.next() {
            Some(mut error) => {
                error.extend(errors);
                Err(error)
            }
            None => Ok(code),
        }
    }

    fn add(&mut self, field: &Field, of: Of) -> Result<()> {
        let (Some(ident), kind) = (&field.ident, &field.ty) else {
            return Ok(());
        };
        let attribute = ArgAttribute::parse(field, ident, of)?;
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
        let (key, new, setters) = (to_name(ident), attribute.constructor(), &attribute.setters);
        let value = quote!(value);
        let (of_type, value) = match attribute.is_parsed {
            true => crate::parsed::wrap(kind, &value),
            false => (kind.clone(), value),
        };
        let doc = crate::doc::read(&field.attrs);
        let (help, more) = (doc.about, doc.details);
        let details = match more.is_empty() {
            true => quote!(),
            false => quote!(.details(#more)),
        };
        let checks = attribute.checks(&of_type);
        self.declarations.push(quote! {
            #(#checks)*
            args.push(
                <#of_type as ::tw_plugin_api::Field>::describe(::tw_plugin_api::Arg::#new(#key))
                    .help(#help) #details #(#setters)*
            );
        });
        self.values.push(quote!(#ident: {
            let value = <#of_type as ::tw_plugin_api::Field>::take(values, #key)?;
            #value
        }));
        Ok(())
    }
}

/// The sets of arguments of which exactly one must be given.
#[derive(Default)]
struct Sets {
    /// The names of the arguments.
    names: Vec<Vec<String>>,
    /// Constants that don't compile if a field has no value for a missing argument.
    checks: Vec<TokenStream>,
}

/// Parses `#[args(exactly_one_of(field, field))]` into sets of names of arguments.
fn parse_exactly_one_of(input: &DeriveInput, fields: &NamedFields) -> Result<Sets> {
    let mut sets = Sets::default();
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
                let mut fields = fields.iter();
                let Some(field) = fields.find(|field| field.ident.as_ref() == Some(ident)) else {
                    return Err(member.error(format!("the struct has no field `{ident}`")));
                };
                let of_type = match ArgAttribute::parse(field, ident, Of::Argument)?.is_parsed {
                    true => crate::parsed::wrap(&field.ty, &quote!()).0,
                    false => field.ty.clone(),
                };
                let shape = quote!(<#of_type as ::tw_plugin_api::Field>::SHAPE);
                sets.checks.push(quote_spanned!(ident.span()=> const _: () = if !#shape.may_be_missing() {
                    ::core::panic!("a field of `exactly_one_of` must be an `Option`, a `Vec` or a flag, because its argument may be missing")
                };));
                set.push(to_name(ident));
                Ok(())
            })?;
            sets.names.push(set);
            Ok(())
        })?;
    }
    Ok(sets)
}
