//! The options that give a secret its value.

use std::{path::PathBuf, str};

use base64::{Engine, engine::general_purpose::STANDARD};
use tw_plugin_api::{Source, prelude::*};
use zeroize::Zeroizing;

/// The largest value in bytes. A pipeline can't use a larger one.
pub(crate) const MAX_BYTES: u64 = 4 << 20;

/// The end of a message about a value that contains a NUL character.
pub(crate) const NUL: &str = "has a NUL character, which no environment variable can hold";

/// The characters that break a line.
pub(crate) const LINE_BREAKS: [char; 2] = ['\n', '\r'];

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The length of the longest name of an environment variable that a message shows.
const MAX_SHOWN: usize = 64;

/// The name of standard input in messages.
const STDIN: &str = "standard input";

/// The name of an answer in messages.
const TYPED: &str = "the answer";

/// The source of the value. Without any source, the plugin asks the user for the value.
#[derive(Args)]
pub(crate) struct ValueFrom {
    /// Secret value; visible in the process list and in the shell's history
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
    /// Read the value from an environment variable
    #[arg(long, value_name = "VAR", complete = complete_variables)]
    value_env: Option<String>,
    /// Keep a byte order mark at the beginning and a line break at the end of the value
    #[arg(long)]
    raw: bool,
    /// Encode the value in base64, for several lines or for binary data
    #[arg(long)]
    base64: bool,
}

/// Bytes that are wiped when they are dropped.
type Bytes = Zeroizing<Vec<u8>>;

impl ValueFrom {
    /// Returns the value for the secret `name`, checked and encoded. Warns about a value that a pipeline run would change.
    pub(crate) fn read(&self, host: &Host, name: &str) -> Result<Secret> {
        let bytes = self.read_bytes(host, name)?;
        if lacks_line_break(&bytes) {
            host.log().warning(&format!(
                "the value of '{name}' is a private key without a line break at its end, which ssh refuses; `--value-file` and `--value-stdin` keep the line break of the key's file"
            ));
        }
        if self.base64 {
            return Ok(Secret::new(STANDARD.encode(bytes.as_slice())));
        }
        let text = str::from_utf8(&bytes).map_err(|_| {
            let encoding = match bytes.as_slice() {
                [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "is UTF-16 text, and not UTF-8",
                _ => "is not UTF-8 text",
            };
            Error::usage(format!("the value of '{name}' {encoding}"))
                .code("invalid-value")
                .hint("`--base64` encodes the value; the pipeline has to decode it")
        })?;
        if text.contains('\0') {
            let message = format!("the value of '{name}' {NUL}");
            return Err(Error::usage(message).code("invalid-value"));
        }
        if text.trim_end_matches(LINE_BREAKS).contains(LINE_BREAKS) {
            host.log().warning(&format!(
                "the value of '{name}' has several lines, which don't survive a pipeline run; `--base64` encodes it"
            ));
        } else if text.ends_with(LINE_BREAKS) && !self.raw {
            host.log().warning(&format!(
                "the value of '{name}' ends with a line break, which is stored too; `--raw` keeps it without this warning"
            ));
        }
        Ok(Secret::new(text.to_owned()))
    }

    /// Reads the value from the source that the command line names, or asks for it.
    fn read_bytes(&self, host: &Host, name: &str) -> Result<Bytes> {
        if let Some(value) = &self.value {
            if host.was_typed("value") {
                warn_of_typed(host, value.expose())?;
            }
            return Ok(Bytes::new(value.expose().as_bytes().to_vec()));
        }
        if let Some(variable) = &self.value_env {
            let from = format!("the environment variable '{variable}'");
            return self.tidy(host, name, read_variable(variable)?, &from);
        }
        match (self.value_stdin, &self.value_file) {
            (true, _) => self.read_stdin(host, name),
            (_, Some(path)) if path.as_os_str() == "-" => self.read_stdin(host, name),
            (_, Some(path)) => {
                let source = Source::File(path.clone());
                let bytes = Bytes::new(host.input().secret_bytes(&source, MAX_BYTES)?);
                self.tidy(host, name, bytes, "the file")
            }
            (false, None) => self.ask(host, name),
        }
    }

    fn ask(&self, host: &Host, name: &str) -> Result<Bytes> {
        if !host.prompt().is_interactive()? {
            return Err(Error::usage(format!(
                "there is no value for '{name}' and no terminal to ask on: give --value, --value-stdin, --value-file or --value-env"
            ))
            .code("not-interactive"));
        }
        let question = format!("Value of {name}");
        let typed = host.prompt().secret(&question, Some("Once more"));
        let typed = typed.map_err(|error| match error.kind() {
            ErrorKind::Input => error.hint("`--value-file PATH` takes a value of any form"),
            _ => error,
        })?;
        let mut bytes = Bytes::new(typed.expose().as_bytes().to_vec());
        // A pasted key often lacks its last line break. Then Enter is this line break.
        if !bytes.ends_with(b"\n") && !self.raw {
            bytes.push(b'\n');
        }
        self.tidy(host, name, bytes, TYPED)
    }

    fn read_stdin(&self, host: &Host, name: &str) -> Result<Bytes> {
        if host.prompt().is_interactive()? {
            host.log().warning(
                "what you type is visible; without this option, `tw` asks for the value and doesn't show it",
            );
        }
        let bytes = Bytes::new(host.input().secret_bytes(&Source::Stdin, MAX_BYTES)?);
        self.tidy(host, name, bytes, STDIN)
    }

    /// Removes what programs add to a text without `--raw`: PowerShell begins a file with a byte order mark, and `echo` and editors end one with a
    /// line break. A line break after a PEM block is part of the block, so it is kept.
    ///
    /// # Errors
    /// Refuses an empty value: the program that should have written the value has probably failed.
    fn tidy(&self, host: &Host, name: &str, mut bytes: Bytes, source: &str) -> Result<Bytes> {
        // In bytes that are not text, a final 0x0A is data and not a line break.
        if !self.raw && str::from_utf8(&bytes).is_ok() {
            if bytes.starts_with(BYTE_ORDER_MARK) {
                bytes.drain(..BYTE_ORDER_MARK.len());
                host.log().warning(&format!(
                    "{source} begins with a byte order mark, which is not stored; `--raw` keeps it"
                ));
            }
            if ends_with_pem(&bytes) && bytes.ends_with(b"\n") {
                host.log().warning(&format!(
                    "the value of '{name}' is a PEM block, so the line break at its end is stored too"
                ));
            } else if strip_line_break(&mut bytes) && ![STDIN, TYPED].contains(&source) {
                host.log().warning(&format!(
                    "{source} ends with a line break, which is not stored; `--raw` keeps it"
                ));
            }
        }
        match bytes.is_empty() {
            false => Ok(bytes),
            true => Err(Error::usage(format!(
                "{source} is empty; `--value ''` gives '{name}' an empty value"
            ))
            .code("invalid-value")),
        }
    }
}

/// Returns the names of the environment variables, for the completion of an option.
fn complete_variables(_: &str, _: &Host) -> Result<Vec<String>> {
    let names = std::env::vars_os().map(|(name, _)| name.into_string());
    Ok(names.flatten().collect())
}

fn read_variable(variable: &str) -> Result<Bytes> {
    let value = std::env::var_os(variable).ok_or_else(|| {
        // The option may have been given the value itself, such as `"$TOKEN"` instead of `TOKEN`.
        let is_usual = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        let shown = match variable.len() <= MAX_SHOWN && variable.chars().all(is_usual) {
            true => format!("'{variable}'"),
            false => "(not shown, it may be a secret)".to_owned(),
        };
        Error::usage(format!(
            "the environment variable {shown} of `--value-env` is not set"
        ))
        .code("invalid-value")
    })?;
    Ok(Bytes::new(value.into_encoded_bytes()))
}

/// Warns about a value that was typed on the command line.
fn warn_of_typed(host: &Host, value: &str) -> Result<()> {
    if value == "-" {
        host.log().warning(
            "the value is a literal hyphen; `--value-stdin` reads the value from standard input",
        );
    } else if value.starts_with('@') {
        host.log().warning(
            "the value is the literal text, with its `@`; `--value-file PATH` reads the value from a file",
        );
    }
    if host.prompt().is_interactive()? {
        host.log().warning(
            "a value on the command line can be seen in the process list and in the shell's history; `--value-stdin`, or no option at all, avoids that",
        );
    }
    Ok(())
}

/// Removes one line break from the end. Returns true if there was one.
fn strip_line_break(bytes: &mut Bytes) -> bool {
    let is_stripped = bytes.last() == Some(&b'\n');
    if is_stripped {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    is_stripped
}

/// True if the last line ends a PEM block (RFC 7468), an OpenPGP block or an SSH2 public key (RFC 4716).
fn ends_with_pem(bytes: &[u8]) -> bool {
    let line = last_line(bytes);
    line.starts_with(b"-----END ") && line.ends_with(b"-----")
        || line.starts_with(b"---- END ") && line.ends_with(b" ----")
}

/// True for a private key in the form of OpenSSH that doesn't end with a line break. OpenSSH fails to load such a key, with "error in libcrypto".
pub(crate) fn lacks_line_break(bytes: &[u8]) -> bool {
    bytes.ends_with(b"-----END OPENSSH PRIVATE KEY-----")
}

/// Returns the last line without the line breaks after it.
fn last_line(bytes: &[u8]) -> &[u8] {
    let is_line_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let end = bytes.iter().rposition(|byte| !is_line_break(byte));
    let text = bytes
        .get(..end.map_or(0, |end| end + 1))
        .unwrap_or_default();
    text.rsplit(is_line_break).next().unwrap_or_default()
}
