//! Files: bounded reads, because a device or a pipe has no end, and atomic writes.

use std::{fs::File, io::Read, io::Write, ops::Range, path::Path};

use tempfile::NamedTempFile;

/// The size limit for a text that people or servers write for `tw`, in bytes.
pub(crate) const MAX_TEXT: u64 = 8 << 20;

/// The prefix of a file or folder that isn't complete yet. A killed process may leave one behind.
pub(crate) const NEW: &str = ".new-";

/// Reads a file of at most `max` bytes.
///
/// # Errors
/// If the file can't be read, or is larger.
pub(crate) fn read_at_most(path: &Path, max: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(max + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > max {
        true => Err(std::io::ErrorKind::FileTooLarge.into()),
        false => Ok(bytes),
    }
}

/// Reads a text of at most [`MAX_TEXT`] bytes.
///
/// # Errors
/// If the file can't be read, is larger, or is not UTF-8.
pub(crate) fn read_text(path: &Path) -> std::io::Result<String> {
    let invalid = |_| std::io::ErrorKind::InvalidData.into();
    String::from_utf8(read_at_most(path, MAX_TEXT)?).map_err(invalid)
}

/// Finds what other programs leave in a text file and no parser accepts. Returns a clause that says what it is, and what to do. `None` if there is no such
/// thing.
pub(crate) fn find_leftover(bytes: &[u8]) -> Option<(String, &'static str)> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        let hint = "save it as UTF-8; in PowerShell, write it with `Set-Content -Encoding utf8`";
        return Some(("is UTF-16, not UTF-8".to_owned(), hint));
    }
    let markers: [&[u8]; 3] = [b"<<<<<<< ", b"||||||| ", b">>>>>>> "];
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let at = lines.position(|line| markers.iter().any(|marker| line.starts_with(marker)))?;
    let what = format!("has conflict markers of a merge (line {})", at + 1);
    Some((
        what,
        "resolve the conflict: keep one side of each part, and remove the markers",
    ))
}

/// Removes a byte order mark, which some editors put before a text.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// True if a file can't be opened because it doesn't exist and no file could exist at its path.
pub(crate) fn is_absent(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
    )
}

/// Returns the number of the line, from 1, in which a part of a text begins.
pub(crate) fn line_of(text: &str, part: Option<Range<usize>>) -> usize {
    let before = part.and_then(|part| text.get(..part.start));
    before.unwrap_or_default().matches('\n').count() + 1
}

/// Replaces a file atomically: at any moment either the old or the new content is there, complete and on the disk.
///
/// # Errors
/// If the disk is full, or the folder can't be written. The old file is then unchanged.
pub(crate) fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    // Other users may read packages and lock files. The umask still applies.
    place(write_beside(path, content, 0o644)?, path)
}

/// Replaces a file atomically, as [`replace`] does, and gives it these permissions on Unix, as far as the umask allows.
///
/// # Errors
/// As [`replace`].
pub(crate) fn replace_with_mode(path: &Path, content: &[u8], mode: u32) -> std::io::Result<()> {
    place(write_beside(path, content, mode)?, path)
}

/// Replaces a cache file atomically, without waiting for the disk. After a power failure the file can be damaged.
/// A missing home folder is not made.
///
/// # Errors
/// If the disk is full, or the folder can't be written.
pub(crate) fn replace_cache(path: &Path, content: &[u8]) -> std::io::Result<()> {
    make_cache_folder(parent(path))?;
    write_beside(path, content, 0o600)?.persist(path)?;
    Ok(())
}

/// Makes a folder for caches, but no home folder.
///
/// # Errors
/// As [`make_folder`], or if the folder is below a home folder that is missing.
pub(crate) fn make_cache_folder(folder: &Path) -> std::io::Result<()> {
    let home = etcetera::home_dir().unwrap_or_default();
    if folder.starts_with(&home) && !home.as_os_str().is_empty() && !home.exists() {
        return Err(std::io::ErrorKind::NotFound.into());
    }
    make_folder(folder)
}

fn write_beside(path: &Path, content: &[u8], mode: u32) -> std::io::Result<NamedTempFile> {
    make_folder(parent(path))?;
    let new = create_beside(path, mode)?;
    new.as_file().write_all(content)?;
    Ok(new)
}

/// Makes a folder and the folders above it, unless they exist. Only the user can enter the new ones, whatever the umask allows.
///
/// # Errors
/// If the disk is full, or a folder can't be written.
pub(crate) fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Creates a temporary file in the folder of `path`, which must exist. `mode` has its permissions on Unix.
///
/// # Errors
/// If the folder can't be written.
pub(crate) fn create_beside(path: &Path, mode: u32) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(NEW);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    #[cfg(not(unix))]
    let _ = mode;
    builder
        .tempfile_in(parent(path))
        .map_err(without_temporary_path)
}

/// Removes the path of a temporary file from an error of `tempfile`, because users have never heard of that file.
pub(crate) fn without_temporary_path(error: std::io::Error) -> std::io::Error {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((reason, _)) => std::io::Error::new(error.kind(), reason.to_owned()),
        None => error,
    }
}

/// Gives a complete temporary file its name, atomically: at any moment either the old or the new file is there, also after a power failure.
///
/// # Errors
/// If the disk is full, or the folder can't be written. The old file is then unchanged.
pub(crate) fn place(new: NamedTempFile, path: &Path) -> std::io::Result<()> {
    new.as_file().sync_all()?;
    new.persist(path)?;
    sync_folder(parent(path))
}

/// Returns the folder of a file. The parent of a bare file name is the empty path, which means the working directory.
pub(crate) fn parent(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    folder.unwrap_or(Path::new("."))
}

/// Writes the names in a folder to the disk.
pub(crate) fn sync_folder(folder: &Path) -> std::io::Result<()> {
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        // Windows can't open a folder as a file, and NTFS keeps a journal of renames.
        false => Ok(()),
    }
}

/// Returns a path as messages show it: on one line, and without control characters.
pub(crate) fn show_path(path: &Path) -> String {
    tw_render::text::visible(&path.to_string_lossy()).into_owned()
}

/// Quotes a path for a shell.
pub(crate) fn quote_for_shell(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}
