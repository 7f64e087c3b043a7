//! Decoders for a single letter, and the form in which letters are compared.

use std::ops::Range;

use html_escape::decode_html_entities;

/// Decodes the letter at the beginning of a text. Returns the letter and the rest of the text, or `None` if the text doesn't begin with
/// a letter in this encoding.
type Decoder = fn(&str) -> Option<(char, &str)>;

/// The signs that begin an encoded letter, each with its decoder.
const DECODERS: [(char, Decoder); 4] = [
    ('%', percent),
    ('\\', escape),
    ('&', entity),
    ('=', quoted_printable),
];

/// The number of times that a text is decoded. An encoding within another one takes two levels. If the secret itself looks encoded, it can take
/// more levels until the text and the secret are equal.
const LEVELS: usize = 4;

/// Returns the signs that begin an encoded letter.
pub(super) fn signs() -> impl Iterator<Item = char> {
    DECODERS.iter().map(|(sign, _)| *sign)
}

/// Returns a text, then the same text decoded once, twice and so on.
pub(super) fn decode_levels<T>(
    text: T,
    mut decode: impl FnMut(&T) -> Option<T>,
) -> impl Iterator<Item = T> {
    std::iter::successors(Some(text), move |text| decode(text)).take(1 + LEVELS)
}

/// True if a text may have encoded letters.
pub(super) fn has_sign(text: &str) -> bool {
    text.as_bytes().iter().any(is_sign)
}

fn is_sign(byte: &u8) -> bool {
    matches!(byte, b'%' | b'\\' | b'&' | b'=')
}

/// Finds the encoded letters of a text. Returns each decoded letter with its place in the text.
pub(super) fn find_encoded(text: &str) -> impl Iterator<Item = (char, Range<usize>)> {
    let mut begin = 0;
    std::iter::from_fn(move || {
        loop {
            let sign = begin + text.as_bytes()[begin..].iter().position(is_sign)?;
            let decoded = decode_first(&text[sign..]);
            // A sign takes one byte.
            begin = decoded.map_or(sign + 1, |(_, rest)| text.len() - rest.len());
            if let Some((letter, _)) = decoded {
                return Some((letter, sign..begin));
            }
        }
    })
}

fn decode_first(text: &str) -> Option<(char, &str)> {
    let first = text.chars().next()?;
    let (_, decode) = DECODERS.iter().find(|(sign, _)| *sign == first)?;
    decode(text)
}

/// Decodes every encoded letter of a text. Returns `None` if no letter is encoded.
pub(super) fn decode_text(text: &str) -> Option<String> {
    let mut decoded = String::new();
    let mut copied = 0;
    for (letter, place) in find_encoded(text) {
        decoded += &text[copied..place.start];
        decoded.push(letter);
        copied = place.end;
    }
    (copied > 0).then(|| decoded + &text[copied..])
}

/// Decodes a secret that follows `sign`, if `sign` and the beginning of the secret form an encoded letter. For example, the secret `nick` in
/// `CORP\nick` is decoded to a line feed and `ick`. Returns `None` if they form no encoded letter.
pub(super) fn join(sign: char, secret: &str) -> Option<String> {
    let text = format!("{sign}{secret}");
    let (letter, rest) = decode_first(&text)?;
    Some(format!("{letter}{rest}"))
}

/// Returns the form in which a letter is compared.
///
/// Case is ignored, because host and header names are shown in lower case. A control character equals the picture that a terminal gets
/// instead. A plus sign equals a space, which forms write as a plus sign.
pub(super) fn fold(letter: char) -> char {
    match letter {
        '\0'..='\u{7f}' => return char::from(fold_ascii(letter as u8)),
        '\u{2400}'..='\u{241f}' => return char::from((letter as u32 - 0x2400) as u8),
        '\u{2421}' => return '\u{7f}',
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

/// Folds an ASCII letter, whose form is ASCII too.
pub(super) fn fold_ascii(letter: u8) -> u8 {
    match letter {
        b'+' => b' ',
        _ => letter.to_ascii_lowercase(),
    }
}

/// Decodes percent encoding, as in URLs: `%C3%B6` (UTF-8), `%F6` (Latin-1).
fn percent(text: &str) -> Option<(char, &str)> {
    hexadecimal(text, "%")
}

/// Decodes quoted-printable, as in mail: `=C3=B6` (UTF-8), `=F6` (Latin-1). A `=` at the end of a line continues the line.
fn quoted_printable(text: &str) -> Option<(char, &str)> {
    hexadecimal(text, "=").or_else(|| {
        let line = skip_line_end(text)?;
        let first = line.chars().next()?;
        let plain = (first, &line[first.len_utf8()..]);
        Some(hexadecimal(line, "=").unwrap_or(plain))
    })
}

/// Returns the next line if quoted-printable continues a line here.
fn skip_line_end(text: &str) -> Option<&str> {
    let line = text.strip_prefix("=\r\n");
    line.or_else(|| text.strip_prefix("=\n"))
}

/// Decodes a letter whose bytes are written in hexadecimal, each after `sign`. Bytes that are not UTF-8 are Latin-1.
fn hexadecimal<'a>(text: &'a str, sign: &str) -> Option<(char, &'a str)> {
    let byte = |text: &'a str| {
        let text = skip_line_end(text).unwrap_or(text);
        let (digits, rest) = text.strip_prefix(sign)?.split_at_checked(2)?;
        let is_number = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let digits = is_number.then_some(digits)?;
        Some((u8::from_str_radix(digits, 16).ok()?, rest))
    };
    let (first, after_first) = byte(text)?;
    let mut bytes = [first, 0, 0, 0];
    let mut rest = after_first;
    for count in 1..=bytes.len() {
        if let Ok(letter) = std::str::from_utf8(&bytes[..count]) {
            return Some((letter.chars().next()?, rest));
        }
        let Some((next, after_next)) = byte(rest).filter(|_| count < bytes.len()) else {
            break;
        };
        (bytes[count], rest) = (next, after_next);
    }
    Some((char::from(first), after_first))
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
        'x' => return hexadecimal(text, "\\x"),
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

/// The length of the longest entity, `&CounterClockwiseContourIntegral;`, in bytes.
const LONGEST_ENTITY: usize = 33;

/// Decodes an HTML entity of one character: `&lt;`, `&ouml;`, `&#246;`, `&#xF6;`.
fn entity(text: &str) -> Option<(char, &str)> {
    let end = text
        .bytes()
        .take(LONGEST_ENTITY)
        .position(|byte| byte == b';')?;
    let (entity, rest) = text.split_at(end + 1);
    let decoded = decode_html_entities(entity);
    let mut letters = decoded.chars();
    let letter = letters.next()?;
    letters.next().is_none().then_some((letter, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sign_has_a_decoder() {
        for (sign, (text, letter)) in signs().zip([
            ("%41b", 'A'),
            ("\\u0041b", 'A'),
            ("&#65;b", 'A'),
            ("=41b", 'A'),
        ]) {
            assert_eq!(
                find_encoded(text).collect::<Vec<_>>(),
                [(letter, 0..text.len() - 1)],
                "{sign}"
            );
        }
    }
}
