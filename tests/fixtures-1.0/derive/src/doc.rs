//! Doc comments as help.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The help that a doc comment contains.
pub(crate) struct Doc {
    /// The first paragraph as one line, without its period.
    pub(crate) about: String,
    /// The other paragraphs, each as one line, so that help wraps them. A list, a table and an indented text keep their lines.
    pub(crate) details: String,
}

pub(crate) fn read(attributes: &[Attribute]) -> Doc {
    let lines: Vec<String> = attributes.iter().filter_map(read_line).collect();
    let text = lines.join("\n");
    let (first, rest) = text.trim().split_once("\n\n").unwrap_or((text.trim(), ""));
    let about: Vec<&str> = first.lines().map(str::trim).collect();
    let about = about.join(" ");
    Doc {
        about: match about.strip_suffix('.') {
            // An ellipsis stays.
            Some(sentence) if !sentence.ends_with('.') => sentence.to_owned(),
            _ => about,
        },
        details: join_paragraphs(rest.trim()),
    }
}

fn join_paragraphs(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| {
        let has_lines =
            |line: &str| line.starts_with([' ', '-', '*', '|']) || line.starts_with("```");
        match paragraph.lines().any(has_lines) {
            true => paragraph.to_owned(),
            false => paragraph.lines().collect::<Vec<_>>().join(" "),
        }
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

/// Returns the line of a doc comment. Returns `None` for other attributes.
fn read_line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    match &pair.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) if pair.path.is_ident("doc") => {
            let text = text.value();
            Some(
                text.strip_prefix(' ')
                    .unwrap_or(&text)
                    .trim_end()
                    .to_owned(),
            )
        }
        _ => None,
    }
}
