//! The root object that a plugin library exports.

use abi_stable::{
    StableAbi,
    library::{CheckTypeLayout, LibHeader, RootModule, RootModuleResult},
    prefix_type::PrefixTypeTrait,
    sabi_types::VersionStrings,
    std_types::{RResult, RSlice, RStr, RVec},
};

use crate::HostRef;

/// The number of this ABI, in the library's note and in its root object. It changes only with an incompatible ABI. It
/// is independent of the version of `tw` and of this crate.
pub const ABI: u32 = 1;

/// The version of abi_stable that this ABI is bound to. Libraries with another version are incompatible.
pub const ABI_STABLE_VERSION: &str = "0.11.3";

/// The symbol under which a library exports its root object, with the NUL byte that a dynamic loader expects.
pub const ROOT_SYMBOL: &[u8] = b"_1as_0lib_1header_0root_bmodule_bloader\0";

/// The answer to a call: a message, and raw bytes beside it. Both can be empty.
#[repr(C)]
#[derive(StableAbi, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The message, as JSON.
    pub payload: RVec<u8>,
    /// Bytes that belong to the message, outside of the JSON so that they need no escaping.
    pub body: RVec<u8>,
}

impl Reply {
    /// Creates a reply from a message and raw bytes.
    pub fn new(payload: Vec<u8>, body: Vec<u8>) -> Self {
        Self {
            payload: payload.into(),
            body: body.into(),
        }
    }
}

impl std::fmt::Debug for Reply {
    /// Shows sizes only, because a reply can contain a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply")
            .field("payload_bytes", &self.payload.len())
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// The function of a plugin that the host calls. It takes the handle of the host, the method, the payload and the raw
/// body, and follows [the rules](crate#the-rules).
pub type PluginCall = for<'a> extern "C" fn(
    HostRef,
    RStr<'a>,
    RSlice<'a, u8>,
    RSlice<'a, u8>,
) -> RResult<Reply, Reply>;

/// The root object of a plugin library. It is frozen: no field may be added, removed or changed.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = PluginRootRef)))]
#[sabi(missing_field(panic))]
#[allow(missing_debug_implementations)]
pub struct PluginRoot {
    /// The value of [`ABI`] when the plugin was built.
    pub abi: u32,
    /// The plugin's function, a [`PluginCall`]. The type is written out because abi_stable's derive doesn't resolve
    /// aliases.
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
    // A literal instead of the package's version, because this text is part of the ABI.
    const VERSION_STRINGS: VersionStrings = VersionStrings::new("1.0.0");
}

/// Creates the header that [`export!`](crate::export!) puts into a library. The host checks the layout in it.
#[doc(hidden)]
pub const fn header(constructor: extern "C" fn() -> RootModuleResult) -> LibHeader {
    // SAFETY: `constructor` must return a `PluginRootRef` in its erased form. The only constructor is the one in
    // `export!`. It passes the result of `root` below through abi_stable's own loader function, which erases the type.
    unsafe { LibHeader::from_constructor::<PluginRootRef>(constructor, CheckTypeLayout::Yes) }
}

/// Creates the root object. It is never freed, because a library is never unloaded.
#[doc(hidden)]
pub fn root(call: PluginCall) -> PluginRootRef {
    PluginRoot { abi: ABI, call }.leak_into_prefix()
}
