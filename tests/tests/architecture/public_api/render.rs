//! Items as one line of text.

use quote::ToTokens;
use syn::{Attribute, Fields, Generics, Signature, Visibility};

use super::source::{is_hidden, is_public};

/// Writes tokens as people write them, on one line.
pub(super) fn render(tokens: &impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    let mut text = format!(
        " {} ",
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    );
    let rules = [
        (" :: ", "::"),
        (":: ", "::"),
        (" ::", "::"),
        (" < ", "<"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        (" ;", ";"),
        (" :", ":"),
        ("? ", "?"),
        ("& ", "&"),
        ("* ", "*"),
        ("! ", "!"),
        (" !(", "!("),
        ("# [", "#["),
        ("( ", "("),
        (" )", ")"),
        (" (", "("),
        ("[ ", "["),
        (" ]", "]"),
        (",)", ")"),
        (",>", ">"),
        ("->(", "-> ("),
        ("=(", "= ("),
        ("+(", "+ ("),
        (":(", ": ("),
        (",(", ", ("),
        ("-><", "-> <"),
        (">where", "> where"),
    ];
    for (from, to) in rules {
        text = text.replace(from, to);
    }
    text.trim().to_owned()
}

/// Returns the attributes that change how other crates can use an item.
pub(super) fn render_attributes(attributes: &[Attribute]) -> String {
    let shown = ["deprecated", "non_exhaustive", "repr"];
    let attributes = attributes.iter();
    attributes
        .filter(|attribute| shown.iter().any(|name| attribute.path().is_ident(name)))
        .map(|attribute| format!("{} ", render(attribute)))
        .collect()
}

/// Returns the parameters of a type and its conditions: `<T>` and ` where T: Clone`.
pub(super) fn render_generics(generics: &Generics) -> (String, String) {
    let conditions = render(&generics.where_clause);
    let conditions = conditions.trim_end_matches(',');
    let separator = if conditions.is_empty() { "" } else { " " };
    let parameters = match generics.params.is_empty() {
        true => String::new(),
        false => format!("<{}>", render(&generics.params).trim_end_matches(',')),
    };
    (parameters, format!("{separator}{conditions}"))
}

/// Returns a function with its path in place of its name. Names of parameters are left out, because callers can't use them.
pub(super) fn render_signature(path: &str, signature: &Signature) -> String {
    let (parameters, conditions) = render_generics(&signature.generics);
    let inputs = signature.inputs.iter().map(|input| match input {
        syn::FnArg::Receiver(receiver) => {
            let mut receiver = receiver.clone();
            // `mut self` is the same as `self` for a caller.
            if receiver.reference.is_none() {
                receiver.mutability = None;
            }
            render(&receiver)
        }
        syn::FnArg::Typed(typed) => render(&typed.ty),
    });
    let inputs: Vec<String> = inputs.collect();
    let output = render(&signature.output);
    let separator = if output.is_empty() { "" } else { " " };
    let mut before = String::new();
    for (is_there, word) in [
        (signature.constness.is_some(), "const "),
        (signature.asyncness.is_some(), "async "),
        (signature.unsafety.is_some(), "unsafe "),
    ] {
        before += if is_there { word } else { "" };
    }
    if let Some(abi) = &signature.abi {
        before += &format!("{} ", render(abi));
    }
    format!(
        "{before}fn {path}{parameters}({}){separator}{output}{conditions}",
        inputs.join(", ")
    )
}

/// Returns the fields as they follow the name of a struct or a variant. The named ones that are public have lines of their own.
pub(super) fn render_fields(fields: &Fields, is_variant: bool) -> String {
    let is_shown = |field: &&syn::Field| is_variant || is_public(&field.vis, &field.attrs);
    match fields {
        Fields::Unit => String::new(),
        Fields::Named(named) if is_variant => {
            let fields = named.named.iter().map(|field| {
                let name = field.ident.as_ref().map(ToString::to_string);
                format!("{}: {}", name.unwrap_or_default(), render(&field.ty))
            });
            format!(" {{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        Fields::Named(named) if named.named.iter().all(|field| is_shown(&field)) => {
            " { public fields only }".to_owned()
        }
        Fields::Unnamed(unnamed) if unnamed.unnamed.iter().any(|field| is_shown(&field)) => {
            let fields = unnamed.unnamed.iter().map(|field| match is_shown(&field) {
                true => render(&field.ty),
                false => "_".to_owned(),
            });
            format!("({})", fields.collect::<Vec<_>>().join(", "))
        }
        Fields::Named(_) | Fields::Unnamed(_) => " { private fields }".to_owned(),
    }
}

/// Returns true if other crates can't implement a trait: one of the required items is hidden.
pub(super) fn is_sealed(item: &syn::ItemTrait) -> bool {
    item.items.iter().any(|item| match item {
        syn::TraitItem::Const(item) => item.default.is_none() && is_hidden(&item.attrs),
        syn::TraitItem::Fn(item) => item.default.is_none() && is_hidden(&item.attrs),
        syn::TraitItem::Type(item) => item.default.is_none() && is_hidden(&item.attrs),
        _ => false,
    })
}

/// Returns true for `pub`, with or without hidden documentation.
pub(super) fn is_pub(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

#[cfg(test)]
mod tests {
    use syn::{ItemFn, ItemStruct, Type, parse_str};

    use super::*;

    fn render_function(text: &str) -> String {
        let function: ItemFn = parse_str(&format!("{text} {{}}")).expect("a function");
        render_signature("T::f", &function.sig)
    }

    #[test]
    fn a_signature_is_one_line_without_the_names_of_parameters() {
        assert_eq!(
            render_function(
                "pub const unsafe fn f<'a, T: ?Sized + Into<X>>(
                    mut self,
                    a: &'a mut [T; 2],
                    call: impl Fn(&str, (u8, u8)) -> Result<(), E> + Send,
                ) -> impl Iterator<Item = (&'a str, u8)>
                where
                    T: Clone"
            ),
            "const unsafe fn T::f<'a, T: ?Sized + Into<X>>(self, &'a mut [T; 2], impl Fn(&str, (u8, u8)) -> Result<(), E> + Send) \
             -> impl Iterator<Item = (&'a str, u8)> where T: Clone"
        );
        assert_eq!(render_function("fn f(&mut self)"), "fn T::f(&mut self)");
    }

    #[test]
    fn a_type_is_written_as_people_write_it() {
        for text in [
            "Option<Vec<&'a [u8]>>",
            "Box<dyn Fn(&str) -> T + Send>",
            "*const c_void",
            "<T as Iterator>::Item",
            "for<'a> extern \"C\" fn(HostRef, RStr<'a>) -> RResult<Reply, Reply>",
        ] {
            assert_eq!(render(&parse_str::<Type>(text).expect("a type")), text);
        }
    }

    #[test]
    fn private_and_hidden_fields_are_only_counted() {
        let fields = |text: &str| {
            let item: ItemStruct = parse_str(text).expect("a struct");
            render_fields(&item.fields, false)
        };
        assert_eq!(fields("struct S { a: u8 }"), " { private fields }");
        assert_eq!(fields("struct S(u8);"), " { private fields }");
        assert_eq!(
            fields("struct S { pub a: u8, #[doc(hidden)] pub b: u8 }"),
            " { private fields }"
        );
        assert_eq!(
            fields("struct S { pub a: u8, pub b: u8 }"),
            " { public fields only }"
        );
        assert_eq!(fields("struct S(pub u8, u8);"), "(u8, _)");
        assert_eq!(fields("struct S;"), "");
    }
}
