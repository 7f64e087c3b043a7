//! What the process gives up at its start: a core dump would hold the token.

/// Sees to it that no core is written, whatever the limits say. Where the system has no such switch, the size limit of cores is zero.
pub(crate) fn apply() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    #[cfg(all(unix, not(target_os = "linux")))]
    let _ = rustix::process::setrlimit(
        rustix::process::Resource::Core,
        rustix::process::Rlimit {
            current: Some(0),
            maximum: Some(0),
        },
    );
}
