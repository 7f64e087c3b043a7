//! What is searched for, and where in a text it stands: as it is or encoded, behind an encoding of the whole, and in base64.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, Hash, Hasher, RandomState},
    ops::Range,
};

use zeroize::Zeroizing;

use super::{
    SHORTEST,
    layer::{self, Layer},
    reading::{ENCODINGS, after, beginnings, normal, readings},
};

/// A secret, as it is compared.
#[derive(PartialEq, Eq)]
struct Needle(Zeroizing<String>);

impl Hash for Needle {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_str().hash(state);
    }
}

/// How they begin. None is shorter.
type Beginning = [char; SHORTEST];

/// All of them, by a hash of how they begin, for a file can have many thousands.
#[derive(Default)]
pub(super) struct Needles {
    first: HashSet<char>,
    all: HashMap<u64, HashSet<Needle>>,
    hasher: RandomState,
}

impl Needles {
    /// One more secret, of [`SHORTEST`] letters or more.
    pub(super) fn add(&mut self, secret: &str) {
        let text = Zeroizing::new(normal(secret));
        let mut letters = text.chars();
        let beginning: Zeroizing<Beginning> =
            Zeroizing::new(std::array::from_fn(|_| letters.next().unwrap_or_default()));
        self.first.insert(beginning[0]);
        let key = self.hasher.hash_one(*beginning);
        self.all.entry(key).or_default().insert(Needle(text));
    }

    /// The text with this in place of each of them.
    pub(super) fn replace(&self, text: &str, with: &str) -> String {
        let mut found = self.found(text);
        // Letters can be encoded twice: JSON in JSON, a URL in JSON.
        for encoding in ENCODINGS {
            if let Some(layer) = Layer::of_letters(text, encoding) {
                let inside = self.found(&layer.text).into_iter();
                found.extend(inside.map(|part| layer.origin(part)));
            }
        }
        found.sort_unstable_by_key(|range| range.start);
        let mut shown = String::with_capacity(text.len());
        let mut rest = 0;
        for Range { start, end } in found {
            if start >= rest {
                shown += &text[rest..start];
                shown += with;
            }
            rest = rest.max(end);
        }
        shown + &text[rest..]
    }

    /// Where they stand in it, and in what it has in base64.
    fn found(&self, text: &str) -> Vec<Range<usize>> {
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
        if !readings(text).any(|(letter, _)| self.first.contains(&letter)) {
            return None;
        }
        let begins_so = beginnings(text)
            .into_iter()
            .filter_map(|beginning: Beginning| self.all.get(&self.hasher.hash_one(beginning)));
        begins_so
            .flatten()
            .filter_map(|needle| after(&needle.0, text))
            .min_by_key(|left| left.len())
    }
}
