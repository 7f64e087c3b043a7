//! Invisible characters, and the places where a text needs them.

/// True for a character that is invisible, or that reverses the reading order: the property `Default_Ignorable_Code_Point` of Unicode 17
/// (`DerivedCoreProperties.txt`), and the marks of interlinear annotations.
pub(crate) fn is_ignorable(character: char) -> bool {
    // Most texts end the search here.
    character >= '\u{ad}'
        && matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

const NON_JOINER: char = '\u{200c}';
const JOINER: char = '\u{200d}';
const AS_TEXT: char = '\u{fe0e}';
const AS_EMOJI: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';

/// True for an ignorable character that may stay, if the characters before and after it need it.
pub(crate) fn needs_neighbors(character: char) -> bool {
    matches!(character, NON_JOINER | JOINER | AS_TEXT | AS_EMOJI)
}

/// True if an ignorable character stays between these characters: a joiner between two letters of a script that has joiners, a joiner between two
/// symbols, and a selector after a symbol. Variation selectors of Han and Mongolian letters and the flags of regions are replaced.
pub(crate) fn is_kept(before: Option<char>, character: char, after: Option<char>) -> bool {
    let joins_letters = || before.is_some_and(has_joiners) && after.is_some_and(has_joiners);
    match character {
        NON_JOINER => joins_letters(),
        JOINER => {
            let is_symbol_before = before.is_some_and(|c| is_symbol(c) || c == AS_EMOJI);
            joins_letters() || is_symbol_before && after.is_some_and(is_symbol)
        }
        AS_TEXT | AS_EMOJI => {
            let is_keycap = after == Some(KEYCAP)
                && before.is_some_and(|c| c.is_ascii_digit() || matches!(c, '#' | '*'));
            is_keycap || before.is_some_and(is_symbol)
        }
        _ => false,
    }
}

/// True for the characters of scripts whose spelling needs joiners: from Arabic to Mandaic, from Devanagari to Sinhala, and Khmer, Myanmar and
/// Mongolian.
fn has_joiners(character: char) -> bool {
    let is_letter = matches!(
        character,
        '\u{600}'..='\u{8ff}'
            | '\u{900}'..='\u{dff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{18af}'
    );
    is_letter && !is_ignorable(character)
}

/// True for the characters of emoji, which are all in these blocks of symbols.
fn is_symbol(character: char) -> bool {
    matches!(
        character,
        '©' | '®' | '‼' | '⁉' | '™' | 'ℹ' | '〰' | '〽' | '㊗' | '㊙'
            | '\u{2190}'..='\u{2bff}'
            | '\u{1f000}'..='\u{1faff}'
    )
}
