//! From an offset in a text to its line and column.

use super::DocumentError;

/// Where each line of a text begins.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        // A carriage return alone is one for YAML, and for most editors.
        let next = |at: usize| text.as_bytes().get(at + 1);
        let ends = text.bytes().enumerate().filter(|(at, byte)| match byte {
            b'\r' => next(*at) != Some(&b'\n'),
            byte => *byte == b'\n',
        });
        let starts = std::iter::once(0)
            .chain(ends.map(|(end, _)| end + 1))
            .collect();
        Self { text, starts }
    }

    /// The line, from 1, on which the byte at `offset` stands.
    pub(super) fn line(&self, offset: usize) -> u32 {
        narrow(self.index(offset) + 1)
    }

    /// The offset of a line and a column in bytes, both from 1.
    pub(super) fn offset(&self, line: usize, column: usize) -> usize {
        let start = self
            .starts
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or(self.text.len());
        start
            .saturating_add(column.saturating_sub(1))
            .min(self.text.len())
    }

    /// The last line.
    pub(super) fn last(&self) -> u32 {
        narrow(self.starts.len())
    }

    /// The last line before `line` that isn't blank; `line` where there is none.
    pub(super) fn written_before(&self, line: u32) -> u32 {
        (1..line)
            .rev()
            .find(|line| self.is_written(*line))
            .unwrap_or(line)
    }

    fn is_written(&self, line: u32) -> bool {
        let text = usize::try_from(line).ok().and_then(|line| {
            let start = *self.starts.get(line.checked_sub(1)?)?;
            let end = self.starts.get(line).copied().unwrap_or(self.text.len());
            self.text.get(start..end)
        });
        text.is_some_and(|text| !text.trim().is_empty())
    }

    /// An error at a line and a column, both from 1; at the end of the text where the text has no such line.
    pub(super) fn error_on(&self, line: u32, column: u32, reason: &'static str) -> DocumentError {
        if line > self.last() {
            return self.error(self.text.len(), reason);
        }
        DocumentError {
            line: Some(line),
            column: Some(column),
            reason,
        }
    }

    /// An error at `offset`.
    pub(super) fn error(&self, offset: usize, reason: &'static str) -> DocumentError {
        let start = self
            .starts
            .get(self.index(offset))
            .copied()
            .unwrap_or_default();
        let line = self.text.get(start..).unwrap_or_default();
        let before = line
            .char_indices()
            .take_while(|(at, _)| start + at < offset)
            .count();
        DocumentError {
            line: Some(self.line(offset)),
            column: Some(narrow(before + 1)),
            reason,
        }
    }

    fn index(&self, offset: usize) -> usize {
        self.starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
    }
}

/// Lines and columns are `u32` in the protocol; a text that has more of them stays at the last.
pub(super) fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn lines_and_columns_are_counted_from_one_and_columns_in_characters() {
        let lines = Lines::of("é=1\r\nab\n");
        let place = |offset| {
            let error = lines.error(offset, "");
            (error.line, error.column)
        };
        assert_eq!(place(0), (Some(1), Some(1)));
        assert_eq!(place(2), (Some(1), Some(2)));
        assert_eq!(place(6), (Some(2), Some(1)));
        assert_eq!(place(9), (Some(3), Some(1)));
        assert_eq!(lines.offset(2, 2), 7);
    }

    #[test]
    fn the_line_before_is_found_over_blank_ones() {
        let lines = Lines::of("a\nb\n\n  \r\nc\n");
        assert_eq!(lines.written_before(5), 2);
        assert_eq!(lines.written_before(2), 1);
        assert_eq!(lines.written_before(1), 1);
    }
}
