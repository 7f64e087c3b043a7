//! How a message is read: field by field into its default.
//!
//! What serde derives keeps each field apart until all are there, and moves them together then, which is much code for every message in every plugin.
//! The rules are the same: a field that isn't there is its default, and one that isn't known is ignored.

/// Reads these fields of this type, which has a default.
macro_rules! read_fields {
    ($type:ident { $($field:ident),* $(,)? }) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl<'de> serde::de::Visitor<'de> for Visitor {
                    type Value = $type;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a message")
                    }

                    #[allow(unused_mut)]
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<$type, A::Error> {
                        let mut message = $type::default();
                        // A field that isn't in the list is an error here, and not one that is never read.
                        let $type { $($field: _),* } = &message;
                        while let Some(key) = map.next_key::<String>()? {
                            match key.as_str() {
                                $(stringify!($field) => message.$field = map.next_value()?,)*
                                _ => drop(map.next_value::<serde::de::IgnoredAny>()?),
                            }
                        }
                        Ok(message)
                    }
                }
                deserializer.deserialize_map(Visitor)
            }
        }
    };
}
pub(crate) use read_fields;

/// Says how each of these kinds is called on the wire; a name that is none of them is `Unknown`.
macro_rules! kinds {
    ($type:ident { $($kind:ident $name:literal),* $(,)? }) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(match self {
                    $(Self::$kind => $name,)*
                    Self::Unknown => "unknown",
                })
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(match String::deserialize(deserializer)?.as_str() {
                    $($name => Self::$kind,)*
                    _ => Self::Unknown,
                })
            }
        }
    };
}
pub(crate) use kinds;
