//! The host as a plugin sees it: a number and a function.

use abi_stable::{
    StableAbi,
    std_types::{RResult, RSlice, RStr},
};

use crate::Reply;

/// The function of the host that a plugin calls: the run's number, a method, its payload, its body.
pub type HostCall =
    for<'a> extern "C" fn(u64, RStr<'a>, RSlice<'a, u8>, RSlice<'a, u8>) -> RResult<Reply, Reply>;

/// A plugin's handle on the host, for one run.
///
/// It is copied freely, used from any thread, and safe for ever: it names the run by a number that is never used
/// twice in a process, so a call after the run has ended is answered with `closed`.
#[repr(C)]
#[derive(StableAbi, Clone, Copy)]
pub struct HostRef {
    run: u64,
    call: for<'a> extern "C" fn(
        u64,
        RStr<'a>,
        RSlice<'a, u8>,
        RSlice<'a, u8>,
    ) -> RResult<Reply, Reply>,
}

impl HostRef {
    /// The handle for the run of this number, answered by `call`. Made by the host.
    pub fn new(run: u64, call: HostCall) -> Self {
        Self { run, call }
    }

    /// Calls the host and waits for the answer.
    ///
    /// # Errors
    /// The failure's message, as the host sent it: an unknown method, a service refused, a run that has ended, or whatever
    /// the method's own failures are.
    pub fn call(&self, method: &str, payload: &[u8], body: &[u8]) -> Result<Reply, Reply> {
        (self.call)(
            self.run,
            RStr::from_str(method),
            RSlice::from_slice(payload),
            RSlice::from_slice(body),
        )
        .into_result()
    }
}

impl std::fmt::Debug for HostRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HostRef").field("run", &self.run).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared_between_threads<T: Send + Sync + Copy>() {}

    extern "C" fn echo(
        run: u64,
        method: RStr<'_>,
        payload: RSlice<'_, u8>,
        body: RSlice<'_, u8>,
    ) -> RResult<Reply, Reply> {
        let reply = Reply::new(
            [method.as_str().as_bytes(), payload.as_slice()].concat(),
            body.as_slice().to_vec(),
        );
        if run == 7 {
            RResult::ROk(reply)
        } else {
            RResult::RErr(reply)
        }
    }

    #[test]
    fn a_handle_can_be_shared_between_threads_and_passes_every_part() {
        shared_between_threads::<HostRef>();
        let host = HostRef::new(7, echo);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let reply = host.call("m", b"{}", &[0, 255]).expect("run 7 succeeds");
                    assert_eq!(
                        (reply.payload.as_slice(), reply.body.as_slice()),
                        (&b"m{}"[..], &[0u8, 255][..])
                    );
                });
            }
        });
        assert!(HostRef::new(8, echo).call("m", b"", b"").is_err());
    }
}
