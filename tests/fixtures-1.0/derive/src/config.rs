//! `#[derive(Config)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Ident, Result};

use crate::{
    args::{Code, named_fields},
    attribute::Of,
};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let code = Code::of(named_fields(input, "Config")?, Of::Setting)?;
    let (declarations, values) = (code.declarations, code.values);
    let settings = quote! {
        let mut args = ::std::vec::Vec::new();
        #(#declarations)*
        args
    };
    let from_values = quote!(::core::result::Result::Ok(Self { #(#values),* }));
    Ok(implement(&input.ident, &settings, &from_values))
}

/// Returns an implementation that can't run, beside the error of the derive.
pub(crate) fn stub(name: &Ident) -> TokenStream {
    let unreachable = quote!(::core::unreachable!());
    implement(name, &unreachable, &unreachable)
}

fn implement(name: &Ident, settings: &TokenStream, from_values: &TokenStream) -> TokenStream {
    quote! {
        impl ::tw_plugin_api::Config for #name {
            fn settings() -> ::std::vec::Vec<::tw_plugin_api::Arg> {
                #settings
            }

            fn from_values(values: &mut ::tw_plugin_api::Values) -> ::tw_plugin_api::Result<Self> {
                #from_values
            }
        }
    }
}
