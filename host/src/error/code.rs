//! The codes of failures: stable names by which a script tells one failure from another. `docs/errors.md` lists them, and a test compares the two.

use super::ErrorKind;

/// The most characters of a plugin's code.
const MAX_CHARACTERS: usize = 64;

/// Declares the codes of the host with their meaning.
macro_rules! codes {
    ($(#[doc = $meaning:literal] $name:ident = $code:literal,)*) => {
        $(#[doc = $meaning] pub(crate) const $name: &str = $code;)*

        /// The codes of the host and their meanings.
        #[cfg(test)]
        const ALL: &[(&str, &str)] = &[$(($code, $meaning)),*];
    };
}

codes! {
    /// A failure without a more specific code.
    FAILURE = "failure",
    /// The command line is wrong, without a more specific code.
    USAGE = "usage",
    /// The command doesn't exist.
    UNKNOWN_COMMAND = "unknown-command",
    /// `tw`, or a group such as `tw secrets`, was run without a command.
    MISSING_COMMAND = "missing-command",
    /// The command doesn't have the option.
    UNKNOWN_OPTION = "unknown-option",
    /// A value stands where the command takes none.
    UNEXPECTED_ARGUMENT = "unexpected-argument",
    /// A required option or argument is missing.
    MISSING_ARGUMENT = "missing-argument",
    /// Options that exclude each other were given.
    CONFLICTING_OPTIONS = "conflicting-options",
    /// The value of an option or an argument is wrong.
    INVALID_VALUE = "invalid-value",
    /// The value of an environment variable is wrong.
    INVALID_VARIABLE = "invalid-variable",
    /// The configuration can't be used: a file can't be read, has a mistake, or could have been written by somebody else.
    CONFIGURATION = "configuration",
    /// The configuration has no profile of this name.
    PROFILE_NOT_FOUND = "profile-not-found",
    /// A part of `tw` or of the plugin doesn't support the call.
    UNSUPPORTED = "unsupported",
    /// The plugin, its command, or a file needs a newer `tw`.
    NEEDS_NEWER_TW = "needs-newer-tw",
    /// The run has ended, or the reader has closed standard output.
    CLOSED = "closed",
    /// The user interrupted the command.
    INTERRUPTED = "interrupted",
    /// The plugin called a service that its manifest doesn't declare.
    SERVICE_NOT_DECLARED = "service-not-declared",
    /// A policy, a signature or another safeguard of `tw` forbids it.
    DENIED = "denied",
    /// Somebody else could have written a file that `tw` relies on.
    UNSAFE_FILE = "unsafe-file",
    /// The plugin sent a message or a result that makes no sense.
    BAD_MESSAGE = "bad-message",
    /// The plugin can't be used: it is damaged, forbidden, or made for another system.
    PLUGIN_UNUSABLE = "plugin-unusable",
    /// Several plugins claim the command.
    COMMAND_CONFLICT = "command-conflict",
    /// The plugin failed by a fault of its own.
    PLUGIN_PANIC = "plugin-panic",
    /// The plugin ended the process.
    PLUGIN_CRASH = "plugin-crash",
    /// `tw` itself failed by a fault of its own.
    INTERNAL = "internal",
    /// No access token was given.
    NO_TOKEN = "no-token",
    /// The keyring of the system can't be used: it is locked, doesn't answer, or isn't there.
    KEYRING = "keyring",
    /// The address of the API is wrong.
    INVALID_ENDPOINT = "invalid-endpoint",
    /// The address of the API is plain http, without `--insecure`.
    INSECURE_ENDPOINT = "insecure-endpoint",
    /// The server can't be reached, or the connection broke.
    NETWORK = "network",
    /// The proxy can't be reached, or refuses to connect.
    PROXY = "proxy",
    /// The encrypted connection failed, usually because of a certificate.
    TLS = "tls",
    /// A time limit passed.
    TIMEOUT = "timeout",
    /// A change was sent, and no answer says whether it was made.
    OUTCOME_UNKNOWN = "outcome-unknown",
    /// The server rejects the access token (status 401): it is wrong, expired or revoked.
    UNAUTHORIZED = "unauthorized",
    /// The server forbids the request (status 403). An expired token can be the reason.
    FORBIDDEN = "forbidden",
    /// The thing that was named doesn't exist (status 404).
    NOT_FOUND = "not-found",
    /// The request conflicts with what exists (status 409).
    CONFLICT = "conflict",
    /// The server gets too many requests (status 429).
    RATE_LIMITED = "rate-limited",
    /// The server rejects the request with another status from 300 to 499.
    REQUEST_REJECTED = "request-rejected",
    /// The server failed (status 500 to 599).
    SERVER_ERROR = "server-error",
    /// The server's answer can't be read: it is no JSON, or has another form than expected.
    INVALID_RESPONSE = "invalid-response",
    /// The server's answer or a file is larger than allowed.
    TOO_LARGE = "too-large",
    /// The workspace doesn't exist, or the user doesn't belong to it.
    WORKSPACE_NOT_FOUND = "workspace-not-found",
    /// The text names no workspace: it is neither an ID nor `ORGANIZATION/WORKSPACE`.
    INVALID_WORKSPACE = "invalid-workspace",
    /// The command has to ask, and there is no terminal.
    NOT_INTERACTIVE = "not-interactive",
    /// A file or standard input can't be read.
    INPUT = "input",
    /// A failure of a kind that this `tw` doesn't know.
    UNKNOWN = "unknown",
}

/// Returns the code of a failure of this kind that has no more specific code.
pub(super) fn of_kind(kind: ErrorKind, status: Option<u16>) -> &'static str {
    match kind {
        ErrorKind::Usage => USAGE,
        ErrorKind::Unsupported => UNSUPPORTED,
        ErrorKind::Closed => CLOSED,
        ErrorKind::Cancelled => INTERRUPTED,
        ErrorKind::Refused => DENIED,
        ErrorKind::BadRequest => BAD_MESSAGE,
        ErrorKind::NoToken => NO_TOKEN,
        ErrorKind::Network => NETWORK,
        ErrorKind::Timeout => TIMEOUT,
        ErrorKind::OutcomeUnknown => OUTCOME_UNKNOWN,
        ErrorKind::InvalidResponse => INVALID_RESPONSE,
        ErrorKind::TooLarge => TOO_LARGE,
        ErrorKind::NotFound => NOT_FOUND,
        ErrorKind::NotInteractive => NOT_INTERACTIVE,
        ErrorKind::Input => INPUT,
        ErrorKind::Panic => PLUGIN_PANIC,
        ErrorKind::Unknown => UNKNOWN,
        ErrorKind::Http => status.map_or(SERVER_ERROR, of_status),
        _ => status.map_or(FAILURE, of_status),
    }
}

fn of_status(status: u16) -> &'static str {
    match status {
        401 => UNAUTHORIZED,
        403 => FORBIDDEN,
        404 => NOT_FOUND,
        409 => CONFLICT,
        429 => RATE_LIMITED,
        ..500 => REQUEST_REJECTED,
        _ => SERVER_ERROR,
    }
}

/// True if a plugin may give a failure this code: a letter, then small letters, digits and hyphens.
pub(super) fn is_valid(code: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    code.len() <= MAX_CHARACTERS
        && code.starts_with(|first: char| first.is_ascii_lowercase())
        && code.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_lists_every_code_with_its_meaning() {
        let page = include_str!("../../../docs/errors.md");
        let rows = page.lines().filter(|line| line.starts_with("| `"));
        let documented: Vec<&str> = rows.take(ALL.len() + 1).collect();
        let documented: Vec<&&str> = documented.iter().take(ALL.len()).collect();
        let expected: Vec<String> = ALL
            .iter()
            .map(|(code, meaning)| format!("| `{code}` | {} |", meaning.trim()))
            .collect();
        assert_eq!(documented, expected.iter().collect::<Vec<_>>());
    }

    #[test]
    fn every_code_of_the_host_is_one_that_a_plugin_could_give_and_none_is_given_twice() {
        for (at, (code, _)) in ALL.iter().enumerate() {
            assert!(is_valid(code), "{code}");
            let mut rest = ALL[at + 1..].iter();
            assert!(rest.all(|(other, _)| other != code), "{code}");
        }
    }

    #[test]
    fn a_code_has_small_letters_digits_and_hyphens() {
        for code in ["a", "secret-not-found", "http2"] {
            assert!(is_valid(code), "{code}");
        }
        for code in [
            "",
            "Secret",
            "secret_exists",
            "-a",
            "2nd",
            "a b",
            "é",
            &"a".repeat(65),
        ] {
            assert!(!is_valid(code), "{code}");
        }
    }
}
