//! Names the plugin when it crashes the process.
//!
//! A handler for fatal signals runs on a stack of its own, so that it also works after a stack overflow. It writes prepared text with
//! `write(2)` and then lets the signal end the process.

use std::path::Path;

use serde_json::json;
use tw_render::text::visible_lines;

use crate::{error::code, files::show_path, stdio};

/// Names this plugin if the process crashes from now on.
pub(crate) fn name_on_crash(plugin: &str, path: &Path) {
    let advice = format!(
        "This is a fault of the plugin: tell its author. Its library is {}",
        show_path(path)
    );
    let (before, after) = match stdio::has_json_errors() {
        true => json_parts(plugin, &visible_lines(&advice)),
        false => (
            format!("\n ERROR: The plugin `{plugin}` crashed ("),
            format!(").\n {advice}\n\n"),
        ),
    };
    let visible = |text: String| visible_lines(&text).into_owned();
    imp::install(visible(before), visible(after));
}

/// Returns the line of JSON about a crash, before and after the name of the signal.
fn json_parts(plugin: &str, hint: &str) -> (String, String) {
    let before = format!(
        r#"{{"error":{{"code":"{}","kind":"panic","message":"#,
        code::PLUGIN_CRASH
    );
    let message = json!(format!("The plugin `{plugin}` crashed (")).to_string();
    let message = message.trim_end_matches('"');
    let (hint, plugin) = (json!(hint), json!(plugin));
    let after = format!(")\",\"hint\":{hint},\"plugin\":{plugin}}}}}\n");
    (format!("{before}{message}"), after)
}

/// Records that the plugin has returned: from now on, an exit is the host's own.
pub(crate) fn mark_returned() {
    imp::mark_returned();
}

#[cfg(unix)]
mod imp {
    use std::sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    };

    /// The prepared text: the part before the signal's name and the part after it.
    static TEXT: OnceLock<(String, String)> = OnceLock::new();

    /// True while the plugin runs.
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
        // SAFETY: the handler is a static function that doesn't unwind.
        unsafe { libc::atexit(report_exit) };
        for (signal, _) in SIGNALS {
            // SAFETY: an all-zero sigaction is valid, and is filled in before it is used. The handler calls only functions that
            // POSIX lists as async-signal-safe. SA_ONSTACK uses the alternate stack that the standard library gives to every
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

    pub(super) fn mark_returned() {
        INSIDE.store(false, Ordering::SeqCst);
    }

    /// Reports that the plugin ended the process, and exits with a failure regardless of the plugin's exit code.
    extern "C" fn report_exit() {
        if INSIDE.load(Ordering::SeqCst) {
            write_report("it ended the process by itself");
            crate::process::exit_now(crate::error::exit::FAILURE);
        }
    }

    fn write_report(what: &str) {
        if let Some((before, after)) = TEXT.get() {
            for text in [before, what, after.as_str()] {
                // SAFETY: pointer and length are those of a text that outlives the call, and write is async-signal-safe.
                unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len()) };
            }
        }
    }

    extern "C" fn handle(signal: libc::c_int) {
        let name = SIGNALS
            .iter()
            .find(|(number, _)| *number == signal)
            .map_or("a signal", |(_, name)| name);
        write_report(name);
        // SAFETY: both functions are async-signal-safe. The signal is blocked while it is handled, so the raised one is delivered
        // after the return, and has its default effect.
        unsafe {
            libc::signal(signal, libc::SIG_DFL);
            libc::raise(signal);
        }
    }
}

#[cfg(not(unix))]
mod imp {
    /// Does nothing, because the system's own crash report names the library.
    pub(super) fn install(_before: String, _after: String) {}

    pub(super) fn mark_returned() {}
}
