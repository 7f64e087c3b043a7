//! The tokio runtime. It is built on first use.

use std::sync::OnceLock;

use tokio::runtime::Runtime;

/// Returns the runtime of the process. One thread at a time drives the runtime: the thread that waits.
pub(crate) fn runtime() -> std::io::Result<&'static Runtime> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(RUNTIME.get_or_init(|| runtime))
}
