//! Reads the requests of plugins.

use serde::de::DeserializeOwned;
use tw_plugin_protocol::{Needs, missing_features};
use tw_render::text::visible;

use crate::error::{Error, ErrorKind};

/// Refuses a request that needs a feature which this `tw` doesn't have.
pub(super) fn check_needs(method: &str, payload: &[u8]) -> Result<(), Error> {
    let Needs { needs } = read(method, payload)?;
    match missing_features(&needs).as_slice() {
        [] => Ok(()),
        missing => {
            let call = format!("its call of `{}`", visible(method));
            Err(Error::needs_newer_tw(&call, missing))
        }
    }
}

/// Reads a request. An empty payload and `null` are requests with all defaults.
///
/// # Errors
/// The request can't be read. A parser's message can quote the request, which can hold a secret, so the error only names the place.
pub(super) fn read<T: DeserializeOwned + Default>(
    method: &str,
    payload: &[u8],
) -> Result<T, Error> {
    let unreadable = |reason: &str| {
        let message = format!(
            "its message to `{}` can't be read: {reason}",
            visible(method)
        );
        Error::new(ErrorKind::BadRequest, message)
    };
    let not_json = |error: &serde_json::Error| {
        unreadable(&format!("it is not JSON (column {})", error.column()))
    };
    match payload.trim_ascii() {
        [] | b"null" => return Ok(T::default()),
        // The parser would read a list as the values of the fields in their order.
        [b'[', ..] => return Err(unreadable("it is a list instead of an object")),
        _ => {}
    }
    let mut reader = serde_json::Deserializer::from_slice(payload);
    let request = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        // serde_json counts a number that no double can hold as an error of the syntax.
        match error.is_data() || error.to_string().starts_with("number out of range") {
            true => unreadable(&format!(
                "`{}` has a value of another type or out of range",
                visible(&path)
            )),
            false => not_json(&error),
        }
    })?;
    reader.end().map_err(|error| not_json(&error))?;
    Ok(request)
}
