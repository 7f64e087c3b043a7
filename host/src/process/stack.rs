//! The stack of the main thread, whose size is a limit of the shell that starts the process.

/// The size of the stack that the command line and plugins run on, in bytes: the usual limit of a shell.
#[cfg(unix)]
const ENOUGH: u64 = 8 << 20;

/// Runs the work of the process. If the limit on the main thread's stack is low (`ulimit -s`), runs it on a thread with a stack of its own.
pub(crate) fn with_enough_stack(work: fn() -> u8) -> u8 {
    #[cfg(unix)]
    {
        use nix::sys::resource::{Resource, getrlimit};

        let limit = getrlimit(Resource::RLIMIT_STACK);
        if limit.is_ok_and(|(current, _)| current < ENOUGH) {
            let size = usize::try_from(ENOUGH).unwrap_or(usize::MAX);
            let thread = std::thread::Builder::new().name("main".to_owned());
            if let Ok(thread) = thread.stack_size(size).spawn(work) {
                // The panic has already printed its message.
                return thread.join().unwrap_or(101);
            }
        }
    }
    work()
}
