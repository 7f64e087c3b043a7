//! Checks a library and its manifest before they are packed. Every check adds to a list, so that an author sees everything at once.

use semver::Version;
use tw_plugin_protocol::{Command, Manifest};
use tw_render::text::visible;

use super::{Crate, Library};
use crate::{
    error::{Error, ErrorKind},
    plugin::inspect::Note,
    store::target,
    trust::keys::is_name,
};

/// The size limit for a library, in bytes.
const LARGEST_LIBRARY: usize = 64 << 20;

fn invalid(message: impl Into<String>, hint: &str) -> Error {
    Error::new(ErrorKind::Input, message).hint(hint)
}

/// Checks the size of a library, and that its crate, its note and its manifest are of the same plugin and version.
pub(super) fn check_library(
    library: &Library,
    note: &Note,
    plugin: &Manifest,
    errors: &mut Vec<Error>,
) {
    if let Some(version) = &library.crate_version
        && *version != note.version
    {
        errors.push(invalid(
            format!(
                "the version of the crate is {version}, but that of the library is {}: \
                 another crate is built into the same folder",
                note.version
            ),
            "build it into a folder of its own: set CARGO_TARGET_DIR",
        ));
    }
    let name = note.package.strip_prefix("tw-plugin-");
    let name = name.unwrap_or(&note.package);
    if note.version != plugin.version || name != plugin.name {
        errors.push(invalid(
            "its note and its manifest name different plugins",
            "build it again: `cargo clean`, `cargo build --release`",
        ));
    }
    if library.bytes.len() > LARGEST_LIBRARY {
        errors.push(invalid(
            format!("its library has {} bytes", library.bytes.len()),
            "build it with `--release`, and leave HTTP, TLS and runtimes to the host",
        ));
    }
}

/// Checks that the Cargo.toml of a crate says what its manifest will have to say.
pub(super) fn check_crate(found: &Crate, errors: &mut Vec<Error>) {
    let authors = found.authors.join(", ");
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    check_metadata(
        [&text(&found.description), &text(&found.license), &authors],
        errors,
    );
}

/// Checks that the description, the license and the authors of a plugin are stated.
fn check_metadata(texts: [&String; 3], errors: &mut Vec<Error>) {
    let missing = [
        (
            "description",
            "set `description` in its Cargo.toml: people see it before they install the plugin",
        ),
        (
            "license",
            "set `license` in its Cargo.toml to an SPDX expression such as `Apache-2.0`",
        ),
        (
            "author",
            "set `authors` in its Cargo.toml: people see them before they install the plugin",
        ),
    ];
    for (text, (what, hint)) in texts.into_iter().zip(missing) {
        if text.is_empty() {
            errors.push(invalid(format!("its manifest names no {what}"), hint));
        }
    }
}

/// Checks that a manifest is complete, and that its commands can be run. `built_in` are the names of the host's own commands.
pub(super) fn check_manifest(plugin: &Manifest, built_in: &[&str], errors: &mut Vec<Error>) {
    if !is_name(&plugin.name) {
        errors.push(invalid(
            format!("`{}` is not a valid plugin name", visible(&plugin.name)),
            "call the package `tw-plugin-NAME`, with small letters, digits and hyphens in NAME",
        ));
    }
    if plugin.version.parse::<Version>().is_err() {
        errors.push(invalid(
            format!("its version `{}` is not valid", plugin.version),
            "set `version = \"1.2.3\"` in its Cargo.toml",
        ));
    }
    let here = target();
    if plugin.target != here {
        errors.push(invalid(
            format!(
                "its manifest says that it is built for `{}`, but it is built for {here}",
                visible(&plugin.target)
            ),
            "set `target` in its manifest; tw_plugin.h has it as TW_PLUGIN_TARGET",
        ));
    }
    check_metadata(
        [&plugin.description, &plugin.license, &plugin.vendor],
        errors,
    );
    for command in &plugin.commands {
        if built_in.contains(&command.name.as_str()) {
            errors.push(invalid(
                format!(
                    "its command `{}` has the name of one of tw's own and can't be run",
                    command.name
                ),
                "give it another name",
            ));
        }
        check_help(&command.name, command, errors);
    }
}

fn check_help(path: &str, command: &Command, errors: &mut Vec<Error>) {
    if command.about.is_empty() {
        errors.push(invalid(
            format!("`tw {path}` has no help"),
            "add a doc comment to its arguments, or call `Command::about`",
        ));
    }
    for below in &command.subcommands {
        check_help(&format!("{path} {}", below.name), below, errors);
    }
}
