//! A plugin's library that is mapped into this process without the host.

use std::path::Path;

use tw_plugin_abi::{
    ABI, HostRef, PluginRootRef, ROOT_SYMBOL, RResult, RSlice, RStr, Reply,
    load::AbiHeaderRef,
    plain::{self, ENTRY_SYMBOL},
};

/// A mapped library, called through one of its two doors.
#[derive(Clone, Copy)]
pub enum Library {
    /// The root object.
    Root(PluginRootRef),
    /// The entry in plain C types.
    Plain(plain::Entry),
}

impl std::fmt::Debug for Library {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Root(_) => "Root",
            Self::Plain(_) => "Plain",
        })
    }
}

impl Library {
    /// Maps a library that this workspace built, and takes its root object.
    ///
    /// # Panics
    /// If the library can't be mapped or has no root object of this ABI.
    #[must_use]
    pub fn open_root(path: &Path) -> Self {
        // SAFETY: the library exports this type under this name.
        let header = unsafe { map(path).get::<AbiHeaderRef>(ROOT_SYMBOL) };
        let header = header.expect("the library exports a root").upgrade();
        let root = header
            .expect("the header has this version of the ABI")
            .init_root_module::<PluginRootRef>();
        let root = root.expect("the layout matches");
        assert_eq!(root.abi(), ABI, "{}", path.display());
        Self::Root(root)
    }

    /// Maps a library that this workspace built, and takes its entry in plain C types.
    ///
    /// # Panics
    /// If the library can't be mapped or has no such entry.
    #[must_use]
    pub fn open_plain(path: &Path) -> Self {
        // SAFETY: the library exports this type under this name.
        let entry = unsafe { map(path).get::<plain::Entry>(ENTRY_SYMBOL) };
        Self::Plain(*entry.expect("the library exports a plain entry"))
    }

    /// Calls a method of the plugin without a body.
    ///
    /// # Errors
    /// The reply of the plugin, if the method fails.
    pub fn call(self, host: HostRef, method: &str, payload: &[u8]) -> Result<Reply, Reply> {
        match self {
            Self::Root(root) => {
                (root.call())(host, method.into(), payload.into(), RSlice::EMPTY).into_result()
            }
            // SAFETY: the entry is that of a plugin of this workspace.
            Self::Plain(entry) => unsafe { plain::call(entry, host, method, payload, &[]) },
        }
    }
}

/// Maps a library as `tw` does, and never unmaps it.
fn map(path: &Path) -> &'static libloading::Library {
    // SAFETY: this workspace built the library, so its constructors are ours.
    let library = unsafe { libloading::Library::new(path) }.expect("the library can be mapped");
    Box::leak(Box::new(library))
}

/// Returns a host that refuses every call, with an empty reply.
#[must_use]
pub fn refusing_host() -> HostRef {
    HostRef::new(1, refuse)
}

extern "C" fn refuse(
    _: u64,
    _: RStr<'_>,
    _: RSlice<'_, u8>,
    _: RSlice<'_, u8>,
) -> RResult<Reply, Reply> {
    RResult::RErr(Reply::default())
}
