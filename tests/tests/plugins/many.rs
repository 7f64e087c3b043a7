//! The ABI without the host: many plugins in one process, each loaded once by its own path and never unloaded.

use tw_plugin_protocol::{Call, Describe, ErrorKind, ErrorMessage, Manifest, Run};
use tw_tests::{Library, artifacts, fixture, fixtures_of, refusing_host};

fn describe_name(library: Library) -> String {
    let reply = library.call(refusing_host(), Describe::METHOD, b"{}");
    let reply = reply.expect("the plugin describes itself");
    let manifest: Manifest =
        serde_json::from_slice(&reply.payload).expect("the reply is a manifest");
    manifest.name
}

#[test]
fn many_plugins_in_one_process_keep_their_identity() {
    let bundled = &artifacts().plugins;
    let paths = [
        bundled["tw-plugin-rest"].clone(),
        bundled["tw-plugin-secrets"].clone(),
        bundled["tw-plugin-workspaces"].clone(),
        fixture("tw-plugin-numbered"),
        fixtures_of("tests/fixtures-1.0")["tw-plugin-frozen"].clone(),
        fixtures_of("examples/hello")["tw-plugin-hello"].clone(),
    ];
    let libraries: Vec<Library> = paths.iter().map(|path| Library::open_root(path)).collect();
    let names: Vec<String> = libraries
        .iter()
        .map(|library| describe_name(*library))
        .collect();
    assert_eq!(
        names,
        [
            "rest",
            "secrets",
            "workspaces",
            "numbered-000",
            "frozen",
            "hello"
        ]
    );
    // A second call, from another thread, returns the same names.
    let again: Vec<String> = std::thread::scope(|scope| {
        let asked = libraries
            .iter()
            .map(|library| scope.spawn(|| describe_name(*library)));
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
    let library = Library::open_root(&artifacts().plugins["tw-plugin-secrets"]);
    let failure = |method: &str, payload: &[u8]| -> ErrorMessage {
        let reply = library.call(refusing_host(), method, payload);
        let reply = reply.expect_err("the call fails");
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
