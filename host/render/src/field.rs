//! A line `label value`, as in the plan of an installation. The value may come from anyone.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::text::visible_name;

const INDENT: usize = 4;
const LABEL: usize = 12;
/// The smallest number of terminal columns for a value, on the narrowest terminal.
const NARROWEST: usize = 20;
/// A word of at most this many characters is never broken if it is the whole value, so that a digest or an address can be copied.
const LONGEST_WORD: usize = 200;

/// Renders a label and its value, which is wrapped to a terminal of `width` columns and cut to `most_lines`. The ellipsis marks the cut.
///
/// No line of the value but the first begins where a label begins, and runs of blanks become one blank, so a value can't look like another field.
///
/// ```
/// let text = tw_render::field("publisher", "acme and  its friends in the north", 40, 2);
/// assert_eq!(text, "    publisher   acme and its friends in\n                the north\n");
/// ```
pub fn field(label: &str, value: &str, width: usize, most_lines: usize) -> String {
    let value = visible_name(value);
    let is_word = value.len() <= LONGEST_WORD && value.bytes().all(|byte| byte.is_ascii_graphic());
    let begin = INDENT + LABEL;
    let mut lines = match is_word {
        true => vec![value.into_owned()],
        false => wrap(&value, width.saturating_sub(begin).max(NARROWEST)),
    };
    if lines.len() > most_lines {
        lines.truncate(most_lines);
        if let Some(last) = lines.last_mut() {
            last.push('…');
        }
    }
    let lines = lines.join(&format!("\n{:begin$}", ""));
    format!("{:INDENT$}{label:<LABEL$}{lines}\n", "")
}

/// Wraps the lines of a text that are wider than `width` terminal columns, or than an identifier.
pub(crate) fn wrap_lines(text: &str, width: usize) -> String {
    let width = width.max(NARROWEST - 1);
    let lines = text
        .split('\n')
        .flat_map(|line| match line.width() <= width {
            true => vec![line.to_owned()],
            false => wrap(line, width + 1),
        });
    lines.collect::<Vec<_>>().join("\n")
}

/// Breaks a text into lines of fewer than `width` terminal columns: between words, and in words that are longer than a line.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let blank = usize::from(!line.is_empty());
        if line.width() + blank + word.width() < width {
            line.push_str(&" "[..blank]);
            line.push_str(word);
            continue;
        }
        for part in word.graphemes(true) {
            let is_begun = part.as_ptr() != word.as_ptr();
            if !line.is_empty() && (!is_begun || line.width() + part.width() >= width) {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(part);
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_never_looks_like_another_field() {
        let fake = format!("Useful{:42}publisher   seqera (RWQx)", "");
        let fakes = [
            fake.clone(),
            fake.replace(' ', "\u{a0}"),
            fake.replace(' ', "\u{3000}"),
            format!("{}\n    publisher   seqera", "x".repeat(60)),
            format!("{}    publisher   seqera", "漢".repeat(32)),
            format!("{}publisher", "é".repeat(300)),
        ];
        for value in fakes {
            for width in [1, 40, 80, 81, 200] {
                let text = field("description", &value, width, 4);
                let lines: Vec<&str> = text.lines().collect();
                assert!(lines.len() <= 4, "{text}");
                assert!(lines[0].starts_with("    description "), "{text}");
                for line in &lines {
                    let columns = width.max(INDENT + LABEL + NARROWEST);
                    assert!(line.width() <= columns, "{width}: {text}");
                    assert!(!line[LABEL + INDENT..].contains("  "), "{text}");
                }
                let indented = |line: &&str| line.starts_with(&" ".repeat(INDENT + LABEL));
                assert!(lines[1..].iter().all(indented), "{text}");
            }
        }
    }

    #[test]
    fn a_digest_is_not_broken() {
        let digest = format!("sha256:{}", "0".repeat(64));
        let expected = format!("    digest      {digest}\n");
        assert_eq!(field("digest", &digest, 40, 4), expected);
    }

    #[test]
    fn a_long_value_is_cut() {
        let text = field("description", &"word ".repeat(100), 40, 2);
        assert_eq!(
            text,
            "    description word word word word\n                word word word word…\n"
        );
    }
}
