//! The terminal, and the folders of a plugin.

use std::path::{Path, PathBuf};

use tw_plugin_protocol::TerminalReply;

/// The terminal that shows the result, from [`Host::terminal`](crate::Host::terminal).
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// # fn run(host: &Host) -> Result<()> {
/// let width = host.terminal()?.width().unwrap_or(80);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal(pub(crate) TerminalReply);

impl Terminal {
    /// Returns true if standard output is a terminal.
    pub fn is_terminal(&self) -> bool {
        self.0.terminal
    }

    /// Returns the number of columns. Returns `None` if there is no terminal, or if its size is not known.
    pub fn width(&self) -> Option<u32> {
        self.0.width
    }

    /// Returns the number of rows. Returns `None` if there is no terminal, or if its size is not known.
    pub fn height(&self) -> Option<u32> {
        self.0.height
    }

    /// Returns true if the host colors results. Returns false if the user has set `NO_COLOR`.
    pub fn has_colors(&self) -> bool {
        self.0.colors
    }
}

/// The plugin's own folders, from [`Host::folders`](crate::Host::folders). Each plugin has its own, and keeps them when it
/// is upgraded.
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// # fn run(host: &Host) -> Result<()> {
/// let last = host.folders()?.state().join("last-run");
/// std::fs::write(last, "5002114781502").context("Cannot remember the run")?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    pub(crate) data: PathBuf,
    pub(crate) cache: PathBuf,
    pub(crate) state: PathBuf,
}

impl Folders {
    /// Returns the folder for data that the user would miss.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Returns the folder for data that can be made again. Anybody may empty it at any time.
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// Returns the folder for data that can be lost without harm, such as a history.
    pub fn state(&self) -> &Path {
        &self.state
    }
}
