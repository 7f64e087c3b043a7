//! Libraries that nothing can change between their verification and their mapping.
//!
//! On Linux, the bytes are copied into sealed memory and mapped from there. If the system has no such memory, or doesn't execute it
//! (`vm.memfd_noexec=2`), they are copied into a file without a name. Only this process can reach that file, because it isn't dumpable, so other processes of the same user
//! can't open its descriptors. The descriptor stays open as long as the process runs: if a second library got the same descriptor, its path would be
//! the same too, and the dynamic linker would return the first library.
//!
//! On other Unix systems, the bytes are copied into a new file in a new temporary folder that only the user can enter. Another process of the same user
//! could still change the file before it is mapped. On Windows, the file itself is held open, which keeps others from writing, renaming or removing it.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// The size limit for a library, in bytes. A larger file is not a plugin, and would only take long to read.
pub(crate) const LARGEST: u64 = 512 << 20;

/// A library in memory.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) path: PathBuf,
    #[cfg_attr(not(windows), allow(dead_code, reason = "held open on Windows"))]
    file: File,
    pub(crate) bytes: Vec<u8>,
}

impl Opened {
    /// Reads a library.
    ///
    /// # Errors
    /// The file can't be read, or exceeds the size limit.
    pub(crate) fn read(path: &Path) -> std::io::Result<Self> {
        let file = imp::open(path)?;
        // A buffer that grows would be copied each time.
        let size = usize::try_from(file.metadata()?.len().min(LARGEST)).unwrap_or(0);
        let mut bytes = Vec::with_capacity(size + 1);
        (&file).take(LARGEST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LARGEST {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            bytes,
        })
    }

    /// Seals the bytes, and returns a path from which exactly these bytes are mapped. The path is valid as long as the process runs.
    ///
    /// # Errors
    /// There is no space for a copy, or the system has no paths of open files.
    pub(crate) fn seal(self) -> std::io::Result<PathBuf> {
        imp::seal(self)
    }
}

/// Returns the path of an open descriptor of this process.
#[cfg(target_os = "linux")]
pub(super) fn path_of(descriptor: i32) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{descriptor}"))
}

#[cfg(target_os = "linux")]
mod imp {
    use std::{
        fs::File,
        io::Write,
        os::fd::{AsRawFd, IntoRawFd},
        path::{Path, PathBuf},
    };

    use rustix::{
        fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create},
        io::Errno,
    };

    use super::{Opened, path_of};

    pub(super) fn open(path: &Path) -> std::io::Result<File> {
        File::open(path)
    }

    pub(super) fn seal(opened: Opened) -> std::io::Result<PathBuf> {
        use std::io::ErrorKind::{PermissionDenied, Unsupported};

        let file = match copy_to_memory(&opened.bytes) {
            Err(error) if matches!(error.kind(), PermissionDenied | Unsupported) => {
                copy_to_unnamed_file(&opened.bytes, &opened.path)?
            }
            file => file?,
        };
        // The descriptor is never closed.
        let path = path_of(file.into_raw_fd());
        match path.exists() {
            true => Ok(path),
            // Another place could be changed between the check of the bytes and their mapping.
            false => Err(std::io::Error::other("/proc is missing")),
        }
    }

    fn copy_to_memory(bytes: &[u8]) -> std::io::Result<File> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let memory = match memfd_create("plugin", flags | MemfdFlags::EXEC) {
            // Kernels before 6.3 don't know the flag EXEC, and don't need it.
            Err(Errno::INVAL) => memfd_create("plugin", flags),
            memory => memory,
        };
        let mut file = File::from(memory?);
        file.write_all(bytes)?;
        let seals = SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL;
        fcntl_add_seals(&file, seals)?;
        Ok(file)
    }

    /// Copies the bytes into a file without a name. The file is on the library's file system, which allows execution, or in the folder for temporary
    /// files if that one is read-only.
    fn copy_to_unnamed_file(bytes: &[u8], library: &Path) -> std::io::Result<File> {
        let mut file = library
            .parent()
            .and_then(|folder| tempfile::tempfile_in(folder).ok())
            .map_or_else(tempfile::tempfile, Ok)
            .map_err(|error| {
                std::io::Error::new(
                    error.kind(),
                    format!("this system runs no code in memory, and no temporary file can be made: {error}"),
                )
            })?;
        file.write_all(bytes)?;
        // The only writable descriptor is closed on return.
        File::open(path_of(file.as_raw_fd()))
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
mod imp {
    use std::{
        fs::File,
        path::{Path, PathBuf},
    };

    use super::Opened;

    pub(super) fn open(path: &Path) -> std::io::Result<File> {
        File::open(path)
    }

    pub(super) fn seal(opened: Opened) -> std::io::Result<PathBuf> {
        // The folder is kept, because the library is mapped from it. The system removes it with its other temporary files.
        let folder = tempfile::Builder::new().prefix("tw-").tempdir()?.keep();
        if crate::owners::check_own(&folder).is_err() {
            return Err(std::io::Error::other(
                "others can write the folder for temporary files",
            ));
        }
        let path = folder.join(opened.path.file_name().unwrap_or_default());
        std::fs::write(&path, &opened.bytes)?;
        Ok(path)
    }
}

#[cfg(windows)]
mod imp {
    use std::{
        fs::File,
        os::windows::fs::OpenOptionsExt,
        path::{Path, PathBuf},
    };

    use super::Opened;

    /// Lets others read the file, but not write or remove it.
    const FILE_SHARE_READ: u32 = 1;

    pub(super) fn open(path: &Path) -> std::io::Result<File> {
        File::options()
            .read(true)
            .share_mode(FILE_SHARE_READ)
            .open(path)
    }

    pub(super) fn seal(opened: Opened) -> std::io::Result<PathBuf> {
        std::mem::forget(opened.file);
        Ok(opened.path)
    }
}
