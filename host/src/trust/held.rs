//! Libraries that are opened once: what was checked is what is mapped.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use crate::owners::{Distrust, Trusted};

/// An open library that only trusted users could have written.
#[derive(Debug)]
pub(crate) struct Held {
    /// The path at which people know the library.
    pub(crate) path: PathBuf,
    /// The same path without links.
    pub(crate) real: PathBuf,
    pub(crate) file: File,
}

impl Held {
    /// Checks who could have written a library, and opens it.
    ///
    /// # Errors
    /// If somebody who isn't trusted could have written the library, or the library can't be read.
    pub(crate) fn open(path: &Path, trusted: &Trusted) -> Result<Self, Distrust> {
        let real = trusted.check(path)?;
        let file = File::open(&real)?;
        Ok(Self {
            path: path.to_owned(),
            real,
            file,
        })
    }

    /// Takes over a library that another process has checked and opened. The process knows it under this path.
    pub(crate) fn inherit(path: &Path, file: File) -> Self {
        Self {
            path: path.to_owned(),
            real: path.to_owned(),
            file,
        }
    }

    /// Returns a path from which exactly this library is mapped. The path is valid as long as the process runs.
    #[cfg(target_os = "linux")]
    pub(crate) fn into_mappable(self) -> PathBuf {
        use std::os::fd::IntoRawFd;
        // The descriptor is never closed: a second library with the same descriptor would have the same path, and the dynamic linker would
        // return the first library.
        let path = super::sealed::path_of(self.file.into_raw_fd());
        match path.exists() {
            true => path,
            // Without /proc the path has to do. Only trusted users can change what is there.
            false => self.real,
        }
    }

    /// Returns the path of the library. Only trusted users can change what is there.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn into_mappable(self) -> PathBuf {
        self.real
    }
}
