//! Decoders for a single letter, and the form in which letters are compared.

use std::ops::Range;

/// Decodes the letter at the beginning of a text. Returns the letter and the rest of the text, or `None` if the text doesn't begin with
/// a letter in this encoding.
type Decoder = fn(&str) -> Option<(char, &str)>;

const DECODERS: [Decoder; 3] = [percent, escape, entity];

/// The signs that begin an encoded letter.
pub(super) const SIGNS: [char; 3] = ['%', '\\', '&'];

/// The number of times that a text is decoded. An encoding within another one takes two levels. If the secret itself looks encoded, it can take
/// more levels until the text and the secret are equal.
const LEVELS: usize = 4;

/// Returns a text, then the same text decoded once, twice and so on.
pub(super) fn decode_levels<T>(
    text: T,
    decode: impl Fn(&T) -> Option<T>,
) -> impl Iterator<Item = T> {
    std::iter::successors(Some(text), decode).take(1 + LEVELS)
}

/// Reads a text letter by letter, and decodes the letters that are encoded. Each letter comes with its place in the text.
pub(super) fn decode(text: &str) -> impl Iterator<Item = (char, Range<usize>)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let plain = rest.chars().next()?;
        let decoded = match SIGNS.contains(&plain) {
            true => DECODERS.iter().find_map(|decode| decode(rest)),
            false => None,
        };
        let (letter, left) = decoded.unwrap_or((plain, &rest[plain.len_utf8()..]));
        let place = text.len() - rest.len()..text.len() - left.len();
        rest = left;
        Some((letter, place))
    })
}

/// Decodes every encoded letter of a text. Returns `None` if no letter is encoded.
pub(super) fn decode_text(text: &str) -> Option<String> {
    if !text.contains(SIGNS) {
        return None;
    }
    let decoded: String = decode(text).map(|(letter, _)| letter).collect();
    (decoded.len() < text.len()).then_some(decoded)
}

/// Decodes a secret that follows `sign`, if `sign` and the beginning of the secret form an encoded letter. For example, the secret `nick` in
/// `CORP\nick` is decoded to a line feed and `ick`. Returns `None` if they form no encoded letter.
pub(super) fn join(sign: char, secret: &str) -> Option<String> {
    let text = format!("{sign}{secret}");
    let (letter, place) = decode(&text).next()?;
    (place.len() > sign.len_utf8()).then(|| format!("{letter}{}", &text[place.end..]))
}

/// Returns the form in which a letter is compared.
///
/// Case is ignored, because host and header names are shown in lower case. A control character equals the picture that a terminal gets
/// instead. A plus sign equals a space, which forms write as a plus sign.
pub(super) fn fold(letter: char) -> char {
    match letter {
        '+' => return ' ',
        ' '..='~' => return letter.to_ascii_lowercase(),
        _ => {}
    }
    let mut buffer = [0; 4];
    let shown = tw_render::text::visible(letter.encode_utf8(&mut buffer));
    let letter = shown.chars().next().unwrap_or(letter);
    let mut lower = letter.to_lowercase();
    match lower.len() {
        1 => lower.next().unwrap_or(letter),
        _ => letter,
    }
}

/// Decodes percent encoding, as in URLs: `%C3%B6`.
fn percent(text: &str) -> Option<(char, &str)> {
    utf8(text, "%")
}

/// Decodes a letter whose UTF-8 bytes are written in hexadecimal, each after `sign`.
fn utf8<'a>(text: &'a str, sign: &str) -> Option<(char, &'a str)> {
    let mut bytes = Vec::new();
    let mut left = text;
    while bytes.len() < 4 {
        let digits = left.strip_prefix(sign)?.get(..2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        left = &left[sign.len() + 2..];
        if let Ok(letter) = std::str::from_utf8(&bytes) {
            return Some((letter.chars().next()?, left));
        }
    }
    None
}

/// Decodes a backslash escape, as in JSON and most languages: `\n`, `\'`, `\/`, `\u00f6`, `\xc3\xb6` (UTF-8), `\xf6` (Latin-1).
fn escape(text: &str) -> Option<(char, &str)> {
    let mut letters = text.strip_prefix('\\')?.chars();
    let letter = match letters.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        same @ ('"' | '\'' | '\\' | '/') => same,
        'u' => return utf16(text),
        'x' => return utf8(text, "\\x").or_else(|| latin1(text)),
        _ => return None,
    };
    Some((letter, letters.as_str()))
}

/// Decodes `\u00f6`, or a surrogate pair such as `\ud834\udd1e`.
fn utf16(text: &str) -> Option<(char, &str)> {
    let unit = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let units = [Some(unit(text)?), text.get(6..).and_then(unit)];
    let letter = char::decode_utf16(units.into_iter().flatten())
        .next()?
        .ok()?;
    Some((letter, &text[6 * letter.len_utf16()..]))
}

/// Decodes `\xf6` as Latin-1.
fn latin1(text: &str) -> Option<(char, &str)> {
    let byte = u8::from_str_radix(text.get(2..4)?, 16).ok()?;
    Some((char::from(byte), &text[4..]))
}

/// The length of `&#x10FFFF;` with a few leading zeros.
const LONGEST_ENTITY: usize = 16;

/// Decodes an HTML entity: `&lt;`, `&#246;`, `&#xF6;`.
fn entity(text: &str) -> Option<(char, &str)> {
    let end = text
        .bytes()
        .take(LONGEST_ENTITY)
        .position(|byte| byte == b';')?;
    let (name, left) = (text[..end].strip_prefix('&')?, &text[end + 1..]);
    let number = |digits, radix| char::from_u32(u32::from_str_radix(digits, radix).ok()?);
    let letter = match (name, name.strip_prefix('#')) {
        ("amp", _) => '&',
        ("lt", _) => '<',
        ("gt", _) => '>',
        ("quot", _) => '"',
        ("apos", _) => '\'',
        (_, Some(digits)) => match digits.strip_prefix(['x', 'X']) {
            Some(digits) => number(digits, 16)?,
            None => number(digits, 10)?,
        },
        _ => return None,
    };
    Some((letter, left))
}
