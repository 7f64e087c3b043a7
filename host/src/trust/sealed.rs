//! A library that nothing can change between the look at it and its mapping.
//!
//! Linux: the bytes are copied into memory that is sealed, and mapped from there. Where memory can't be mapped for execution (`vm.memfd_noexec=2`)
//! they are copied into a file without a name: it can be reached through this process alone, and a process that isn't dumpable lets no
//! other of the same person reach in. The descriptor stays open for the life of the process: with its number used anew, the
//! linker would hand out the first library for the second.
//!
//! Other Unix: the bytes are copied into a new file in a new temporary folder that only the person can enter; another process of the
//! same person could still race. Windows: the file itself is held open, and as long as it is nobody may write, rename or remove it.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// Larger files are no plugins; reading them would only take long.
pub(crate) const LARGEST: u64 = 512 << 20;

/// A library that was read whole.
#[derive(Debug)]
pub(crate) struct Opened {
    path: PathBuf,
    #[cfg_attr(not(windows), allow(dead_code, reason = "held open on Windows"))]
    file: File,
    pub(crate) bytes: Vec<u8>,
}

impl Opened {
    /// Reads the library.
    ///
    /// # Errors
    /// It can't be opened or read, or no library is that large.
    pub(crate) fn read(path: &Path) -> std::io::Result<Self> {
        let file = imp::open(path)?;
        // Room for all of it at once: a buffer that grows is copied as often as it does.
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

    /// The path at which exactly these bytes can be mapped, for as long as the process lives.
    ///
    /// # Errors
    /// There is no room for a copy.
    pub(crate) fn seal(self) -> std::io::Result<PathBuf> {
        imp::seal(self)
    }
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

    use super::Opened;

    pub(super) fn open(path: &Path) -> std::io::Result<File> {
        File::open(path)
    }

    pub(super) fn seal(opened: Opened) -> std::io::Result<PathBuf> {
        let file = match in_memory(&opened.bytes) {
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                without_name(&opened.bytes, &opened.path)?
            }
            file => file?,
        };
        // Never closed.
        Ok(at(file.into_raw_fd()))
    }

    fn at(descriptor: i32) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{descriptor}"))
    }

    fn in_memory(bytes: &[u8]) -> std::io::Result<File> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let memory = match memfd_create("plugin", flags | MemfdFlags::EXEC) {
            // Kernels before 6.3 don't know the flag, and don't need it.
            Err(Errno::INVAL) => memfd_create("plugin", flags),
            memory => memory,
        };
        let mut file = File::from(memory?);
        file.write_all(bytes)?;
        let seals = SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL;
        fcntl_add_seals(&file, seals)?;
        Ok(file)
    }

    /// Beside the library, for what is mapped from there may be executed; where that is read-only, in the folder for temporary files.
    fn without_name(bytes: &[u8], library: &Path) -> std::io::Result<File> {
        let mut file = library
            .parent()
            .and_then(|folder| tempfile::tempfile_in(folder).ok())
            .map_or_else(tempfile::tempfile, Ok)?;
        file.write_all(bytes)?;
        // From here on nobody can write it.
        File::open(at(file.as_raw_fd()))
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
        // Removed by the system with its other temporary files: the library is mapped from it.
        let folder = tempfile::Builder::new().prefix("tw-").tempdir()?.keep();
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

    /// Others may read, and neither write nor remove.
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
