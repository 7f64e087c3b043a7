//! How a text can be read: a letter of it is itself, or stands in an encoding for another.

/// What a letter's encoding stands for, and what follows it; none where the text doesn't begin with one that is encoded so.
pub(super) type Encoding = fn(&str) -> Option<(char, &str)>;

/// Those in which any letter can be written.
pub(super) const ENCODINGS: [Encoding; 3] = [percent, escape, entity];

/// What follows the secret, where the text begins with it in some encoding. The secret is [`normal`].
///
/// Two backslashes can be two or one that is escaped, so all ways to read the text are followed side by side.
pub(super) fn after<'a>(secret: &str, text: &'a str) -> Option<&'a str> {
    let mut letters = secret.chars();
    let mut ways = vec![text];
    loop {
        if let [way] = ways.as_mut_slice() {
            *way = after_plain(&mut letters, way)?;
        }
        let Some(letter) = letters.next() else {
            return ways.first().copied();
        };
        ways = ways
            .into_iter()
            .flat_map(readings)
            .filter(|(read, _)| *read == letter)
            .map(|(_, left)| left)
            .collect();
        ways.sort_unstable_by_key(|left| left.len());
        ways.dedup_by_key(|left| left.len());
        if ways.is_empty() {
            return None;
        }
    }
}

/// What begins a letter that is encoded.
const SIGNS: [char; 4] = ['+', '%', '\\', '&'];

/// All that the text's first letters can be read to be, as far as it is how something begins.
pub(super) fn beginnings<const N: usize>(
    text: &str,
    begins: impl Fn(&[char]) -> bool,
) -> Vec<[char; N]> {
    let mut letters = ['\0'; N];
    let mut plain = text.chars().take_while(|letter| !SIGNS.contains(letter));
    let begun = letters.iter_mut().zip(&mut plain);
    // As most of most texts.
    if begun
        .map(|(to, letter)| *to = normal_letter(letter))
        .count()
        == N
    {
        return vec![letters];
    }
    let mut ways = vec![(letters, text)];
    for at in 0..N {
        let longer = ways.into_iter().flat_map(|(letters, left)| {
            readings(left).map(move |(letter, left)| {
                let mut letters = letters;
                letters[at] = letter;
                (letters, left)
            })
        });
        ways = longer
            .filter(|(letters, _)| begins(&letters[..=at]))
            .collect();
        if ways.len() > 1 {
            ways.sort_unstable_by_key(|(letters, left)| (*letters, left.len()));
            ways.dedup_by_key(|(letters, left)| (*letters, left.len()));
        }
    }
    ways.into_iter().map(|(letters, _)| letters).collect()
}

/// Passes over what can be nothing but itself, as most of most texts.
fn after_plain<'a>(letters: &mut std::str::Chars<'_>, mut text: &'a str) -> Option<&'a str> {
    while !text.starts_with(SIGNS) {
        let Some(letter) = letters.next() else { break };
        text = plain(text).filter(|(read, _)| *read == letter)?.1;
    }
    Some(text)
}

/// Each letter that the text can be read to begin with, and what follows it then.
pub(super) fn readings(text: &str) -> impl Iterator<Item = (char, &str)> {
    let encoded = plus(text)
        .or_else(|| percent(text))
        .or_else(|| escape(text))
        .or_else(|| entity(text));
    let encoded = encoded.map(|(letter, left)| (normal_letter(letter), left));
    plain(text).into_iter().chain(encoded)
}

/// The text as it is compared: what a terminal must not see is shown as a picture, so that it and its picture are one; and a host's name, or that of a
/// header, is written in small letters.
pub(super) fn normal(text: &str) -> String {
    text.chars().map(normal_letter).collect()
}

fn normal_letter(letter: char) -> char {
    if letter.is_ascii_graphic() || letter == ' ' {
        return letter.to_ascii_lowercase();
    }
    let mut buffer = [0; 4];
    let shown = tw_render::text::visible(letter.encode_utf8(&mut buffer));
    let letter = shown.chars().next().unwrap_or(letter);
    let mut small = letter.to_lowercase();
    match small.len() {
        1 => small.next().unwrap_or(letter),
        _ => letter,
    }
}

fn plain(text: &str) -> Option<(char, &str)> {
    let mut letters = text.chars();
    let letter = normal_letter(letters.next()?);
    Some((letter, letters.as_str()))
}

/// A blank in a form.
fn plus(text: &str) -> Option<(char, &str)> {
    Some((' ', text.strip_prefix('+')?))
}

/// `%C3%B6`.
fn percent(text: &str) -> Option<(char, &str)> {
    bytes(text, "%")
}

/// A letter's bytes, each behind this sign.
fn bytes<'a>(text: &'a str, sign: &str) -> Option<(char, &'a str)> {
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

/// `\xf6`, as languages write it that count letters.
fn latin(text: &str) -> Option<(char, &str)> {
    let byte = u8::from_str_radix(text.get(2..4)?, 16).ok()?;
    Some((char::from(byte), &text[4..]))
}

/// `\n`, `\/`, `\u00f6`, `\xc3\xb6`, `\xf6`.
fn escape(text: &str) -> Option<(char, &str)> {
    let mut letters = text.strip_prefix('\\')?.chars();
    let letter = match letters.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        same @ ('"' | '\'' | '\\' | '/') => same,
        'u' => return unicode(text),
        'x' => return bytes(text, "\\x").or_else(|| latin(text)),
        _ => return None,
    };
    Some((letter, letters.as_str()))
}

/// `\u00f6`, `\ud834\udd1e`.
fn unicode(text: &str) -> Option<(char, &str)> {
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

/// `&#x10FFFF;`, with a few zeros.
const LONGEST_ENTITY: usize = 16;

/// `&lt;`, `&#246;`, `&#xF6;`.
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
