//! Guards that turn a panic into a value, with its message and its place in the source.

use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind},
    sync::{
        Mutex, Once, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// A caught panic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panic {
    /// The message of the panic.
    pub message: String,
    /// `file:line:column` of the panic. Empty if the place is not known.
    pub place: String,
}

thread_local! {
    // One entry for each guard that is active on this thread. The hook stores a panic in the innermost one.
    static GUARDED: RefCell<Vec<Option<Panic>>> = const { RefCell::new(Vec::new()) };
}

/// True if this copy of the standard library belongs to a plugin. A panic outside of all guards is then stored instead
/// of printed, because its text can contain a secret.
static IN_PLUGIN: AtomicBool = AtomicBool::new(false);

/// The panics outside of all guards, until [`take_stray_panics`] takes them.
static STRAY: Mutex<Vec<Panic>> = Mutex::new(Vec::new());

/// The number of stray panics that are stored. Each becomes a warning to the user, and more warnings would say nothing
/// new.
const MAX_STRAY: usize = 8;

/// Runs `work` and returns its result. A panic in `work` prints nothing and becomes an `Err`.
///
/// The first call installs a panic hook, which passes panics outside of `work` on to the previous hook. A plugin has
/// its own copy of the standard library, so the hooks of the host and of other plugins stay as they are.
///
/// # Errors
/// If `work` panics.
///
/// ```
/// use tw_plugin_abi::guard;
///
/// assert_eq!(guard(|| 5), Ok(5));
///
/// let panic = guard(|| panic!("spilled tea")).unwrap_err();
/// assert_eq!(panic.message, "spilled tea");
/// ```
pub fn guard<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| handle_panic(info, &before)));
    });
    // A thread that ends has destroyed its thread-local values. A panic is caught even then, but its message is lost.
    let is_watched = GUARDED
        .try_with(|stack| stack.borrow_mut().push(None))
        .is_ok();
    let result = catch_unwind(AssertUnwindSafe(work));
    let seen = is_watched
        .then(|| {
            GUARDED
                .try_with(|stack| stack.borrow_mut().pop())
                .ok()
                .flatten()
                .flatten()
        })
        .flatten();
    result.map_err(|payload| {
        // The payload is forgotten because its destructor could panic too.
        std::mem::forget(payload);
        seen.unwrap_or_else(|| Panic {
            message: "no message".into(),
            place: String::new(),
        })
    })
}

/// Runs `work` like [`guard`], for a call into a plugin. From the first call on, a panic on another thread of the
/// plugin is stored for [`take_stray_panics`] and not printed.
#[doc(hidden)]
pub fn guard_plugin<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    IN_PLUGIN.store(true, Ordering::Relaxed);
    guard(work)
}

/// Takes the panics that happened in a plugin outside of all guards, on threads that the plugin started. Returns at
/// most the first 8 since the last call.
pub fn take_stray_panics() -> Vec<Panic> {
    std::mem::take(&mut STRAY.lock().unwrap_or_else(PoisonError::into_inner))
}

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Sync + Send>;

/// Returns the message of a panic. `None` if its payload is no text.
fn message_of<'a>(info: &'a PanicHookInfo<'_>) -> Option<&'a str> {
    let payload = info.payload();
    let literal = payload.downcast_ref::<&str>().copied();
    literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

/// Stores a panic for the guard of its thread. Without a guard, a plugin stores it as a stray panic, and the host
/// passes it on to the previous hook.
fn handle_panic(info: &PanicHookInfo<'_>, before: &Hook) {
    let panic = Panic {
        message: message_of(info).unwrap_or("no message").to_owned(),
        place: info.location().map(ToString::to_string).unwrap_or_default(),
    };
    let is_guarded = GUARDED
        .try_with(|stack| match stack.try_borrow_mut() {
            Ok(mut stack) => match stack.last_mut() {
                Some(slot) => {
                    *slot = Some(panic.clone());
                    true
                }
                None => false,
            },
            Err(_) => false,
        })
        .unwrap_or(false);
    if is_guarded {
        return;
    }
    if IN_PLUGIN.load(Ordering::Relaxed) {
        let mut stray = STRAY.lock().unwrap_or_else(PoisonError::into_inner);
        if stray.len() < MAX_STRAY {
            stray.push(panic);
        }
    } else {
        before(info);
    }
}
