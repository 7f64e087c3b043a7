//! Libraries in C, built with gcc against `tw_plugin.h`.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;
use tw_tests::{has_program, root, target};

/// Returns the folder of `tw_plugin.h`.
pub(crate) fn include() -> PathBuf {
    root().join("plugin-api/abi/include")
}

/// A temporary folder in which C is compiled.
#[derive(Debug)]
pub(crate) struct Workshop {
    folder: TempDir,
}

impl Workshop {
    /// Makes a folder. Returns `None` if gcc is missing.
    pub(crate) fn open() -> Option<Self> {
        if !has_program("gcc") {
            return None;
        }
        let below = target().join("test-installations");
        std::fs::create_dir_all(&below).expect("the target folder can be written");
        Some(Self {
            folder: TempDir::new_in(below).expect("the target folder can be written"),
        })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Compiles a shared library with this name, also in its `soname`, and returns its path. It is linked with no library but those in `options`.
    #[track_caller]
    pub(crate) fn library(&self, name: &str, source: &str, options: &[&str]) -> PathBuf {
        let file = self.path(&format!("{name}.c"));
        std::fs::write(&file, source).expect("the folder can be written");
        run(Command::new("gcc")
            .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"])
            .args(["-fPIC", "-shared", "-nostdlib"])
            .arg(format!("-Wl,-soname,{name}"))
            .arg("-I")
            .arg(include())
            .arg("-o")
            .arg(self.path(name))
            .arg(file)
            .args(options));
        self.path(name)
    }

    /// Compiles a program that is linked with libc, and returns its path.
    #[track_caller]
    pub(crate) fn program(&self, name: &str, source: &str) -> PathBuf {
        let file = self.path(&format!("{name}.c"));
        std::fs::write(&file, source).expect("the folder can be written");
        run(Command::new("gcc")
            .args(["-Wall", "-Wextra", "-Werror", "-o"])
            .arg(self.path(name))
            .arg(file));
        self.path(name)
    }

    /// Compiles a plugin with one command. Plugin and command are called `name`, which has no hyphen. The command returns the value of
    /// `expression`, a digit; if the value is negative, the command answers nothing. The plugin is linked with the libraries in `options` and no
    /// other, not even libc.
    #[track_caller]
    pub(crate) fn plugin(
        &self,
        name: &str,
        declarations: &str,
        expression: &str,
        options: &[&str],
    ) -> PathBuf {
        let source = PLUGIN
            .replace("NAME", name)
            .replace("DECLARATIONS", declarations)
            .replace("EXPRESSION", expression);
        self.library(&format!("libtw_plugin_{name}.so"), &source, options)
    }
}

/// A plugin that uses no function of libc.
const PLUGIN: &str = r#"#include "tw_plugin.h"
TW_PLUGIN_NOTE("tw-plugin-NAME", "1.0.0")
DECLARATIONS

static tw_bytes bytes_of(const char *text) {
    tw_bytes bytes;
    bytes.ptr = (const uint8_t *)text;
    for (bytes.len = 0; text[bytes.len]; bytes.len++) {}
    return bytes;
}

void tw_plugin_call_1(const tw_host *host, tw_bytes method, tw_bytes payload, tw_bytes body, tw_answer *out) {
    static char digit[2];
    (void)host; (void)payload; (void)body;
    if (method.ptr[0] == 'd') {
        out->failed = 0;
        out->payload = bytes_of("{\"name\":\"NAME\",\"version\":\"1.0.0\",\"abi\":1,\"protocol\":1,"
            "\"target\":\"" TW_PLUGIN_TARGET "\",\"description\":\"A test\",\"vendor\":\"Nobody\",\"license\":\"MIT\","
            "\"commands\":[{\"name\":\"NAME\",\"about\":\"Return a digit\"}]}");
    } else {
        int value = EXPRESSION;
        if (value < 0) return;
        digit[0] = (char)('0' + value);
        out->failed = 0;
        out->payload = bytes_of("{}");
        out->body = bytes_of(digit);
    }
}
"#;

/// Runs a command that must succeed, and returns its output.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("{command:?} can't be started: {error}"));
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success(),
        "{command:?} failed: {stdout}{stderr}"
    );
    stdout.into_owned()
}

/// Returns a path as a text for a command line.
pub(crate) fn text(path: &Path) -> String {
    path.to_str().expect("the path is UTF-8").to_owned()
}
