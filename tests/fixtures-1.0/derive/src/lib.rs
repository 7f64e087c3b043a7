//! The derive macros of `tw-plugin-api`: the arguments of a command as a struct, and a choice as an enum.
//!
//! `tw-plugin-api` exports both macros. Use them from there, because the code that they generate refers to that crate.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod args;
mod attribute;
mod choice;
mod doc;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct the arguments of a command.
///
/// The doc comment of the struct says what the command does. The doc comment of a field says what the argument is. The
/// first paragraph is the line that `-h` and `--help` show; only `--help` shows the other paragraphs.
///
/// The type of a field decides which values the argument takes:
///
/// | Type | Argument |
/// |---|---|
/// | `String`, `i64`, `PathBuf`, `Secret`, an enum with the derive [`Choice`](macro@Choice) | required, unless it has a default |
/// | `Option` of one of these | optional |
/// | `Vec` of one of these | may be given several times |
/// | `bool` | a flag |
///
/// A field with `short` or `long` is an option or a flag. A field with neither is a positional argument.
///
/// | `#[arg(…)]` | Meaning |
/// |---|---|
/// | `short`, `short = 'x'` | the short name `-x`; without a value, the first letter of the field's name |
/// | `long`, `long = "word"` | the long name `--word`; without a value, the field's name with `-` for `_` |
/// | `alias = "word"` | another long name |
/// | `value_name = "X"` | the placeholder for the value in help |
/// | `default = "x"` | the value if the argument is not given |
/// | `env = "VAR"` | the environment variable that gives the value if the command line doesn't; an empty variable counts as unset |
/// | `conflicts = "field"` | not allowed together with the argument of another field |
/// | `requires = "field"` | allowed only together with the argument of another field |
/// | `min = 1, max = 9` | the smallest and the largest accepted integer |
/// | `delimiter = ','` | several values in one occurrence, separated by this character |
/// | `trailing` | the last positional argument takes the rest of the command line, options included |
/// | `ignore_case` | a choice is accepted in upper and lower case |
/// | `hidden` | not shown in help and completion |
/// | `sensitive` | the value is a secret, and redacted in logs and messages |
/// | `workspace` | the value is a workspace, as for `-w` |
/// | `flatten` | the field is a struct with the derive `Args`; its arguments are added to those of the command |
///
/// `#[args(exactly_one_of(a, b))]` on the struct requires exactly one of these arguments. Their fields must be
/// `Option`s.
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

/// Makes an enum a choice: the type of an argument that accepts a fixed set of words.
///
/// The word of a variant is its name in kebab case: `MostRecent` is `most-recent`. `#[choice(name = "word")]` sets
/// another word. The doc comment of a variant is the help for the word. Variants can't have fields.
///
/// ```
/// use tw_plugin_api::prelude::*;
///
/// #[derive(Choice)]
/// enum Order {
///     /// The most recent first
///     MostRecent,
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
