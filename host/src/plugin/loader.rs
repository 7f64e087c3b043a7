//! Maps a library. This is the one place where foreign code enters the process.
//!
//! A library is loaded once, from the file or the memory that was checked, and never unloaded, because its code may be on the stack of a thread, in the destructor of a
//! thread-local, or in an exit handler as long as the process lives.

use std::{mem::ManuallyDrop, path::Path};

use tw_plugin_abi::{
    ABI, HostRef, PluginRootRef, ROOT_SYMBOL, Reply,
    load::{AbiHeaderRef, LibHeader, LibraryError},
    plain::{self, ENTRY_SYMBOL},
};

use super::load_error;
use crate::{
    error::{Error, ErrorKind},
    process::Shortage,
    timing::measure,
    trust::{Held, Opened},
};

const REBUILD: &str = "build it again with the current tw-plugin-api 1.x";

/// A library that has passed the checks and may be mapped.
#[derive(Debug)]
pub(crate) enum Image {
    /// A file that only trusted users could have written.
    File(Held),
    /// Exactly these bytes.
    Sealed(Opened),
}

/// A mapped plugin.
#[derive(Clone, Copy)]
pub(crate) enum Library {
    /// A plugin whose root object was checked by abi_stable.
    Root(PluginRootRef),
    /// A plugin without a root object, which is called in plain C types.
    Plain(plain::Entry),
}

impl Library {
    /// Maps the library, which runs its constructors, and checks that it has this ABI.
    ///
    /// # Errors
    /// If the library can't be mapped, or has another ABI. The detail of the error is abi_stable's message.
    pub(crate) fn load(image: Image) -> Result<Self, Error> {
        Mapped::map(image)?.check()
    }

    /// Calls the plugin.
    ///
    /// # Errors
    /// If the plugin reports a failure. The error is the plugin's reply, which is not parsed yet.
    pub(crate) fn call(self, host: HostRef, method: &str, payload: &[u8]) -> Result<Reply, Reply> {
        match self {
            Self::Root(root) => {
                let call = root.call();
                call(
                    host,
                    method.into(),
                    payload.into(),
                    tw_plugin_abi::RSlice::EMPTY,
                )
                .into_result()
            }
            // SAFETY: a library exports `entry` under the name of this ABI, so it promises to follow the rules of `tw_plugin.h`. The host's
            // function is the same in every call of this process: a process either runs a command or describes a library.
            Self::Plain(entry) => unsafe { plain::call(entry, host, method, payload, &[]) },
        }
    }
}

/// A mapped library that is never unmapped.
pub(super) struct Mapped(ManuallyDrop<libloading::Library>);

impl Mapped {
    /// Maps the library, which runs its constructors.
    ///
    /// # Errors
    /// If the library can't be mapped.
    pub(super) fn map(image: Image) -> Result<Self, Error> {
        let (path, library) = match image {
            Image::File(held) => {
                let library = held.path.clone();
                (held.into_mappable(), library)
            }
            Image::Sealed(opened) => {
                let library = opened.path.clone();
                let path = measure("sealing", || opened.seal()).map_err(|error| {
                    Error::new(
                        ErrorKind::Failure,
                        format!("there is no place to map it from: {error}"),
                    )
                    .hint(match Shortage::of(&error) {
                        Some(shortage) => shortage.remedy(),
                        None if error.to_string().contains("/proc") => "mount /proc",
                        None => {
                            "check that its folder or the folder for temporary files is writable"
                        }
                    })
                })?;
                (path, library)
            }
        };
        debug_assert!(path.is_absolute());
        // SAFETY: mapping runs the library's constructors, which can do anything. So trust is settled before: an `Image` exists only for a library
        // that has passed the checks.
        let mapped = measure("mapping", || unsafe { open(&path) });
        // Messages name the plugin's file, not the place that it is mapped from.
        let mapped = mapped.map_err(|error| load_error::explain(&error, &path, &library))?;
        Ok(Self(ManuallyDrop::new(mapped)))
    }

    /// Checks that the library has this ABI.
    ///
    /// # Errors
    /// If the library has another ABI. The detail of the error is abi_stable's message.
    pub(super) fn check(&self) -> Result<Library, Error> {
        measure("layout check", || check(&self.0))
    }
}

#[cfg(unix)]
unsafe fn open(path: &Path) -> Result<libloading::Library, libloading::Error> {
    use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
    // RTLD_NOW makes a missing symbol an error here and not a crash later.
    // SAFETY: the caller of `open` guarantees that the library may be mapped.
    unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map(Into::into)
}

#[cfg(not(unix))]
unsafe fn open(path: &Path) -> Result<libloading::Library, libloading::Error> {
    // SAFETY: the caller of `open` guarantees that the library may be mapped.
    unsafe { libloading::Library::new(path) }
}

/// Finds the door of a library and checks it. The root object is preferred, because abi_stable checks its layout.
fn check(library: &libloading::Library) -> Result<Library, Error> {
    // SAFETY: under this name an abi_stable library exports its header; the magic text in it is checked by `upgrade` before
    // anything else is read. The library is never unmapped, so the reference stays valid.
    if let Ok(header) = unsafe { library.get::<AbiHeaderRef>(ROOT_SYMBOL) } {
        return check_root(*header).map(Library::Root);
    }
    // SAFETY: a library exports a function of this type under this name, which has the number of the ABI. The library is never unmapped.
    if let Ok(entry) = unsafe { library.get::<plain::Entry>(ENTRY_SYMBOL) } {
        return Ok(Library::Plain(*entry));
    }
    Err(Error::new(
        ErrorKind::Unsupported,
        "it is a library, but not a tw plugin: it exports no plugin root",
    )
    .hint("if it should be one, it needs `tw_plugin_api::export_plugin!`, or in C `tw_plugin_call_1`; if not, remove it"))
}

fn check_root(header: AbiHeaderRef) -> Result<PluginRootRef, Error> {
    let header: &'static LibHeader = header.upgrade().map_err(|error| unfit(&error))?;
    if header.layout().is_none() {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "it has no description of its layout, so it can't be checked",
        )
        .hint(REBUILD));
    }
    let root = header
        .init_root_module::<PluginRootRef>()
        .map_err(|error| unfit(&error))?;
    if root.abi() != ABI {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "it speaks the ABI {}, and this tw the ABI {ABI}",
                root.abi()
            ),
        )
        .hint(REBUILD));
    }
    Ok(root)
}

/// Makes the error of a failed check. abi_stable describes a mismatch in a thousand lines, which become the detail.
fn unfit(error: &LibraryError) -> Error {
    let reason = match error {
        LibraryError::InvalidAbiHeader(_) | LibraryError::InvalidCAbi { .. } => {
            "it was built with another version of abi_stable"
        }
        LibraryError::IncompatibleVersionNumber { .. } => {
            "its root is of another version of the ABI"
        }
        LibraryError::RootModule { .. } => "its root could not be made",
        _ => "its layout is not that of this ABI",
    };
    Error::new(ErrorKind::Unsupported, reason)
        .hint(REBUILD)
        .detail(error.to_string())
}

/// Returns the version of the running glibc, such as `2.36`. `None` if the system has no glibc.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn glibc() -> Option<String> {
    // SAFETY: glibc returns a static text that ends with a NUL byte.
    let version = unsafe { std::ffi::CStr::from_ptr(libc::gnu_get_libc_version()) };
    version.to_str().ok().map(str::to_owned)
}

/// Returns `None`, because this system has no glibc.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn glibc() -> Option<String> {
    None
}
