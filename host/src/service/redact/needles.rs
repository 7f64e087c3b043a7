//! The secrets, in a form that is searched for all at once.

use std::{collections::BTreeSet, ops::Range};

use aho_corasick::AhoCorasick;

/// The number of bytes of a secret that an automaton knows. Every secret has at least as many.
pub(super) const HEAD: usize = 4;

/// Secrets that are searched for.
///
/// Secrets are added during a run, but an automaton can't grow. So the secrets are divided into sets, each more than twice as large as the
/// next, and a new set takes in the smaller ones. A secret is therefore moved only about ten times while thousands are added.
#[derive(Default)]
pub(super) struct Needles {
    sets: Vec<Set>,
    /// The secrets that are not in a set yet.
    new: BTreeSet<String>,
}

/// Secrets and the automaton that finds them.
struct Set {
    /// Finds the first [`HEAD`] bytes of each secret. An automaton of whole secrets would take 11 times their size, and 44 times
    /// while it is built.
    ///
    /// `None` if there are too many secrets for an automaton. Then whole texts are hidden.
    heads: Option<AhoCorasick>,
    /// The secrets, sorted by their bytes.
    secrets: Vec<String>,
    /// For each secret, the index of the longest other secret that it begins with. `None` if there is none.
    shorter: Vec<Option<usize>>,
}

impl Needles {
    /// Adds a folded secret of at least [`HEAD`] bytes.
    pub(super) fn add(&mut self, secret: String) {
        if !self.sets.iter().any(|set| set.contains(&secret)) {
            self.new.insert(secret);
        }
    }

    /// Must be called before a search, or new secrets are not found.
    pub(super) fn build(&mut self) {
        if self.new.is_empty() {
            return;
        }
        let mut secrets = std::mem::take(&mut self.new);
        while let Some(set) = self
            .sets
            .pop_if(|set| set.secrets.len() <= 2 * secrets.len())
        {
            secrets.extend(set.secrets);
        }
        self.sets.push(Set::new(secrets));
    }

    /// Finds every secret in a folded text. Places can overlap.
    pub(super) fn find(&self, text: &str) -> Vec<Range<usize>> {
        self.sets.iter().flat_map(|set| set.find(text)).collect()
    }
}

impl Set {
    fn new(secrets: BTreeSet<String>) -> Self {
        let secrets: Vec<String> = secrets.into_iter().collect();
        let mut heads: Vec<&[u8]> = secrets
            .iter()
            .map(|secret| &secret.as_bytes()[..HEAD])
            .collect();
        heads.dedup();
        let heads = AhoCorasick::new(heads).ok();
        let mut shorter: Vec<Option<usize>> = Vec::with_capacity(secrets.len());
        for (index, secret) in secrets.iter().enumerate() {
            let mut prefix = index.checked_sub(1);
            while let Some(other) = prefix.filter(|other| !secret.starts_with(&secrets[*other])) {
                prefix = shorter[other];
            }
            shorter.push(prefix);
        }
        Self {
            heads,
            secrets,
            shorter,
        }
    }

    fn contains(&self, secret: &String) -> bool {
        self.secrets.binary_search(secret).is_ok()
    }

    fn find(&self, text: &str) -> Vec<Range<usize>> {
        let Some(heads) = &self.heads else {
            return Vec::from_iter((!text.is_empty()).then_some(0..text.len()));
        };
        let starts = heads.find_overlapping_iter(text).map(|head| head.start());
        starts
            .filter_map(|start| {
                Some(start..start + self.longest_prefix(&text.as_bytes()[start..])?)
            })
            .collect()
    }

    /// Returns the length of the longest secret that the text begins with. `None` if the text begins with no secret.
    fn longest_prefix(&self, text: &[u8]) -> Option<usize> {
        // The secrets are sorted, so each secret between the longest match and the text begins with that match. From the nearest secret,
        // `shorter` therefore leads to the match.
        let after = self
            .secrets
            .partition_point(|secret| secret.as_bytes() <= text);
        let mut nearest = after.checked_sub(1)?;
        let same = std::iter::zip(self.secrets[nearest].bytes(), text);
        let same = same.take_while(|(ours, theirs)| ours == *theirs).count();
        while self.secrets[nearest].len() > same {
            nearest = self.shorter[nearest]?;
        }
        Some(self.secrets[nearest].len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_of_secrets_that_are_added_one_by_one_are_in_few_sets() {
        let mut needles = Needles::default();
        for number in 0..2000 {
            needles.add(format!("secret-{number:04}"));
            needles.build();
            // Each set is more than twice as large as the next.
            assert!(needles.sets.len() <= 11, "{number}");
        }
    }

    #[test]
    fn a_secret_that_is_in_a_set_is_not_added_again() {
        let mut needles = Needles::default();
        for _ in 0..2 {
            for secret in ["secret-1", "secret-2", "secret-3"] {
                needles.add(secret.to_owned());
            }
            needles.build();
        }
        needles.add("secret-2".to_owned());
        needles.build();
        let sizes: Vec<usize> = needles.sets.iter().map(|set| set.secrets.len()).collect();
        assert_eq!(sizes, [3]);
    }

    #[test]
    fn whole_texts_are_found_if_there_are_too_many_secrets_for_an_automaton() {
        let set = Set {
            heads: None,
            ..Set::new(BTreeSet::from(["correct horse".to_owned()]))
        };
        let whole = 0..8;
        assert_eq!(set.find("any text"), [whole]);
        assert!(set.find("").is_empty());
    }
}
