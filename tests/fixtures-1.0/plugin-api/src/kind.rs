//! The types of arguments as constants, so that the derives can check the keys of `#[arg(…)]` at compile time.

// The documentation leaves these types out, because only the derives use them.
#![allow(missing_docs)]

use tw_plugin_protocol::ValueKind;

use crate::Arg;

/// The type of one value.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Flag,
    Boolean,
    Text,
    Secret,
    /// An integer, with the limits of its type.
    Integer {
        min: i128,
        max: i128,
    },
    Float,
    Path,
    OsText,
    Choice,
    Duration,
    Size,
    Time,
    Source,
    /// A text that the plugin parses.
    Parsed,
}

/// The number of values that a field takes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Count {
    One,
    Optional,
    List,
    OptionalList,
}

/// The type of a field.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub(crate) kind: Kind,
    pub(crate) count: Count,
}

impl Shape {
    pub const fn has_value(self) -> bool {
        !matches!(self.kind, Kind::Flag)
    }

    /// True if the field has a value for a command line without the argument.
    pub const fn may_be_missing(self) -> bool {
        !self.has_value() || !matches!(self.count, Count::One)
    }

    pub const fn is_list(self) -> bool {
        matches!(self.count, Count::List | Count::OptionalList)
    }

    /// True for a `Vec`, which may be empty unless the argument is required.
    pub const fn is_vec(self) -> bool {
        matches!(self.count, Count::List)
    }

    pub const fn is_path(self) -> bool {
        matches!(self.kind, Kind::Path)
    }

    pub const fn is_choice(self) -> bool {
        matches!(self.kind, Kind::Choice)
    }

    /// True if the plugin can complete values of the field.
    pub const fn can_complete(self) -> bool {
        self.has_value() && !matches!(self.kind, Kind::Secret | Kind::Choice)
    }

    pub const fn is_text(self) -> bool {
        matches!(self.kind, Kind::Text | Kind::Parsed)
    }

    pub const fn is_boolean(self) -> bool {
        matches!(self.kind, Kind::Boolean)
    }

    pub const fn is_float(self) -> bool {
        matches!(self.kind, Kind::Float)
    }

    pub const fn has_range(self) -> bool {
        matches!(
            self.kind,
            Kind::Integer { .. } | Kind::Float | Kind::Duration | Kind::Size
        )
    }

    /// True if an integer can be a value of the field.
    pub const fn has_integers(self) -> bool {
        matches!(self.kind, Kind::Integer { .. } | Kind::Float | Kind::Size)
    }

    /// True if this integer is a value of the field, or if no integer is: then another check fails.
    pub const fn holds(self, number: i128) -> bool {
        match self.kind {
            Kind::Integer { min, max } => min <= number && number <= max,
            Kind::Size => 0 <= number,
            _ => true,
        }
    }
}

impl Kind {
    /// Adds to a declaration what the type implies.
    pub(crate) fn describe(self, mut arg: Arg) -> Arg {
        let mut limits = (None, None);
        arg.message.value = match self {
            Self::Flag => return arg.into_flag(),
            Self::Secret => return arg.sensitive(),
            Self::Text | Self::Choice | Self::Parsed => return arg,
            Self::Boolean => ValueKind::Boolean,
            Self::Integer { min, max } => {
                // A 64-bit integer has no other limits than those of the messages.
                limits = (
                    (min > i64::MIN.into()).then_some(min),
                    (max < i64::MAX.into()).then_some(max),
                );
                ValueKind::Integer
            }
            Self::Float => ValueKind::Float,
            Self::Path => ValueKind::Path,
            Self::OsText => ValueKind::OsText,
            Self::Duration => ValueKind::Duration,
            Self::Size => ValueKind::Size,
            Self::Time => ValueKind::Time,
            Self::Source => ValueKind::Source,
        };
        if let Some(min) = limits.0 {
            arg = arg.min(min);
        }
        if let Some(max) = limits.1 {
            arg = arg.max(max);
        }
        arg
    }
}
