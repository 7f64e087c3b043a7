//! The names of the host's own commands.

/// Names that no plugin can have.
pub(super) const BUILT_IN: &[&str] = &["plugin", "completion", "help"];

/// Those of them that show nothing of the plugins' commands: `help` does.
pub(super) const ALONE: &[&str] = &["plugin", "completion"];
