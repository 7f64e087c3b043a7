//! What is searched for, and where in a text it stands: as it is, with letters encoded, and in base64.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, Hash, Hasher, RandomState},
    ops::Range,
};

use zeroize::Zeroizing;

use super::{
    layer::{self, Layer},
    reading::{after, beginnings, normal, readings},
};

/// A secret, as it is compared.
#[derive(PartialEq, Eq)]
struct Needle(Zeroizing<String>);

impl Hash for Needle {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_str().hash(state);
    }
}

/// All secrets of so many letters or more, by a hash of their first so many, for a file can have many thousands.
#[derive(Default)]
pub(super) struct Needles<const N: usize> {
    all: HashMap<u64, HashSet<Needle>>,
    /// Hashes of their first letter, their first two, and so on.
    beginnings: HashSet<u64>,
    hasher: RandomState,
}

impl<const N: usize> Needles<N> {
    /// One more.
    pub(super) fn add(&mut self, secret: &str) {
        let text = Zeroizing::new(normal(secret));
        let mut letters = text.chars();
        let beginning: Zeroizing<[char; N]> =
            Zeroizing::new(std::array::from_fn(|_| letters.next().unwrap_or_default()));
        for end in 1..=N {
            let beginning = self.hasher.hash_one(&beginning[..end]);
            self.beginnings.insert(beginning);
        }
        let key = self.hasher.hash_one(&beginning[..]);
        self.all.entry(key).or_default().insert(Needle(text));
    }

    /// Where they stand in it, and in what it has in base64.
    pub(super) fn found(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = self.found_plain(text);
        for (at, bytes) in layer::base64(text) {
            let layer = Layer::of_bytes(&bytes);
            for part in self.found_plain(&layer.text) {
                let letters = layer::letters(&layer.origin(part));
                found.push(at + letters.start..at + letters.end);
            }
        }
        found
    }

    /// Where they stand in it, between other than letters and digits.
    pub(super) fn found_alone(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = self.found_plain(text);
        found.retain(|part| {
            !(text[..part.start].ends_with(char::is_alphanumeric)
                || text[part.end..].starts_with(char::is_alphanumeric))
        });
        found
    }

    fn found_plain(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let left = self.behind(rest);
            if let Some(left) = left {
                found.push(text.len() - rest.len()..text.len() - left.len());
            }
            rest = left.unwrap_or(&rest[letter.len_utf8()..]);
        }
        found
    }

    /// What follows the longest that the text begins with.
    fn behind<'a>(&self, text: &'a str) -> Option<&'a str> {
        let begins = |letters: &[char]| self.beginnings.contains(&self.hasher.hash_one(letters));
        if !readings(text).any(|(letter, _)| begins(&[letter])) {
            return None;
        }
        let begins_so = beginnings(text, begins)
            .into_iter()
            .filter_map(|beginning: [char; N]| self.all.get(&self.hasher.hash_one(&beginning[..])));
        begins_so
            .flatten()
            .filter_map(|needle| after(&needle.0, text))
            .min_by_key(|left| left.len())
    }
}
