//! A file that holds an access token.

use std::path::Path;

use zeroize::Zeroizing;

use crate::{
    config::Token,
    error::{Error, ErrorKind},
    files::{quote_for_shell, show_path, without_mark},
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
    let bytes = owners::read_own(path, MAX).map_err(|distrust| {
        let what = format!("The token file {}", show_path(path));
        match distrust {
            Distrust::Missing => Error::new(ErrorKind::NoToken, format!("{what} doesn't exist"))
                .hint("correct the path in TOWER_ACCESS_TOKEN_FILE or `token-file`"),
            distrust => distrust.explain(&what, "write it again"),
        }
    })?;
    let bytes = Zeroizing::new(bytes);
    warn_of_readers(path);
    let text = std::str::from_utf8(without_mark(&bytes)).unwrap_or_default();
    let token = Token::parse(text).filter(|token| !token.expose().contains(char::is_whitespace));
    token.ok_or_else(|| {
        Error::new(
            ErrorKind::NoToken,
            format!("The token file {} doesn't hold one token", show_path(path)),
        )
        .hint("write only the token into the file")
    })
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
