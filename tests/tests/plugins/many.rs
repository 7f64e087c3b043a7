//! The ABI by itself: many plugins in one process, each loaded once, by its own path, and never unloaded.

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
        let library = Box::leak(Box::new(libloading::Library::new(path).expect("it maps")));
        let header = *library
            .get::<AbiHeaderRef>(ROOT_SYMBOL)
            .expect("it exports a root");
        let header = header.upgrade().expect("it is of this abi_stable");
        header
            .init_root_module::<PluginRootRef>()
            .expect("its layout is ours")
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

fn name(root: PluginRootRef) -> String {
    let reply = call(root, Describe::METHOD, b"{}").expect("it says what it is");
    let manifest: Manifest = serde_json::from_slice(&reply.payload).expect("a manifest");
    manifest.name
}

#[test]
fn many_plugins_live_in_one_process_and_each_is_itself() {
    let bundled = &artifacts().plugins;
    let paths = [
        bundled["tw-plugin-secrets"].clone(),
        bundled["tw-plugin-workspaces"].clone(),
        fixture("tw-plugin-numbered"),
        fixtures_of("tests/fixtures-1.0")["tw-plugin-frozen"].clone(),
        fixtures_of("examples/hello")["tw-plugin-hello"].clone(),
    ];
    let roots: Vec<PluginRootRef> = paths.iter().map(|path| load(path)).collect();
    let names: Vec<String> = roots.iter().map(|root| name(*root)).collect();
    assert_eq!(
        names,
        ["secrets", "workspaces", "numbered-000", "frozen", "hello"]
    );
    assert!(roots.iter().all(|root| root.abi() == ABI));
    // Asked again, and from another thread, each is still itself.
    let again: Vec<String> = std::thread::scope(|scope| {
        let asked = roots.iter().map(|root| scope.spawn(|| name(*root)));
        asked
            .collect::<Vec<_>>()
            .into_iter()
            .map(|asked| asked.join().expect("it answers"))
            .collect()
    });
    assert_eq!(again, names);
}

#[test]
fn what_a_plugin_does_not_know_it_says() {
    let root = load(&artifacts().plugins["tw-plugin-secrets"]);
    let failure = |method: &str, payload: &[u8]| -> ErrorMessage {
        let reply = call(root, method, payload).expect_err("it fails");
        serde_json::from_slice(&reply.payload).expect("an error message")
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
