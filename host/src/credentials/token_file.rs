//! A file that holds an access token.

use std::path::Path;

use zeroize::Zeroizing;

use crate::{
    config::Token,
    error::{Error, ErrorKind},
    files::{self, show_path},
    owners::{self, Distrust},
};

/// The size limit of the file. A token has a few hundred bytes.
const MAX: u64 = 64 << 10;

/// Reads the token in a file.
///
/// # Errors
/// If somebody else could have written the file, or if it can't be read, is empty, or holds more than a token.
pub(super) fn read(path: &Path) -> Result<Token, Error> {
    let read = match owners::is_own_descriptor(path) && is_pipe(path) {
        // Like standard input, it has no path whose writers could be checked.
        true => files::read_at_most(path, MAX).map_err(Distrust::Unreadable),
        false => {
            owners::read_own(path, MAX).inspect(|_| owners::warn_of_readers("the token file", path))
        }
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

#[cfg(unix)]
fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    path.metadata().is_ok_and(|data| data.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_pipe(_: &Path) -> bool {
    false
}
