//! Finds the line and the column of an offset in a text.

use super::refuse;
use crate::error::Error;

/// A text, and the offsets at which its lines start.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        // A carriage return without a line feed ends a line in YAML, and in most editors.
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

    /// Returns the line of the byte at `offset`, from 1.
    pub(super) fn line(&self, offset: usize) -> u32 {
        narrow(self.index(offset) + 1)
    }

    /// Returns the offset of a line and a column, both from 1. The column counts bytes.
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

    /// Returns the number of the last line.
    pub(super) fn last(&self) -> u32 {
        narrow(self.starts.len())
    }

    /// Returns the last line before `line` that is not blank, or `line` itself if all are blank.
    pub(super) fn last_nonblank_before(&self, line: u32) -> u32 {
        (1..line)
            .rev()
            .find(|line| self.is_nonblank(*line))
            .unwrap_or(line)
    }

    fn is_nonblank(&self, line: u32) -> bool {
        let text = usize::try_from(line).ok().and_then(|line| {
            let start = *self.starts.get(line.checked_sub(1)?)?;
            let end = self.starts.get(line).copied().unwrap_or(self.text.len());
            self.text.get(start..end)
        });
        text.is_some_and(|text| !text.trim().is_empty())
    }

    /// Returns an error at a line and a column, both from 1, or at the end of the text if the text has no such line.
    pub(super) fn error_at_place(&self, line: u32, column: u32, reason: &'static str) -> Error {
        if line > self.last() {
            return self.error_at(self.text.len(), reason);
        }
        refuse(Some((line, column)), reason)
    }

    /// Returns an error at a byte offset.
    pub(super) fn error_at(&self, offset: usize, reason: &'static str) -> Error {
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
        refuse(Some((self.line(offset), narrow(before + 1))), reason)
    }

    fn index(&self, offset: usize) -> usize {
        self.starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
    }
}

/// Converts to the protocol's type for lines and columns. A larger number becomes the largest.
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
            let error = lines.error_at(offset, "here").to_string();
            error.replace(": here", "")
        };
        assert_eq!(place(0), "line 1, column 1");
        assert_eq!(place(2), "line 1, column 2");
        assert_eq!(place(6), "line 2, column 1");
        assert_eq!(place(9), "line 3, column 1");
        assert_eq!(lines.offset(2, 2), 7);
    }

    #[test]
    fn blank_lines_are_skipped_on_the_way_back() {
        let lines = Lines::of("a\nb\n\n  \r\nc\n");
        assert_eq!(lines.last_nonblank_before(5), 2);
        assert_eq!(lines.last_nonblank_before(2), 1);
        assert_eq!(lines.last_nonblank_before(1), 1);
    }
}
