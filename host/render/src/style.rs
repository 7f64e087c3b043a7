//! Terminal features, and the only place that writes color sequences.

/// The terminal features that a text may use. The default is plain text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Style {
    /// True if the output shows colors and bold text.
    pub color: bool,
    /// The base URL of hyperlinks, such as `https://cloud.seqera.io`. `None` if the output does not show hyperlinks.
    pub hyperlinks: Option<String>,
    /// True if a text, CSV and TSV keep all of their characters, because the output is a pipe or a file. On a terminal, control
    /// characters would control the terminal.
    pub raw_text: bool,
    /// The number of columns of the terminal to which tables and records are fitted. `None` if nothing is fitted.
    pub width: Option<u16>,
    /// The columns to show, by the names of their fields or by their titles. `None` if all columns are shown.
    pub columns: Option<Vec<String>>,
    /// True if only the rows of a table are shown: no heading, no titles and no footer.
    pub rows_only: bool,
}

impl Style {
    pub(crate) fn bold(&self, text: &str) -> String {
        self.wrap("1", text)
    }

    pub(crate) fn green(&self, text: &str) -> String {
        self.wrap("32", text)
    }

    pub(crate) fn yellow(&self, text: &str) -> String {
        self.wrap("33", text)
    }

    pub(crate) fn bold_yellow(&self, text: &str) -> String {
        self.wrap("1;33", text)
    }

    pub(crate) fn red(&self, text: &str) -> String {
        self.wrap("31", text)
    }

    pub(crate) fn bold_red(&self, text: &str) -> String {
        self.wrap("1;31", text)
    }

    fn wrap(&self, codes: &str, text: &str) -> String {
        if self.color && !text.is_empty() {
            format!("\x1b[{codes}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}
