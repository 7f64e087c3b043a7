//! Macros that generate `Deserialize` for messages.
//!
//! The code that serde derives is larger: it stores every field in a variable of its own, and moves all of them into
//! the message at the end. The rules are those of serde: a missing field has its default, and an unknown field is
//! ignored.

/// Implements `Deserialize` for a struct with a `Default` and these fields.
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
                        // Fails to compile if the list lacks a field, which would never be read.
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

/// Implements `Serialize` and `Deserialize` for an enum of kinds with these names. An unknown name reads as `Unknown`.
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
