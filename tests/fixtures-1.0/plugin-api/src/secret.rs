//! A text that nothing shows.

use std::fmt;

use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

/// A text that no `Debug` and no `Display` shows, and that is wiped from memory when it is dropped.
///
/// An argument of this type is sensitive: logs and error messages have it redacted.
/// Serialized it is the text itself, for that is how it gets into a request's body.
///
/// ```
/// use tw_plugin_api::Secret;
///
/// let secret = Secret::new("open sesame".to_owned());
/// assert_eq!(format!("{secret:?}"), "Secret(…)");
/// assert_eq!(secret.expose(), "open sesame");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Makes this text a secret.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}
