//! What a plugin library exports: one root object with one function.

use abi_stable::{
    StableAbi,
    library::{CheckTypeLayout, LibHeader, RootModule, RootModuleResult},
    prefix_type::PrefixTypeTrait,
    sabi_types::VersionStrings,
    std_types::{RResult, RSlice, RStr, RVec},
};

use crate::HostRef;

/// The number of this ABI. It stands in the library's note and in its root object, and changes only
/// with an ABI that is no longer this one. It is not a product version.
pub const ABI: u32 = 1;

/// The one version of abi_stable that speaks this ABI.
pub const ABI_STABLE_VERSION: &str = "0.11.3";

/// The symbol under which a library exports its root object, with the NUL that the loader wants.
pub const ROOT_SYMBOL: &[u8] = b"_1as_0lib_1header_0root_bmodule_bloader\0";

/// What a call gives back: a message and raw bytes beside it. Both may be empty.
#[repr(C)]
#[derive(StableAbi, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The message, JSON.
    pub payload: RVec<u8>,
    /// Bytes that belong to the message and are not part of the JSON.
    pub body: RVec<u8>,
}

impl Reply {
    /// A reply of a message and raw bytes.
    pub fn new(payload: Vec<u8>, body: Vec<u8>) -> Self {
        Self {
            payload: payload.into(),
            body: body.into(),
        }
    }
}

impl std::fmt::Debug for Reply {
    /// Sizes only: a reply can hold a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply")
            .field("payload_bytes", &self.payload.len())
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// The function of a plugin that the host calls: the host's handle, a method, its payload, its body.
/// The rules are those of the [crate's front page](crate#the-rules).
pub type PluginCall = for<'a> extern "C" fn(
    HostRef,
    RStr<'a>,
    RSlice<'a, u8>,
    RSlice<'a, u8>,
) -> RResult<Reply, Reply>;

/// The root object of a plugin library. Frozen: no field is ever added, removed or changed.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = PluginRootRef)))]
#[sabi(missing_field(panic))]
#[allow(missing_debug_implementations)]
pub struct PluginRoot {
    /// [`ABI`], as it was when the plugin was built.
    pub abi: u32,
    /// The plugin's one function, a [`PluginCall`] (written out because abi_stable's derive can't see through the alias).
    #[sabi(last_prefix_field)]
    pub call: for<'a> extern "C" fn(
        HostRef,
        RStr<'a>,
        RSlice<'a, u8>,
        RSlice<'a, u8>,
    ) -> RResult<Reply, Reply>,
}

impl RootModule for PluginRootRef {
    abi_stable::declare_root_module_statics! {PluginRootRef}
    const BASE_NAME: &'static str = "tw_plugin";
    const NAME: &'static str = "tw_plugin";
    // Literal, and never this package's version: it is part of the ABI.
    const VERSION_STRINGS: VersionStrings = VersionStrings::new("1.0.0");
}

/// The header that [`export!`](crate::export!) puts into a library, with the layout that the host checks.
#[doc(hidden)]
pub const fn header(constructor: extern "C" fn() -> RootModuleResult) -> LibHeader {
    // SAFETY: `constructor` must hand out a `PluginRootRef` in its erased form. The only constructor is the one
    // that `export!` writes, which returns what `root` below made, through abi_stable's own loader function.
    unsafe { LibHeader::from_constructor::<PluginRootRef>(constructor, CheckTypeLayout::Yes) }
}

/// A root object for ever, as its constructor hands it out.
#[doc(hidden)]
pub fn root(call: PluginCall) -> PluginRootRef {
    PluginRoot { abi: ABI, call }.leak_into_prefix()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_symbol_is_the_one_abi_stable_looks_for() {
        assert_eq!(
            ROOT_SYMBOL,
            abi_stable::library::ROOT_MODULE_LOADER_NAME_WITH_NUL.as_bytes()
        );
    }

    #[test]
    fn the_root_is_versioned_by_a_literal() {
        assert_eq!(PluginRootRef::VERSION_STRINGS.version.as_str(), "1.0.0");
        let item = <Reply as StableAbi>::LAYOUT.item_info();
        assert_eq!(
            item.version(),
            "1.0.0",
            "the package that defines the ABI is 1.0.0 for all of 1.x"
        );
    }
    #[test]
    fn a_reply_shows_sizes_only() {
        let shown = format!("{:?}", Reply::new(b"sesame".to_vec(), b"open".to_vec()));
        assert_eq!(shown, "Reply { payload_bytes: 6, body_bytes: 4 }");
    }
}
