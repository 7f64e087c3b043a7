//! Renders errors, hints and warnings for standard error.

use crate::{
    Style,
    text::{visible, visible_lines},
};

/// Renders an error as `"\n ERROR: MESSAGE\n\n"`.
///
/// Scripts search for this text, so without color the layout never changes. A message may have several lines. Other control
/// characters are made visible.
///
/// ```
/// use tw_render::{Style, error_text};
///
/// assert_eq!(error_text("Unauthorized", &Style::default()), "\n ERROR: Unauthorized\n\n");
/// ```
pub fn error_text(message: &str, style: &Style) -> String {
    let message = visible_lines(message);
    format!(
        "\n {} {}\n\n",
        style.bold_red("ERROR:"),
        style.red(&message)
    )
}

/// Renders the error of a wrong command line as clap does: `"error: MESSAGE"`, the hint as a tip, and how to get help.
pub fn usage_text(message: &str, hint: Option<&str>, style: &Style) -> String {
    let tip = hint.map(|hint| {
        let lines = visible_lines(hint).replace('\n', "\n       ");
        format!("\n  tip: {lines}\n")
    });
    format!(
        "{} {}\n{}\nFor more information, try '--help'.\n",
        style.bold_red("error:"),
        visible_lines(message),
        tip.unwrap_or_default()
    )
}

/// Renders a hint, which follows its error, as `" HINT: TEXT\n\n"`. A hint may have several lines.
pub fn hint_text(hint: &str, style: &Style) -> String {
    format!(" {} {}\n\n", style.bold("HINT:"), visible_lines(hint))
}

/// Renders a warning as `" WARNING: TEXT\n"`. Line feeds are made visible, so a warning is always one line.
pub fn warning_text(warning: &str, style: &Style) -> String {
    format!(" {} {}\n", style.bold_yellow("WARNING:"), visible(warning))
}
