//! A plugin that crashes takes the process with it; before that happens, its name is said.
//!
//! A handler for the deadly signals runs on its own stack, so that a stack overflow is named too, writes prepared text with `write(2)`
//! and nothing else, and lets the signal do what it would have done.

/// Names this plugin when the process dies from here on.
pub(crate) fn name_on_crash(plugin: &str, path: &std::path::Path) {
    let text = format!("\n ERROR: The plugin `{plugin}` crashed (");
    let rest = format!(
        ").\n This is a fault of the plugin: tell its author. Its library is {}\n\n",
        path.display()
    );
    let visible = |text: String| tw_render::text::visible_lines(&text).into_owned();
    imp::install(visible(text), visible(rest));
}

/// The plugin has returned: from here on an exit is the host's.
pub(crate) fn returned() {
    imp::returned();
}

#[cfg(unix)]
mod imp {
    use std::sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    };

    /// What is said, made ready before: before the signal's name, and after it.
    static TEXT: OnceLock<(String, String)> = OnceLock::new();

    /// Whether the plugin has been entered and not returned.
    static INSIDE: AtomicBool = AtomicBool::new(false);

    const SIGNALS: [(libc::c_int, &str); 5] = [
        (libc::SIGSEGV, "SIGSEGV"),
        (libc::SIGBUS, "SIGBUS"),
        (libc::SIGABRT, "SIGABRT"),
        (libc::SIGILL, "SIGILL"),
        (libc::SIGFPE, "SIGFPE"),
    ];

    pub(super) fn install(before: String, after: String) {
        if TEXT.set((before, after)).is_err() {
            return;
        }
        INSIDE.store(true, Ordering::SeqCst);
        // SAFETY: the function is a plain one that lives for ever, and doesn't unwind.
        unsafe { libc::atexit(exited) };
        for (signal, _) in SIGNALS {
            // SAFETY: an all-zero sigaction is a valid one, and is filled in before it is used. The handler calls only what
            // POSIX lists as safe in a handler. SA_ONSTACK uses the alternate stack that the standard library gives to every
            // thread of the host.
            unsafe {
                let mut action: libc::sigaction = std::mem::zeroed();
                action.sa_sigaction = handle as extern "C" fn(libc::c_int) as libc::sighandler_t;
                action.sa_flags = libc::SA_ONSTACK;
                libc::sigemptyset(&raw mut action.sa_mask);
                libc::sigaction(signal, &raw const action, std::ptr::null_mut());
            }
        }
    }

    pub(super) fn returned() {
        INSIDE.store(false, Ordering::SeqCst);
    }

    /// A plugin that ends the process has not succeeded, whatever code it ends it with.
    extern "C" fn exited() {
        if INSIDE.load(Ordering::SeqCst) {
            say("it ended the process by itself");
            crate::process::exit_now(crate::error::exit::FAILURE);
        }
    }

    fn say(what: &str) {
        if let Some((before, after)) = TEXT.get() {
            for text in [before, what, after.as_str()] {
                // SAFETY: the pointer and the length are those of a text that lives as long as the call; write is safe in a handler.
                unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len()) };
            }
        }
    }

    extern "C" fn handle(signal: libc::c_int) {
        let name = SIGNALS
            .iter()
            .find(|(number, _)| *number == signal)
            .map_or("a signal", |(_, name)| name);
        say(name);
        // SAFETY: both are safe in a handler. The signal is blocked while it is handled, so the one that is raised here is
        // delivered after the return, and does what it does by default.
        unsafe {
            libc::signal(signal, libc::SIG_DFL);
            libc::raise(signal);
        }
    }
}

#[cfg(not(unix))]
mod imp {
    /// There the system's own report names the library that crashed.
    pub(super) fn install(_before: String, _after: String) {}

    pub(super) fn returned() {}
}
