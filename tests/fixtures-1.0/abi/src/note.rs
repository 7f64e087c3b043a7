//! The note: what a library says of itself before it is mapped.
//!
//! A section with one JSON object, `{"note":1,"package":…,"version":…,"abi":1,"protocol":1}`, written by [`export!`](crate::export!) from
//! the package's own name and version. The host reads it from the file, so an unfit plugin is refused
//! in words before a byte of it can run. Readers ignore fields that they don't know.

/// The section's name (ELF and PE; a Mach-O section of this name stands in the segment [`MACH_SEGMENT`]).
pub const NOTE_SECTION: &str = if cfg!(target_vendor = "apple") {
    "__tw_plugin"
} else if cfg!(windows) {
    ".twplug"
} else {
    "tw_plugin"
};

/// The segment of the section in a Mach-O library.
pub const MACH_SEGMENT: &str = "__DATA";

/// The text's bytes, for a static that is nothing but these bytes.
#[doc(hidden)]
pub const fn bytes<const N: usize>(text: &str) -> [u8; N] {
    let text = text.as_bytes();
    assert!(text.len() == N);
    let mut out = [0; N];
    let mut at = 0;
    while at < N {
        out[at] = text[at];
        at += 1;
    }
    out
}
