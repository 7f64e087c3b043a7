//! The note: a description of the plugin that the host reads before it maps the library.
//!
//! The note is a section of the library with one JSON object:
//! `{"note":1,"package":…,"version":…,"abi":1,"protocol":1}`.
//! [`export!`](crate::export!) writes it, with the name and the version of the package. The host reads it from the
//! file, so it can refuse an incompatible plugin with an explanation before any code of the plugin runs. Readers ignore
//! unknown fields.

/// The name of the note's section. In a Mach-O library, the section belongs to the segment [`MACH_SEGMENT`].
pub const NOTE_SECTION: &str = if cfg!(target_vendor = "apple") {
    "__tw_plugin"
} else if cfg!(windows) {
    ".twplug"
} else {
    "tw_plugin"
};

/// The segment of the note's section in a Mach-O library.
pub const MACH_SEGMENT: &str = "__DATA";

/// Copies the bytes of a text into an array. A `static` of the type `&str` would put only a pointer into the section.
#[doc(hidden)]
pub const fn to_array<const N: usize>(text: &str) -> [u8; N] {
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
