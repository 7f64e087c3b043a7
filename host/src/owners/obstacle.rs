//! Files that can't be reached, such as those in a home folder that another user has closed. Nothing there is this user's, so such a file counts as
//! absent, with one warning for everything behind the same obstacle.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use crate::{
    error::{Error, ErrorKind},
    files::show_path,
    stdio,
};

/// The reason why a path can't be followed to its end.
#[derive(Debug)]
pub(crate) struct Obstacle {
    /// The last folder on the way that can be reached.
    folder: PathBuf,
    error: io::Error,
}

/// The obstacles that a warning has named.
static NAMED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

impl Obstacle {
    /// Finds the obstacle on the way to a file. `None` if there is none: the file is there, or could be made there.
    pub(crate) fn find(path: &Path) -> Option<Self> {
        let error = path.metadata().err()?;
        if error.kind() == io::ErrorKind::NotFound {
            return None;
        }
        let mut above = path.ancestors().skip(1);
        let folder = above.find(|folder| folder.metadata().is_ok());
        Some(Self {
            folder: folder.unwrap_or(Path::new("/")).to_owned(),
            error,
        })
    }

    /// True if no warning has named the obstacle yet. The caller must warn then.
    pub(crate) fn is_new(&self) -> bool {
        let mut named = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !named.contains(&self.folder);
        if is_new {
            named.push(self.folder.clone());
        }
        is_new
    }

    /// Makes the warning that names a file behind the obstacle.
    pub(crate) fn explain(&self, what: &str) -> Error {
        let error = &self.error;
        Error::new(
            ErrorKind::Input,
            format!("{what} can't be reached ({error})"),
        )
        .hint("set HOME, or the XDG variable of that folder, to a folder that you can enter")
    }
}

/// Warns if a file can't be reached, for example in the home of another user. Returns false if the file can be reached, or nothing is there.
pub(crate) fn warn_of_obstacle(path: &Path, what: &str) -> bool {
    let Some(obstacle) = Obstacle::find(path) else {
        return false;
    };
    if obstacle.is_new() {
        warn_unused(&obstacle.explain(&format!("{what} {}", show_path(path))));
    }
    true
}

/// Warns that a file isn't used. The hint of the error says what to do.
pub(crate) fn warn_unused(error: &Error) {
    let hint = error.next_step().unwrap_or_default();
    let text = format!("{error}, so it isn't used: {hint}");
    stdio::warn(&tw_render::text::visible(&text), None);
}
