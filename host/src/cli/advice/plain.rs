//! Errors of clap in plainer words.

use clap::{
    Command,
    error::{ContextKind, ContextValue, ErrorKind},
};

/// Returns an error that says the same as clap's in plainer words, if clap's are about its own terms: a value of a flag, and a positional that could be a
/// subcommand.
pub(super) fn rephrase(error: clap::Error, tree: &Command) -> clap::Error {
    let text = |key| error.get(key).map(ToString::to_string);
    let word = match error.kind() {
        ErrorKind::TooManyValues => text(ContextKind::InvalidValue),
        ErrorKind::ArgumentConflict => text(ContextKind::InvalidSubcommand),
        _ => None,
    };
    // A text that looks like an option is shown as one, even if it may be a secret.
    let Some(word) = word.filter(|word| !word.starts_with('-')) else {
        return error;
    };
    let mut plain = clap::Error::new(ErrorKind::UnknownArgument).with_cmd(tree);
    plain.insert(ContextKind::InvalidArg, ContextValue::String(word));
    let tip = match (error.kind(), text(ContextKind::InvalidArg)) {
        (ErrorKind::TooManyValues, Some(flag)) => Some(format!("`{flag}` takes no value")),
        _ => None,
    };
    if let Some(tip) = tip {
        let tip = ContextValue::StyledStrs(vec![tip.into()]);
        plain.insert(ContextKind::Suggested, tip);
    }
    if let Some(usage) = error.get(ContextKind::Usage) {
        plain.insert(ContextKind::Usage, usage.clone());
    }
    plain
}
