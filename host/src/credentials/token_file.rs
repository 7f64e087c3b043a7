//! A file that holds an access token.

use std::path::Path;

use zeroize::Zeroizing;

use crate::{
    config::Token,
    error::{Error, ErrorKind},
    files::{self, quote_for_shell, show_path},
    owners::{self, Distrust},
    stdio,
};

/// The size limit of the file. A token has a few hundred bytes.
const MAX: u64 = 64 << 10;

/// Reads the token in a file.
///
/// # Errors
/// If somebody else could have written the file, or if it can't be read, is empty, or holds more than a token.
pub(super) fn read(path: &Path) -> Result<Token, Error> {
    let read = match is_own_pipe(path) {
        true => files::read_at_most(path, MAX).map_err(Distrust::Unreadable),
        false => owners::read_own(path, MAX).inspect(|_| warn_of_readers(path)),
    };
    let bytes = read.map_err(|distrust| {
        let what = format!("The token file {}", show_path(path));
        match distrust {
            Distrust::Missing => Error::new(ErrorKind::NoToken, format!("{what} doesn't exist"))
                .hint("correct the path in TOWER_ACCESS_TOKEN_FILE or `token-file`"),
            distrust => distrust.explain(&what, "write it again"),
        }
    })?;
    Token::parse_file(&Zeroizing::new(bytes)).ok_or_else(|| {
        Error::new(
            ErrorKind::NoToken,
            format!("The token file {} doesn't hold one token", show_path(path)),
        )
        .hint("write only the token into the file")
    })
}

/// True for a pipe that the caller has opened for this process, as the shell does for `<(pass show tw)`. Like standard input, it has no path whose writers
/// could be checked.
#[cfg(unix)]
fn is_own_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let folders = ["/dev/fd", "/proc/self/fd"].map(Path::new);
    let is_open = path == Path::new("/dev/stdin")
        || path
            .parent()
            .is_some_and(|folder| folders.contains(&folder));
    is_open && path.metadata().is_ok_and(|data| data.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_own_pipe(_: &Path) -> bool {
    false
}

/// Warns if other users can read the file. The file is used all the same, because containers mount secrets with such permissions.
#[cfg(unix)]
fn warn_of_readers(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = path.metadata().map_or(0, |data| data.permissions().mode());
    if mode & 0o077 != 0 {
        let warning = format!(
            "other users can read the token file {}: `chmod go-rwx {}`",
            show_path(path),
            tw_render::text::visible(&quote_for_shell(path))
        );
        stdio::warn(&warning, None);
    }
}

#[cfg(not(unix))]
fn warn_of_readers(_: &Path) {}
