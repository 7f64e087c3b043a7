//! The stable ABI between `tw` and its plugins: two functions, the four types they take, nothing else.
//!
//! It is frozen for all of 1.x, and stands in a package of its own because abi_stable compares the version of
//! the package that defines a type: were the types in `tw-plugin-api`, its 2.0.0 would be refused by every
//! 1.x host although not one byte had changed. Everything that evolves, evolves inside the messages
//! (`tw-plugin-protocol`); this crate gives them transport and no meaning.
//!
//! # The rules
//!
//! They stand here once and hold for both directions: the host calls [`PluginRoot::call`], the plugin calls
//! [`HostRef::call`]. Each takes the name of a method, a payload (JSON) and a raw body (bytes that are never
//! escaped into the JSON), and answers with a payload and a body, as success or as failure.
//!
//! - **Threads.** A [`HostRef`] is `Send + Sync + Copy`: a plugin may call the host from several threads at once.
//!   The host makes one call into a plugin at a time, and from one thread.
//! - **Lifetime.** What is borrowed ([`RStr`], [`RSlice`]) lives until the call returns, and no longer. A library is
//!   never unloaded, and a `HostRef` stays callable as long as the process lives: it holds a number, not a
//!   pointer. A call after the plugin's `run` has returned is answered with a failure (`closed`); it is never undefined.
//! - **Ownership.** A [`Reply`] belongs to whoever receives it. Its vectors carry their own destructor, so they are freed
//!   by the side that allocated them, whatever allocator that side has.
//! - **Unwinding.** No panic crosses, in either direction. [`export!`] catches it on the plugin's side and hands it over as a
//!   failure with its message and place; the host guards its own side with [`guard`] too. A plugin built with `panic = "abort"`
//!   doesn't compile.
//! - **Reentrance.** Inside a call from the host, a plugin may call the host; inside that, the host never calls the plugin.
//! - **Unknown methods** are answered with a failure on both sides, never with undefined behaviour.
#![deny(missing_docs)]

mod export;
mod host;
mod note;
mod panics;
mod root;

pub use abi_stable::std_types::{RResult, RSlice, RStr, RVec};
pub use host::{HostCall, HostRef};
pub use note::{MACH_SEGMENT, NOTE_SECTION};
pub use panics::{Panic, guard, take_stray_panics};
pub use root::{
    ABI, ABI_STABLE_VERSION, PluginCall, PluginRoot, PluginRootRef, ROOT_SYMBOL, Reply,
};

/// What [`export!`] expands to names these; not for use by hand.
#[doc(hidden)]
pub mod __private {
    pub use crate::note::bytes;
    pub use crate::panics::guard_plugin;
    pub use crate::root::{header, root};
    pub use abi_stable::library::{__call_root_module_loader, LibHeader, RootModuleResult};
}

/// What the host needs to open a library; a plugin never does.
pub mod load {
    pub use abi_stable::library::{AbiHeaderRef, LibHeader, LibraryError};
}
