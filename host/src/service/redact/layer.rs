//! A text behind an encoding of the whole, which knows where each byte of it came from.

use std::ops::Range;

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use zeroize::Zeroizing;

use super::reading::{ENCODINGS, Encoding};

/// In base64, eight bytes have at least so many letters.
const SHORTEST_RUN: usize = 11;

/// Takes what is cut out of a longer text.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

#[derive(Default)]
pub(super) struct Layer {
    pub(super) text: Zeroizing<String>,
    /// For each byte of the text, and for its end, where in the original it begins.
    from: Vec<usize>,
}

impl Layer {
    /// The text with each letter decoded that is encoded so; none where none is.
    fn of_letters(original: &str, encoding: Encoding) -> Option<Self> {
        let mut layer = Self::default();
        let mut is_encoded = false;
        let mut rest = original;
        while let Some(plain) = rest.chars().next() {
            let decoded = encoding(rest);
            is_encoded |= decoded.is_some();
            let (letter, left) = decoded.unwrap_or((plain, &rest[plain.len_utf8()..]));
            layer.push(letter, original.len() - rest.len());
            rest = left;
        }
        layer.from.push(original.len());
        is_encoded.then_some(layer)
    }

    /// Bytes as the text that they are, as far as they are one.
    pub(super) fn of_bytes(original: &[u8]) -> Self {
        let mut layer = Self::default();
        let mut at = 0;
        for chunk in original.utf8_chunks() {
            for letter in chunk.valid().chars() {
                layer.push(letter, at);
                at += letter.len_utf8();
            }
            if !chunk.invalid().is_empty() {
                layer.push(char::REPLACEMENT_CHARACTER, at);
                at += chunk.invalid().len();
            }
        }
        layer.from.push(at);
        layer
    }

    fn push(&mut self, letter: char, from: usize) {
        self.text.push(letter);
        self.from.resize(self.text.len(), from);
    }

    /// Where in the original this part of the text stands.
    pub(super) fn origin(&self, part: Range<usize>) -> Range<usize> {
        self.from[part.start]..self.from[part.end]
    }
}

/// What is found in the text, and in what it is once more behind an encoding: JSON in JSON, a URL in JSON.
pub(super) fn found_in_all(
    text: &str,
    found: impl Fn(&str) -> Vec<Range<usize>>,
) -> Vec<Range<usize>> {
    let mut all = found(text);
    for encoding in ENCODINGS {
        if let Some(layer) = Layer::of_letters(text, encoding) {
            let inside = found(&layer.text).into_iter();
            all.extend(inside.map(|part| layer.origin(part)));
        }
    }
    all
}

/// What can be base64 in the text: where it begins, and the bytes that it stands for. Four letters belong together, and which do isn't known, so
/// each stretch is read from each of its first four.
pub(super) fn base64(text: &str) -> impl Iterator<Item = (usize, Zeroizing<Vec<u8>>)> {
    let is_other = |letter: char| !is_base64(letter);
    let begin = move |run: &str| run.as_ptr().addr() - text.as_ptr().addr();
    text.split(is_other)
        .filter(|run| run.len() >= SHORTEST_RUN)
        .flat_map(move |run| (0..4).map(move |skip| (begin(run) + skip, &run[skip..])))
        .filter_map(|(at, run)| {
            // One letter alone stands for no byte.
            let length = run.len() - usize::from(run.len() % 4 == 1);
            let letters = Zeroizing::new(run[..length].replace('-', "+").replace('_', "/"));
            Some((at, Zeroizing::new(BASE64.decode(&*letters).ok()?)))
        })
}

/// The letters that stand for these bytes of what was decoded.
pub(super) fn letters(bytes: &Range<usize>) -> Range<usize> {
    bytes.start * 4 / 3..(bytes.end * 4).div_ceil(3)
}

/// Either alphabet.
fn is_base64(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '-' | '_')
}
