//! The second door: the same two functions in plain C types, as `include/tw_plugin.h` declares them.
//!
//! The header has the rules, because authors in other languages read only the header. A plugin in Rust answers calls
//! through this door with the code that answers calls through the root object: [`export!`](crate::export!) exports both.

use std::{
    ffi::c_void,
    ptr,
    sync::{Mutex, PoisonError},
};

use abi_stable::std_types::{RResult, RSlice, RStr};

use crate::{HostCall, HostRef, PluginCall, Reply};

/// The symbol under which a library exports its [`Entry`], with the NUL byte that a dynamic loader expects. The number
/// in it is the value of [`ABI`](crate::ABI).
pub const ENTRY_SYMBOL: &[u8] = b"tw_plugin_call_1\0";

/// Borrowed bytes, the C type `tw_bytes`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Bytes {
    /// The first byte. It can be null if `len` is 0.
    pub ptr: *const u8,
    /// The number of bytes.
    pub len: usize,
}

impl Bytes {
    /// No bytes.
    pub const EMPTY: Self = Self {
        ptr: ptr::null(),
        len: 0,
    };

    /// Borrows these bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Self {
            ptr: bytes.as_ptr(),
            len: bytes.len(),
        }
    }

    /// Returns the bytes.
    ///
    /// # Errors
    /// If the pointer is null although there are bytes, or if the length is larger than any object in memory.
    ///
    /// # Safety
    /// If the length is not 0 and the pointer is not null, the bytes must stay valid and unchanged for `'a`.
    pub unsafe fn as_slice<'a>(self) -> Result<&'a [u8], Reply> {
        match self.len {
            0 => Ok(&[]),
            _ if self.ptr.is_null() => Err(describe_fault("bytes have a length and no pointer")),
            len if isize::try_from(len).is_err() => {
                Err(describe_fault("the length of bytes is too large"))
            }
            // SAFETY: the pointer is not null and the length fits into `isize`; the caller guarantees the rest.
            len => Ok(unsafe { std::slice::from_raw_parts(self.ptr, len) }),
        }
    }
}

/// The answer to a call, the C type `tw_answer`. The receiver reads it and calls `release` once: see
/// [`take`](Self::take).
#[repr(C)]
#[derive(Debug)]
pub struct Answer {
    /// 0 for a success. Every other value is a failure.
    pub failed: i32,
    /// The message.
    pub payload: Bytes,
    /// The raw body.
    pub body: Bytes,
    /// The argument of `release`.
    pub owner: *mut c_void,
    /// The function that frees the payload and the body. `None`, a null pointer in C, if there is nothing to free.
    pub release: Option<unsafe extern "C" fn(*mut c_void)>,
}

impl Answer {
    /// The answer that a caller passes: a failure without a message, so that a function that fills nothing has failed.
    pub const UNFILLED: Self = Self {
        failed: 1,
        payload: Bytes::EMPTY,
        body: Bytes::EMPTY,
        owner: ptr::null_mut(),
        release: None,
    };

    /// Creates an answer that owns the reply until the receiver releases it.
    pub fn new(result: Result<Reply, Reply>) -> Self {
        let (failed, reply) = match result {
            Ok(reply) => (0, reply),
            Err(reply) => (1, reply),
        };
        let payload = Bytes::new(&reply.payload);
        let body = Bytes::new(&reply.body);
        Self {
            failed,
            payload,
            body,
            owner: Box::into_raw(Box::new(reply)).cast(),
            release: Some(release_reply),
        }
    }

    /// Copies the reply and releases the answer.
    ///
    /// # Errors
    /// If the answer is a failure, or breaks the rules of the header.
    ///
    /// # Safety
    /// The answer must be [`UNFILLED`](Self::UNFILLED), or filled by a function that follows the rules of the header.
    pub unsafe fn take(self) -> Result<Reply, Reply> {
        // SAFETY: the bytes live until the answer is released, which is below.
        let (payload, body) = unsafe { (self.payload.as_slice(), self.body.as_slice()) };
        let reply = payload.and_then(|payload| Ok(Reply::new(payload.to_vec(), body?.to_vec())));
        if let Some(release) = self.release {
            // SAFETY: this is the only call, because `take` consumes the answer, and `owner` came with the function.
            unsafe { release(self.owner) };
        }
        match (self.failed, reply) {
            (0, reply) => reply,
            (_, Ok(reply) | Err(reply)) => Err(reply),
        }
    }
}

/// Frees the reply of an [`Answer::new`].
unsafe extern "C" fn release_reply(owner: *mut c_void) {
    // SAFETY: `owner` comes from `Answer::new` of this library, and the receiver calls this once.
    drop(unsafe { Box::from_raw(owner.cast::<Reply>()) });
}

/// The function of the host that a plugin calls. It takes the number of the run, the method, the payload, the raw body,
/// and the place for the answer.
pub type HostEntry = unsafe extern "C" fn(u64, Bytes, Bytes, Bytes, *mut Answer);

/// A plugin's handle of the host, the C type `tw_host`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Host {
    /// The number of the run.
    pub run: u64,
    /// The function of the host. `None`, a null pointer in C, breaks the rules of the header.
    pub call: Option<HostEntry>,
}

/// The function of a plugin that the host calls, `tw_plugin_call_1`.
pub type Entry = unsafe extern "C" fn(*const Host, Bytes, Bytes, Bytes, *mut Answer);

/// Returns the failure of a call or an answer that breaks the rules of the header. The text must need no escaping.
fn describe_fault(what: &str) -> Reply {
    let message = format!(
        r#"{{"kind":"bad_request","message":"it breaks the rules of tw_plugin.h: {what}"}}"#
    );
    Reply::new(message.into_bytes(), Vec::new())
}

/// The host's function, for the plugins that were loaded through this door. A plain call has no place for a second
/// function, so a process has one.
static ANSWERING: Mutex<Option<HostCall>> = Mutex::new(None);

/// Calls a plugin through this door. Only the host needs this.
///
/// A process has one host: `host` must have the same function in every call.
///
/// # Errors
/// If the plugin answers with a failure, or breaks the rules of the header.
///
/// # Safety
/// `entry` must be the function that a library exports as [`ENTRY_SYMBOL`], and must follow the rules of the header.
pub unsafe fn call(
    entry: Entry,
    host: HostRef,
    method: &str,
    payload: &[u8],
    body: &[u8],
) -> Result<Reply, Reply> {
    *ANSWERING.lock().unwrap_or_else(PoisonError::into_inner) = Some(host.call);
    let host = Host {
        run: host.run,
        call: Some(answer),
    };
    let mut answer = Answer::UNFILLED;
    // SAFETY: all arguments live until the call returns, and the caller guarantees that the plugin follows the rules.
    unsafe {
        entry(
            &raw const host,
            Bytes::new(method.as_bytes()),
            Bytes::new(payload),
            Bytes::new(body),
            &raw mut answer,
        );
        answer.take()
    }
}

/// Answers a plugin's call with the function of the host.
unsafe extern "C" fn answer(
    run: u64,
    method: Bytes,
    payload: Bytes,
    body: Bytes,
    out: *mut Answer,
) {
    if out.is_null() {
        return;
    }
    // SAFETY: a plugin passes bytes that live until this returns.
    let result = unsafe { read(method, payload, body) }.and_then(|(method, payload, body)| {
        let host = *ANSWERING.lock().unwrap_or_else(PoisonError::into_inner);
        let host = host.ok_or_else(|| describe_fault("there is no host"))?;
        host(run, method.into(), payload.into(), body.into()).into_result()
    });
    // SAFETY: a plugin passes a place for an answer, or null. What is there needs no destructor.
    unsafe { out.write(Answer::new(result)) };
}

/// Reads the arguments of a call.
///
/// # Safety
/// The bytes must stay valid and unchanged for `'a`.
unsafe fn read<'a>(
    method: Bytes,
    payload: Bytes,
    body: Bytes,
) -> Result<(&'a str, &'a [u8], &'a [u8]), Reply> {
    // SAFETY: the caller guarantees the same.
    let (method, payload, body) =
        unsafe { (method.as_slice()?, payload.as_slice()?, body.as_slice()?) };
    let method =
        std::str::from_utf8(method).map_err(|_| describe_fault("a method is not UTF-8"))?;
    Ok((method, payload, body))
}

/// The function of the host that called this plugin last. Every host of the process has the same function.
static CALLED: Mutex<Option<HostEntry>> = Mutex::new(None);

/// Passes a plugin's call on to a host that came through this door.
extern "C" fn call_host(
    run: u64,
    method: RStr<'_>,
    payload: RSlice<'_, u8>,
    body: RSlice<'_, u8>,
) -> RResult<Reply, Reply> {
    let host = *CALLED.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(host) = host else {
        return RResult::RErr(describe_fault("there is no host"));
    };
    let mut answer = Answer::UNFILLED;
    // SAFETY: a host's function stays callable as long as the process lives, and follows the rules. All arguments live
    // until the call returns.
    let result = unsafe {
        host(
            run,
            Bytes::new(method.as_str().as_bytes()),
            Bytes::new(&payload),
            Bytes::new(&body),
            &raw mut answer,
        );
        answer.take()
    };
    match result {
        Ok(reply) => RResult::ROk(reply),
        Err(reply) => RResult::RErr(reply),
    }
}

/// Answers a call of the host with the plugin's function. [`export!`](crate::export!) expands to a call of this.
///
/// # Safety
/// The arguments must follow the rules of the header.
#[doc(hidden)]
pub unsafe fn enter(
    host: *const Host,
    method: Bytes,
    payload: Bytes,
    body: Bytes,
    out: *mut Answer,
    call: PluginCall,
) {
    if out.is_null() {
        return;
    }
    // SAFETY: the host passes a handle or null, and bytes, which live until this returns.
    let (host, arguments) = unsafe { (host.as_ref(), read(method, payload, body)) };
    let result = arguments.and_then(|(method, payload, body)| {
        let (run, function) = host
            .and_then(|host| Some((host.run, host.call?)))
            .ok_or_else(|| describe_fault("there is no host"))?;
        *CALLED.lock().unwrap_or_else(PoisonError::into_inner) = Some(function);
        let host = HostRef::new(run, call_host);
        call(host, method.into(), payload.into(), body.into()).into_result()
    });
    // SAFETY: the host passes a place for an answer, or null. What is there needs no destructor.
    unsafe { out.write(Answer::new(result)) };
}
