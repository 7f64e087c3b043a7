//! A SHA-256 digest: what bytes are called whatever their place.

use std::{fmt, str::FromStr};

use ring::digest::{SHA256, digest};

use crate::error::{Error, ErrorKind};

/// `sha256:` and 64 small hexadecimal digits, in text and in JSON.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut out = [0; 32];
        out.copy_from_slice(digest(&SHA256, bytes).as_ref());
        Self(out)
    }

    /// The name of a folder for what has this digest: a colon is no part of one everywhere.
    pub(crate) fn folder(&self) -> String {
        self.to_string().replace(':', "-")
    }

    /// Whether these bytes are those that were meant.
    ///
    /// # Errors
    /// Both digests, and what such a difference means.
    pub(crate) fn check(&self, what: &str, bytes: &[u8]) -> Result<(), Error> {
        let found = Self::of(bytes);
        if found == *self {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Refused,
            format!(
                "{what} is not what was meant: it has the digest {found}, and {self} was expected"
            ),
        )
        .hint("somebody changed it, or it is damaged: get it anew from its publisher"))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "a digest is `sha256:` and 64 small hexadecimal digits";
        let digits = text.strip_prefix("sha256:").ok_or(WRONG)?.as_bytes();
        let small = |digit: &u8| digit.is_ascii_digit() || (b'a'..=b'f').contains(digit);
        if digits.len() != 64 || !digits.iter().all(small) {
            return Err(WRONG);
        }
        let mut out = [0; 32];
        for (byte, pair) in out.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| WRONG)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| WRONG)?;
        }
        Ok(Self(out))
    }
}

impl serde::Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_nothing_is_the_known_one() {
        let known = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").to_string(), known);
        assert_eq!(known.parse(), Ok(Digest::of(b"")));
    }

    #[test]
    fn what_is_no_digest_is_refused() {
        let known = Digest::of(b"").to_string();
        for text in [
            "",
            "sha256:",
            &known[..70],
            &known.to_uppercase(),
            &known.replace("e3", "+3"),
            &known.replace("sha256", "md5"),
        ] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }
}
