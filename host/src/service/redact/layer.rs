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
    /// For each byte of the text, where in the original its letter stands.
    from: Vec<Range<usize>>,
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
            layer.push(
                letter,
                original.len() - rest.len()..original.len() - left.len(),
            );
            rest = left;
        }
        is_encoded.then_some(layer)
    }

    /// The text on one line, as what broke base64 into several had it; none where it is on one.
    fn of_lines(original: &str) -> Option<Self> {
        let mut layer = Self::default();
        for (at, letter) in original.char_indices() {
            if !matches!(letter, '\r' | '\n') {
                layer.push(letter, at..at + letter.len_utf8());
            }
        }
        (layer.text.len() < original.len()).then_some(layer)
    }

    /// Bytes as the text that they are, as far as they are one.
    pub(super) fn of_bytes(original: &[u8]) -> Self {
        let mut layer = Self::default();
        let mut at = 0;
        for chunk in original.utf8_chunks() {
            for letter in chunk.valid().chars() {
                layer.push(letter, at..at + letter.len_utf8());
                at += letter.len_utf8();
            }
            if !chunk.invalid().is_empty() {
                let end = at + chunk.invalid().len();
                layer.push(char::REPLACEMENT_CHARACTER, at..end);
                at = end;
            }
        }
        layer
    }

    fn push(&mut self, letter: char, from: Range<usize>) {
        self.text.push(letter);
        self.from.resize(self.text.len(), from);
    }

    /// Where in the original this part of the text stands, which isn't empty.
    pub(super) fn origin(&self, part: Range<usize>) -> Range<usize> {
        self.from[part.start].start..self.from[part.end - 1].end
    }
}

/// What is found in the text, and in what it is once more behind an encoding: JSON in JSON, a URL in JSON.
pub(super) fn found_in_all(
    text: &str,
    found: impl Fn(&str) -> Vec<Range<usize>>,
) -> Vec<Range<usize>> {
    let mut all = found(text);
    let encoded = ENCODINGS.into_iter();
    let encoded = encoded.filter_map(|encoding| Layer::of_letters(text, encoding));
    for layer in encoded.chain(Layer::of_lines(text)) {
        let inside = found(&layer.text).into_iter();
        all.extend(inside.map(|part| layer.origin(part)));
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
