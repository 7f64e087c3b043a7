//! Rendering of values and views, byte for byte.

mod cells;
mod hostile;
mod lines;
mod numbers;
mod secrets;
mod sections;
mod stream;
mod terminal;
mod values;
mod workspaces;

use serde_json::Value;
use tw_plugin_protocol::View;
use tw_render::{Format, Style};

/// Renders a value that a test builds with `json!`.
fn render(value: &Value, view: Option<&View>, format: Format, style: &Style) -> String {
    tw_render::render(&value.into(), view, format, style)
}

/// Marks every line end with `⏎`. insta trims blanks and line feeds at the ends of a snapshot, but every blank and line feed counts
/// here.
fn mark_line_ends(text: &str) -> String {
    text.replace('\n', "⏎\n")
}
