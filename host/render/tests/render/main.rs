//! Rendering of values and views, byte for byte.

mod hostile;
mod secrets;
mod terminal;
mod values;
mod workspaces;

/// Marks every line end with `⏎`. insta trims blanks and line feeds at the ends of a snapshot, but every blank and line feed counts
/// here.
fn mark_line_ends(text: &str) -> String {
    text.replace('\n', "⏎\n")
}
