//! What the place that a text goes to can show, and the terminal's sequences: nothing else writes one.

/// What the place that a text goes to can show. The default is plain text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether it shows colours and bold type.
    pub color: bool,
    /// For a terminal that shows hyperlinks: the web address that a column's links stand below (`https://cloud.seqera.io`).
    pub hyperlinks: Option<String>,
}

impl Style {
    pub(crate) fn bold(&self, text: &str) -> String {
        self.sequence("1", text)
    }

    pub(crate) fn yellow(&self, text: &str) -> String {
        self.sequence("33", text)
    }

    pub(crate) fn bold_yellow(&self, text: &str) -> String {
        self.sequence("1;33", text)
    }

    pub(crate) fn red(&self, text: &str) -> String {
        self.sequence("31", text)
    }

    pub(crate) fn bold_red(&self, text: &str) -> String {
        self.sequence("1;31", text)
    }

    fn sequence(&self, codes: &str, text: &str) -> String {
        if self.color && !text.is_empty() {
            format!("\x1b[{codes}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}
