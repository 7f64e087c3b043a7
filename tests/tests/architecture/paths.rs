//! Finds the paths in a source file that begin at the crate's root: in `use` lines, in code, and in the arguments of macros.
//!
//! The tokens are searched, not syn's tree: syn leaves the arguments of a macro as tokens, so `println!("{}", crate::a::b())` would have to be
//! read from the tokens anyway.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path that was found: the line, and the path's first name after the root.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) line: usize,
    pub(crate) name: String,
}

/// Returns every path in the text of `module` that begins at the crate's root, in the order of the text. Such a path begins with `crate`, or
/// with enough `super`s. In the root file, the declaration `mod name;` counts too.
pub(crate) fn find_references(file: &str, module: &[String], text: &str) -> Vec<Found> {
    let tokens: TokenStream = text
        .parse()
        .unwrap_or_else(|error| panic!("{file} is not Rust: {error}"));
    let mut search = Search {
        module: module.to_vec(),
        found: Vec::new(),
    };
    search.search(tokens);
    search.found
}

struct Search {
    /// The module of the current token: the path of the file's module, and then of the inline modules around the token.
    module: Vec<String>,
    found: Vec<Found>,
}

impl Search {
    fn search(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut rest = tokens.as_slice();
        while let Some((first, after)) = rest.split_first() {
            rest = match (first, after) {
                (TokenTree::Ident(word), [TokenTree::Ident(name), next, after @ ..])
                    if word == "mod" =>
                {
                    self.enter_module(name, next);
                    after
                }
                (TokenTree::Ident(word), _) if word == "crate" && begins_path(after) => {
                    self.follow(Vec::new(), first, after)
                }
                (TokenTree::Ident(word), _) if word == "super" && begins_path(after) => {
                    let mut at = self.module.clone();
                    at.pop();
                    self.follow(at, first, after)
                }
                (TokenTree::Group(group), after) => {
                    self.search(group.stream());
                    after
                }
                (_, after) => after,
            };
        }
    }

    /// Searches an inline module, or notes the declaration of a module in the root file.
    fn enter_module(&mut self, name: &proc_macro2::Ident, next: &TokenTree) {
        match next {
            TokenTree::Group(group) => {
                self.module.push(name.to_string());
                self.search(group.stream());
                self.module.pop();
            }
            _ if self.module.is_empty() => self.note(&name.to_string(), name.span()),
            _ => {}
        }
    }

    /// Follows a path from the module `at`. `last` is the token that led there; `rest` begins behind it. Returns the tokens behind the path.
    fn follow<'a>(
        &mut self,
        mut at: Vec<String>,
        mut last: &'a TokenTree,
        mut rest: &'a [TokenTree],
    ) -> &'a [TokenTree] {
        while let [TokenTree::Punct(a), TokenTree::Punct(b), next, after @ ..] = rest
            && a.as_char() == ':'
            && b.as_char() == ':'
        {
            match next {
                TokenTree::Ident(word) if word == "super" => {
                    at.pop();
                }
                TokenTree::Ident(word) if word == "self" => {}
                TokenTree::Ident(word) if at.is_empty() => {
                    self.note(&word.to_string(), word.span());
                    return after;
                }
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    self.follow_each(&at, group);
                    return after;
                }
                // A name below the module that the path has reached, a glob, or generic arguments.
                _ => break,
            }
            (last, rest) = (next, after);
        }
        if at.is_empty() {
            self.note("*", last.span());
        }
        rest
    }

    /// Follows each path of a `use` group: `{a::b, super::c, self}`.
    fn follow_each(&mut self, at: &[String], group: &proc_macro2::Group) {
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        for path in tokens.split(|token| matches!(token, TokenTree::Punct(p) if p.as_char() == ','))
        {
            match path.split_first() {
                Some((TokenTree::Ident(word), rest)) if word == "super" => {
                    let mut at = at.to_vec();
                    at.pop();
                    self.follow(at, &path[0], rest);
                }
                Some((TokenTree::Ident(word), rest)) if word == "self" => {
                    self.follow(at.to_vec(), &path[0], rest);
                }
                Some((TokenTree::Group(group), _)) => self.follow_each(at, group),
                Some((first, _)) if at.is_empty() => self.note(&first.to_string(), first.span()),
                _ => {}
            }
        }
    }

    fn note(&mut self, name: &str, span: proc_macro2::Span) {
        self.found.push(Found {
            line: span.start().line,
            name: name.trim_start_matches("r#").to_owned(),
        });
    }
}

/// True if `crate` or `super` before these tokens begins a path. The `crate` of `pub(crate)` doesn't.
fn begins_path(rest: &[TokenTree]) -> bool {
    match rest {
        [TokenTree::Punct(a), TokenTree::Punct(b), ..] => a.as_char() == ':' && b.as_char() == ':',
        [TokenTree::Ident(word), ..] => word == "as",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what the module at this path refers to, as `LINE NAME`.
    fn find(module: &[&str], text: &str) -> Vec<String> {
        let module: Vec<String> = module.iter().map(|name| (*name).to_owned()).collect();
        let found = find_references("test.rs", &module, text);
        found
            .iter()
            .map(|found| format!("{} {}", found.line, found.name))
            .collect()
    }

    #[test]
    fn use_lines_are_read_in_every_form() {
        assert_eq!(find(&["a"], "use crate::b;"), ["1 b"]);
        assert_eq!(find(&["a"], "pub(crate) use crate::b::C as D;"), ["1 b"]);
        assert_eq!(find(&["a"], "use crate::b as c;"), ["1 b"]);
        assert_eq!(find(&["a"], "use crate::r#type::b;"), ["1 type"]);
        assert_eq!(
            find(
                &["a"],
                "use crate::{\n    b::{self, C},\n    {d::e, f},\n    g::*,\n};"
            ),
            ["2 b", "3 d", "3 f", "4 g"]
        );
        assert_eq!(find(&["a"], "use {std::fmt, crate::b::c};"), ["1 b"]);
    }

    #[test]
    fn paths_in_code_and_in_macros_are_read() {
        let code = "fn f(b: crate::b::B) -> u8 {\n    println!(\"{}\", crate::c::d());\n    crate::e::F::<crate::g::H>::new()\n}";
        assert_eq!(find(&["a"], code), ["1 b", "2 c", "3 e", "3 g"]);
        assert_eq!(
            find(&["a"], "#[serde(with = \"x\")] struct S(crate::b::C);"),
            ["1 b"]
        );
        assert_eq!(
            find(&["a"], "macro_rules! m { () => { $crate::b::c() } }"),
            ["1 b"]
        );
    }

    #[test]
    fn super_counts_when_it_leaves_the_top_level_module() {
        assert_eq!(find(&["a"], "use super::b::C;"), ["1 b"]);
        assert_eq!(find(&["a", "x"], "use super::b::C;"), [""; 0]);
        assert_eq!(find(&["a", "x"], "use super::super::b::C;"), ["1 b"]);
        assert_eq!(find(&["a", "x"], "use super::{super::b::C, y};"), ["1 b"]);
        assert_eq!(find(&["a"], "use self::super::b;"), ["1 b"]);
        assert_eq!(find(&["a"], "fn f() { super::b::c() }"), ["1 b"]);
    }

    #[test]
    fn an_inline_module_is_one_level_deeper() {
        assert_eq!(find(&["a"], "mod tests { use super::*; }"), [""; 0]);
        assert_eq!(find(&["a"], "mod tests { use super::super::b; }"), ["1 b"]);
        assert_eq!(find(&["a"], "mod tests { }\nuse super::b;"), ["2 b"]);
    }

    #[test]
    fn the_root_itself_counts_as_its_file() {
        assert_eq!(find(&["a"], "use crate::*;"), ["1 *"]);
        assert_eq!(find(&["a"], "use super::*;"), ["1 *"]);
        assert_eq!(find(&["a"], "use crate::{self as root};"), ["1 *"]);
        assert_eq!(find(&["a"], "use crate as root;"), ["1 *"]);
    }

    #[test]
    fn the_declarations_of_the_root_file_count() {
        assert_eq!(find(&[], "mod a;\npub(crate) mod b;"), ["1 a", "2 b"]);
        assert_eq!(find(&["a"], "mod x;"), [""; 0]);
    }

    #[test]
    fn comments_strings_and_visibilities_are_no_paths() {
        let text = "// crate::a::b\nconst A: &str = \"crate::b\";\npub(crate) fn f() {}\npub(super) fn g() {}";
        assert_eq!(find(&["x", "y"], text), [""; 0]);
    }
}
