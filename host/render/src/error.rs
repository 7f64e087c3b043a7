//! What goes to standard error: errors, hints and warnings.

use crate::{
    Style,
    text::{visible, visible_lines},
};

/// The text of an error, `ERROR:` and the message between two empty lines. Scripts look for it: without colour it is exactly
/// `"\n ERROR: MESSAGE\n\n"`. A message may have several lines.
pub fn error_text(message: &str, style: &Style) -> String {
    let message = visible_lines(message);
    format!(
        "\n {} {}\n\n",
        style.bold_red("ERROR:"),
        style.red(&message)
    )
}

/// What to do about an error, shown after it: `" HINT: TEXT\n\n"`. A hint may have several lines.
pub fn hint_text(hint: &str, style: &Style) -> String {
    format!(" {} {}\n\n", style.bold("HINT:"), visible_lines(hint))
}

/// Something that went wrong beside a result, one line: `" WARNING: TEXT\n"`.
pub fn warning_text(warning: &str, style: &Style) -> String {
    format!(" {} {}\n", style.bold_yellow("WARNING:"), visible(warning))
}
