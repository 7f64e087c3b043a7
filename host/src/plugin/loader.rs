//! Mapping a library: the one place where foreign code enters the process.
//!
//! A library is loaded once, by absolute path, and never unloaded: its code may be on a thread's stack, in a thread-local's
//! destructor, or in an exit handler for as long as the process lives.

use std::{
    mem::ManuallyDrop,
    path::{Path, PathBuf},
};

use tw_plugin_abi::{
    ABI, HostRef, PluginRootRef, ROOT_SYMBOL, Reply,
    load::{AbiHeaderRef, LibHeader, LibraryError},
};

use crate::{
    error::{Error, ErrorKind},
    timing::measure,
    trust::Opened,
};

const REBUILD: &str = "build it anew with today's tw-plugin-api 1.x";

/// What is to be mapped: it was found safe.
#[derive(Debug)]
pub(crate) enum Image {
    /// The library at this absolute path: nobody could have replaced it who couldn't have replaced `tw` too, or who isn't the person themselves.
    File(PathBuf),
    /// These bytes and no others.
    Sealed(Opened),
}

/// A plugin that is mapped, with its layout checked.
#[derive(Clone, Copy)]
pub(crate) struct Library {
    root: PluginRootRef,
}

impl Library {
    /// Maps the library, which runs its constructors, and checks that it speaks our ABI.
    ///
    /// # Errors
    /// What is wrong with it, in a few lines; abi_stable's own words are the problem's detail.
    pub(crate) fn load(image: Image) -> Result<Self, Error> {
        let path = match image {
            // What was found safe is what the links lead to.
            Image::File(path) => path.canonicalize().unwrap_or(path),
            Image::Sealed(opened) => measure("sealing", || opened.seal()).map_err(|error| {
                Error::new(
                    ErrorKind::Failure,
                    format!("there is no place to map it from: {error}"),
                )
                .hint("see that its folder or the folder for temporary files can be written")
            })?,
        };
        debug_assert!(path.is_absolute());
        let library = measure("mapping", || map(&path))?;
        measure("layout check", || check(&library))
    }

    /// Calls the plugin.
    ///
    /// # Errors
    /// The plugin's failure, as it sent it.
    pub(crate) fn call(self, host: HostRef, method: &str, payload: &[u8]) -> Result<Reply, Reply> {
        let call = self.root.call();
        call(
            host,
            method.into(),
            payload.into(),
            tw_plugin_abi::RSlice::EMPTY,
        )
        .into_result()
    }
}

/// A mapped library that is never unmapped.
type Mapped = ManuallyDrop<libloading::Library>;

fn map(path: &Path) -> Result<Mapped, Error> {
    // SAFETY: mapping runs the library's constructors, which can do anything. That is why trust is settled before: the
    // caller has seen that whoever could have put the library there could have replaced this very binary.
    let library = unsafe { open(path) };
    library.map(ManuallyDrop::new).map_err(|error| {
        let text = tw_render::text::visible(&error.to_string()).into_owned();
        Error::new(ErrorKind::Failure, format!("it can't be loaded: {text}")).hint(REBUILD)
    })
}

#[cfg(unix)]
unsafe fn open(path: &Path) -> Result<libloading::Library, libloading::Error> {
    use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
    // Every symbol now, so that one that is missing is an error here and not a crash later.
    // SAFETY: the caller's.
    unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map(Into::into)
}

#[cfg(not(unix))]
unsafe fn open(path: &Path) -> Result<libloading::Library, libloading::Error> {
    // SAFETY: the caller's.
    unsafe { libloading::Library::new(path) }
}

fn check(library: &Mapped) -> Result<Library, Error> {
    // SAFETY: under this name an abi_stable library exports its header; the magic text in it is checked by `upgrade` before
    // anything else is believed. The library is never unmapped, so the reference holds for ever.
    let header = unsafe { library.get::<AbiHeaderRef>(ROOT_SYMBOL) }
        .map(|header| *header)
        .map_err(|_| {
            Error::new(
                ErrorKind::Unsupported,
                "it is a library, but not a tw plugin: it exports no plugin root",
            )
            .hint(
                "if it should be one, it needs `tw_plugin_api::export_plugin!`; if not, remove it",
            )
        })?;
    let header: &'static LibHeader = header.upgrade().map_err(|error| unfit(&error))?;
    if header.layout().is_none() {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "it leaves out the description of its layout, so it can't be checked",
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
    Ok(Library { root })
}

/// abi_stable's account of a mismatch is a thousand lines long: it goes into the detail.
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
    Error::new(ErrorKind::Failure, reason)
        .hint(REBUILD)
        .detail(error.to_string())
}

/// The version of the glibc that runs: `2.36`. None where there is none.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn glibc() -> Option<String> {
    // SAFETY: glibc returns a text that ends with a zero and lives for ever.
    let version = unsafe { std::ffi::CStr::from_ptr(libc::gnu_get_libc_version()) };
    version.to_str().ok().map(str::to_owned)
}

/// The version of the glibc that runs: there is none.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn glibc() -> Option<String> {
    None
}
