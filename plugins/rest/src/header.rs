//! The headers that the user types.

use std::str::FromStr;

/// The headers that `tw` sets. Each of them decides who the user is, which server gets the request, or where the request ends.
const OWN: [&str; 7] = [
    "authorization",
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
];

/// The headers whose values are never secret. Any other header may be a key that a server asks for.
const PUBLIC: [&str; 4] = ["accept", "accept-language", "content-type", "user-agent"];

/// A header, typed as `Name: value`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Header {
    /// True if the value must not be logged.
    pub(crate) fn is_secret(&self) -> bool {
        !self.is_one_of(&PUBLIC)
    }

    fn is_one_of(&self, names: &[&str]) -> bool {
        names
            .iter()
            .any(|name| self.name.eq_ignore_ascii_case(name))
    }
}

impl FromStr for Header {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once(':').unwrap_or_default();
        let header = Self {
            name: name.trim().to_owned(),
            value: value.trim().to_owned(),
        };
        match &header.name {
            name if name.is_empty() => Err("expected 'Name: value'".to_owned()),
            name if header.is_one_of(&OWN) => Err(format!("only tw sets the header '{name}'")),
            _ => Ok(header),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_name_and_a_value_without_blanks_around_them() {
        for (typed, name, value) in [
            ("Accept: text/csv", "Accept", "text/csv"),
            ("X-Time:12:30", "X-Time", "12:30"),
            (" X-Empty : ", "X-Empty", ""),
        ] {
            let header: Header = typed.parse().expect("it is a header");
            assert_eq!((header.name.as_str(), header.value.as_str()), (name, value));
        }
        for typed in ["", "Accept", ": x", " :x"] {
            assert_eq!(
                typed.parse::<Header>(),
                Err("expected 'Name: value'".to_owned())
            );
        }
    }

    #[test]
    fn a_header_that_only_the_host_sets_is_refused_in_every_case() {
        for name in ["Authorization", "HOST", "content-length", "Te"] {
            let error = format!("{name}: x").parse::<Header>();
            assert_eq!(error, Err(format!("only tw sets the header '{name}'")));
        }
    }
}
