//! The runtime of the process, made when something first has to be waited for.

use std::sync::OnceLock;

use tokio::runtime::Runtime;

use crate::error::Error;

/// The runtime of the process: one thread at a time drives it, whichever is waiting.
pub(crate) fn runtime() -> Result<&'static Runtime, Error> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::System)?;
    Ok(RUNTIME.get_or_init(|| runtime))
}
