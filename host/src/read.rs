//! Reading files whose size nobody has promised: a device or a pipe has no end.

use std::{fs::File, io::Read, path::Path};

/// Texts that people and servers write for us are smaller, in bytes.
pub(crate) const TEXT: u64 = 8 << 20;

/// The content of a file, at most so many bytes.
///
/// # Errors
/// It can't be read, or has more.
pub(crate) fn at_most(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > most {
        true => Err(std::io::ErrorKind::FileTooLarge.into()),
        false => Ok(bytes),
    }
}

/// The text in a file, at most [`TEXT`] bytes of it.
///
/// # Errors
/// It can't be read, has more, or is no text.
pub(crate) fn text(path: &Path) -> std::io::Result<String> {
    let invalid = |_| std::io::ErrorKind::InvalidData.into();
    String::from_utf8(at_most(path, TEXT)?).map_err(invalid)
}
