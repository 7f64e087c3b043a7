//! Tests of what the derives refuse, and of how they read doc comments.

use syn::{DeriveInput, parse_quote};

/// Returns the message with which `#[derive(Args)]` refuses a type.
fn refused_args(input: &DeriveInput) -> String {
    let error = crate::args::expand(input).expect_err("the derive refuses the type");
    error.to_string()
}

/// Returns the message with which `#[derive(Choice)]` refuses a type.
fn refused_choice(input: &DeriveInput) -> String {
    let error = crate::choice::expand(input).expect_err("the derive refuses the type");
    error.to_string()
}

#[test]
fn args_are_derived_only_for_structs_with_named_fields() {
    for input in [
        parse_quote!(
            enum Delete {}
        ),
        parse_quote!(
            struct Delete(i64);
        ),
        parse_quote!(
            struct Delete;
        ),
    ] {
        assert_eq!(
            refused_args(&input),
            "`Args` can be derived only for a struct with named fields"
        );
    }
}

#[test]
fn an_unknown_key_of_an_argument_is_refused_by_name() {
    let input = parse_quote! {
        struct Delete {
            #[arg(long, many)]
            id: i64,
        }
    };
    assert_eq!(
        refused_args(&input),
        "unknown key `many`: the documentation of the derive `Args` lists the keys of `#[arg(…)]`"
    );
}

#[test]
fn an_unknown_key_of_the_struct_is_refused() {
    let input = parse_quote! {
        #[args(at_least_one_of(id))]
        struct Delete {
            #[arg(long)]
            id: Option<i64>,
        }
    };
    assert_eq!(
        refused_args(&input),
        "unknown key: `#[args(…)]` accepts `exactly_one_of(field, field)`"
    );
}

#[test]
fn exactly_one_of_accepts_only_fields_of_the_struct() {
    let input = parse_quote! {
        #[args(exactly_one_of(id, name))]
        struct Delete {
            #[arg(long)]
            id: Option<i64>,
        }
    };
    assert_eq!(refused_args(&input), "the struct has no field `name`");
}

#[test]
fn flatten_is_refused_beside_other_keys() {
    for input in [
        parse_quote!(
            struct Delete {
                #[arg(flatten, long)]
                more: More,
            }
        ),
        parse_quote!(
            struct Delete {
                #[arg(flatten, hidden)]
                more: More,
            }
        ),
        parse_quote!(
            struct Delete {
                #[arg(flatten, max = 9)]
                more: More,
            }
        ),
    ] {
        assert_eq!(
            refused_args(&input),
            "`flatten` can't be combined with other keys, because the field's type declares the arguments"
        );
    }
    let alone = parse_quote!(
        struct Delete {
            #[arg(flatten)]
            more: More,
        }
    );
    assert!(crate::args::expand(&alone).is_ok());
}

#[test]
fn a_choice_is_derived_only_for_enums_without_fields() {
    let input = parse_quote!(
        struct Color {}
    );
    assert_eq!(
        refused_choice(&input),
        "`Choice` can be derived only for an enum"
    );
    let input = parse_quote!(
        enum Color {
            Rgb(u8),
        }
    );
    assert_eq!(
        refused_choice(&input),
        "a variant of a `Choice` can't have fields"
    );
}

#[test]
fn an_unknown_key_of_a_choice_is_refused() {
    let input = parse_quote! {
        enum Color {
            #[choice(word = "red")]
            Red,
        }
    };
    assert_eq!(
        refused_choice(&input),
        "unknown key: `#[choice(…)]` accepts `name = \"…\"` and `alias = \"…\"`"
    );
}

#[test]
fn help_comes_from_doc_comments_only() {
    let input: DeriveInput = parse_quote! {
        /// Delete a dataset.
        #[path = "not a doc comment"]
        /// Or two of them
        #[doc(hidden)]
        ///
        ///   An indented line
        ///
        /// The last paragraph.
        struct Delete {}
    };
    let doc = crate::doc::read(&input.attrs);
    assert_eq!(doc.about, "Delete a dataset. Or two of them");
    assert_eq!(doc.details, "An indented line\n\nThe last paragraph.");
}

#[test]
fn the_lines_of_a_paragraph_are_joined_and_those_of_a_list_are_kept() {
    let input: DeriveInput = parse_quote! {
        /// Delete a dataset
        ///
        /// The dataset goes
        /// at once.
        ///
        /// - The first item
        /// - The second item
        ///
        /// ```sh
        /// tw datasets delete
        /// ```
        struct Delete {}
    };
    let details = [
        "The dataset goes at once.",
        "- The first item\n- The second item",
        "```sh\ntw datasets delete\n```",
    ];
    assert_eq!(crate::doc::read(&input.attrs).details, details.join("\n\n"));
}

#[test]
fn the_period_of_a_sentence_goes_and_an_ellipsis_stays() {
    let about = |text: &str| {
        let input: DeriveInput = parse_quote!(
            #[doc = #text]
            struct Delete {}
        );
        crate::doc::read(&input.attrs).about
    };
    assert_eq!(about(" Delete it."), "Delete it");
    assert_eq!(about(" Delete it"), "Delete it");
    assert_eq!(about(" And so on..."), "And so on...");
}

#[test]
fn a_choice_needs_variants_with_different_words() {
    let input = parse_quote!(
        enum Color {}
    );
    assert_eq!(refused_choice(&input), "a `Choice` needs a variant");
    let input = parse_quote! {
        enum Color {
            Red,
            #[choice(alias = "red")]
            Crimson,
        }
    };
    assert_eq!(refused_choice(&input), "two words of the choice are `red`");
}

#[test]
fn keys_that_exclude_each_other_are_refused() {
    for (input, message) in [
        (
            parse_quote!(
                struct Delete {
                    #[arg(long, long = "other")]
                    id: i64,
                }
            ),
            "the key `long` is given twice",
        ),
        (
            parse_quote!(
                struct Delete {
                    #[arg(alias = "number")]
                    id: i64,
                }
            ),
            "`alias` needs `long` or `short`: a positional argument has no name",
        ),
        (
            parse_quote!(
                struct Delete {
                    #[arg(long, trailing)]
                    ids: Vec<i64>,
                }
            ),
            "`trailing` is for positional arguments, which have neither `short` nor `long`",
        ),
        (
            parse_quote!(
                struct Delete {
                    #[arg(required, default = 1)]
                    ids: Vec<i64>,
                }
            ),
            "`required` and `default` can't be combined: an argument with a default is never missing",
        ),
        (
            parse_quote!(
                struct Delete {
                    #[arg(long, conflicts = [name])]
                    id: i64,
                }
            ),
            "expected a text such as \"name\", or a list such as [\"one\", \"two\"]",
        ),
    ] {
        assert_eq!(refused_args(&input), message);
    }
}

#[test]
fn mistakes_in_several_fields_are_reported_together() {
    let input = parse_quote! {
        struct Delete {
            #[arg(long, one)]
            id: i64,
            #[arg(long, two)]
            name: String,
        }
    };
    let error = crate::args::expand(&input).expect_err("the derive refuses the type");
    let messages: Vec<String> = error.into_iter().map(|error| error.to_string()).collect();
    assert_eq!(messages.len(), 2);
    assert!(messages[0].contains("`one`") && messages[1].contains("`two`"));
}
