//! The second door: a plugin that `export!` makes is called through `tw_plugin_call_1`, and the other side may be wrong.
#![allow(clippy::expect_used, reason = "a failed test panics with its reason")]

use std::{
    ffi::c_void,
    ptr,
    sync::atomic::{AtomicUsize, Ordering},
};

use tw_plugin_abi::{
    HostRef, Panic, RResult, RSlice, RStr, Reply,
    plain::{self, Answer, Bytes, Host},
};

/// Calls the host if the method is `nested`, panics if it is `panic`, and fails if it is `fail`. Otherwise returns the
/// method and the body.
fn handler(host: HostRef, method: &str, payload: &[u8], body: &[u8]) -> Result<Reply, Reply> {
    match method {
        "nested" => host.call("double", payload, body),
        "nested-failure" => host.call("refuse", payload, body),
        "panic" => panic!("spilled tea"),
        "fail" => Err(Reply::new(b"{\"message\":\"no\"}".to_vec(), body.to_vec())),
        _ => Ok(Reply::new(method.as_bytes().to_vec(), body.to_vec())),
    }
}

fn panicked(panic: Panic) -> Reply {
    Reply::new(panic.message.into_bytes(), Vec::new())
}

tw_plugin_abi::export!(handler: handler, panicked: panicked, protocol: 1);

unsafe extern "C" {
    fn tw_plugin_call_1(
        host: *const Host,
        method: Bytes,
        payload: Bytes,
        body: Bytes,
        out: *mut Answer,
    );
}

/// The host of all tests: a process has one.
extern "C" fn host(
    run: u64,
    method: RStr<'_>,
    payload: RSlice<'_, u8>,
    body: RSlice<'_, u8>,
) -> RResult<Reply, Reply> {
    match method.as_str() {
        "double" => RResult::ROk(Reply::new(
            payload.repeat(2),
            [body.as_slice(), &run.to_le_bytes()].concat(),
        )),
        _ => RResult::RErr(Reply::new(b"refused".to_vec(), payload.to_vec())),
    }
}

/// Calls a plugin's entry as `tw` does.
fn call(entry: plain::Entry, method: &str, payload: &[u8], body: &[u8]) -> Result<Reply, Reply> {
    // SAFETY: every entry in this file follows the rules, or breaks one that `plain::call` detects.
    unsafe { plain::call(entry, HostRef::new(7, host), method, payload, body) }
}

fn reply(payload: &[u8], body: &[u8]) -> Reply {
    Reply::new(payload.to_vec(), body.to_vec())
}

fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.payload).into_owned()
}

#[test]
fn a_plugin_answers_through_the_plain_entry() {
    let body = [0, 255, 7];
    assert_eq!(
        call(tw_plugin_call_1, "describe", b"{}", &body),
        Ok(reply(b"describe", &body))
    );
    assert_eq!(call(tw_plugin_call_1, "", b"", b""), Ok(reply(b"", b"")));
    assert_eq!(
        call(tw_plugin_call_1, "fail", b"", b"why"),
        Err(reply(b"{\"message\":\"no\"}", b"why"))
    );
}

#[test]
fn a_nested_call_reaches_the_host_with_every_part() {
    let expected = [&b"raw"[..], &7u64.to_le_bytes()].concat();
    assert_eq!(
        call(tw_plugin_call_1, "nested", b"ab", b"raw"),
        Ok(reply(b"abab", &expected))
    );
    assert_eq!(
        call(tw_plugin_call_1, "nested-failure", b"ab", b"raw"),
        Err(reply(b"refused", b"ab"))
    );
}

#[test]
fn a_panic_becomes_a_failure() {
    let failure = call(tw_plugin_call_1, "panic", b"", b"").expect_err("it panics");
    assert_eq!(text(&failure), "spilled tea");
}

/// Calls the plugin of this file with these arguments, and returns the payload of its failure.
fn fail(host: *const Host, method: Bytes, payload: Bytes) -> String {
    let mut answer = Answer::UNFILLED;
    // SAFETY: the pointers are valid or null.
    let result = unsafe {
        tw_plugin_call_1(host, method, payload, Bytes::EMPTY, &raw mut answer);
        answer.take()
    };
    text(&result.expect_err("the call breaks a rule"))
}

#[test]
fn a_call_that_breaks_the_rules_fails() {
    let host = Host { run: 1, call: None };
    let method = Bytes::new(b"describe");
    let null = Bytes {
        ptr: ptr::null(),
        len: 3,
    };
    let huge = Bytes {
        ptr: b"x".as_ptr(),
        len: usize::MAX,
    };
    for (failure, fault) in [
        (fail(ptr::null(), method, Bytes::EMPTY), "there is no host"),
        (
            fail(&raw const host, method, Bytes::EMPTY),
            "there is no host",
        ),
        (
            fail(&raw const host, null, Bytes::EMPTY),
            "a length and no pointer",
        ),
        (
            fail(&raw const host, method, null),
            "a length and no pointer",
        ),
        (
            fail(&raw const host, method, huge),
            "the length of bytes is too large",
        ),
        (
            fail(&raw const host, Bytes::new(b"\xff"), Bytes::EMPTY),
            "a method is not UTF-8",
        ),
    ] {
        assert!(
            failure.starts_with("{\"kind\":\"bad_request\",\"message\":\"it breaks the rules")
                && failure.ends_with(&format!("{fault}\"}}")),
            "{failure}"
        );
    }
    // SAFETY: a null pointer in place of the answer is all that is wrong.
    unsafe {
        tw_plugin_call_1(
            &raw const host,
            method,
            Bytes::EMPTY,
            Bytes::EMPTY,
            ptr::null_mut(),
        )
    };
}

/// Fills nothing.
unsafe extern "C" fn silent(_: *const Host, _: Bytes, _: Bytes, _: Bytes, _: *mut Answer) {}

/// Answers with bytes that need no release.
unsafe extern "C" fn constant(_: *const Host, _: Bytes, _: Bytes, _: Bytes, out: *mut Answer) {
    let answer = Answer {
        failed: 0,
        payload: Bytes::new(b"{}"),
        ..Answer::UNFILLED
    };
    // SAFETY: the caller passes a place for an answer.
    unsafe { out.write(answer) };
}

static RELEASED: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C" fn count_release(owner: *mut c_void) {
    assert_eq!(owner.addr(), 16, "the owner comes back");
    RELEASED.fetch_add(1, Ordering::SeqCst);
}

/// Answers with a null pointer that has a length. Succeeds if the method is `success`.
unsafe extern "C" fn broken(_: *const Host, method: Bytes, _: Bytes, _: Bytes, out: *mut Answer) {
    let answer = Answer {
        failed: i32::from(method.len != "success".len()),
        payload: Bytes::EMPTY,
        body: Bytes {
            ptr: ptr::null(),
            len: 1,
        },
        owner: ptr::without_provenance_mut(16),
        release: Some(count_release),
    };
    // SAFETY: the caller passes a place for an answer.
    unsafe { out.write(answer) };
}

#[test]
fn an_answer_that_breaks_the_rules_is_a_failure_and_is_released_once() {
    assert_eq!(call(silent, "run", b"", b""), Err(Reply::default()));
    assert_eq!(call(constant, "run", b"", b""), Ok(reply(b"{}", b"")));
    for (number, method) in ["success", "failure"].into_iter().enumerate() {
        let failure = call(broken, method, b"", b"").expect_err("its body has no pointer");
        assert!(text(&failure).contains("a length and no pointer"));
        assert_eq!(RELEASED.load(Ordering::SeqCst), number + 1);
    }
}

/// Calls the host with a method that is not UTF-8, and passes the answer on.
unsafe extern "C" fn mumble(host: *const Host, _: Bytes, _: Bytes, _: Bytes, out: *mut Answer) {
    // SAFETY: the caller passes a handle and a place for an answer.
    unsafe {
        let host = *host;
        let call = host.call.expect("the host has a function");
        call(
            host.run,
            Bytes::new(b"\xff"),
            Bytes::EMPTY,
            Bytes::EMPTY,
            ptr::null_mut(),
        );
        call(
            host.run,
            Bytes::new(b"\xff"),
            Bytes::EMPTY,
            Bytes::EMPTY,
            out,
        );
    }
}

#[test]
fn the_host_refuses_a_call_that_breaks_the_rules() {
    let failure = call(mumble, "run", b"", b"").expect_err("the call breaks a rule");
    assert!(text(&failure).contains("a method is not UTF-8"));
}
