//! The secrets, in a form that is searched for all at once.

use std::{collections::BTreeSet, ops::Range};

use aho_corasick::AhoCorasick;

use super::budget::Budget;

/// The number of bytes of a secret that an automaton knows. Every secret has at least as many.
pub(super) const HEAD: usize = 4;

/// The steps of a comparison of two texts, and the number of bytes that it reads in another step.
const COMPARISON: usize = 2;
const BYTES_PER_STEP: usize = 16;

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

    pub(super) fn is_empty(&self) -> bool {
        self.sets.is_empty() && self.new.is_empty()
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

    /// Finds every secret in a folded text. Places can overlap. Returns `None` if the search takes more than the budget.
    pub(super) fn find(&self, text: &str, budget: &mut Budget) -> Option<Vec<Range<usize>>> {
        let mut found = Vec::new();
        for set in &self.sets {
            set.find(text, budget, &mut found)?;
        }
        Some(found)
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

    fn find(&self, text: &str, budget: &mut Budget, found: &mut Vec<Range<usize>>) -> Option<()> {
        let Some(heads) = &self.heads else {
            found.extend((!text.is_empty()).then_some(0..text.len()));
            return Some(());
        };
        for head in heads.find_overlapping_iter(text) {
            let start = head.start();
            let prefix = self.longest_prefix(&text.as_bytes()[start..], budget)?;
            found.extend(prefix.map(|length| start..start + length));
        }
        Some(())
    }

    /// Returns the length of the longest secret that the text begins with. The inner value is `None` if the text begins with no secret, and the outer
    /// one if the search takes more than the budget.
    fn longest_prefix(&self, text: &[u8], budget: &mut Budget) -> Option<Option<usize>> {
        // The secrets are sorted, so each secret between the longest match and the text begins with that match. From the nearest secret,
        // `shorter` therefore leads to the match.
        let after = self
            .secrets
            .partition_point(|secret| secret.as_bytes() <= text);
        let Some(mut nearest) = after.checked_sub(1) else {
            return budget.spend(COMPARISON).map(|()| None);
        };
        let same = std::iter::zip(self.secrets[nearest].bytes(), text);
        let same = same.take_while(|(ours, theirs)| ours == *theirs).count();
        // Each of the comparisons that found the nearest secret may have read as many bytes as this one.
        let comparisons = 1 + self.secrets.len().ilog2() as usize;
        budget.spend(comparisons * (COMPARISON + same / BYTES_PER_STEP))?;
        while self.secrets[nearest].len() > same {
            budget.spend(1)?;
            match self.shorter[nearest] {
                Some(shorter) => nearest = shorter,
                None => return Some(None),
            }
        }
        Some(Some(self.secrets[nearest].len()))
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
        let find = |text: &str| {
            let mut found = Vec::new();
            let ended = set.find(text, &mut Budget::new(text.len(), 0), &mut found);
            ended.map(|()| found)
        };
        let whole = 0..8;
        assert_eq!(find("any text"), Some(vec![whole]));
        assert_eq!(find(""), Some(Vec::new()));
    }
}
