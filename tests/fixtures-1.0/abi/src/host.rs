//! The plugin's handle of the host.

use abi_stable::{
    StableAbi,
    std_types::{RResult, RSlice, RStr},
};

use crate::Reply;

/// The function of the host that a plugin calls. It takes the number of the run, the method, the payload and the raw
/// body.
pub type HostCall =
    for<'a> extern "C" fn(u64, RStr<'a>, RSlice<'a, u8>, RSlice<'a, u8>) -> RResult<Reply, Reply>;

/// A plugin's handle of the host, for one run of a command.
///
/// The handle can be copied and used from any thread. It stays safe after the run has ended: it names the run by a
/// number that a process never uses twice, so a late call fails with the kind `closed`.
#[repr(C)]
#[derive(StableAbi, Clone, Copy)]
pub struct HostRef {
    pub(crate) run: u64,
    pub(crate) call: for<'a> extern "C" fn(
        u64,
        RStr<'a>,
        RSlice<'a, u8>,
        RSlice<'a, u8>,
    ) -> RResult<Reply, Reply>,
}

impl HostRef {
    /// Creates the handle for the run with this number. Calls go to `call`. Only the host needs this.
    pub fn new(run: u64, call: HostCall) -> Self {
        Self { run, call }
    }

    /// Calls a method of the host and waits for the reply.
    ///
    /// # Errors
    /// If the host answers with a failure. The reply's payload is then the message of the failure: the method is
    /// unknown, the plugin didn't declare the service, the run has ended, or the method itself failed.
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
