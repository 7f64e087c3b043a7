//! Texts whose bytes are packed into letters: base64 and hexadecimal.

use std::ops::Range;

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// An encoding that packs bytes into letters.
pub(super) struct Packing {
    /// The number of bits in a letter.
    pub(super) bits: usize,
    /// The number of letters that stand for whole bytes. A text doesn't tell which letters belong together, so each can be the first of a group.
    pub(super) group: usize,
    /// For each byte, its letter in the standard alphabet, [`SKIPPED`] or [`OTHER`].
    letters: [u8; 256],
    decode: fn(&[u8]) -> Vec<u8>,
}

/// A byte that doesn't end a stretch of letters.
const SKIPPED: u8 = 1;
/// A byte that ends a stretch of letters.
const OTHER: u8 = 0;

pub(super) const PACKINGS: [Packing; 2] = [
    Packing {
        bits: 6,
        group: 4,
        letters: list_letters(
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            b"\r\n",
        ),
        decode: |letters| {
            // A single letter at the end doesn't stand for a whole byte.
            let whole = letters.len() - usize::from(letters.len() % 4 == 1);
            BASE64.decode(&letters[..whole]).unwrap_or_default()
        },
    },
    Packing {
        bits: 4,
        group: 2,
        // Dumps have a blank, a colon or a hyphen between bytes.
        letters: list_letters(b"0123456789abcdefABCDEF", b"\r\n :-"),
        decode: |letters| {
            let digit = |letter: u8| char::from(letter).to_digit(16).unwrap_or_default() as u8;
            let pairs = letters.chunks_exact(2);
            pairs
                .map(|pair| digit(pair[0]) << 4 | digit(pair[1]))
                .collect()
        },
    },
];

const fn list_letters(alphabet: &[u8], skipped: &[u8]) -> [u8; 256] {
    let mut letters = [OTHER; 256];
    let mut at = 0;
    while at < skipped.len() {
        letters[skipped[at] as usize] = SKIPPED;
        at += 1;
    }
    at = 0;
    while at < alphabet.len() {
        let letter = alphabet[at];
        letters[letter as usize] = letter;
        // The alphabet of base64 for URLs.
        match letter {
            b'+' => letters[b'-' as usize] = letter,
            b'/' => letters[b'_' as usize] = letter,
            _ => {}
        }
        at += 1;
    }
    letters
}

/// Decodes a part of a longer base64 text.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// A stretch of packed letters: the letters of the standard alphabet, and their places in the text.
pub(super) struct Run {
    letters: Vec<u8>,
    places: Vec<usize>,
}

impl Run {
    pub(super) fn len(&self) -> usize {
        self.letters.len()
    }
}

impl Packing {
    /// Returns the stretches of a text that may be packed, and have at least `shortest` bytes.
    pub(super) fn find_runs(&self, text: &str, shortest: usize) -> Vec<Run> {
        let shortest = (shortest * 8).div_ceil(self.bits);
        let mut runs = Vec::new();
        let (mut begin, mut count) = (0, 0);
        for (place, byte) in text.bytes().enumerate() {
            match self.letters[usize::from(byte)] {
                OTHER => {
                    if count >= shortest {
                        runs.push(self.read_run(text, begin..place));
                    }
                    (begin, count) = (place + 1, 0);
                }
                SKIPPED => {}
                _ => count += 1,
            }
        }
        if count >= shortest {
            runs.push(self.read_run(text, begin..text.len()));
        }
        runs
    }

    fn read_run(&self, text: &str, part: Range<usize>) -> Run {
        let bytes = text.as_bytes()[part.clone()].iter();
        let letters = bytes.map(|byte| self.letters[usize::from(*byte)]);
        let letters = letters.zip(part).filter(|(letter, _)| *letter != SKIPPED);
        let (letters, places) = letters.unzip();
        Run { letters, places }
    }

    /// Decodes a stretch from the letter `skip` on. Calls `push` with each part that is text, and with the function that returns the places of the
    /// first and the last letter of some of its bytes. Parts of fewer than `shortest` bytes are left out: most of what is decoded is no text.
    pub(super) fn decode_run(
        &self,
        run: &Run,
        skip: usize,
        shortest: usize,
        mut push: impl FnMut(&str, &dyn Fn(usize, usize) -> (usize, usize)),
    ) {
        let (letters, places) = (&run.letters[skip..], &run.places[skip..]);
        let bytes = (self.decode)(letters);
        let mut begin = 0;
        for chunk in bytes.utf8_chunks() {
            let text = chunk.valid();
            if text.len() >= shortest {
                let locate = |start: usize, end: usize| {
                    let first = places[(begin + start) * 8 / self.bits];
                    let last = places[((begin + end) * 8).div_ceil(self.bits) - 1];
                    (first, last)
                };
                push(text, &locate);
            }
            begin += text.len() + chunk.invalid().len();
        }
    }
}
