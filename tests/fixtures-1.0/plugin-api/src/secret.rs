//! Secret texts.

use std::fmt;

use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

/// A text that `Debug` doesn't show, that has no `Display`, and that is wiped from memory when it is dropped.
///
/// The host redacts the value of an argument of this type in logs and in messages. Serialization writes the text
/// itself, so that a secret can be part of a request's body.
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
    /// Wraps a text.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Returns the text.
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
