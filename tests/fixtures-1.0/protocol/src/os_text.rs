//! Texts of the operating system, which may not be UTF-8.

use std::ffi::{OsStr, OsString};

use serde::{Deserialize, Serialize};

/// A text of the operating system, such as the path of a file.
///
/// On the wire, a text that is UTF-8 is a JSON string. Any other text is an object: `{"bytes": [102, 246]}` has the bytes
/// of the text on Unix, and its UTF-16 code units on Windows, each as two bytes with the low one first.
///
/// ```
/// use std::ffi::OsString;
/// use tw_plugin_protocol::OsText;
///
/// let text = OsText::from(OsString::from("a.env"));
/// assert_eq!(text, OsText::Utf8("a.env".to_owned()));
/// assert_eq!(OsString::from(text), "a.env");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OsText {
    /// A text that is UTF-8.
    Utf8(String),
    /// Any other text.
    Other(Bytes),
}

/// The bytes of a text that is not UTF-8.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "OneKey")]
pub struct Bytes {
    /// The bytes, as [`OsText`] describes them.
    pub bytes: Vec<u8>,
}

/// The form of [`Bytes`] on the wire. The reader of a struct would also read a list, as the values of its fields.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum OneKey {
    /// The bytes.
    Bytes(Vec<u8>),
}

impl From<OneKey> for Bytes {
    fn from(OneKey::Bytes(bytes): OneKey) -> Self {
        Self { bytes }
    }
}

impl Default for OsText {
    fn default() -> Self {
        Self::Utf8(String::new())
    }
}

impl From<OsString> for OsText {
    fn from(text: OsString) -> Self {
        match text.into_string() {
            Ok(text) => Self::Utf8(text),
            Err(text) => Self::Other(Bytes {
                bytes: to_bytes(&text),
            }),
        }
    }
}

impl From<OsText> for OsString {
    fn from(text: OsText) -> Self {
        match text {
            OsText::Utf8(text) => text.into(),
            OsText::Other(text) => text.into(),
        }
    }
}

impl From<Bytes> for OsString {
    #[cfg(not(windows))]
    fn from(text: Bytes) -> Self {
        std::os::unix::ffi::OsStringExt::from_vec(text.bytes)
    }

    #[cfg(windows)]
    fn from(text: Bytes) -> Self {
        let units = text.bytes.chunks_exact(2);
        let units: Vec<u16> = units
            .map(|unit| u16::from_le_bytes([unit[0], unit[1]]))
            .collect();
        std::os::windows::ffi::OsStringExt::from_wide(&units)
    }
}

#[cfg(not(windows))]
fn to_bytes(text: &OsStr) -> Vec<u8> {
    text.as_encoded_bytes().to_vec()
}

#[cfg(windows)]
fn to_bytes(text: &OsStr) -> Vec<u8> {
    let units = std::os::windows::ffi::OsStrExt::encode_wide(text);
    units.flat_map(u16::to_le_bytes).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_not_utf8_keeps_its_bytes() {
        let text: OsString = std::os::unix::ffi::OsStringExt::from_vec(vec![b'f', 0xf6, b'o']);
        let message = serde_json::to_string(&OsText::from(text.clone())).unwrap_or_default();
        assert_eq!(message, r#"{"bytes":[102,246,111]}"#);
        let read: OsText = serde_json::from_str(&message).unwrap_or_default();
        assert_eq!(OsString::from(read), text);
        assert!(serde_json::from_str::<OsText>("[[102]]").is_err());
    }
}
