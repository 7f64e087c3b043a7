//! The file that a state survives a restart in, on request.
//!
//! It is JSON, written whole into a temporary file beside it and then renamed, so that a reader or a crash finds the
//! old state or the new one and never half of either.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::state::State;

/// The layout of the file. It changes when an older sandbox would misread a newer file; such a file is refused.
const VERSION: u32 = 1;

/// Where a state is kept.
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

    /// What the file holds, or nothing when there is no file yet.
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
        // The version first: another version's state needn't be readable as ours.
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

    /// Replaces what the file holds.
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
    fn what_is_saved_is_loaded_again() {
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
    fn a_newer_or_damaged_file_is_refused_and_named() {
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
