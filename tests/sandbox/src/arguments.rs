//! The command line of `tw-sandbox`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Parser;
use tw_sandbox::{Error, FAULT_LANGUAGE, Fault, Sandbox};

const ABOUT: &str = "\
A local stand-in for the Seqera Platform API, to try tw and its plugins without an account and without harm.

It listens on 127.0.0.1 only, needs no network, and remembers secrets until it ends, or in a file: see --state. Nothing \
in it is real, so put nothing real into it: values are kept and saved in the clear.

It begins with:
  user           demo (id 1), with a token
  organizations  acme (id 10), globex (id 20, without a workspace)
  workspaces     acme/research (id 100), acme/production (id 101)
  secrets        none

It knows /pipeline-secrets, /user-info, /user/ID/workspaces, /orgs and /service-info, all of them below /api too.";

const EXAMPLES: &str = "\
Examples:
  Start it, and follow what it prints:
    tw-sandbox --log
  Use it from a bash script, which waits until it serves:
    exec 3< <(tw-sandbox --print-env)
    read -r url <&3; read -r token <&3; eval \"$url; $token\"
    tw --insecure secrets list
  Keep the secrets between two runs:
    tw-sandbox --state sandbox.json
  See what a plugin does when the first two answers are 503:
    tw-sandbox --fault 'GET /pipeline-secrets status=503 retry-after=1 times=2'
  ... when it can't know whether the secret was created:
    tw-sandbox --fault 'POST /pipeline-secrets reset=after times=1'
  ... when a company's proxy answers in place of the Platform:
    tw-sandbox --fault '* * not-json'
  ... behind a private certificate authority:
    tw-sandbox --https --ca-out ca.pem
";

/// What the user asked for.
#[derive(Debug, Parser)]
#[command(
    name = "tw-sandbox",
    version,
    about = "A local stand-in for the Seqera Platform API",
    long_about = ABOUT,
    after_help = "More, with examples and the language of faults: tw-sandbox --help",
    after_long_help = format!("{EXAMPLES}\nThe language of faults:\n\n{FAULT_LANGUAGE}")
)]
pub(crate) struct Arguments {
    /// The port to listen on; 0 takes any free one
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// Serve https, HTTP/2 included, with a certificate for localhost, 127.0.0.1 and ::1 from a new private CA
    #[arg(long)]
    https: bool,

    /// Write the private CA's certificate to this file, as PEM, for the client to trust
    #[arg(long, value_name = "FILE", requires = "https")]
    pub(crate) ca_out: Option<PathBuf>,

    /// Keep everything in this file: it is read at the start, if it is there, and saved after each change
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// The token of the user demo, in place of the ready-made one
    #[arg(long, value_parser = token)]
    token: Option<String>,

    /// Go wrong on purpose, such as 'POST /pipeline-secrets status=500 times=1'; repeatable, the language is below
    #[arg(long = "fault", value_name = "FAULT")]
    faults: Vec<Fault>,

    /// Answer 429 to a token's requests beyond so many within a second; the Platform allows 20
    #[arg(long, value_name = "N")]
    rate: Option<NonZeroUsize>,

    /// Print a line for each request to stderr: method, path, query and status, never a header or a body
    #[arg(long)]
    log: bool,

    /// Print nothing but the two lines that a shell needs: export TOWER_API_ENDPOINT=... and TOWER_ACCESS_TOKEN=...
    #[arg(long)]
    pub(crate) print_env: bool,
}

impl Arguments {
    /// Starts the sandbox that they describe.
    pub(crate) fn start(&self) -> Result<Sandbox, Error> {
        let mut builder = Sandbox::builder().port(self.port);
        if let Some(path) = &self.state {
            builder = builder.state_file(path);
        }
        if let Some(token) = &self.token {
            builder = builder.token(token);
        }
        if let Some(rate) = self.rate {
            builder = builder.rate(rate.get());
        }
        if self.log {
            builder = builder.log();
        }
        builder = self
            .faults
            .iter()
            .cloned()
            .fold(builder, tw_sandbox::Builder::fault);
        if self.https {
            builder.try_start_https()
        } else {
            builder.try_start()
        }
    }
}

/// A token that a header can carry.
fn token(text: &str) -> Result<String, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("a token is one or more ASCII characters without blanks".into());
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Arguments;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_mistake_in_a_fault_is_explained() {
        let error = Arguments::try_parse_from(["tw-sandbox", "--fault", "GET /orgs status=99"])
            .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("`status=99`: expected a status from 200 to 599"),
            "{error}"
        );
    }

    #[test]
    fn a_token_has_no_blanks() {
        assert!(Arguments::try_parse_from(["tw-sandbox", "--token", "a b"]).is_err());
        assert!(Arguments::try_parse_from(["tw-sandbox", "--token", ""]).is_err());
    }

    #[test]
    fn help_explains_the_seed_and_the_faults() {
        let help = Arguments::command().render_long_help().to_string();
        for text in [
            "acme/research (id 100)",
            "reset=after",
            "Examples:",
            "--print-env",
        ] {
            assert!(help.contains(text), "{text}");
        }
    }
}
