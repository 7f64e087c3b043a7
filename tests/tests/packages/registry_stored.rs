//! Credentials that docker, podman or a credential helper has stored: where they are found, how they are used, and that a public package needs none.

use std::fs;

use tw_tests::{Answer, Asked, Ran, Server};

use crate::{
    artifact::{Artifact, reference},
    docker::{BASIC, PASSWORD, USER},
    given::{FIRST, Given},
    login::{install_helper, log_in, write_docker_config},
};

/// A token that Azure's registries issue at a login.
const REFRESH: &str = "a-refresh-token-of-three-hours";
/// The access token that a token server issues.
const ACCESS: &str = "an-access-token-of-an-hour";
/// `00000000-0000-0000-0000-000000000000:` and [`REFRESH`] in base64.
const AZURE: &str =
    "MDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAwOmEtcmVmcmVzaC10b2tlbi1vZi10aHJlZS1ob3Vycw==";
/// `<token>:` and [`REFRESH`] in base64.
const TOKEN: &str = "PHRva2VuPjphLXJlZnJlc2gtdG9rZW4tb2YtdGhyZWUtaG91cnM=";

fn authorization(asked: &Asked) -> &str {
    asked
        .headers
        .get("authorization")
        .map_or("", String::as_str)
}

/// Starts a registry whose token server issues a token for each request that `is_let_in` accepts.
fn start_token_registry(is_let_in: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Server {
    Artifact::of(FIRST).serve(move |_, asked| {
        if asked.path.starts_with("/token") {
            return Some(is_let_in(asked));
        }
        let host = &asked.headers["host"];
        let challenge = format!(r#"Bearer realm="http://{host}/token",service="{host}""#);
        (authorization(asked) != format!("Bearer {ACCESS}"))
            .then(|| Answer::status(401).header("WWW-Authenticate", challenge))
    })
}

fn issue() -> Answer {
    Answer::ok(format!(r#"{{"access_token":"{ACCESS}"}}"#))
}

/// Starts a registry of a public package: everybody gets a token.
fn start_public_registry() -> Server {
    start_token_registry(|asked| match authorization(asked) {
        "" => issue(),
        _ => Answer::status(403),
    })
}

/// Starts a registry that requires the password.
fn start_locked_registry() -> Server {
    Artifact::of(FIRST).serve(|_, asked| {
        let challenge = r#"Basic realm="tests""#;
        (authorization(asked) != format!("Basic {BASIC}"))
            .then(|| Answer::status(401).header("WWW-Authenticate", challenge))
    })
}

fn install(given: &Given, server: &Server) -> Ran {
    let place = reference(&server.host(), FIRST);
    let ran = given.tw(["-v", "plugin", "install", "--yes", &place]);
    ran.never_shows(PASSWORD)
        .never_shows(BASIC)
        .never_shows(REFRESH)
        .never_shows(ACCESS)
}

#[test]
fn a_damaged_configuration_does_not_matter_to_a_registry_that_asks_for_no_login() {
    let given = configure(Given::trusting(), "{");
    let server = Artifact::of(FIRST).serve(|_, asked| {
        asked
            .path
            .ends_with("/70.0.199")
            .then(|| Answer::status(404))
    });
    let place = reference(&server.host(), "70.0.199");
    given
        .tw(["plugin", "install", "--yes", &place])
        .fails_with("there is nothing at ");
    install(&given, &server).exits(0);
}

/// Stores this configuration of docker.
fn configure(given: Given, text: &str) -> Given {
    let folder = write_docker_config(&given, text);
    given.env("DOCKER_CONFIG", folder.display().to_string())
}

#[test]
fn a_refresh_token_is_exchanged_under_each_of_its_names() {
    let start = || {
        start_token_registry(|asked| {
            let form = String::from_utf8_lossy(&asked.body).into_owned();
            let host = asked.headers["host"].replace(':', "%3A");
            let is_right = asked.method == "POST"
                && asked.headers["content-type"] == "application/x-www-form-urlencoded"
                && authorization(asked).is_empty()
                && [
                    "grant_type=refresh_token",
                    &format!("refresh_token={REFRESH}"),
                    &format!("service={host}"),
                    "scope=repository%3Aplugins%2Ffruit-001%3Apull",
                    "client_id=tw",
                ]
                .iter()
                .all(|field| form.split('&').any(|other| other == *field));
            match is_right {
                true => issue(),
                false => Answer::status(500),
            }
        })
    };
    for entry in [
        format!(r#""identitytoken":"{REFRESH}""#),
        format!(r#""auth":"{BASIC}","identitytoken":"{REFRESH}""#),
        format!(r#""auth":"{AZURE}""#),
        format!(r#""auth":"{}""#, AZURE.trim_end_matches('=')),
        format!(r#""auth":"{TOKEN}""#),
        format!(r#""username":"<token>","password":"{REFRESH}""#),
    ] {
        let server = start();
        let text = format!(r#"{{"auths":{{"{}":{{{entry}}}}}}}"#, server.host());
        let given = configure(Given::trusting(), &text);
        install(&given, &server).exits(0);
        given.runs(1, FIRST);
    }
    for name in ["<token>", "00000000-0000-0000-0000-000000000000"] {
        let server = start();
        let script = format!(r#"echo '{{"Username":"{name}","Secret":"{REFRESH}"}}'"#);
        let given = install_helper(Given::trusting(), &server.host(), true, &script);
        install(&given, &server).exits(0);
    }
}

#[test]
fn a_token_server_without_refresh_tokens_gets_the_token_as_a_password() {
    let given = Given::trusting();
    let server = start_token_registry(|asked| match asked.method.as_str() {
        "POST" => Answer::status(404),
        _ if authorization(asked) == format!("Basic {AZURE}") => issue(),
        _ => Answer::status(403),
    });
    let text = format!(
        r#"{{"auths":{{"{}":{{"auth":"{AZURE}"}}}}}}"#,
        server.host()
    );
    install(&configure(given, &text), &server).exits(0);
}

#[test]
fn a_registry_that_hides_a_private_repository_gets_the_credentials() {
    for status in [401, 403, 404] {
        let server = Artifact::of(FIRST).serve(move |_, asked| {
            let is_private = asked.path.starts_with("/v2/plugins/");
            let is_let_in = authorization(asked) == format!("Basic {BASIC}");
            (is_private && !is_let_in).then(|| Answer::status(status))
        });
        let given = Given::trusting();
        let place = reference(&server.host(), FIRST);
        given.tw(["plugin", "install", "--yes", &place]).exits(1);
        let given = log_in(given, &server.host());
        install(&given, &server).exits(0);
        given.runs(1, FIRST);
        // Credentials of another registry are not used.
        let given = log_in(Given::trusting(), "127.0.0.1:1");
        install(&given, &server).exits(1);
    }
}

#[test]
fn a_registry_that_asks_for_a_login_at_its_root_only_gets_the_credentials() {
    let server = Artifact::of(FIRST).serve(|_, asked| {
        if asked.path.starts_with("/token?") {
            return Some(match authorization(asked) == format!("Basic {BASIC}") {
                true => issue(),
                false => Answer::status(403),
            });
        }
        if authorization(asked) == format!("Bearer {ACCESS}") {
            return None;
        }
        if authorization(asked).starts_with("Basic") {
            return Some(Answer::status(500));
        }
        let realm = format!(r#"Bearer realm="http://{}/token""#, asked.headers["host"]);
        Some(match asked.path.as_str() {
            "/v2/" => Answer::status(401).header("WWW-Authenticate", realm),
            _ => Answer::status(404),
        })
    });
    let given = log_in(Given::trusting(), &server.host());
    install(&given, &server).exits(0);
    given.runs(1, FIRST);
}

#[test]
fn a_public_package_needs_no_credential_helper() {
    let server = start_public_registry();
    let given = configure(Given::trusting(), r#"{"credsStore":"desktop"}"#);
    let warning = format!(
        "warning: the credential helper `docker-credential-desktop` is not on PATH, so the registry {} is asked without credentials\n",
        server.host()
    );
    let ran = install(&given, &server).exits(0).says_with(&warning);
    assert_eq!(ran.stderr.matches("warning").count(), 1, "{ran}");
    given.runs(1, FIRST);
    let script = format!("echo 'broken, near {PASSWORD}'\necho '{PASSWORD}' >&2\nexit 1");
    for script in [&script, "echo no JSON", "exit 0", "kill -9 $$"] {
        let given = install_helper(Given::trusting(), &server.host(), true, script);
        install(&given, &server)
            .exits(0)
            .says_with("warning: the credential helper `docker-credential-vault` failed");
    }
    // A private package needs the helper.
    let server = start_locked_registry();
    install(&given, &server).fails_with(
        "refused the login: the credential helper `docker-credential-desktop` is not on PATH",
    );
}

#[test]
fn a_configuration_without_credentials_is_no_fault() {
    let server = start_public_registry();
    let host = server.host();
    for text in [
        "",
        " \n",
        "{}",
        r#"{"credsStore":""}"#,
        r#"{"auths":{},"credsStore":null,"credHelpers":null}"#,
        r#"{"auths":null,"HttpHeaders":{"User-Agent":"Docker-Client"}}"#,
        &format!(r#"{{"auths":{{"{host}":{{}}}},"credHelpers":{{"{host}":""}}}}"#),
    ] {
        let given = configure(Given::trusting(), text);
        let ran = install(&given, &server).exits(0);
        assert!(!ran.stderr.contains("warning"), "{ran}");
    }
}

#[test]
fn podmans_files_have_credentials_too() {
    let server = start_locked_registry();
    let text = format!(
        r#"{{"auths":{{"{}":{{"auth":"{BASIC}"}}}}}}"#,
        server.host()
    );
    let given = Given::trusting();
    let other = given.work().join("other.json");
    fs::write(&other, &text).unwrap();
    let given = given.env("REGISTRY_AUTH_FILE", other.display().to_string());
    install(&given, &server).exits(0);

    let given = Given::trusting();
    let folder = given.work().join("runtime");
    fs::create_dir_all(folder.join("containers")).unwrap();
    fs::write(folder.join("containers/auth.json"), &text).unwrap();
    let given = given.env("XDG_RUNTIME_DIR", folder.display().to_string());
    install(&given, &server).exits(0);

    let given = Given::trusting();
    let folder = given.installation.home().join(".config/containers");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("auth.json"), &text).unwrap();
    install(&given, &server).exits(0);
    // A file without credentials for the registry leaves the others their turn.
    let given = configure(
        given,
        r#"{"auths":{"other.example":{"auth":"eDp5"}},"credsStore":"lost"}"#,
    );
    install(&given, &server).exits(0);
}

#[test]
fn a_key_with_a_namespace_is_for_the_repositories_below_it() {
    let server = start_locked_registry();
    let host = server.host();
    let wrong = r#"{"auth":"eDp5"}"#;
    let right = format!(r#"{{"auth":"{BASIC}"}}"#);
    for (text, exit_code) in [
        (format!(r#""{host}/plugins":{right},"{host}":{wrong}"#), 0),
        (
            format!(r#""{host}/plugins/fruit-001":{right},"{host}/plugins":{wrong}"#),
            0,
        ),
        (format!(r#""http://{host}/v2/":{right}"#), 0),
        (format!(r#""{host}/v1":{right}"#), 0),
        (format!(r#""{host}/plug":{right}"#), 1),
        (format!(r#""{host}/plugins":{wrong},"{host}":{right}"#), 1),
    ] {
        let given = configure(Given::trusting(), &format!(r#"{{"auths":{{{text}}}}}"#));
        install(&given, &server).exits(exit_code);
    }
}

#[test]
fn install_takes_a_password_from_standard_input() {
    let server = start_locked_registry();
    let given = Given::trusting();
    let place = reference(&server.host(), FIRST);
    let login = ["--username", USER, "--password-stdin"];
    let line = ["-v", "plugin", "install", "--yes", &place];
    let command = given.command(line.into_iter().chain(login));
    command
        // As PowerShell writes it.
        .input(format!("\u{feff}{PASSWORD}\r\n"))
        .run()
        .never_shows(PASSWORD)
        .never_shows(BASIC)
        .exits(0);
    given.runs(1, FIRST);
    // The hint names the options of the commands that have them.
    let options = "`--username NAME --password-stdin`";
    install(&Given::trusting(), &server)
        .fails_with("refused the login")
        .says_with(options);
    let ran = given.tw(["plugin", "upgrade", "--yes", "--all"]).exits(1);
    ran.says_with("docker login").never_shows("--username");
    let line = ["plugin", "install", "--yes", "./fruit.tar.gz"];
    let command = given.command(line.into_iter().chain(login));
    command.input(PASSWORD).run().rejects("oci://HOST/REPO");
}

#[test]
fn docker_hub_has_the_key_that_docker_gives_it() {
    // A proxy for plain http stands in for Docker Hub.
    let hub = Artifact::of(FIRST).serve(|artifact, asked| {
        let path = asked.path.strip_prefix("http://index.docker.io")?;
        if authorization(asked) != format!("Basic {BASIC}") {
            let challenge = r#"Basic realm="tests""#;
            return Some(Answer::status(401).header("WWW-Authenticate", challenge));
        }
        let path = path.to_owned();
        Some(artifact.answer(&Asked {
            path,
            ..asked.clone()
        }))
    });
    let install = |given: Given| {
        let given = given.env("HTTP_PROXY", hub.url());
        let place = reference("docker.io", FIRST);
        let line = ["plugin", "install", "--yes", "--plain-http", &place];
        given.tw(line).never_shows(PASSWORD).exits(0);
    };
    let key = "https://index.docker.io/v1/";
    let text = format!(r#"{{"auths":{{"{key}":{{"auth":"{BASIC}"}}}}}}"#);
    install(configure(Given::trusting(), &text));
    let answer = format!(r#"{{"Username":"{USER}","Secret":"{PASSWORD}"}}"#);
    let script = format!(r#"[ "$host" = {key} ] && echo '{answer}'"#);
    for everywhere in [true, false] {
        install(install_helper(Given::trusting(), key, everywhere, &script));
    }
}

#[test]
fn a_registry_that_repeats_the_credentials_is_not_quoted() {
    for (status, code) in [(400, "UNSUPPORTED"), (429, "TOOMANYREQUESTS")] {
        let server = Artifact::of(FIRST).serve(move |_, asked| {
            let given = authorization(asked);
            if given.is_empty() {
                let answer = Answer::status(401);
                return Some(answer.header("WWW-Authenticate", r#"Basic realm="tests""#));
            }
            let message = format!("you sent {given} and {PASSWORD}");
            let body = format!(r#"{{"errors":[{{"code":"{code}","message":"{message}"}}]}}"#);
            Some(Answer::With(status, Vec::new(), body.into_bytes()))
        });
        let host = server.host();
        let auths = format!(r#"{{"auths":{{"{host}":{{"auth":"{BASIC}"}}}}}}"#);
        let given = configure(Given::trusting(), &auths);
        let place = reference(&host, FIRST);
        given
            .tw(["-v", "--retries", "0", "plugin", "install", "--yes", &place])
            .never_shows(PASSWORD)
            .never_shows(BASIC)
            .exits(1)
            .says_with(match status {
                400 => "answered with status 400",
                _ => "allows no more requests for now",
            });
    }
}
