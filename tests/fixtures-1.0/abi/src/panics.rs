//! A panic becomes a value: caught on the side where it happens, with its message and place.

use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind},
    sync::{
        Mutex, Once, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// What a panic said, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panic {
    /// The message of the panic.
    pub message: String,
    /// `file:line:column`, or empty where it isn't known.
    pub place: String,
}

thread_local! {
    static GUARDED: RefCell<Vec<Option<Panic>>> = const { RefCell::new(Vec::new()) };
}

/// Whether this copy of the standard library is a plugin's: then a panic that no guard watches is kept, not printed.
static IN_PLUGIN: AtomicBool = AtomicBool::new(false);

/// Those panics, for whoever reports them.
static STRAY: Mutex<Vec<Panic>> = Mutex::new(Vec::new());

/// More than this many are not kept: a plugin whose threads all panic has said enough.
const STRAY_AT_MOST: usize = 8;

/// Runs `work`; a panic in it becomes `Err` and prints nothing. Other panics go to the hook that was there.
///
/// The first call sets the panic hook of this copy of the standard library: a plugin has its own, so the
/// host's hook is not touched, nor that of other plugins.
///
/// # Errors
/// The [`Panic`], when `work` panicked.
pub fn guard<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| remember(info, &before)));
    });
    // While a thread ends its locals are gone: then a panic is caught all the same, and its message goes to the hook before ours.
    let watched = GUARDED
        .try_with(|stack| stack.borrow_mut().push(None))
        .is_ok();
    let result = catch_unwind(AssertUnwindSafe(work));
    let seen = watched
        .then(|| {
            GUARDED
                .try_with(|stack| stack.borrow_mut().pop())
                .ok()
                .flatten()
                .flatten()
        })
        .flatten();
    result.map_err(|payload| {
        // A payload whose own destructor panics must not get out either.
        std::mem::forget(payload);
        seen.unwrap_or_else(|| Panic {
            message: "no message".into(),
            place: String::new(),
        })
    })
}

/// [`guard`] for a call into a plugin: from the first on, a panic on a thread of the plugin's own is kept for
/// [`take_stray_panics`] and printed nowhere, for a panic's text can hold a secret.
#[doc(hidden)]
pub fn guard_plugin<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    IN_PLUGIN.store(true, Ordering::Relaxed);
    guard(work)
}

/// In a plugin, the panics of threads that no [`guard`] watched, since this was last asked.
pub fn take_stray_panics() -> Vec<Panic> {
    std::mem::take(&mut STRAY.lock().unwrap_or_else(PoisonError::into_inner))
}

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Sync + Send>;

fn remember(info: &PanicHookInfo<'_>, before: &Hook) {
    let panic = Panic {
        message: info.payload_as_str().unwrap_or("no message").to_owned(),
        place: info.location().map(ToString::to_string).unwrap_or_default(),
    };
    let guarded = GUARDED
        .try_with(|stack| match stack.try_borrow_mut().ok()?.last_mut() {
            Some(slot) => {
                *slot = Some(panic.clone());
                Some(())
            }
            None => None,
        })
        .ok()
        .flatten();
    if guarded.is_some() {
        return;
    }
    if IN_PLUGIN.load(Ordering::Relaxed) {
        let mut stray = STRAY.lock().unwrap_or_else(PoisonError::into_inner);
        if stray.len() < STRAY_AT_MOST {
            stray.push(panic);
        }
    } else {
        before(info);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_value_with_message_and_place() {
        assert_eq!(guard(|| 5), Ok(5));
        let panic = guard(|| panic!("spilled {}", "tea")).expect_err("it panics");
        assert_eq!(panic.message, "spilled tea");
        assert!(panic.place.contains("panics.rs:"), "{}", panic.place);
    }

    #[test]
    fn guards_nest() {
        let outer = guard(|| {
            assert_eq!(
                guard(|| panic!("inner")).expect_err("inner panics").message,
                "inner"
            );
            panic!("outer");
        });
        assert_eq!(outer.expect_err("outer panics").message, "outer");
    }

    #[test]
    fn a_payload_that_panics_when_dropped_stays_inside() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("dropped");
            }
        }
        assert!(guard(|| std::panic::panic_any(Bomb)).is_err());
    }

    #[test]
    fn a_panic_on_another_thread_is_kept() {
        guard_plugin(|| ()).expect("no panic");
        std::thread::spawn(|| panic!("far away"))
            .join()
            .expect_err("it panics");
        assert!(
            take_stray_panics()
                .iter()
                .any(|panic| panic.message == "far away")
        );
    }
}
