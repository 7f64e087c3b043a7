//! The command line of `tw-sandbox`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Parser;
use tw_sandbox::{Error, FAULT_LANGUAGE, Fault, Sandbox};

const ABOUT: &str = "\
A local stand-in for the Seqera Platform API, to try tw and its plugins without an account.

The sandbox listens on 127.0.0.1 only and needs no network. It keeps secrets in memory until it stops, or in a file if --state \
is given. Values are kept in clear text, so do not use real ones.

It starts with:
  user           demo (id 1), with a token
  organizations  acme (id 10), globex (id 20, without a workspace)
  workspaces     acme/research (id 100), acme/production (id 101)
  secrets        none

It serves /pipeline-secrets, /user-info, /user/ID/workspaces, /orgs and /service-info, at / and below /api.";

const EXAMPLES: &str = "\
Examples:
  Start it, then follow the printed instructions:
    tw-sandbox --log
  Use it from a bash script, which waits until the sandbox is ready:
    exec 3< <(tw-sandbox --print-env)
    read -r url <&3; read -r token <&3; eval \"$url; $token\"
    tw --insecure secrets list
  Keep the secrets between two runs:
    tw-sandbox --state sandbox.json
  Answer the first two requests with 503:
    tw-sandbox --fault 'GET /pipeline-secrets status=503 retry-after=1 times=2'
  Create a secret, but hide that from the client:
    tw-sandbox --fault 'POST /pipeline-secrets reset=after times=1'
  Answer every request with HTML, as a company's proxy may do:
    tw-sandbox --fault '* * not-json'
  Serve https with a private certificate authority:
    tw-sandbox --https --ca-out ca.pem
";

/// The options of the program.
#[derive(Debug, Parser)]
#[command(
    name = "tw-sandbox",
    version,
    about = "A local stand-in for the Seqera Platform API",
    long_about = ABOUT,
    after_help = "Run 'tw-sandbox --help' for examples and the fault language.",
    after_long_help = format!("{EXAMPLES}\nFault language:\n\n{FAULT_LANGUAGE}")
)]
pub(crate) struct Arguments {
    /// Listen on this port; 0 takes any free port
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// Serve https with HTTP/2, using a certificate for localhost, 127.0.0.1 and ::1 from a new private CA
    #[arg(long)]
    https: bool,

    /// Write the private CA's certificate to this file as PEM, so that the client can trust it
    #[arg(long, value_name = "FILE", requires = "https")]
    pub(crate) ca_out: Option<PathBuf>,

    /// Keep the state in this file: read the file at the start if it exists, and save it after each change
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// Use this token for the user demo instead of the default one
    #[arg(long, value_parser = parse_token)]
    token: Option<String>,

    /// Add a fault, such as 'POST /pipeline-secrets status=500 times=1'; may be repeated (see 'Fault language')
    #[arg(long = "fault", value_name = "FAULT")]
    faults: Vec<Fault>,

    /// Allow each token N requests a second and answer 429 to the rest; the Platform allows 20
    #[arg(long, value_name = "N")]
    rate: Option<NonZeroUsize>,

    /// Print a line to stderr for each request: method, path, query and status, never a header or a body
    #[arg(long)]
    log: bool,

    /// Print only the two shell commands that set TOWER_API_ENDPOINT and TOWER_ACCESS_TOKEN
    #[arg(long)]
    pub(crate) print_env: bool,
}

impl Arguments {
    /// Starts a sandbox with these options.
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

/// Refuses a token that an HTTP header cannot carry.
fn parse_token(text: &str) -> Result<String, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("a token consists of one or more ASCII characters without blanks".into());
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Arguments;

    #[test]
    fn clap_accepts_the_definition_of_the_command_line() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn an_invalid_fault_is_refused_with_its_reason() {
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
    fn a_token_that_is_empty_or_has_blanks_is_refused() {
        assert!(Arguments::try_parse_from(["tw-sandbox", "--token", "a b"]).is_err());
        assert!(Arguments::try_parse_from(["tw-sandbox", "--token", ""]).is_err());
    }

    #[test]
    fn help_describes_the_seed_and_the_fault_language() {
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
