//! The optional file that keeps the state across restarts.
//!
//! The file is JSON. It is written to a temporary file in the same folder and then renamed, so a reader sees either the old state
//! or the new one, even after a crash.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::state::State;

/// The format version. It changes when an older sandbox would misread a newer file. A sandbox refuses any other version.
const VERSION: u32 = 1;

/// The path of a state file.
#[derive(Debug)]
pub(crate) struct StateFile(PathBuf);

#[derive(Deserialize)]
struct Header {
    version: u32,
}

#[derive(Deserialize)]
struct Loaded {
    state: State,
}

#[derive(Serialize)]
struct Saved<'a> {
    version: u32,
    state: &'a State,
}

impl StateFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Reads the state. Returns `None` if the file does not exist.
    pub(crate) fn load(&self) -> Result<Option<State>, Error> {
        let unreadable = |cause: io::Error| Error::StateUnreadable {
            path: self.0.clone(),
            cause,
        };
        let text = match fs::read(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(error)),
        };
        // The version is parsed on its own, because the state of another version may not parse at all.
        let header: Header =
            serde_json::from_slice(&text).map_err(|error| unreadable(error.into()))?;
        if header.version != VERSION {
            return Err(Error::StateVersion {
                path: self.0.clone(),
                found: header.version,
                known: VERSION,
            });
        }
        let loaded: Loaded =
            serde_json::from_slice(&text).map_err(|error| unreadable(error.into()))?;
        Ok(Some(loaded.state))
    }

    /// Replaces the file with this state.
    pub(crate) fn save(&self, state: &State) -> Result<(), Error> {
        let unwritable = |cause: io::Error| Error::StateUnwritable {
            path: self.0.clone(),
            cause,
        };
        let text = serde_json::to_vec_pretty(&Saved {
            version: VERSION,
            state,
        })
        .map_err(|error| unwritable(error.into()))?;
        let folder = match self.0.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(unwritable)?;
        file.write_all(&text).map_err(unwritable)?;
        file.persist(&self.0)
            .map_err(|error| unwritable(error.error))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::StateFile;
    use crate::clock::Clock;
    use crate::error::Error;
    use crate::secret::Secret;
    use crate::state::State;

    #[test]
    fn a_saved_state_is_loaded_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let file = StateFile::new(folder.path().join("state.json"));
        assert_eq!(file.load().unwrap(), None);

        let mut state = State::default();
        state.add_secret(Secret::new("name", "value").workspace(100), &Clock::System);
        file.save(&state).unwrap();
        assert_eq!(file.load().unwrap(), Some(state));
        assert_eq!(
            folder.path().read_dir().unwrap().count(),
            1,
            "no temporary file stays behind"
        );
    }

    #[test]
    fn the_error_for_a_newer_or_damaged_file_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        std::fs::write(&path, r#"{"version": 2, "somethingElse": 1}"#).unwrap();
        let error = StateFile::new(path.clone()).load().unwrap_err();
        assert!(
            matches!(error, Error::StateVersion { found: 2, .. }),
            "{error}"
        );

        std::fs::write(&path, "{").unwrap();
        let error = StateFile::new(path).load().unwrap_err();
        assert!(error.to_string().contains("state.json"), "{error}");
    }
}
