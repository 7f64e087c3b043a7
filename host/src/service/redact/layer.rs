//! A decoded text that knows the place in the original for each of its bytes.

use std::ops::Range;

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::decode::{SIGNS, decode, decode_levels, fold};

/// The number of base64 letters in which eight bytes fit.
const SHORTEST_RUN: usize = 11;

/// Decodes a part of a longer base64 text.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// A text that was decoded from the original.
#[derive(Default)]
struct Layer {
    text: String,
    /// For each byte of the text, the place of its letter in the original.
    origins: Vec<Range<usize>>,
}

/// Searches a text as it is, decoded, and with its base64 decoded. `find` gets folded texts and returns places in them; the result is
/// places in `text`, which can overlap.
pub(super) fn find_decoded(
    text: &str,
    find: impl Fn(&str) -> Vec<Range<usize>>,
) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut search = |layer: &Layer| {
        let folded = layer.fold();
        let places = find(&folded.text);
        found.extend(places.into_iter().map(|place| folded.origin(&place)));
    };
    for layer in decode_levels(Layer::new(text), Layer::decode) {
        search(&layer);
        let base64 = layer.decode_base64().into_iter();
        for layer in base64.flat_map(|layer| decode_levels(layer, Layer::decode)) {
            search(&layer);
        }
    }
    found
}

impl Layer {
    fn new(original: &str) -> Self {
        let mut layer = Self::default();
        for (letter, place) in places(original) {
            layer.push(letter, place);
        }
        layer
    }

    fn push(&mut self, letter: char, origin: Range<usize>) {
        self.text.push(letter);
        self.origins.resize(self.text.len(), origin);
    }

    /// Returns the range of the original that a part of the text comes from. The part must not be empty.
    fn origin(&self, part: &Range<usize>) -> Range<usize> {
        self.origins[part.start].start..self.origins[part.end - 1].end
    }

    /// Returns a layer in which every encoded letter is decoded. `None` if no letter is encoded.
    fn decode(&self) -> Option<Self> {
        if !self.text.contains(SIGNS) {
            return None;
        }
        let decoded = self.derive(decode(&self.text));
        // An encoded letter is always longer than the letter itself.
        (decoded.text.len() < self.text.len()).then_some(decoded)
    }

    fn fold(&self) -> Self {
        self.derive(places(&self.text).map(|(letter, place)| (fold(letter), place)))
    }

    /// Makes a layer from letters, each with the place in this layer that it comes from.
    fn derive(&self, letters: impl Iterator<Item = (char, Range<usize>)>) -> Self {
        let mut layer = Self::default();
        for (letter, place) in letters {
            layer.push(letter, self.origin(&place));
        }
        layer
    }

    /// Decodes all base64 in the text. Four letters stand for three bytes, but the text doesn't tell which four belong together, so
    /// there are four results, which begin at the first, second, third and fourth letter.
    fn decode_base64(&self) -> Vec<Self> {
        let runs = self.base64_runs();
        let decode_from = |skip| {
            let mut decoded = Self::default();
            for run in &runs {
                self.decode_run(&run[skip..], &mut decoded);
            }
            decoded
        };
        match runs.is_empty() {
            true => Vec::new(),
            false => (0..4).map(decode_from).collect(),
        }
    }

    fn decode_run(&self, run: &[(u8, usize)], decoded: &mut Self) {
        // A single letter at the end doesn't stand for a whole byte.
        let run = &run[..run.len() - usize::from(run.len() % 4 == 1)];
        let letters: Vec<u8> = run.iter().map(|(letter, _)| *letter).collect();
        let bytes = BASE64.decode(letters).unwrap_or_default();
        let mut begin = 0_usize;
        let mut push = |letter, length: usize| {
            let end = begin + length;
            let first = run[begin * 4 / 3].1;
            let last = run[(end * 4).div_ceil(3) - 1].1;
            decoded.push(letter, self.origin(&(first..last + 1)));
            begin = end;
        };
        for chunk in bytes.utf8_chunks() {
            for letter in chunk.valid().chars() {
                push(letter, letter.len_utf8());
            }
            if !chunk.invalid().is_empty() {
                push(char::REPLACEMENT_CHARACTER, chunk.invalid().len());
            }
        }
    }

    /// Returns the stretches that may be base64, as letters of the standard alphabet with their places. Line ends don't end a stretch.
    fn base64_runs(&self) -> Vec<Vec<(u8, usize)>> {
        let mut runs = vec![Vec::new()];
        for (place, byte) in self.text.bytes().enumerate() {
            let run = runs.len() - 1;
            match byte {
                b'\r' | b'\n' => {}
                b'-' => runs[run].push((b'+', place)),
                b'_' => runs[run].push((b'/', place)),
                b'+' | b'/' => runs[run].push((byte, place)),
                _ if byte.is_ascii_alphanumeric() => runs[run].push((byte, place)),
                _ if runs[run].len() < SHORTEST_RUN => runs[run].clear(),
                _ => runs.push(Vec::new()),
            }
        }
        runs.retain(|run| run.len() >= SHORTEST_RUN);
        runs
    }
}

fn places(text: &str) -> impl Iterator<Item = (char, Range<usize>)> {
    text.char_indices()
        .map(|(place, letter)| (letter, place..place + letter.len_utf8()))
}
