//! The stable ABI between `tw` and its plugins: two functions and the types that they take.
//!
//! The ABI is frozen for all of 1.x. It has a package of its own because abi_stable compares the version of the package
//! that defines a type. If these types were in `tw-plugin-api`, every 1.x host would refuse plugins built with
//! `tw-plugin-api` 2.0.0, even if no byte of the ABI had changed. Whatever evolves does so inside the messages
//! (`tw-plugin-protocol`). This crate transports them and gives them no meaning.
//!
//! # The rules
//!
//! The rules hold in both directions: the host calls [`PluginRoot::call`], and the plugin calls [`HostRef::call`]. Each
//! function takes the name of a method, a payload (JSON) and a raw body (bytes that are not part of the JSON). It
//! returns a payload and a raw body, as a success or as a failure.
//!
//! - **Threads.** A [`HostRef`] is `Send + Sync + Copy`: a plugin may call the host from several threads at the same
//!   time. The host makes one call into a plugin at a time, always from the same thread, unless the plugin's manifest
//!   says that it takes more.
//! - **Lifetime.** Borrowed arguments ([`RStr`], [`RSlice`]) live until the call returns. A library is never unloaded.
//!   A `HostRef` stays callable as long as the process lives, because it contains a number and no pointer to data. A
//!   call after the plugin's `run` has returned fails with the kind `closed`; it is never undefined behavior.
//! - **Ownership.** A [`Reply`] belongs to the side that receives it. Its vectors carry their own destructor, so the
//!   side that allocated them frees them, whichever allocator it uses.
//! - **Unwinding.** No panic crosses the boundary, in either direction. [`export!`] catches a panic on the plugin's
//!   side and returns it as a failure with its message and place. The host guards its own functions with [`guard`]. A
//!   plugin with `panic = "abort"` doesn't compile.
//! - **Reentrance.** During a call from the host, a plugin may call the host. During that call, the host doesn't call
//!   the plugin, unless the plugin's manifest says that it takes more.
//! - **Unknown methods.** Both sides answer an unknown method with a failure.
//!
//! # The second door
//!
//! abi_stable can be produced by Rust only. So every plugin exports the same function in plain C types too, and the host
//! takes a library that exports only that one. `include/tw_plugin.h` declares the types and repeats the rules for
//! authors in C and in every language that can call C; the module [`plain`] has the same types for Rust. The host uses
//! the root object if a library has one, because abi_stable checks its layout.
//!
//! Neither door passes pointers to objects of the other side, so a host can also run a plugin in a process of its own
//! and carry both functions over a socket.
#![deny(missing_docs)]

mod export;
mod host;
mod note;
mod panics;
pub mod plain;
mod root;

pub use abi_stable::std_types::{RResult, RSlice, RStr, RVec};
pub use host::{HostCall, HostRef};
pub use note::{MACH_SEGMENT, NOTE_SECTION};
pub use panics::{Panic, guard, take_stray_panics};
pub use root::{
    ABI, ABI_STABLE_VERSION, PluginCall, PluginRoot, PluginRootRef, ROOT_SYMBOL, Reply,
};

/// Items that [`export!`] expands to. They are no part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use crate::note::to_array;
    pub use crate::panics::guard_plugin;
    pub use crate::root::{header, root};
    pub use abi_stable::library::{__call_root_module_loader, LibHeader, RootModuleResult};
}

/// The types with which the host opens a library. A plugin doesn't need them.
pub mod load {
    pub use abi_stable::library::{AbiHeaderRef, LibHeader, LibraryError};
}
