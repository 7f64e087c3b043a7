//! The value of a secret: where it comes from, and what of it a pipeline can use.

use std::path::PathBuf;

use base64::{Engine, engine::general_purpose::STANDARD};
use tw_plugin_api::{Source, prelude::*};

/// A larger value is none that a pipeline can use, in bytes.
pub(crate) const LARGEST: u64 = 4 << 20;

/// What is wrong with a value that has one.
pub(crate) const NUL: &str = "has a NUL character, which no environment variable can hold";

/// Where a value comes from. Without any of them, it is asked for.
#[derive(Args)]
pub(crate) struct ValueFrom {
    /// Secret value, as it stands; the process list and the shell's history keep it
    #[arg(
        short,
        long,
        conflicts = "value_stdin",
        conflicts = "value_file",
        conflicts = "value_env"
    )]
    value: Option<Secret>,
    /// Read the value from standard input
    #[arg(long, conflicts = "value_file", conflicts = "value_env")]
    value_stdin: bool,
    /// Read the value from a file; `-` is standard input
    #[arg(long, value_name = "PATH", conflicts = "value_env")]
    value_file: Option<PathBuf>,
    /// Take the value of this environment variable
    #[arg(long, value_name = "VAR")]
    value_env: Option<String>,
    /// Keep a line end at the end of the value
    #[arg(long)]
    raw: bool,
    /// Encode the value in base64, for values of several lines and for bytes
    #[arg(long)]
    base64: bool,
}

impl ValueFrom {
    /// The value, and what its owner should know of it. Nothing has been sent by then.
    pub(crate) fn read(&self, host: &Host, name: &str) -> Result<Secret> {
        let bytes = self.bytes(host, name)?;
        if self.base64 {
            return Ok(Secret::new(STANDARD.encode(bytes.as_slice())));
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| {
            Error::usage(format!("the value of '{name}' is not UTF-8 text"))
                .hint("`--base64` encodes it; the pipeline decodes it")
        })?;
        if text.contains('\0') {
            return Err(Error::usage(format!("the value of '{name}' {NUL}")));
        }
        if text.trim_end_matches(['\n', '\r']).contains(['\n', '\r']) {
            host.log().warning(&format!(
                "the value of '{name}' has several lines, which a pipeline run doesn't keep; `--base64` encodes it"
            ));
        }
        if text.ends_with(['\n', '\r']) && !self.raw {
            host.log().warning(&format!(
                "the value of '{name}' has a line end at its end, which is kept; `--value-stdin` leaves one out, `--raw` says that it is meant"
            ));
        }
        Ok(Secret::new(text.to_owned()))
    }

    fn bytes(&self, host: &Host, name: &str) -> Result<Bytes> {
        if let Some(value) = &self.value {
            if host.was_typed("value") && host.prompt().is_interactive()? {
                host.log().warning(
                    "a value on the command line can be seen in the process list and the shell's history; `--value-stdin` or no option at all keeps it out",
                );
            }
            return Ok(Bytes::new(value.expose().as_bytes().to_vec()));
        }
        if let Some(variable) = &self.value_env {
            let value = std::env::var_os(variable).ok_or_else(|| {
                Error::usage(format!(
                    "the environment variable '{variable}' of `--value-env` is not set"
                ))
            })?;
            let bytes = Bytes::new(value.into_encoded_bytes());
            return not_empty(
                bytes,
                name,
                &format!("the environment variable '{variable}'"),
            );
        }
        let source = match (self.value_stdin, &self.value_file) {
            (true, _) => Some(Source::Stdin),
            (_, Some(path)) if path.as_os_str() == "-" => Some(Source::Stdin),
            (_, Some(path)) => Some(Source::File(path.clone())),
            _ => None,
        };
        if let Some(source) = source {
            if source == Source::Stdin && host.prompt().is_interactive()? {
                host.log().warning(
                    "what you type is shown; without an option, the value is asked for unseen",
                );
            }
            let mut bytes = Bytes::new(host.input().secret_bytes(&source, LARGEST)?);
            // Bytes that are no text have no lines.
            if source == Source::Stdin && !self.raw && std::str::from_utf8(&bytes).is_ok() {
                strip_line_end(&mut bytes);
            }
            let what = match source {
                Source::Stdin => "standard input",
                Source::File(_) => "the file",
            };
            return not_empty(bytes, name, what);
        }
        if !host.prompt().is_interactive()? {
            return Err(Error::usage(format!(
                "there is no value for '{name}', and no terminal to ask on: give --value, --value-stdin, --value-file or --value-env"
            )));
        }
        let typed = host
            .prompt()
            .secret(&format!("Value of {name}"), Some("Once more"))?;
        Ok(Bytes::new(typed.expose().as_bytes().to_vec()))
    }
}

/// Bytes that are wiped when they are dropped.
type Bytes = zeroize::Zeroizing<Vec<u8>>;

/// What should have written it has failed, mostly: an empty value is one that is typed.
fn not_empty(bytes: Bytes, name: &str, what: &str) -> Result<Bytes> {
    match bytes.is_empty() {
        false => Ok(bytes),
        true => Err(Error::usage(format!(
            "{what} is empty, and was to be the value of '{name}'; `--value ''` makes it empty"
        ))),
    }
}

/// `echo` and editors end a line; that isn't part of the value.
fn strip_line_end(bytes: &mut Bytes) {
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
}
