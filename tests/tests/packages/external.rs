//! External commands: an executable `tw-NAME` on PATH runs as `tw NAME`. It gets the token only if the configuration says so.

use std::{fs, path::PathBuf, process::Command};

use tw_tests::Tw;

use crate::given::{FIRST, Given, library};

/// A token that no external command may see without permission.
const TOKEN: &str = "eyJ0aWQiOiA3fS5zZWNyZXQ=";

/// A script that prints each argument in brackets.
const ARGUMENTS: &str = "#!/bin/sh\nfor argument; do printf '[%s]' \"$argument\"; done\n";
/// A script that prints its environment.
const ENVIRONMENT: &str = "#!/bin/sh\necho\nenv\n";

impl Given {
    /// Returns the folder that is first on PATH.
    pub(crate) fn on_path(&self) -> PathBuf {
        self.work().join("path")
    }

    /// Creates an executable script on PATH, and returns its path.
    pub(crate) fn add_program(&self, name: &str, text: &str) -> PathBuf {
        let folder = self.on_path();
        fs::create_dir_all(&folder).expect("the folder can be created");
        let (text_file, program) = (self.work().join("program"), folder.join(name));
        fs::write(&text_file, text).expect("the folder can be written");
        // Another process writes the script: a file that any thread of this process has open for writing can't be started (ETXTBSY).
        let placed = Command::new("install")
            .args(["-m", "755"])
            .args([&text_file, &program])
            .status();
        assert!(placed.is_ok_and(|status| status.success()));
        program
    }

    /// Prepares a command line with the folder of [`Self::on_path`] on PATH.
    pub(crate) fn with_path<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Tw {
        let path = format!("{}:/usr/bin:/bin", self.on_path().display());
        self.command(arguments).env("PATH", path)
    }

    /// Writes the configuration file.
    fn configure(&self, text: &str) {
        fs::create_dir_all(self.config()).expect("the folder can be created");
        fs::write(self.config().join("config.toml"), text).expect("the folder can be written");
    }
}

#[test]
fn an_external_command_gets_its_arguments_unchanged() {
    let given = Given::new();
    given.add_program("tw-greet", ARGUMENTS);
    let line = [
        "greet",
        "a b",
        "-o",
        "json",
        "--help",
        "--version",
        "--",
        "",
        "-t",
        "x",
        "--frob=1",
        "*",
        "$HOME",
    ];
    given
        .with_path(line)
        .run()
        .exits(0)
        .prints("[a b][-o][json][--help][--version][--][][-t][x][--frob=1][*][$HOME]")
        .says("");
    given.with_path(["greet"]).run().exits(0).prints("");
}

#[test]
fn an_external_command_gets_root_options_in_its_environment() {
    let given = Given::new();
    given.add_program("tw-greet", ENVIRONMENT);
    given.add_program("tw-count", ARGUMENTS);
    let api = "https://api.example.org/";
    given
        .with_path(["-o", "json", "--url", api, "greet"])
        .run()
        .exits(0)
        .prints_with("\nTOWER_API_ENDPOINT=https://api.example.org\n")
        .prints_with("\nTOWER_CLI_OUTPUT_FORMAT=json\n");
    given
        .with_path(["--output=json", "-v", "count", "-o", "x"])
        .run()
        .exits(0)
        .prints("[-o][x]");
    let files = [
        "--cacert=ca.pem",
        "--client-cert=me.pem",
        "--client-key=me.key",
    ];
    given
        .with_path(files.into_iter().chain(["greet"]))
        .run()
        .exits(0)
        .prints_with("\nTW_CACERT=ca.pem\n")
        .prints_with("\nTW_CLIENT_CERT=me.pem\n")
        .prints_with("\nTW_CLIENT_KEY=me.key\n");
    given
        .with_path(["greet"])
        .env("TW_SIGNING_PASSWORD", "hunter22hunter")
        .run()
        .never_shows("hunter22hunter")
        .exits(0)
        .prints_with("\nTOWER_API_ENDPOINT=https://api.cloud.seqera.io\n")
        .prints_with("\nTOWER_CLI_OUTPUT_FORMAT=console\n");
}

#[test]
fn a_root_option_is_parsed_as_before_any_other_command() {
    let given = Given::new();
    given.add_program("tw-greet", ENVIRONMENT);
    given.add_program("tw-count", ARGUMENTS);
    given.configure("[external.greet]\ntoken = true\n");
    // A token may begin with a hyphen. The arguments behind the command's name aren't parsed.
    given
        .with_path(["-t", "-secret", "greet"])
        .run()
        .exits(0)
        .prints_with("\nTOWER_ACCESS_TOKEN=-secret\n");
    given
        .with_path(["-t", "-secret", "count", "-t", "-x", "-o", "-y"])
        .run()
        .exits(0)
        .prints("[-t][-x][-o][-y]");
    given
        .with_path(["-o", "xml", "greet"])
        .run()
        .rejects("invalid value 'xml' for '--output <FORMAT>'");
    given
        .with_path(["--frob", "greet"])
        .run()
        .rejects("unexpected argument '--frob'");
    given
        .with_path(["greet"])
        .env("TOWER_CLI_OUTPUT_FORMAT", "xml")
        .run()
        .rejects("Invalid value 'xml' for TOWER_CLI_OUTPUT_FORMAT");
}

#[test]
fn an_external_command_inherits_the_environment() {
    let given = Given::new();
    given.add_program("tw-greet", ENVIRONMENT);
    given
        .with_path(["greet"])
        .env("TOWER_WORKSPACE_ID", "7")
        .env("TOWER_API_ENDPOINT", "https://api.example.org")
        .env("TOWER_CLI_OUTPUT_FORMAT", "json")
        .env("GREETING", "Good day")
        .run()
        .exits(0)
        .prints_with("\nTOWER_WORKSPACE_ID=7\n")
        .prints_with("\nTOWER_API_ENDPOINT=https://api.example.org\n")
        .prints_with("\nTOWER_CLI_OUTPUT_FORMAT=json\n")
        .prints_with("GREETING=Good day\n");
}

#[test]
fn an_external_command_does_not_get_the_token() {
    let given = Given::new();
    given.add_program(
        "tw-greet",
        "#!/bin/sh\nenv; tr '\\0' '\\n' </proc/$$/cmdline; tr '\\0' '\\n' </proc/$$/environ; echo \"$@\"\n",
    );
    let tokenless = |command: Tw| {
        command
            .run()
            .exits(0)
            .prints_with("TOWER_API_ENDPOINT")
            .never_shows(TOKEN)
            .never_shows("TOWER_ACCESS_TOKEN");
    };
    for section in [
        "",
        "[external.greet]\n",
        "[external.greet]\ntoken = false\n",
        "[external.other]\ntoken = true\n",
        "[plugin.greet]\ntoken = true\n",
    ] {
        given.configure(section);
        tokenless(given.with_path(["-t", TOKEN, "greet"]));
        tokenless(given.with_path(["greet"]).env("TOWER_ACCESS_TOKEN", TOKEN));
    }
    // A mistyped setting is an error, because the user would otherwise believe that the setting works. The error doesn't quote the value,
    // because the value may be a token in the wrong place.
    for (section, part) in [
        (
            format!("token = \"{TOKEN}\""),
            "`external.greet.token` should be true or false",
        ),
        (
            "tokn = true".to_owned(),
            "line 2: the key `external.greet.tokn` is unknown\n        write `token`",
        ),
    ] {
        given.configure(&format!("[external.greet]\n{section}\n"));
        let tw = given.with_path(["-t", TOKEN, "greet"]);
        tw.run().never_shows(TOKEN).fails_with(part);
    }
}

#[test]
fn an_external_command_gets_the_token_if_the_configuration_allows_it() {
    let given = Given::new();
    given.add_program("tw-greet", ENVIRONMENT);
    given.configure("[external.greet]\ntoken = true\n");
    let had = format!("TOWER_ACCESS_TOKEN={TOKEN}\n");
    given
        .with_path(["-t", TOKEN, "greet"])
        .run()
        .exits(0)
        .prints_with(&had);
    given
        .with_path(["greet"])
        .env("TOWER_ACCESS_TOKEN", TOKEN)
        .run()
        .exits(0)
        .prints_with(&had);
    given
        .with_path(["-t", TOKEN, "greet"])
        .env("TOWER_ACCESS_TOKEN", "another")
        .run()
        .exits(0)
        .prints_with(&had);
    given
        .with_path(["greet"])
        .run()
        .exits(0)
        .never_shows("TOWER_ACCESS_TOKEN");
}

#[test]
fn a_damaged_configuration_fails_an_external_command() {
    let given = Given::new();
    given.add_program("tw-greet", ENVIRONMENT);
    given.configure("[external.greet]\ntoken = true\n[external\n");
    given
        .with_path(["-t", TOKEN, "greet"])
        .run()
        .fails_with("config.toml: line 3 is not valid TOML");
}

#[test]
fn tw_ends_with_the_exit_code_or_the_signal_of_an_external_command() {
    let given = Given::new();
    given.add_program("tw-end", "#!/bin/sh\nexit \"$1\"\n");
    for code in ["0", "1", "3", "130", "255"] {
        given
            .with_path(["end", code])
            .run()
            .exits(code.parse().unwrap())
            .prints("")
            .says("");
    }
    given.add_program("tw-die", "#!/bin/sh\nkill -s \"$1\" $$\n");
    given.with_path(["die", "TERM"]).run().dies_of(15).says("");
    given.with_path(["die", "INT"]).run().dies_of(2).says("");
    given.with_path(["die", "PIPE"]).run().dies_of(13).says("");
}

#[test]
fn an_external_command_keeps_the_process_id_and_the_streams_of_tw() {
    let given = Given::new();
    given.add_program("tw-echo", "#!/bin/sh\necho $$ >&2\nexec cat\n");
    let running = given
        .with_path(["echo"])
        .input("one\ntwo without an end")
        .start();
    let id = running.id();
    running
        .ends()
        .exits(0)
        .prints("one\ntwo without an end")
        .says(&format!("{id}\n"));
}

#[test]
fn the_list_of_external_commands_shows_hidden_commands_and_token_access() {
    let given = Given::new();
    given
        .installation
        .add_bytes("fruit-001", &library(1, FIRST));
    let greet = given.add_program("tw-greet", ARGUMENTS);
    given.add_program("tw-plugin", ARGUMENTS);
    given.add_program("tw-fruit-001", ARGUMENTS);
    given.add_program("other", ARGUMENTS);
    // A name that can't be a command isn't listed.
    given.add_program("tw-a b", ARGUMENTS);
    given.add_program("tw-.hidden", ARGUMENTS);
    given.configure("[external.greet]\ntoken = true\n");
    let list = given
        .with_path(["plugin", "list", "--external", "-o", "json"])
        .run()
        .exits(0)
        .says("")
        .json();
    let commands = list["commands"].as_array().unwrap();
    let names: Vec<&str> = commands
        .iter()
        .map(|command| command["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["fruit-001", "greet", "plugin"], "{list:#}");
    assert_eq!(commands[0]["state"], "hidden by a plugin's command");
    assert_eq!(commands[0]["token"], false);
    assert_eq!(commands[1]["state"], "ok");
    assert_eq!(commands[1]["token"], true);
    assert_eq!(commands[1]["path"], greet.display().to_string());
    assert!(commands[2]["state"].as_str().unwrap().starts_with("hidden"));
    given
        .with_path(["plugin", "list", "--external"])
        .run()
        .exits(0)
        .prints_with("External commands")
        .prints_with(&greet.display().to_string());
    given
        .tw(["plugin", "list", "--external"])
        .exits(0)
        .prints_with("No external commands found");
}

#[test]
fn an_error_names_the_script_whose_interpreter_is_missing() {
    let given = Given::new();
    let program = given.add_program("tw-greet", "#!/nowhere/interpreter\necho taken\n");
    given
        .with_path(["greet"])
        .run()
        .fails_with(&format!(
            "Cannot run {}: it can't be started",
            program.display()
        ))
        .says_with("a script whose first line names its interpreter");
}
