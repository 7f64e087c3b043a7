//! The derive macros of `tw-plugin-api`: a command's arguments as a struct, and a choice as an enum.
//!
//! Use them through `tw-plugin-api`; what they write names that crate.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod args;
mod choice;
mod doc;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct the arguments of a command. The doc comment of the struct says what the command does, that of a field
/// what the argument is: the first paragraph is the line that every help shows, the rest only `--help`.
///
/// The type of a field says what it takes: `String`, `i64`, `PathBuf`, `Secret` or a [`Choice`](macro@Choice) is required, an
/// `Option` of one is not, a `Vec` of one may come several times, `bool` is a flag. With neither `short` nor `long` it is positional.
///
/// | `#[arg(…)]` | |
/// |---|---|
/// | `short`, `short = 'x'` | `-x`; without a letter, the field's first |
/// | `long`, `long = "word"` | `--word`; without a word, the field's name |
/// | `alias = "word"` | one more long name |
/// | `value_name = "X"` | what help calls the value |
/// | `default = "x"` | the value when nothing gives one |
/// | `env = "VAR"` | the environment variable that gives the value; empty counts as unset |
/// | `conflicts = "field"`, `requires = "field"` | can't stand beside, or without, another argument |
/// | `min = 1, max = 9` | the range of an integer |
/// | `delimiter = ','` | several values in one occurrence |
/// | `trailing` | a positional that takes all that follows |
/// | `ignore_case` | a choice in any case |
/// | `hidden`, `sensitive` | left out of help; redacted everywhere |
/// | `workspace` | a workspace, as `-w` takes it |
/// | `flatten` | the field is itself a struct of arguments |
///
/// `#[args(exactly_one_of(a, b))]` on the struct says that exactly one of these fields, which are `Option`s, must be given.
///
/// # Examples
///
/// ```
/// use tw_plugin_api::prelude::*;
///
/// /// Delete a dataset
/// #[derive(Args)]
/// #[args(exactly_one_of(id, name))]
/// struct Delete {
///     /// Dataset identifier
///     #[arg(short, long)]
///     id: Option<i64>,
///     /// Dataset name
///     #[arg(short, long)]
///     name: Option<String>,
/// }
/// ```
#[proc_macro_derive(Args, attributes(arg, args))]
pub fn derive_args(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    args::expand(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Makes an enum of plain variants a choice: the type of an argument that takes one of a few words. A variant's name in
/// kebab case is the word (`#[choice(name = "word")]` another), its doc comment what it means.
///
/// ```
/// use tw_plugin_api::prelude::*;
///
/// #[derive(Choice)]
/// enum Order {
///     /// The newest first
///     Newest,
///     /// By name
///     Name,
/// }
/// ```
#[proc_macro_derive(Choice, attributes(choice))]
pub fn derive_choice(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    choice::expand(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
