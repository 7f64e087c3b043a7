//! The ABI without the host: many plugins in one process, each loaded once by its own path and never unloaded.

use std::path::Path;

use tw_plugin_abi::{
    ABI, HostRef, PluginRootRef, ROOT_SYMBOL, RResult, RSlice, RStr, Reply, load::AbiHeaderRef,
};
use tw_plugin_protocol::{Call, Describe, ErrorKind, ErrorMessage, Manifest, Run};
use tw_tests::{artifacts, fixture, fixtures_of};

extern "C" fn no_host(
    _: u64,
    _: RStr<'_>,
    _: RSlice<'_, u8>,
    _: RSlice<'_, u8>,
) -> RResult<Reply, Reply> {
    RResult::RErr(Reply::default())
}

fn load(path: &Path) -> PluginRootRef {
    // SAFETY: the tests built the library, and it is never unmapped.
    unsafe {
        let library = Box::leak(Box::new(
            libloading::Library::new(path).expect("the library can be mapped"),
        ));
        let header = *library
            .get::<AbiHeaderRef>(ROOT_SYMBOL)
            .expect("the library exports a root");
        let header = header
            .upgrade()
            .expect("the header has this version of abi_stable");
        header
            .init_root_module::<PluginRootRef>()
            .expect("the layout matches")
    }
}

fn call(root: PluginRootRef, method: &str, payload: &[u8]) -> Result<Reply, Reply> {
    (root.call())(
        HostRef::new(1, no_host),
        method.into(),
        payload.into(),
        RSlice::EMPTY,
    )
    .into_result()
}

fn describe_name(root: PluginRootRef) -> String {
    let reply = call(root, Describe::METHOD, b"{}").expect("the plugin describes itself");
    let manifest: Manifest =
        serde_json::from_slice(&reply.payload).expect("the reply is a manifest");
    manifest.name
}

#[test]
fn many_plugins_in_one_process_keep_their_identity() {
    let bundled = &artifacts().plugins;
    let paths = [
        bundled["tw-plugin-secrets"].clone(),
        bundled["tw-plugin-workspaces"].clone(),
        fixture("tw-plugin-numbered"),
        fixtures_of("tests/fixtures-1.0")["tw-plugin-frozen"].clone(),
        fixtures_of("examples/hello")["tw-plugin-hello"].clone(),
    ];
    let roots: Vec<PluginRootRef> = paths.iter().map(|path| load(path)).collect();
    let names: Vec<String> = roots.iter().map(|root| describe_name(*root)).collect();
    assert_eq!(
        names,
        ["secrets", "workspaces", "numbered-000", "frozen", "hello"]
    );
    assert!(roots.iter().all(|root| root.abi() == ABI));
    // A second call, from another thread, returns the same names.
    let again: Vec<String> = std::thread::scope(|scope| {
        let asked = roots
            .iter()
            .map(|root| scope.spawn(|| describe_name(*root)));
        asked
            .collect::<Vec<_>>()
            .into_iter()
            .map(|asked| asked.join().expect("the thread ends"))
            .collect()
    });
    assert_eq!(again, names);
}

#[test]
fn a_plugin_refuses_unknown_methods_and_messages() {
    let root = load(&artifacts().plugins["tw-plugin-secrets"]);
    let failure = |method: &str, payload: &[u8]| -> ErrorMessage {
        let reply = call(root, method, payload).expect_err("the call fails");
        serde_json::from_slice(&reply.payload).expect("the reply is an error message")
    };
    assert_eq!(failure("dance", b"{}").kind, ErrorKind::Unsupported);
    assert_eq!(
        failure(Run::METHOD, br#"{"command": ["secrets", "dance"]}"#).kind,
        ErrorKind::Unsupported
    );
    assert_eq!(
        failure(Run::METHOD, b"not JSON").kind,
        ErrorKind::BadRequest
    );
}
