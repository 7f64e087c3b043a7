//! Compares a configuration file with the schema. A key that the schema doesn't have is an error, because it is usually a typing error: a mistyped
//! endpoint, for example, would send the token to the default server.

use std::{ops::Range, path::Path};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use tw_render::text::visible;

use super::{
    kind::{Kind, PROFILE_NAME, is_profile},
    schema::{self, DEFAULT_PROFILE, Key, PROFILE, Shape},
};
use crate::files;

/// A mistake in a configuration file. The message doesn't quote values, because a user may have put a secret there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// The number of the line, from 1.
    pub(crate) line: usize,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

/// The most mistakes of a file that are collected. A file that isn't a configuration of tw at all can have a million.
const MOST: usize = 100;

/// Keys that people write, and the keys that they mean, if the spelling doesn't lead there.
const SYNONYMS: [(&str, &str); 13] = [
    ("url", "endpoint"),
    ("api", "endpoint"),
    ("api-endpoint", "endpoint"),
    ("server", "endpoint"),
    ("format", "output"),
    ("output-format", "output"),
    ("ca", "cacert"),
    ("ca-cert", "cacert"),
    ("ca-certificate", "cacert"),
    ("network", "http"),
    ("aliases", "alias"),
    ("commands", "external"),
    ("workspace-id", "workspace"),
];

/// Keys that have no key to take their place, and what to do instead.
const EXPLAINED: [(&str, &str); 5] = [
    ("token", STORED),
    ("access-token", STORED),
    ("password", STORED),
    (
        "insecure",
        "a plain http endpoint is allowed on the command line only: `--insecure`",
    ),
    (
        "use",
        "`default-profile = \"NAME\"` names the profile in use",
    ),
];

const STORED: &str = "no configuration holds a token: `tw login` stores one, and `token-file` names a file that holds one";

/// Returns the mistakes of a file, in the order of the lines: [`MOST`] of them at most.
pub(crate) fn find_mistakes(text: &str, table: &DeTable<'_>, folder: &Path) -> Vec<Mistake> {
    let mut check = Check {
        text,
        folder,
        mistakes: Vec::new(),
    };
    check.section(&[], table, &schema::root());
    check.mistakes.sort_by_key(|mistake| mistake.line);
    check.mistakes
}

struct Check<'a> {
    text: &'a str,
    /// The folder of the file.
    folder: &'a Path,
    mistakes: Vec<Mistake>,
}

impl Check<'_> {
    /// Checks a section that has these keys. `path` are the keys that lead to the section.
    fn section(&mut self, path: &[&str], table: &DeTable<'_>, keys: &[&Key]) {
        for (name, value) in table {
            if self.mistakes.len() >= MOST {
                return;
            }
            let path = [path, &[name.get_ref()]].concat();
            match keys.iter().find(|key| key.name == name.get_ref()) {
                Some(key) => self.value(&path, name, value, key),
                None => self.unknown(&path, name.span(), value, keys),
            }
        }
    }

    fn value(
        &mut self,
        path: &[&str],
        name: &Spanned<impl Sized>,
        value: &Spanned<DeValue<'_>>,
        key: &Key,
    ) {
        match (key.shape, value.get_ref()) {
            (Shape::Value(kind), found) => {
                if kind.read_toml(found, self.folder).is_none() {
                    self.wrong(path, value.span(), &kind.expected(), found);
                }
            }
            (Shape::Section(keys), DeValue::Table(table)) => {
                self.section(path, table, &keys.iter().collect::<Vec<_>>());
            }
            (Shape::Named(keys), DeValue::Table(table)) => self.named(path, table, keys),
            (Shape::Plugins, DeValue::Table(table)) => self.named(path, table, &[]),
            (Shape::Texts, DeValue::Table(table)) => {
                for (name, value) in table {
                    let is_text = matches!(value.get_ref(), DeValue::String(_));
                    if !is_text && self.mistakes.len() < MOST {
                        let path = [path, &[name.get_ref()]].concat();
                        let expected = "a text in quotes";
                        self.wrong(&path, value.span(), expected, value.get_ref());
                    }
                }
            }
            (_, found) => {
                let hint = self.shape_of(path, found);
                self.add(
                    name.span(),
                    format!("`{}` is not a section", show(path)),
                    Some(hint),
                );
            }
        }
    }

    /// Checks the sections whose names the user chose. A section of a plugin is checked when the plugin reads it, so `keys` is empty for plugins.
    fn named(&mut self, path: &[&str], table: &DeTable<'_>, keys: &'static [Key]) {
        for (name, value) in table {
            if self.mistakes.len() >= MOST {
                return;
            }
            let below = [path, &[name.get_ref()]].concat();
            if path == [PROFILE] && !is_profile(name.get_ref()) {
                let message = format!("`{}` should have {PROFILE_NAME}", show(&below));
                self.add(name.span(), message, None);
            }
            match value.get_ref() {
                DeValue::Table(_) if keys.is_empty() => {}
                DeValue::Table(section) => {
                    self.section(&below, section, &keys.iter().collect::<Vec<_>>());
                }
                _ => {
                    let hint = named_hint(path, name.get_ref(), keys);
                    let message = format!("`{}` is not a section", show(&below));
                    self.add(name.span(), message, Some(hint));
                }
            }
        }
    }

    fn wrong(&mut self, path: &[&str], span: Range<usize>, expected: &str, found: &DeValue<'_>) {
        let message = format!("`{}` should be {expected}", show(path));
        let hint = (path == [DEFAULT_PROFILE] && matches!(found, DeValue::Table(_)))
            .then(|| "write `[profile.NAME]` for a profile".to_owned());
        self.add(span, message, hint);
    }

    fn unknown(
        &mut self,
        path: &[&str],
        span: Range<usize>,
        value: &Spanned<DeValue<'_>>,
        keys: &[&Key],
    ) {
        let is_section = matches!(value.get_ref(), DeValue::Table(_));
        let message = match is_section {
            true => format!("the section `[{}]` is unknown", show(path)),
            false => format!("the key `{}` is unknown", show(path)),
        };
        let name = path.last().copied().unwrap_or_default();
        let above = &path[..path.len().saturating_sub(1)];
        let hint = suggest(name, above, keys);
        self.add(span, message, Some(hint));
    }

    /// Says how to write a section that stands in the file as another value.
    fn shape_of(&self, path: &[&str], found: &DeValue<'_>) -> String {
        match (path, found) {
            ([PROFILE], DeValue::String(_)) => {
                format!("write `{DEFAULT_PROFILE} = \"NAME\"` to choose a profile")
            }
            _ => format!(
                "write `[{}]` on a line, and its keys below that line",
                show(path)
            ),
        }
    }

    fn add(&mut self, span: Range<usize>, message: String, hint: Option<String>) {
        self.mistakes.push(Mistake {
            line: files::line_of(self.text, Some(span)),
            message,
            hint,
        });
    }
}

/// Says how to write a value that stands where the name of a section belongs: `[external] hello = true`.
fn named_hint(path: &[&str], name: &str, keys: &[Key]) -> String {
    let section = show(path);
    let name = visible(name);
    // If the name is a key, the user forgot the name of the section.
    let key = keys.iter().find(|key| key.name == name);
    let header = match key {
        Some(_) => format!("[{section}.NAME]"),
        None => format!("[{section}.{name}]"),
    };
    let below = match (key, keys) {
        (Some(key), _) | (None, [key]) => match key.shape {
            Shape::Value(Kind::Flag) => format!("`{} = true`", key.name),
            _ => format!("`{} = …`", key.name),
        },
        _ => "its keys".to_owned(),
    };
    format!("write `{header}` on a line, and {below} below that line")
}

/// Returns the name of the key that a user means by a word.
pub(crate) fn meant(word: &str) -> &str {
    let synonym = SYNONYMS.iter().find(|(other, _)| *other == word);
    synonym.map_or(word, |(_, key)| key)
}

/// Says what to do instead of setting a key that doesn't exist on purpose. `None` for any other word.
pub(crate) fn explain(word: &str) -> Option<&'static str> {
    let explained = EXPLAINED.iter().find(|(other, _)| *other == word);
    explained.map(|(_, why)| *why)
}

/// Says what to write instead of an unknown key. `above` are the keys of its section, and `keys` are the keys that the section can have.
fn suggest(name: &str, above: &[&str], keys: &[&Key]) -> String {
    let spelled = name.to_lowercase().replace('_', "-");
    let meant = meant(&spelled);
    if let Some(key) = keys.iter().find(|key| key.name == meant) {
        return format!("write `{}`", show_key(above, key));
    }
    if let Some(place) = find_elsewhere(meant, above) {
        return place;
    }
    if let Some(why) = explain(&spelled) {
        return why.to_owned();
    }
    let names = keys.iter().map(|key| key.name);
    match nearest(&spelled, names.clone()) {
        Some(known) => match keys.iter().find(|key| key.name == known) {
            Some(key) => format!("write `{}`", show_key(above, key)),
            None => format!("write `{known}`"),
        },
        None => format!("the keys here are {}", names.collect::<Vec<_>>().join(", ")),
    }
}

/// Shows a key as it is written: `[http]` for a section at the top level.
fn show_key(above: &[&str], key: &Key) -> String {
    let path = show(&[above, &[key.name]].concat());
    match key.shape {
        Shape::Value(_) => key.name.to_owned(),
        Shape::Section(_) | Shape::Texts => format!("[{path}]"),
        // The name of a host has dots.
        Shape::Named(_) if key.name == "registry" => format!("[{path}.\"HOST\"]"),
        Shape::Named(_) | Shape::Plugins => format!("[{path}.NAME]"),
    }
}

/// Says where a key belongs that stands in another section. `None` if no section has the key.
fn find_elsewhere(name: &str, above: &[&str]) -> Option<String> {
    if !above.is_empty() && schema::root().iter().any(|key| key.name == name) {
        return Some(format!(
            "`{name}` belongs to the top level, above all sections"
        ));
    }
    let (path, _) =
        schema::settings().find(|(path, _)| path.len() > 1 && path.last() == Some(&name))?;
    let section = match above {
        [PROFILE, profile, ..] => format!("profile.{}.{}", visible(profile), path[0]),
        _ => path[0].to_owned(),
    };
    Some(format!("`{name}` belongs to the section `[{section}]`"))
}

/// Returns the name that a mistyped word means. `None` if no name is similar.
pub(crate) fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let rate = |name| match strsim::osa_distance(name, word) {
        // Jaro-Winkler rates short words with two swapped letters low.
        1 if word.len() > 2 => 0.99,
        _ => strsim::jaro_winkler(name, word),
    };
    let rated = names.map(|name| (rate(name), name));
    let best = rated.max_by(|one, other| one.0.total_cmp(&other.0));
    best.filter(|(similarity, _)| *similarity > 0.8)
        .map(|(_, name)| name)
}

/// Shows the path of a key as TOML has it: `registry."x.example".realm`.
pub(crate) fn show(path: &[&str]) -> String {
    let is_bare = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    };
    let parts = path.iter().map(|part| match is_bare(part) {
        true => (*part).to_owned(),
        false => format!("\"{part}\""),
    });
    visible(&parts.collect::<Vec<_>>().join(".")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_very_many_mistakes_is_checked_quickly() {
        let lines = |line: &dyn Fn(usize) -> String| (0..20_000).map(line).collect::<String>();
        for text in [
            lines(&|number| format!("wrong{number} = 1\n")),
            "[alias]\n".to_owned() + &lines(&|number| format!("a{number} = 1\n")),
            "[external]\n".to_owned() + &lines(&|number| format!("a{number} = true\n")),
        ] {
            let table = DeTable::parse(&text).unwrap();
            let found = find_mistakes(&text, table.get_ref(), Path::new("/"));
            assert_eq!(found.len(), MOST);
            assert!(found.is_sorted_by_key(|mistake| mistake.line));
        }
    }
}
