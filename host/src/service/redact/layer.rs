//! A decoded text that knows the place in the original for each of its bytes.

use std::ops::Range;

use super::{
    budget::Budget,
    decode::{decode_levels, find_encoded, fold, fold_ascii, has_sign},
    needles::HEAD,
    packed::{PACKINGS, Packing},
};

/// The steps of a text of any length. JSON can have thousands of short texts.
const TEXT: usize = 16;

/// The number of packed letters that are decoded in one step.
const LETTERS_PER_STEP: usize = 4;

/// A text that was decoded from the original.
#[derive(Default)]
struct Layer {
    text: String,
    /// For each byte of the text, where its letter begins and ends in the original. Four bytes are enough: a longer text has no budget.
    origins: Vec<(u32, u32)>,
}

/// Searches a text as it is, decoded, and with its packed parts decoded. `find` gets folded texts and returns places in them; the result is
/// places in `text`, which can overlap. `shortest` is the number of bytes that a secret in a packed part has at least. Returns `None` if the search takes more than the budget.
pub(super) fn find_decoded(
    text: &str,
    budget: &mut Budget,
    shortest: usize,
    find: impl Fn(&str, &mut Budget) -> Option<Vec<Range<usize>>>,
) -> Option<Vec<Range<usize>>> {
    budget.spend(TEXT)?;
    u32::try_from(text.len()).ok()?;
    if text.len() < HEAD {
        return Some(Vec::new());
    }
    if text.len() <= shortest && text.is_ascii() && !has_sign(text) {
        budget.spend(text.len())?;
        return find(&fold_all(text), budget);
    }
    budget.check(text.len())?;
    let mut found = Vec::new();
    for layer in decode_levels(Layer::new(text), Layer::decode) {
        layer.search(budget, &find, &mut found)?;
        for packing in &PACKINGS {
            for layer in layer.unpack(packing, shortest, budget)? {
                for layer in decode_levels(layer, Layer::decode) {
                    layer.search(budget, &find, &mut found)?;
                }
            }
        }
    }
    Some(found)
}

impl Layer {
    fn new(original: &str) -> Self {
        let origin = |place: Range<usize>| (place.start as u32, place.end as u32);
        let origins = match original.is_ascii() {
            true => (0..original.len()).map(|at| origin(at..at + 1)).collect(),
            false => places(original)
                .flat_map(|(letter, place)| std::iter::repeat_n(origin(place), letter.len_utf8()))
                .collect(),
        };
        Self {
            text: original.to_owned(),
            origins,
        }
    }

    fn push(&mut self, letter: char, origin: (u32, u32)) {
        self.text.push(letter);
        self.origins.resize(self.text.len(), origin);
    }

    /// Returns the range of the original that a part of the text comes from. The part must not be empty.
    fn origin(&self, part: &Range<usize>) -> (u32, u32) {
        (self.origins[part.start].0, self.origins[part.end - 1].1)
    }

    /// Searches the folded text, and adds the places in the original.
    fn search(
        &self,
        budget: &mut Budget,
        find: impl Fn(&str, &mut Budget) -> Option<Vec<Range<usize>>>,
        found: &mut Vec<Range<usize>>,
    ) -> Option<()> {
        budget.spend(self.text.len())?;
        let folded = self.fold();
        let (text, origins) = match &folded {
            Ok(text) => (text, self),
            Err(layer) => (&layer.text, layer),
        };
        let places = find(text, budget)?;
        found.extend(places.iter().map(|place| {
            let (start, end) = origins.origin(place);
            start as usize..end as usize
        }));
        Some(())
    }

    /// Returns the folded text. In ASCII, each byte keeps its place. Any other text comes with its origins, as an error.
    fn fold(&self) -> Result<String, Self> {
        if self.text.is_ascii() {
            return Ok(fold_all(&self.text));
        }
        let mut folded = Self::default();
        for (letter, place) in places(&self.text) {
            folded.push(fold(letter), self.origins[place.start]);
        }
        Err(folded)
    }

    /// Returns a layer in which every encoded letter is decoded. `None` if no letter is encoded.
    fn decode(&self) -> Option<Self> {
        let mut decoded = Self::default();
        let mut copied = 0;
        for (letter, place) in find_encoded(&self.text) {
            decoded.copy(self, copied..place.start);
            decoded.push(letter, self.origin(&place));
            copied = place.end;
        }
        decoded.copy(self, copied..self.text.len());
        (copied > 0).then_some(decoded)
    }

    /// Appends a part of another layer of the same original.
    fn copy(&mut self, other: &Self, part: Range<usize>) {
        self.text += &other.text[part.clone()];
        self.origins.extend_from_slice(&other.origins[part]);
    }

    /// Decodes everything in the text that may be packed. The result has a layer for each letter of a group that can be the first.
    fn unpack(&self, packing: &Packing, shortest: usize, budget: &mut Budget) -> Option<Vec<Self>> {
        let runs = packing.find_runs(&self.text, shortest);
        if runs.is_empty() {
            return Some(Vec::new());
        }
        let layers = (0..packing.group).map(|skip| {
            let mut layer = Self::default();
            for run in &runs {
                budget.spend(run.len() / LETTERS_PER_STEP)?;
                packing.decode_run(run, skip, shortest, |text, locate| {
                    let mut origin = (0, 0);
                    for (letter, place) in places(text) {
                        let (first, last) = locate(place.start, place.end);
                        origin = self.origin(&(first..last + 1));
                        layer.push(letter, origin);
                    }
                    // Two parts that are not next to each other don't form a secret.
                    layer.push(char::REPLACEMENT_CHARACTER, origin);
                });
            }
            Some(layer)
        });
        layers.collect()
    }
}

/// Folds an ASCII text.
fn fold_all(text: &str) -> String {
    let folded = text.bytes().map(fold_ascii).collect();
    // Folding keeps ASCII.
    String::from_utf8(folded).unwrap_or_default()
}

fn places(text: &str) -> impl Iterator<Item = (char, Range<usize>)> {
    text.char_indices()
        .map(|(place, letter)| (letter, place..place + letter.len_utf8()))
}
