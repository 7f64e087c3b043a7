//! The messages of questions to the user.

use serde::{Deserialize, Serialize};

use crate::argument::is_false;
use crate::read::{list, or_default};

/// The reply that says whether the host can ask questions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct InteractiveReply {
    /// True if there is a terminal to ask on.
    #[serde(deserialize_with = "or_default")]
    pub interactive: bool,
}

/// The request to ask for a line of text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct TextPrompt {
    /// The question.
    #[serde(deserialize_with = "or_default")]
    pub message: String,
    /// The answer if the user just presses Enter. `None` means an empty text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// The reply with a line of text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct TextReply {
    /// The line, without its line feed.
    #[serde(deserialize_with = "or_default")]
    pub text: String,
}

/// The request to ask for a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct PasswordPrompt {
    /// The question.
    #[serde(deserialize_with = "or_default")]
    pub message: String,
    /// The question that asks for the secret a second time. `None` asks only once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again: Option<String>,
}

/// The request to choose from a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ChoosePrompt {
    /// The question.
    #[serde(deserialize_with = "or_default")]
    pub message: String,
    /// The texts to choose from.
    #[serde(deserialize_with = "list")]
    pub items: Vec<String>,
    /// True if the user may choose several, or none.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_false")]
    pub several: bool,
    /// The numbers of the items that are chosen at first; the first item is 0.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub chosen: Vec<u32>,
}

/// The reply with what the user chose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ChooseReply {
    /// The numbers of the chosen items, the smallest first.
    #[serde(deserialize_with = "list")]
    pub chosen: Vec<u32>,
}

/// The request to edit a text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct EditPrompt {
    /// The extension of the file that the editor gets, by which it knows the format: `yaml`. Empty if there is none.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub extension: String,
}

/// The request to ask a yes-or-no question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ConfirmPrompt {
    /// The question.
    #[serde(deserialize_with = "or_default")]
    pub message: String,
    /// The answer if the user just presses Enter.
    #[serde(deserialize_with = "or_default")]
    pub default: bool,
}

/// The reply to a yes-or-no question.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ConfirmReply {
    /// True if the answer is yes.
    #[serde(deserialize_with = "or_default")]
    pub yes: bool,
}
