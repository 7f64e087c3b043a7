//! A small host of 1.0: it loads a library, asks what it is, runs one command, and prints the reply's message and its body, a line each.
//!
//! `tw-host-1-0 LIBRARY URL TOKEN 'JSON of the run request'`. It answers `http.send` for paths below the URL, and `workspace.resolve` for the
//! user's own workspace.

use std::sync::OnceLock;

use tw_plugin_abi::{
    ABI, HostRef, PluginRootRef, RResult, RSlice, RStr, ROOT_SYMBOL, Reply, load::AbiHeaderRef,
};
use tw_plugin_protocol::{
    Call, Describe, DescribeRequest, ErrorKind, ErrorMessage, HttpRequest, HttpResponse, HttpSend, Manifest, PROTOCOL, Run,
    RunRequest, Span, Workspace, WorkspaceResolve, to_bytes,
};

static API: OnceLock<(String, String)> = OnceLock::new();

extern "C" fn host(_: u64, method: RStr<'_>, payload: RSlice<'_, u8>, body: RSlice<'_, u8>) -> RResult<Reply, Reply> {
    match answer(method.as_str(), payload.as_slice(), body.as_slice()) {
        Ok((message, body)) => RResult::ROk(Reply::new(message, body)),
        Err(error) => RResult::RErr(Reply::new(to_bytes(&error), Vec::new())),
    }
}

fn answer(method: &str, payload: &[u8], body: &[u8]) -> Result<(Vec<u8>, Vec<u8>), ErrorMessage> {
    match method {
        HttpSend::METHOD => send(&serde_json::from_slice(payload).map_err(|error| failure(&error))?, body),
        WorkspaceResolve::METHOD => {
            let workspace = Workspace {
                reference: "user".to_owned(),
                ..Default::default()
            };
            Ok((to_bytes(&workspace), Vec::new()))
        }
        _ => Err(ErrorMessage::new(ErrorKind::Unsupported, format!("a host of 1.0 doesn't know `{method}`"))),
    }
}

fn send(request: &HttpRequest, body: &[u8]) -> Result<(Vec<u8>, Vec<u8>), ErrorMessage> {
    let (url, token) = API.get().expect("set by main");
    let query: Vec<String> = request.query.iter().map(|pair| format!("{}={}", pair.name, pair.value)).collect();
    let mut call = ureq::http::Request::builder()
        .method(request.method.as_str())
        .uri(format!("{url}{}?{}", request.url, query.join("&")))
        .header("authorization", format!("Bearer {token}"));
    for header in &request.headers {
        call = call.header(&header.name, &header.value);
    }
    let part = request.body.map_or(&[][..], |span| &body[span.offset as usize..][..span.length as usize]);
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut answered = agent.run(call.body(part).map_err(|error| failure(&error))?).map_err(|error| failure(&error))?;
    let bytes = answered.body_mut().read_to_vec().map_err(|error| failure(&error))?;
    let response = HttpResponse {
        status: answered.status().as_u16(),
        body: Some(Span {
            offset: 0,
            length: bytes.len() as u64,
        }),
        attempts: 1,
        ..Default::default()
    };
    Ok((to_bytes(&response), bytes))
}

fn failure(error: &dyn std::fmt::Display) -> ErrorMessage {
    ErrorMessage {
        kind: ErrorKind::Network,
        message: error.to_string(),
        ..Default::default()
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [library, url, token, request] = arguments.as_slice() else {
        panic!("LIBRARY URL TOKEN REQUEST");
    };
    API.set((url.clone(), token.clone())).expect("set once");
    // SAFETY: the tests built the library; it is never unmapped.
    let root = unsafe {
        let library = Box::leak(Box::new(libloading::Library::new(library).expect("the library maps")));
        let header = *library.get::<AbiHeaderRef>(ROOT_SYMBOL).expect("it exports a root");
        let header = header.upgrade().expect("it is of this abi_stable");
        assert!(header.layout().is_some(), "it describes its layout");
        header.init_root_module::<PluginRootRef>().expect("its layout is that of 1.0")
    };
    assert_eq!(root.abi(), ABI);
    let call = |method: &str, payload: Vec<u8>| {
        (root.call())(HostRef::new(1, host), method.into(), payload.as_slice().into(), RSlice::EMPTY).into_result()
    };
    let described = call(Describe::METHOD, to_bytes(&DescribeRequest { protocol: PROTOCOL, host_version: "1.0.0".into(), ..Default::default() }));
    let manifest: Manifest = serde_json::from_slice(&described.expect("it describes itself").payload).expect("a manifest of 1.0");
    assert!(!manifest.commands.is_empty());
    let request: RunRequest = serde_json::from_str(request).expect("a run request of 1.0");
    let (reply, exit) = match call(Run::METHOD, to_bytes(&request)) {
        Ok(reply) => (reply, 0),
        Err(reply) => (reply, 1),
    };
    println!("{}", String::from_utf8_lossy(&reply.payload));
    println!("{}", String::from_utf8_lossy(&reply.body));
    std::process::exit(exit);
}
