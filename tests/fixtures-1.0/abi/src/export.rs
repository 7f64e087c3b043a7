//! The macro that turns a `cdylib` crate into a plugin.

/// Exports a plugin from a `cdylib` crate. The library then contains the root object that the host looks for, the same
/// function in [plain C types](crate::plain), and the [note](crate::NOTE_SECTION) that the host reads before it maps the
/// library. A panic in the plugin becomes a failure.
///
/// Plugin authors use `tw_plugin_api::export_plugin!`, which expands to this macro. The arguments are:
///
/// - `handler`, a `fn(HostRef, &str, &[u8], &[u8]) -> Result<Reply, Reply>`, answers a call of the host. It gets the
///   handle of the host, the method, the payload and the raw body.
/// - `panicked`, a `fn(Panic) -> Reply`, converts a panic of `handler` into a failure.
/// - `protocol`, an integer literal, is the number of the protocol that the messages follow.
///
/// The macro works in a crate that forbids unsafe code.
///
/// ```
/// #![forbid(unsafe_code)]
/// use tw_plugin_abi::{HostRef, Panic, Reply};
///
/// fn handler(_host: HostRef, method: &str, _payload: &[u8], body: &[u8]) -> Result<Reply, Reply> {
///     Ok(Reply::new(method.as_bytes().to_vec(), body.to_vec()))
/// }
///
/// fn report_panic(panic: Panic) -> Reply {
///     Reply::new(panic.message.into_bytes(), Vec::new())
/// }
///
/// tw_plugin_abi::export!(handler: handler, panicked: report_panic, protocol: 1);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export {
    (handler: $handler:expr, panicked: $panicked:expr, protocol: $protocol:literal) => {
        const _: () = {
            #[cfg(panic = "abort")]
            ::core::compile_error!(
                "a tw plugin can't be built with panic = \"abort\": a panic in it must become an error instead of the end of the host. Remove the setting from the profile"
            );

            extern "C" fn call<'a>(
                host: $crate::HostRef,
                method: $crate::RStr<'a>,
                payload: $crate::RSlice<'a, u8>,
                body: $crate::RSlice<'a, u8>,
            ) -> $crate::RResult<$crate::Reply, $crate::Reply> {
                let handler: fn($crate::HostRef, &str, &[u8], &[u8]) -> ::core::result::Result<$crate::Reply, $crate::Reply> = $handler;
                let panicked: fn($crate::Panic) -> $crate::Reply = $panicked;
                match $crate::__private::guard_plugin(|| {
                    handler(host, method.as_str(), payload.as_slice(), body.as_slice())
                }) {
                    ::core::result::Result::Ok(::core::result::Result::Ok(reply)) => $crate::RResult::ROk(reply),
                    ::core::result::Result::Ok(::core::result::Result::Err(reply)) => $crate::RResult::RErr(reply),
                    ::core::result::Result::Err(panic) => $crate::RResult::RErr(panicked(panic)),
                }
            }

            extern "C" fn root() -> $crate::__private::RootModuleResult {
                $crate::__private::__call_root_module_loader(|| $crate::__private::root(call))
            }

            #[unsafe(export_name = "_1as_0lib_1header_0root_bmodule_bloader")]
            pub static ROOT: $crate::__private::LibHeader = $crate::__private::header(root);

            // The lint `unsafe_code` doesn't report code from another crate's macro, so this compiles in a crate that
            // forbids unsafe code.
            #[unsafe(export_name = "tw_plugin_call_1")]
            unsafe extern "C" fn enter(
                host: *const $crate::plain::Host,
                method: $crate::plain::Bytes,
                payload: $crate::plain::Bytes,
                body: $crate::plain::Bytes,
                out: *mut $crate::plain::Answer,
            ) {
                // SAFETY: the host follows the rules of `tw_plugin.h`.
                unsafe { $crate::plain::enter(host, method, payload, body, out, call) }
            }

            // `concat!` takes only literals, so the text below and the symbol above repeat the value of `ABI`.
            const _: () = ::core::assert!($crate::ABI == 1);
            const TEXT: &str = ::core::concat!(
                "{\"note\":1,\"package\":\"", ::core::env!("CARGO_PKG_NAME"),
                "\",\"version\":\"", ::core::env!("CARGO_PKG_VERSION"),
                "\",\"abi\":1,\"protocol\":", $protocol, "}"
            );

            #[used]
            #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__tw_plugin"))]
            #[cfg_attr(windows, unsafe(link_section = ".twplug"))]
            #[cfg_attr(not(any(target_vendor = "apple", windows)), unsafe(link_section = "tw_plugin"))]
            static NOTE: [u8; TEXT.len()] = $crate::__private::to_array(TEXT);
        };
    };
}
