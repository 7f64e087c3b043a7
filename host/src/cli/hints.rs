//! Hints for a failed command: where the token, the address and the workspace come from, how to replace them, and the user's own options in the
//! commands that a hint shows.
//!
//! The plugin and the services know what failed, and only the command line knows what was typed.

use clap::{ArgMatches, parser::ValueSource};
use tw_plugin_protocol::{Arg, HTML_PAGE, ValueKind};
use tw_render::text::visible;

use crate::{
    config::{Origin, Settings, options},
    error::{Error, ErrorKind, code},
    files::show_path,
};

/// A difference between the clocks of this machine and of the server that a user should know of, in seconds.
const MUCH_SKEW: u64 = 300;

/// The settings of a run that hints repeat, and their origins.
pub(super) struct Given {
    /// The command below `tw` that was run.
    top: String,
    /// The root options that a command in a hint needs too, as they were typed.
    options: Vec<String>,
    /// The workspace option as it was typed. `None` if it was not typed.
    workspace: Option<String>,
    /// The origin of the workspace. `None` if it was typed, or if there is none.
    workspace_from: Option<String>,
    endpoint: String,
    /// The origin of the endpoint. `None` if it is the default.
    endpoint_from: Option<String>,
    /// The origin of the token that was given, and what to do with a new one: the given token takes precedence over a login. `None` if no token was given.
    token_remedy: Option<(String, String)>,
}

impl Given {
    /// Notes what was given to the command `top`, whose arguments these are.
    pub(super) fn new(
        top: &str,
        args: &[&Arg],
        levels: &[&ArgMatches],
        settings: &Settings,
    ) -> Self {
        let leaf = levels.last();
        let mut args = args.iter();
        let workspace = args.find(|arg| arg.value == ValueKind::Workspace);
        let source = |arg: &Arg| leaf?.value_source(&arg.name);
        let from = |wanted| workspace.filter(|arg| source(arg) == Some(wanted));
        let typed = |arg: &Arg| {
            let value = leaf?.try_get_raw(&arg.name).ok().flatten()?.next()?;
            let value = shell_words::quote(value.to_str()?).into_owned();
            let option = arg.short.map(|letter| format!("-{letter}"));
            let option = option.or(arg.long.as_ref().map(|long| format!("--{long}")))?;
            Some(format!("{option} {value}"))
        };
        let of_configuration = settings.workspace.as_ref();
        let of_configuration = of_configuration
            .filter(|_| from(ValueSource::CommandLine).is_none())
            .and_then(|workspace| workspace.origin.describe());
        Self {
            top: top.to_owned(),
            options: options::typed_for_hint(levels),
            workspace: from(ValueSource::CommandLine).and_then(|arg| typed(arg)),
            workspace_from: match from(ValueSource::EnvVariable) {
                Some(arg) => arg.env.as_ref().map(|name| format!("the variable {name}")),
                None => of_configuration,
            },
            endpoint: settings.endpoint.clone(),
            endpoint_from: settings.endpoint_origin.describe(),
            token_remedy: find_token_remedy(settings),
        }
    }

    /// Adds to the hint of a failure what the user can do about it.
    pub(super) fn improve(&self, error: Error) -> Error {
        let known = error.next_step().map(|hint| self.repeat_options(hint));
        let hints = [known, self.advise(&error), advise_on_clock(&error)];
        let hints: Vec<String> = hints.into_iter().flatten().collect();
        match hints.is_empty() {
            true => error,
            false => error.hint(hints.join("\n")),
        }
    }

    fn advise(&self, error: &Error) -> Option<String> {
        let has_hint = error.next_step().is_some();
        let is_of_api = error
            .failed_call()
            .is_some_and(|call| self.endpoint.starts_with(&call.server));
        let token_from = error
            .failed_call()
            .and_then(|call| call.token_from.as_ref());
        match (error.stable_code(), error.status()) {
            (code::WORKSPACE_NOT_FOUND | code::INVALID_WORKSPACE, _) => {
                let from = self.workspace_from.as_ref()?;
                Some(format!(
                    "the workspace comes from {from}: change or unset it"
                ))
            }
            (code::INVALID_ENDPOINT, _) => {
                let from = self.endpoint_from.as_ref()?;
                let address = visible(&self.endpoint);
                let host = address.trim_end_matches([':', '/']);
                let is_allowed = |c: char| c.is_alphanumeric() || ".-_:/[]".contains(c);
                let is_bare = !matches!(host, "" | "http" | "https")
                    && !host.contains("//")
                    && host.chars().all(is_allowed);
                Some(match is_bare {
                    true => format!(
                        "the address comes from {from}: write https://{host}, or http://{host} with `--insecure`"
                    ),
                    false => format!("the address comes from {from}"),
                })
            }
            (code::NO_TOKEN, _) => Some(format!("make a token at {}/tokens", self.web_address())),
            (_, Some(401)) => {
                let from = token_from?;
                let given = self.token_remedy.as_ref();
                let remedy = match given.filter(|(origin, _)| from.starts_with(origin)) {
                    _ if self.is_login() => "log in with it".to_owned(),
                    Some((_, remedy)) => remedy.clone(),
                    None => format!("store it with `{}`", self.repeat_options("tw login")),
                };
                Some(format!(
                    "the token comes from {from}; it may be expired or belong to another server than {}: make a new one at {}/tokens, and {remedy}",
                    visible(&self.endpoint),
                    self.web_address(),
                ))
            }
            (_, Some(403)) if self.is_login() => {
                let from = token_from?;
                Some(format!(
                    "the user of the token from {from} lacks the permission, or the token is expired: make a new one at {}/tokens, and log in with it",
                    self.web_address()
                ))
            }
            (_, Some(403)) if !has_hint => {
                let from = token_from?;
                Some(format!(
                    "the user of the token lacks the permission, or the token from {from} is expired: `{}` shows the workspaces of the user",
                    self.repeat_options("tw workspaces list")
                ))
            }
            (code::NOT_FOUND, Some(404 | 405)) | (code::REQUEST_REJECTED, Some(405))
                if is_of_api =>
            {
                self.advise_on_address()
            }
            (code::INVALID_RESPONSE, _) if error.message().contains(HTML_PAGE) => {
                self.advise_on_address()
            }
            (code::INVALID_RESPONSE, _) if is_of_api && !has_hint => {
                let other = "another server than the API may have answered, such as a proxy or a login page: `-v` shows the call";
                self.advise_on_address().or(Some(other.to_owned()))
            }
            (code::TIMEOUT, _) if is_of_api && !has_hint => {
                let from = self.endpoint_from.as_ref();
                let from = from.map(|from| format!("; the address comes from {from}"));
                Some(format!(
                    "the server may be slow: `--read-timeout SECONDS` waits longer{}",
                    from.unwrap_or_default()
                ))
            }
            (code::OUTCOME_UNKNOWN, _) if !has_hint => Some(
                "find out whether the change was made before you repeat the command".to_owned(),
            ),
            (code::REQUEST_REJECTED, _) if !has_hint => {
                Some("`--verbose=2` shows what was sent and what the server answered".to_owned())
            }
            (code::RATE_LIMITED, _) if !has_hint => {
                Some("try again later, or send fewer calls: `--rate 5`".to_owned())
            }
            (code::SERVER_ERROR, _) if !has_hint => {
                Some("the server has a problem: try again later; `-v` shows the calls".to_owned())
            }
            _ if error.kind() == ErrorKind::Network && !has_hint => {
                let other = error.failed_call().filter(|_| !is_of_api);
                Some(match &self.endpoint_from {
                    _ if let Some(call) = other => {
                        format!(
                            "check the network and the address {}",
                            visible(&call.server)
                        )
                    }
                    Some(from) => {
                        format!("check the network and the address, which comes from {from}")
                    }
                    None => "check the network of this machine".to_owned(),
                })
            }
            _ => None,
        }
    }

    /// True for `tw login`, which no hint may recommend for its own failure.
    fn is_login(&self) -> bool {
        self.top == "login"
    }

    /// Advises to add `/api` to the address. `None` if the address looks like that of an API.
    fn advise_on_address(&self) -> Option<String> {
        let (scheme, rest) = self.endpoint.split_once("://")?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if host.starts_with("api.") || path == "api" || path.ends_with("/api") {
            return None;
        }
        let address = visible(&format!("{scheme}://{host}/api")).into_owned();
        let from = self.endpoint_from.as_deref().unwrap_or("the default");
        Some(format!(
            "the address comes from {from}, and may lack `/api`: `-u {address}`"
        ))
    }

    /// Returns the address of the Platform's pages.
    fn web_address(&self) -> String {
        let address = super::outcome::web_address(&self.endpoint);
        visible(&address).into_owned()
    }

    /// Adds the user's own options to the commands in a hint, which stand in backticks. Commands about plugins have no such options.
    fn repeat_options(&self, hint: &str) -> String {
        let parts = hint.split('`').enumerate().map(|(at, part)| {
            let is_command = part.starts_with("tw ") && (at % 2 == 1 || hint == part);
            match is_command {
                true => self.complete(part),
                false => part.to_owned(),
            }
        });
        parts.collect::<Vec<_>>().join("`")
    }

    fn complete(&self, command: &str) -> String {
        let mut words = command.split(' ').skip(1);
        let top = words.next().unwrap_or_default();
        if matches!(
            top,
            "plugin" | "completion" | "profile" | "config" | "doctor"
        ) {
            return command.to_owned();
        }
        let has_workspace = words.any(|word| matches!(word, "-w" | "--workspace" | "--user"));
        let workspace = self.workspace.as_ref();
        let workspace = workspace.filter(|_| top == self.top && !has_workspace);
        let options = workspace.into_iter().chain(&self.options);
        let options: String = options.map(|option| format!(" {option}")).collect();
        visible(&format!("{command}{options}")).into_owned()
    }
}

/// Returns the origin of the token that was given, and what to do with a new token in its place. `None` if no token was given.
fn find_token_remedy(settings: &Settings) -> Option<(String, String)> {
    let unset = |name: &str| format!("or unset {name} to use the login of `tw login`");
    if let Some(given) = &settings.token {
        let remedy = match &given.origin {
            Origin::Variable(name) => format!("set {name} to it, {}", unset(name)),
            _ => "type that one, or leave the option out to use another token".to_owned(),
        };
        return Some((given.origin.describe()?, remedy));
    }
    let file = settings.token_file.as_ref()?;
    let remedy = match &file.origin {
        Origin::Variable(name) => format!("write it into the file, {}", unset(name)),
        _ => "write it into the file".to_owned(),
    };
    Some((format!("the file {}", show_path(&file.path)), remedy))
}

/// Advises to check the clock if the server's answer shows another time.
fn advise_on_clock(error: &Error) -> Option<String> {
    let skew = error.failed_call()?.clock_skew?;
    let is_relevant = matches!(error.status(), Some(401 | 403));
    (is_relevant && skew.unsigned_abs() > MUCH_SKEW).then(|| {
        let (minutes, side) = (
            skew.unsigned_abs() / 60,
            if skew > 0 { "ahead of" } else { "behind" },
        );
        format!("check this machine's clock: it is {minutes} minutes {side} the server's")
    })
}
